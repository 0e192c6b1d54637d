"""A device in somebody's hands that does what its owner, or an intruder, wants.

Unlike the people of a drill it never signs in by itself: what it sends is what it holds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from harness.engine.wire import Wire
from harness.target.errors import UnfilledError
from harness.target.flow import CompiledFlow
from harness.target.scope import Scope
from harness.target.target import Target
from harness.target.wire import Answered, Request, Response
from simulators.behaviours.protocol import AnswerClass, Outcome
from simulators.people.person import Person
from simulators.stage import Operation

Change = Callable[[Request], Request]


class Guest:
    """One device.

    Args:
        person: Whose facts its templates name.
        mark: Begins its operations' keys.

    Attributes:
        last: The latest response, for what no rule tells.
    """

    _count = itertools.count(1)

    def __init__(self, target: Target, person: Person, wire: Wire, mark: str) -> None:
        self.target, self.person, self.wire, self.mark = target, person, wire, mark
        self.session = target.session(person)
        self.last: Response | None = None

    def stays_out(self) -> Guest:
        """The same device, which never signs in by itself; returns it."""
        self.session.stay_out()
        return self

    async def sign_in(
        self, codes: Sequence[str] = (), *, flow: CompiledFlow | None = None,
        extra: Mapping[str, Any] | None = None, afresh: bool = True,
    ) -> Answered:  # fmt: skip
        """Sign in, with the right codes or with others.

        Args:
            flow: Another way than the role's own.
            extra: Names that its templates may use.
            afresh: Whether what the device held is forgotten before, cookies included.
        """
        access = self.target.access(self.person.role)
        way = flow or access.flow
        if way is None:
            return Answered(AnswerClass.ACCEPTED)
        operation = self.operation("sign_in", codes=tuple(codes) or self.person.codes)
        if afresh:
            self.session.forget()
        answered, scope = await self._run(way, operation, dict(self.session.found), extra)
        if answered.answer_class.outcome is Outcome.OK:
            self.session.found = scope.found
            access.equip(self.session, scope)
            self.stays_out()
        return answered

    async def perform(
        self, kind: str, record: str, values: tuple[int, ...] | None = None, *,
        version: int = 1, change: Change | None = None,
    ) -> Answered:  # fmt: skip
        """One operation as its owner would do it, each request with a body changed on its way."""
        operation = self.operation(kind, record, values, version)
        return await self.drive(self.target.perform(operation, self.session), change)

    async def follow(
        self, flow: CompiledFlow, record: str = "", extra: Mapping[str, Any] | None = None
    ) -> Answered:
        """One flow, with what the device holds; what it captures is in the answer."""
        operation = self.operation("", record)
        answered, scope = await self._run(flow, operation, dict(self.session.found), extra)
        if answered.answer_class is AnswerClass.ACCEPTED:
            return Answered(
                answered.answer_class, answered.status, answered.stored_id, captures=scope.found
            )
        return answered

    async def _run(
        self, flow: CompiledFlow, operation: Operation, found: dict[str, Any],
        extra: Mapping[str, Any] | None,
    ) -> tuple[Answered, Scope]:  # fmt: skip
        scope = Scope(operation, self.session, found, extra)
        try:
            return await self.drive(flow.run(scope)), scope
        except UnfilledError as error:
            return Answered(AnswerClass.UNMATCHED, detail=str(error)), scope

    def operation(
        self, kind: str, record: str = "", values: tuple[int, ...] | None = None, version: int = 1,
        codes: tuple[str, ...] = (),
    ) -> Operation:  # fmt: skip
        """An operation under a key that no check takes for anybody's."""
        key = f"{self.mark}-{next(self._count)}"
        return Operation(
            kind, key, 1, self.person, "api", record, version, values, codes, 0.0, None
        )

    async def drive(
        self, asking: Generator[Request, Response, Answered], change: Change | None = None
    ) -> Answered:
        """Send what an exchange asks for, and hand it the responses, to its end."""
        try:
            request = next(asking)
            while True:
                if change is not None and request.body:
                    request = change(request)
                self.last = await self.wire.fetch(request)
                request = asking.send(self.last)
        except StopIteration as done:
            answered: Answered = done.value
            return answered
