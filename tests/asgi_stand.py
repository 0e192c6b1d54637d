"""Calls an ASGI application in this process, start and stop included: no sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Coroutine, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.applications import Starlette

T = TypeVar("T")
Message = MutableMapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Asgi:
    """An application that is up from now until :meth:`close`."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self._runner = asyncio.Runner()
        self._said: asyncio.Queue[Message] | None = None
        self._life = self.run(self._begin())

    def run(self, job: Coroutine[Any, Any, T]) -> T:
        """Run something on the application's loop."""
        return self._runner.run(job)

    def send(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        """One request and its whole answer."""
        return self.run(self._send(method, target, headers or {}, body))

    def close(self) -> None:
        """Stop in good order."""
        self.run(self._end())
        self._runner.close()

    async def _begin(self) -> asyncio.Task[None]:
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        self._said = asyncio.Queue()
        scope: Message = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        task = asyncio.create_task(_as_coroutine(self.app(scope, self._asked.get, self._said.put)))
        await self._asked.put({"type": "lifespan.startup"})
        said = await self._said.get()
        assert said["type"] == "lifespan.startup.complete", said
        return task

    async def _end(self) -> None:
        await self._asked.put({"type": "lifespan.shutdown"})
        await self._life

    async def _send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        path, _, query = target.partition("?")
        given = {"host": "testserver", "content-length": str(len(body)), **headers}
        scope: Message = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "server": ("testserver", 80),
            "client": ("127.0.0.1", 1),
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        }  # fmt: skip
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        start, *rest = messages
        found = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], found, b"".join(each.get("body", b"") for each in rest))


async def _as_coroutine(job: Awaitable[None]) -> None:
    await job
