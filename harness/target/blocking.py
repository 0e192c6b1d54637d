"""Drives exchanges from ordinary code: for reading back, preparing and ``target check``.

The engine drives the same generators from its own loop; here a loop is run for each call, on
the same wire client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator, Iterable
from types import TracebackType
from typing import TypeVar

from harness.engine.wire import Wire
from harness.target.origins import Origins
from harness.target.target import Target
from harness.target.wire import Request, Response

Result = TypeVar("Result")
Asking = Generator[Request, Response, Result]


class Driver:
    """Sends a target's requests and waits. Use it as a context manager.

    Args:
        target: Whose requests are sent.
        connections: Most connections at once.
    """

    def __init__(self, target: Target, *, connections: int = 8) -> None:
        self.target = target
        self.origins: Origins = target.origins
        self._connections = connections
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wire: Wire | None = None

    def __enter__(self) -> Driver:
        self._loop = asyncio.new_event_loop()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._loop is not None:
            self._loop.run_until_complete(self._close())
            self._loop.close()

    async def _close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            await asyncio.sleep(0)  # lets the transports say goodbye before the loop ends

    async def _fetch(self, request: Request) -> Response:
        if request.after:
            await asyncio.sleep(request.after)
        if self._wire is None:
            self._wire = Wire(
                connections=self._connections,
                ca_file=self.target.ca_file,
                addresses=self.target.addresses,
            )
        return await self._wire.fetch(request)

    async def _drive(self, asking: Asking[Result]) -> Result:
        try:
            request = next(asking)
            while True:
                request = asking.send(await self._fetch(request))
        except StopIteration as done:
            result: Result = done.value
            return result

    def fetch(self, request: Request) -> Response:
        """Send one request and wait for its response."""
        return self._run(self._fetch(request))

    def drive(self, asking: Asking[Result]) -> Result:
        """Drive one exchange to its end and return what it returns."""
        return self._run(self._drive(asking))

    def drive_all(self, askings: Iterable[Asking[Result]], *, at_once: int = 1) -> list[Result]:
        """Drive many exchanges, at most ``at_once`` at a time; results in their order."""
        return self._run(self._drive_many(list(askings), at_once))

    async def _drive_many(self, askings: list[Asking[Result]], at_once: int) -> list[Result]:
        gate = asyncio.Semaphore(at_once)

        async def one(asking: Asking[Result]) -> Result:
            async with gate:
                return await self._drive(asking)

        return list(await asyncio.gather(*(one(asking) for asking in askings)))

    def trouble(self) -> str:
        """Why the last connection failed, if the wire knows."""
        if self._wire is None:
            return ""
        return self._wire.trouble.get(self.target.origin, "")

    def _run(self, waiting: Coroutine[None, None, Result]) -> Result:
        assert self._loop is not None, "use the driver as a context manager"
        return self._loop.run_until_complete(waiting)
