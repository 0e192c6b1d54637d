"""One kind of operation of one role, compiled: signing in where it is due, then its steps."""

from __future__ import annotations

from dataclasses import replace

from harness.target.access import Access
from harness.target.answer import Seen
from harness.target.errors import UnfilledError
from harness.target.flow import CompiledFlow, Steps
from harness.target.scope import Scope
from harness.target.session import Session
from harness.target.wire import Answered, Exchange
from simulators.behaviours.protocol import AnswerClass, Outcome
from simulators.stage import Operation

_EXPIRED = AnswerClass.AUTH_EXPIRED  # looking it up on its class costs 0.05 us each time


class CompiledOperation:
    """Performs operations of one kind for people of one role."""

    def __init__(self, flow: CompiledFlow, access: Access, *, sign_in: bool) -> None:
        self.flow = flow
        self.access = access
        self.sign_in = sign_in
        self._guarded = sign_in and access.flow is not None

    def perform(self, operation: Operation, session: Session) -> Exchange:
        """One attempt; a template that cannot be filled in ends it as ``unmatched``."""
        try:
            if self._guarded and self.access.due(session):
                entry = yield from self.access.renew(operation, session)
                if entry.answer_class.outcome is not Outcome.OK:
                    return replace(entry, detail=f"signing in: {entry.detail}")
            step = self.flow.only
            if step is None:
                answered = yield from self._attempt(operation, session)
            else:
                # The short way of a single step: every generator within a generator would be
                # stepped through again for each request and each answer (0.5 us).
                found = session.found if self.flow.shared else dict(session.found)
                scope = Scope(operation, session, found)
                credentials = step.credentials and self.sign_in
                request, url = step.request.build(scope, credentials=credentials)
                response = yield request
                for name, value in response.headers:
                    if name == b"set-cookie":
                        session.jar.take(value)
                answered = step.judge(Seen(response, session.jar, url), scope)
            if answered.answer_class is _EXPIRED and self._signs_in_again(session):
                entry = yield from self.access.renew(operation, session)
                if entry.answer_class.outcome is Outcome.OK:
                    answered = yield from self._attempt(operation, session)
            return answered
        except UnfilledError as error:
            return Answered(AnswerClass.UNMATCHED, detail=str(error))

    def _signs_in_again(self, session: Session) -> bool:
        wanted = self._guarded and self.access.model.when == "on_auth_expired"
        return wanted and not session.stays_out

    def _attempt(self, operation: Operation, session: Session) -> Steps:
        found = session.found if self.flow.shared else dict(session.found)
        return self.flow.run(Scope(operation, session, found))


class CompiledSignIn:
    """Signing in as an operation of its own: what a person does with their codes."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def perform(self, operation: Operation, session: Session) -> Exchange:
        """Sign in with the codes as typed; ok at once where nothing needs to be sent."""
        if self.access.flow is None:
            return Answered(AnswerClass.ACCEPTED)
        try:
            return (yield from self.access.sign_in(operation, session))
        except UnfilledError as error:
            return Answered(AnswerClass.UNMATCHED, detail=str(error))


class NotDescribed:
    """An operation that the description does not list: refused without a request."""

    def perform(self, operation: Operation, session: Session) -> Exchange:
        """Say no at once."""
        said = f"{session.role} cannot {operation.kind}: the target does not list it"
        yield from ()  # a generator like the others, which never asks for anything
        return Answered(AnswerClass.REFUSED, detail=said)
