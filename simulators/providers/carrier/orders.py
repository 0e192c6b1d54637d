"""What the carrier may be told on its control socket: JSON objects, one a line, checked here."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from simulators.providers.carrier.caller import Step, Walk
from simulators.providers.carrier.hearing import Rule
from simulators.providers.carrier.keys import KEYS, WAITS

__all__ = [
    "CountsOrder",
    "DialOrder",
    "FaultOrder",
    "ForgeOrder",
    "HangUpOrder",
    "MendOrder",
    "Order",
    "OrderError",
    "TextOrder",
    "WalkOrder",
    "read_order",
]


class OrderError(ValueError):
    """A line that is no order; the message names the field and what is allowed."""


def _a_pattern(text: object) -> object:
    if isinstance(text, str):
        Rule.of(text)
    return text


def _a_press(text: object) -> object:
    if isinstance(text, str) and (strange := set(text) - KEYS - set(WAITS)):
        raise ValueError(f"{min(strange)!r} is no key of a phone (0-9, *, #, w, W)")
    return text


Pattern = Annotated[str, BeforeValidator(_a_pattern)]
Press = Annotated[str, BeforeValidator(_a_press)]
Seconds = Annotated[float, Field(ge=0)]


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Rule(_Order):
    hear: Pattern
    answer_class: str = Field(default="", alias="class")
    press: Press = ""

    def made(self) -> Rule:
        return Rule.of(self.hear, self.answer_class, self.press)


class _Step(_Order):
    expect: Pattern
    press: Press = ""
    say: str = ""
    gap: Seconds = 0.7
    think: Seconds = 1.5
    otherwise: tuple[_Rule, ...] = ()

    def made(self) -> Step:
        rules = tuple(rule.made() for rule in self.otherwise)
        expect = re.compile(self.expect, re.IGNORECASE | re.DOTALL)
        return Step(expect, self.press, self.say, self.gap, self.think, rules)


class DialOrder(_Order):
    """A person phones a number."""

    do: Literal["dial"]
    call: str
    from_: str = Field(alias="from")
    to: str
    within: Seconds | None = None


class WalkOrder(_Order):
    """The person on a call walks through its menu."""

    do: Literal["walk"]
    call: str
    walk: int
    steps: tuple[_Step, ...]
    outcomes: tuple[_Rule, ...] = ()
    limit: Seconds | None = None

    def made(self) -> Walk:
        """The walk itself."""
        outcomes = tuple(rule.made() for rule in self.outcomes)
        return Walk(self.walk, tuple(step.made() for step in self.steps), outcomes, self.limit)


class HangUpOrder(_Order):
    """The person hangs up."""

    do: Literal["hang_up"]
    call: str


class TextOrder(_Order):
    """A person texts a number, and waits ``within`` wall seconds for the reply."""

    do: Literal["text"]
    id: str
    from_: str = Field(alias="from")
    to: str
    body: str
    replies: tuple[_Rule, ...] = ()
    within: Seconds | None = None

    def rules(self) -> list[Rule]:
        """What replies mean."""
        return [rule.made() for rule in self.replies]


class ForgeOrder(_Order):
    """Send each URL of a number a request whose signature is wrong."""

    do: Literal["forge"]
    to: str


class FaultOrder(_Order):
    """Begin a fault, or change it; what else is in the object are its settings."""

    model_config = ConfigDict(frozen=True, extra="allow")
    do: Literal["fault"]
    name: str

    def settings(self) -> dict[str, Any]:
        """The fault's own fields."""
        return dict(self.model_extra or {})


class MendOrder(_Order):
    """End a fault."""

    do: Literal["mend"]
    name: str


class CountsOrder(_Order):
    """Tell the figures."""

    do: Literal["counts"]


Order = (
    DialOrder
    | WalkOrder
    | HangUpOrder
    | TextOrder
    | ForgeOrder
    | FaultOrder
    | MendOrder
    | CountsOrder
)
_ADAPTER: TypeAdapter[Order] = TypeAdapter(Annotated[Order, Field(discriminator="do")])


def read_order(line: bytes) -> Order:
    """One order.

    Raises:
        OrderError: If it is not JSON, or not an order.
    """
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the line"
        raise OrderError(f"{where}: {first['msg']} (found {line[:120]!r})") from error
