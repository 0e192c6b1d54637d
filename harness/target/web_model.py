"""The words of ``target.yaml`` that describe an app's pages as people see them: ``web:``.

A step names what it touches by role, label or text, never by a place in the markup, so that a
page which people cannot find their way in cannot be walked either. Wherever a page says something
to people, the words may differ by language: ``{en: Sign in, es: Entrar}``. ``README.md`` in this
folder explains it all to its writers.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from harness.target.flow_model import Declared, Part, Seconds

WebKind = Literal[
    "sign_in", "submit_report", "amend_report", "read_report", "read_results", "send_photo",
    "sign_out",
]  # fmt: skip


def _language(tag: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", tag):
        raise ValueError(f"found {tag!r}, but a language is written en, es or es-US")
    return tag


Language = Annotated[str, AfterValidator(_language)]
Words = str | dict[Language, str]
"""What a page says: the same in every language, or by language."""


class Found(Part):
    """How people find something on a page. Exactly one of the first five; ``within`` narrows.

    A text between slashes is a regular expression (``/received|accepted/``); any other is found
    whole and in the case written.
    """

    role: str | None = None
    name: Words | None = None
    label: Words | None = None
    text: Words | None = None
    placeholder: Words | None = None
    css: str | None = None
    within: Found | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Found:
        ways = ("role", "label", "text", "placeholder", "css")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"needs exactly one of {', '.join(ways)}; found {found}")
        if self.name is not None and self.role is None:
            raise ValueError("name goes with role, as {role: button, name: Send}")
        return self


def _as_found(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


Seen = Annotated[Found, BeforeValidator(_as_found)]
VERBS = ("open", "fill", "choose", "check", "press", "upload", "expect", "go_back")


class WebStep(Part):
    """One thing that somebody does on a page.

    ``fill`` and ``choose`` say what is keyed or chosen in ``value``. ``for_each: cells`` does the
    step once for each number of the report that is not 0 (``every: true``: for all of them), and
    its templates may then name ``cell.name``, ``cell.value``, ``cell.parts`` (the groups of
    ``cells.pattern``) and ``cell.words`` (what the parts are called). A number whose name does
    not fit the pattern is left to a step of its own, as ``{{ row.cells.attendance }}``.
    ``if_seen`` leaves the step out where that is not on the page.
    """

    name: str = ""
    open: str | None = None
    fill: Seen | None = None
    choose: Seen | None = None
    check: Seen | None = None
    press: Seen | None = None
    upload: Seen | None = None
    expect: Seen | None = None
    go_back: Literal[True] | None = None
    value: str | None = None
    code: bool = False
    for_each: Literal["cells"] | None = None
    every: bool = False
    if_seen: Seen | None = None
    within_s: Seconds = 15.0

    @model_validator(mode="after")
    def _one_verb(self) -> WebStep:
        given = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"a step does exactly one of {', '.join(VERBS)}; found {found}")
        if (self.fill is not None or self.choose is not None) != (self.value is not None):
            raise ValueError("value goes with fill or choose: what is keyed or chosen")
        if self.code and self.fill is None:
            raise ValueError("code goes with fill: the box for a code or a password")
        if self.for_each and self.fill is None and self.choose is None:
            raise ValueError("for_each: cells goes with fill or choose")
        return self


def _groups(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    return pattern


Groups = Annotated[str, AfterValidator(_groups)]
"""A regular expression whose groups are taken."""


class Ending(Part):
    """What the page shows when an operation has gone one way or the other.

    The first that is seen counts. ``then`` goes on with further steps instead, as after "are you
    sure?", and the endings are looked at again. ``stored_id`` is a regular expression over the
    text of the page: its first group is what the app calls the record that it now holds.
    """

    answer_class: Declared | None = Field(default=None, alias="class")
    see: Seen | None = None
    url: str | None = None
    name: str = ""
    stored_id: Groups | None = None
    then: list[WebStep] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> Ending:
        if (self.see is None) == (self.url is None):
            raise ValueError("needs see or url: how it is told on the page, and not both")
        if (self.answer_class is None) == (not self.then):
            raise ValueError("needs a class, or steps to go on with (then), and not both")
        return self


class WebFlow(Part):
    """How one kind of operation is done on the app's pages."""

    steps: Annotated[list[WebStep], Field(min_length=1)]
    endings: Annotated[list[Ending], Field(min_length=1)]
    within_s: Seconds = 30.0


class CellWords(Part):
    """How the report's numbers are called on the page.

    ``pattern`` splits a field's name into ``cell.parts``; ``words`` says what a part is called on
    the page, by language, for ``{{ cell.words[0] }}``. A part without words is called as it is
    spelt, with a capital letter.
    """

    pattern: Groups = "(.+)"
    words: dict[str, Words] = Field(default_factory=dict)


class Extra(Part):
    """A state of a page that personas may not come to by themselves, to be looked at as well."""

    name: str
    signed_in: bool = False
    steps: Annotated[list[WebStep], Field(min_length=1)]


class WebModel(Part):
    """The app's pages.

    Attributes:
        flow: ``file.py`` with functions named like operations, for what steps cannot say.
        languages: Those the pages offer; personas of others are not applicable.
        untranslated: Names and words that are the same in every language; between slashes, as a
            regular expression.
    """

    start: str = "/"
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    language_at: dict[Language, str] = Field(default_factory=dict)
    untranslated: list[str] = Field(default_factory=list)
    cells: CellWords = CellWords()
    operations: dict[WebKind, WebFlow] = Field(default_factory=dict)
    states: list[Extra] = Field(default_factory=list)
    flow: str | None = None

    @model_validator(mode="after")
    def _does_something(self) -> WebModel:
        if not self.operations and self.flow is None:
            raise ValueError("describes no operations; name at least submit_report, or a flow")
        return self
