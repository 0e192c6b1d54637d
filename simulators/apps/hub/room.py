"""The worker's room: what it needs in a process of its own, and a page that says how it is."""

from __future__ import annotations

import asyncio

import orjson

from simulators.apps.hub.queues import queue_of
from simulators.apps.hub.schema import metadata
from simulators.apps.hub.settings import Settings
from simulators.apps.hub.worker import Worker
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.store import Store


class WorkRoom:
    """Made on the event loop that it works on."""

    def __init__(self, settings: Settings) -> None:
        self._region = settings.region
        self._queue = queue_of(settings.queue)
        self._store = Store(settings.database, metadata, harmless=(Refusal,))
        self.worker = Worker(self._store, self._queue, settings.switches)
        self._task: asyncio.Task[None] | None = None
        self._listener: asyncio.Server | None = None

    async def begin(self, host: str, port: int | None) -> tuple[str, int] | None:
        """Begin to work; returns where it says how it is, if anywhere."""
        self._task = asyncio.create_task(self.worker.run())
        if port is None:
            return None
        self._listener = await asyncio.start_server(self._say, host, port)
        found: tuple[str, int] = self._listener.sockets[0].getsockname()[:2]
        return found

    async def close(self) -> None:
        """Finish the merge in hand."""
        if self._listener is not None:
            self._listener.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._store.close()
        await self._queue.close()

    async def _say(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer any question with how the worker is."""
        well = self.worker.failed == 0
        status = b"200 OK" if well else b"503 Service Unavailable"
        answer = {"status": "ok" if well else "ill", "failed": self.worker.failed}
        body = orjson.dumps(answer | {"region": self._region, "environment": "practice"})
        try:
            await reader.readuntil(b"\r\n\r\n")
            head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\n"
            writer.write(head % status + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone
        finally:
            writer.close()
