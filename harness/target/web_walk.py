"""A walk: one way over an app's pages, filled in for one person, as plain data.

``harness.target.web`` makes them from a description; ``harness.channels.web`` walks them in a
browser, in another process. So they hold no template and no person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Way = Literal["role", "label", "text", "placeholder", "css"]
Verb = Literal["open", "fill", "choose", "check", "press", "upload", "expect", "go_back"]


@dataclass(frozen=True)
class Said:
    """Something that a page says.

    Attributes:
        text: The whole text in the case written; with ``pattern``, a regular expression that is
            found anywhere in it.
        any_case: Whether capital and small letters are the same; only with ``pattern``.
    """

    text: str
    pattern: bool = False
    any_case: bool = False

    def __str__(self) -> str:
        return f"/{self.text}/{'i' * self.any_case}" if self.pattern else f'"{self.text}"'


@dataclass(frozen=True)
class Spot:
    """Where on a page people find something.

    Attributes:
        said: The label, text or placeholder; the role or the CSS selector itself.
        name: What somebody hears it called; only with a role.
        within: What it is a part of.
    """

    way: Way
    said: Said
    name: Said | None = None
    within: Spot | None = None

    def __str__(self) -> str:
        """As people would say it.

        Example:
            >>> str(Spot("role", Said("button"), Said("Send")))
            'button "Send"'
        """
        if self.way == "role":
            shown = self.said.text if self.name is None else f"{self.said.text} {self.name}"
        else:
            shown = f"{self.way} {self.said}"
        return shown if self.within is None else f"{shown} in {self.within}"


@dataclass(frozen=True)
class Deed:
    """One thing to do on a page.

    Attributes:
        step: The named step it is a part of.
        spot: What is touched or expected; None to open a page or to go back.
        value: What is keyed or chosen; the address to open.
        code: Whether it is a box for a code or a password.
        if_seen: It is left out where this is not on the page.
        within_s: Wall seconds to wait for what is touched.
        place: File and line that say so.
    """

    step: str
    verb: Verb
    spot: Spot | None = None
    value: str = ""
    code: bool = False
    if_seen: Spot | None = None
    within_s: float = 15.0
    place: str = ""


@dataclass(frozen=True)
class Goal:
    """One way in which a walk may end.

    Attributes:
        answer_class: What it means; empty if ``then`` goes on instead.
        see: What is then seen on the page.
        url: A regular expression that the address then fits, anywhere in it.
        name: How it is called.
        stored_id: A regular expression over the page's text, whose first group is the app's own
            name of the record.
    """

    answer_class: str
    see: Spot | None = None
    url: str = ""
    name: str = ""
    stored_id: str = ""
    then: tuple[Deed, ...] = ()
    place: str = ""


@dataclass(frozen=True)
class State:
    """A state of a page to be looked at, and how to come to it."""

    name: str
    signed_in: bool
    deeds: tuple[Deed, ...]


@dataclass(frozen=True)
class Walk:
    """One operation on the app's pages.

    Attributes:
        kind: Which operation.
        within_s: Wall seconds after the last deed until an ending is seen.
        language: What the pages are to be in.
        entrance: Address of the page where somebody who has not been there yet begins.
        by_code: The flow is a function of the description's Python file; deeds and goals are
            then empty, and ``names`` is what it may use.
        picture: What ``upload`` uploads, in base64.
    """

    kind: str
    deeds: tuple[Deed, ...] = ()
    goals: tuple[Goal, ...] = ()
    within_s: float = 30.0
    language: str = "en"
    entrance: str = "/"
    by_code: bool = False
    picture: str = ""
    names: dict[str, Any] = field(default_factory=dict)
