"""The words of ``target.yaml`` that describe an app's telephone side: ``phone:``.

Lines that people dial or text, the app's spoken menus as walks, texts and their replies, and a
live number or PBX. ``README.md`` in this folder explains them to their writers.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from harness.target.flow_model import Declared, Part, Seconds
from simulators.providers.carrier.profile import read_profile

VoiceKind = Literal["sign_in", "submit_report", "amend_report", "read_report", "read_results"]
TextKind = Literal["submit_report", "amend_report"]
MENU_SECONDS = 300.0
"""Drill seconds that a caller stays with one walk through a menu, if nothing else is said."""

REPLY_SECONDS = 30.0
"""Wall seconds that a texter waits for the reply, if nothing else is said."""


def _number(text: str) -> str:
    if not re.fullmatch(r"\+[1-9]\d{6,14}", text):
        raise ValueError(f"found {text!r}, but a number is written +15555550101 (and in quotes)")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(re.sub(r"\{\{.*?\}\}", "x", text))
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"found {text!r}, but it must be host:port, as 127.0.0.1:5060")
    return text


def _provider(value: Any) -> Any:
    settings = {"name": value} if isinstance(value, str) else value
    if isinstance(settings, dict):
        read_profile(settings)
    return settings


Number = Annotated[str, AfterValidator(_number)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Address = Annotated[str, AfterValidator(_address)]


class StandIn(Part):
    """How the app's process is told where its phone carrier is: names of variables."""

    account_env: str = "CARRIER_ACCOUNT"
    token_env: str = "CARRIER_TOKEN"  # noqa: S105 - the name of a variable
    base_url_env: str = "CARRIER_API"
    proxy: bool = False
    ca_env: tuple[str, ...] = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
    signing: Literal["sha1", "sha256"] = "sha1"
    signing_secret_env: str = "CARRIER_SIGNING_SECRET"  # noqa: S105 - the name of a variable


class Voice(Part):
    """The addresses of the app that a call to the line is answered by."""

    url: str
    method: Literal["GET", "POST"] = "POST"
    fallback: str | None = None
    status: str | None = None


class Texting(Part):
    """The addresses of the app that a text to the line is answered by."""

    url: str
    method: Literal["GET", "POST"] = "POST"
    fallback: str | None = None


class LineModel(Part):
    """One number of the app's."""

    number: Number
    voice: Voice | None = None
    text: Texting | None = None

    @model_validator(mode="after")
    def _does_something(self) -> LineModel:
        if self.voice is None and self.text is None:
            raise ValueError("needs voice or text: where the app answers calls or texts")
        return self


class Heard(Part):
    """If this is heard (or read in a reply), the answer is of this class."""

    hear: Pattern
    answer_class: Declared = Field(alias="class")


class Instead(Part):
    """What a caller does when something else than expected is said."""

    hear: Pattern
    answer_class: Declared | None = Field(default=None, alias="class")
    press: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Instead:
        if (self.answer_class is None) == (self.press is None):
            raise ValueError("needs either class (the walk ends) or press (it goes on)")
        return self


class StepModel(Part):
    """One prompt and the keys that answer it. ``gap_s`` and ``think_s`` are drill seconds."""

    expect: Pattern
    press: str
    gap_s: Seconds | None = None
    think_s: Seconds | None = None
    otherwise: list[Instead] = Field(default_factory=list)


class WalkModel(Part):
    """A caller's way through a spoken menu for one operation."""

    steps: Annotated[list[StepModel], Field(min_length=1)]
    outcomes: Annotated[list[Heard], Field(min_length=1)]
    limit_s: Seconds = MENU_SECONDS


class TextModel(Part):
    """One text message for an operation, and what its replies mean."""

    line: str
    body: str
    replies: Annotated[list[Heard], Field(min_length=1)]
    within_s: Seconds = REPLY_SECONDS


class SipModel(Part):
    """A live number or PBX that speaks SIP, and how many calls it is said to carry at once."""

    address: Address
    user: str = ""
    lines: Annotated[int, Field(ge=1)]
    hold_seconds: Seconds = 120.0


class PhoneModel(Part):
    """The ``phone:`` section."""

    stand_in: StandIn = StandIn()
    provider: Annotated[dict[str, Any], BeforeValidator(_provider)] = Field(default_factory=dict)
    lines: dict[str, LineModel] = Field(default_factory=dict)
    menus: dict[VoiceKind, WalkModel] = Field(default_factory=dict)
    texts: dict[TextKind, TextModel] = Field(default_factory=dict)
    sip: SipModel | None = None

    @model_validator(mode="after")
    def _describes_something(self) -> PhoneModel:
        if not self.lines and self.sip is None:
            raise ValueError("describes nothing; name at least one of lines, or sip")
        numbers = [line.number for line in self.lines.values()]
        if len(set(numbers)) < len(numbers):
            raise ValueError(f"lines: two of them share a number: {', '.join(numbers)}")
        if self.menus and not any(line.voice for line in self.lines.values()):
            raise ValueError("menus: no line has voice, so nobody can walk them")
        for kind, text in self.texts.items():
            line = self.lines.get(text.line)
            if line is None or line.text is None:
                allowed = [name for name, each in self.lines.items() if each.text]
                known = ", ".join(allowed) or "none"
                raise ValueError(
                    f"texts.{kind}.line: found {text.line!r}, but lines with text are: {known}"
                )
        return self
