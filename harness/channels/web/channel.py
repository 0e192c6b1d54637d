"""Channel ``web`` of one engine: operations that personas do on the app's pages.

They are noted in the ledger and handed to the browser's process, which says what came of them.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.channels.control import ControlLink, Message
from harness.channels.dispatch import Attempt, Dispatch
from harness.channels.web.errand import Errand, as_data
from harness.engine.live_app import LiveApp
from harness.target.errors import UnfilledError
from harness.target.session import Session
from harness.target.web import Web
from harness.target.wire import Answered
from simulators.behaviours.protocol import Answer, AnswerClass, Outcome
from simulators.stage import Operation

_CLASSES = {each.value: each for each in AnswerClass}


class Pages:
    """Drives channel ``web`` of a target.

    Args:
        live: The live app, whose ledger, clock and end it shares.
        web: The target's pages.
        browser: The control socket of the browser's process, ``host:port``.
    """

    def __init__(self, live: LiveApp, web: Web, browser: str) -> None:
        self._web, self._browser, self._live = web, browser, live
        self._dispatch = Dispatch(live)
        self._link = ControlLink(lambda why: live.fail("crashed", why), "the browser")
        self._sessions: dict[str, Session] = {}  # by key of the person
        self._count = 0

    @property
    def in_flight(self) -> int:
        """Operations that are being walked, or wait for their turn."""
        return len(self._dispatch.in_flight)

    async def connect(self) -> None:
        """Connect to the browser's process.

        Raises:
            OSError: If it does not answer.
        """
        await self._link.connect(self._browser)

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Walk one operation; see ``simulators.stage.App``."""
        if operation.kind in self._web.kinds:
            self._dispatch.begin(operation, answered, self._walk)
        else:
            answered(_not_there(operation))

    def _walk(self, attempt: Attempt) -> None:
        operation, person = attempt.operation, attempt.operation.actor
        session = self._sessions.get(person.key)
        if session is None:
            session = self._sessions[person.key] = self._web.session(person)
        if operation.kind == "sign_in":
            session.codes = operation.codes
        try:
            walk = self._web.walk(operation, session, self._web.language(person.language)[0])
        except UnfilledError as error:
            attempt.end(Answered(AnswerClass.UNMATCHED, detail=str(error)))
            return
        self._count += 1
        name = f"w{person.index}-{self._count}"

        def walked(told: Message) -> None:
            del self._link.texts[name]
            sort = _CLASSES.get(told["answer_class"], AnswerClass.UNMATCHED)
            sent = self._dispatch.nanoseconds(told.get("sent"))
            stored = told.get("stored_id") or None
            answered = Answered(sort, stored_id=stored, detail=told.get("detail") or "")
            attempt.end(answered, sent, waited=told.get("took"))

        self._link.texts[name] = walked
        errand = Errand(
            name, person.index, operation.key, operation.attempt, walk,
            self._live.means.clock.now(), operation.within, operation.helped,
        )  # fmt: skip
        self._link.say({"do": "walk", **as_data(errand)})

    def close(self) -> None:
        """Leave the pages at once; what is still under way stays unknown."""
        self._dispatch.abandon()
        self._link.close()


def _not_there(operation: Operation) -> Answer:
    """What the pages have no way for: no need to sign in, or nothing that could be done."""
    if operation.kind == "sign_in":
        return Answer(Outcome.OK, AnswerClass.ACCEPTED)
    said = f"the pages have no way to {operation.kind}"
    return Answer(Outcome.REFUSED, AnswerClass.REFUSED, 0.0, said)
