"""One client of a carrier's control socket, and the processes of a drill."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
Event = dict[str, Any]


class ControlLine:
    """Sends requests and hands each event to who waits for it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._waiting: dict[tuple[str, ...], asyncio.Future[Event]] = {}
        self.ended: dict[str, Event] = {}
        self.errors: list[Event] = []
        self._listening = asyncio.create_task(self._listen(reader))

    async def ask(self, request: Mapping[str, Any], *waits: tuple[str, ...]) -> Event:
        """Send a request; returns the first event of those it waits for: (event, id)."""
        future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        for each in waits:
            self._waiting[each] = future
        self._writer.write(json.dumps(request).encode() + b"\n")
        await self._writer.drain()
        event = await future
        for each in waits:
            self._waiting.pop(each, None)
        return event

    async def dial(self, call: str, from_: str, to: str) -> Event:
        """Phone a number: ``answered`` or ``ended``."""
        request = {"do": "dial", "call": call, "from": from_, "to": to, "within": None}
        return await self.ask(request, ("answered", call), ("ended", call))

    async def walk(self, call: str, number: int, **walk: Any) -> Event:
        """Walk through a menu."""
        request = {"do": "walk", "call": call, "walk": number, "limit": 36_000, **walk}
        return await self.ask(request, ("walked", call, str(number)))

    async def hang_up(self, call: str) -> Event:
        """End a call."""
        if call in self.ended:
            return self.ended[call]
        return await self.ask({"do": "hang_up", "call": call}, ("ended", call))

    async def close(self) -> None:
        """Hang up on the carrier."""
        self._listening.cancel()
        self._writer.close()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            event = json.loads(line)
            self._hand_out(event)

    def _hand_out(self, event: Event) -> None:
        name = str(event.get("event", "error"))
        if name == "error" or "error" in event:
            self.errors.append(event)
        who = str(event.get("call", event.get("id", event.get("name", ""))))
        if name == "ended":
            self.ended[who] = event
        key = (name, who, str(event["walk"])) if "walk" in event else (name, who)
        future = self._waiting.get(key)
        if future is not None and not future.done():
            future.set_result(event)


@asynccontextmanager
async def carrier_process(config: Mapping[str, Any]) -> AsyncIterator[Event]:
    """The carrier in a process of its own; yields what it says when it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "simulators.providers.carrier",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(config).encode() + b"\n")
        yield json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 30)


@asynccontextmanager
async def app_process(program: Path, settings: Mapping[str, str], fd: int) -> AsyncIterator[None]:
    """An app in a process of its own, which serves the socket ``fd``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        env={**os.environ, **settings, "APP_SOCKET": str(fd)},
        pass_fds=(fd,),
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def control_line(address: str) -> AsyncIterator[ControlLine]:
    """A connection to the carrier's control socket."""
    host, port = address.split(":")
    line = ControlLine(*await asyncio.open_connection(host, int(port), limit=2**20))
    try:
        yield line
    finally:
        await line.close()
