"""Texts to the app's own number: one message for one or more reports, and its reply."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns

from harness.channels.control import ControlLink, Message
from harness.channels.dispatch import Attempt, Dispatch
from harness.channels.voice import number_of
from harness.target.errors import UnfilledError
from harness.target.phone import Phone
from harness.target.session import Session
from harness.target.wire import Answered
from simulators.behaviours.protocol import Answer, AnswerClass, Outcome
from simulators.stage import Operation

_CLASSES = {each.value: each for each in AnswerClass}


class TextDriver:
    """Sends texts to the app and waits for what it replies.

    Args:
        dispatch: Notes operations before they are sent.
        link: The line to the carrier.
        phone: The target's lines and texts.
    """

    def __init__(self, dispatch: Dispatch, link: ControlLink, phone: Phone) -> None:
        self._dispatch = dispatch
        self._link = link
        self._phone = phone
        self._sessions: dict[str, Session] = {}  # by key of the person
        self._count = 0

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Text an operation and those together with it; see ``simulators.stage.App``."""
        if operation.kind in self._phone.texts:
            self._dispatch.begin(operation, answered, self._send)
        else:
            said = f"{operation.kind} cannot be texted"
            answered(Answer(Outcome.REFUSED, AnswerClass.REFUSED, 0.0, said))

    def _send(self, attempt: Attempt) -> None:
        operation, person = attempt.operation, attempt.operation.actor
        session = self._sessions.get(person.key)
        if session is None:
            session = self._sessions[person.key] = self._phone.session(person)
        try:
            message = self._phone.message(operation, session)
        except UnfilledError as error:
            attempt.end(Answered(AnswerClass.UNMATCHED, detail=str(error)))
            return
        self._count += 1
        name = f"t{person.index}-{self._count}"
        sent = perf_counter_ns() - self._dispatch.live.means.clock.start

        def heard(reply: Message) -> None:
            del self._link.texts[name]
            sort = _CLASSES.get(reply["class"], AnswerClass.UNMATCHED)
            attempt.end(Answered(sort, detail=reply.get("reply") or ""), sent)

        self._link.texts[name] = heard
        within = message.within if operation.within is None else operation.within
        self._link.say(
            {
                "do": "text", "id": name, "from": number_of(person), "to": message.to,
                "body": message.body, "replies": message.replies, "within": within,
            }
        )  # fmt: skip
