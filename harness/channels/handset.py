"""One phone in the hand of ordinary code: for ``target check`` and for replaying a record.

Engines drive thousands of calls from a loop; here one is dialled, walked and hung up, each step
waiting for the carrier's answer.
"""

from __future__ import annotations

from typing import Any

from harness.channels.carrier import Carrier
from harness.channels.voice import number_of
from harness.target.errors import UnfilledError
from harness.target.phone import Line, Pace, Phone
from harness.target.wire import Answered
from simulators.behaviours.protocol import AnswerClass
from simulators.people.person import Person
from simulators.stage import Operation

_CLASSES = {each.value: each for each in AnswerClass}


class Handset:
    """Somebody's phone.

    Args:
        carrier: A carrier that has started, in front of a target that stands.
        person: Whose it is.
        name: Begins the names of its calls and texts, which nobody else may use.
    """

    def __init__(self, carrier: Carrier, person: Person, name: str) -> None:
        self.person = person
        self.phone: Phone = carrier.phone
        self._carrier = carrier
        self._session = self.phone.session(person)
        self._name = name
        self._calls = self._walks = 0

    @property
    def call(self) -> str:
        """The name of the call it is in, or was in last."""
        return f"{self._name}-{self._calls}"

    def dial(self, line: Line) -> str:
        """Phone a line; ``answered``, or why not: ``busy``, ``no answer``, ``failed``."""
        self._calls += 1
        said = self._carrier.ask(
            "answered", "ended", do="dial", call=self.call, to=line.number,
            **{"from": number_of(self.person)},
        )  # fmt: skip
        return "answered" if said["event"] == "answered" else str(said.get("cause"))

    def walk(self, operation: Operation) -> Answered:
        """Walk the menu for one operation, in the call it is in."""
        self._walks += 1
        if operation.kind == "sign_in":
            self._session.codes = operation.codes
        person = self.person
        pace = Pace(think=person.think_seconds, gap=person.press_seconds)
        try:
            walk = self.phone.walk(operation, self._session, pace)
        except UnfilledError as error:
            return Answered(AnswerClass.UNMATCHED, detail=str(error))
        limit = walk.limit + person.patience * self._carrier.speed
        said = self._carrier.ask(
            "walked", do="walk", call=self.call, walk=self._walks, steps=walk.steps,
            outcomes=walk.outcomes, limit=limit,
        )  # fmt: skip
        return _answered(said, "heard")

    def hang_up(self) -> None:
        """End the call, which the app may have ended by now."""
        self._carrier.tell(do="hang_up", call=self.call)

    def text(self, operation: Operation) -> Answered:
        """Text one operation, with those together with it, and wait for the reply."""
        self._calls += 1
        try:
            message = self.phone.message(operation, self._session)
        except UnfilledError as error:
            return Answered(AnswerClass.UNMATCHED, detail=str(error))
        said = self._carrier.ask(
            "texted", do="text", id=self.call, to=message.to, body=message.body,
            replies=message.replies, within=message.within, **{"from": number_of(self.person)},
        )  # fmt: skip
        return _answered(said, "reply")


def _answered(said: dict[str, Any], words: str) -> Answered:
    sort = _CLASSES.get(str(said.get("class")), AnswerClass.UNMATCHED)
    return Answered(sort, detail=str(said.get(words) or ""))
