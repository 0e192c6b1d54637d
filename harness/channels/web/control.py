"""The control socket of the browser's process: JSON lines both ways, over loopback.

``{"do": "ways", ...}`` says, before anybody walks, who is on which network; it is answered by
``{"event": "taken"}``. ``{"do": "walk", ...}`` (an errand) is answered by ``{"event": "walked",
...}``; ``{"do": "look"}``, once all is walked, by ``{"event": "looked"}``. When an engine lets go
of its line, whatever it had asked for ends at once: nobody waits for it any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from typing import Any

import orjson

from harness.channels.web.crew import Crew
from harness.channels.web.endings import Ended
from harness.channels.web.errand import read_errand
from simulators.behaviours.protocol import AnswerClass


class Control:
    """Answers engines."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen on a free port; its address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22)
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    async def close(self) -> None:
        """Hang up on everybody."""
        if self._server is not None:
            self._server.close()
        for task in list(self._lines):
            task.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        walking: set[asyncio.Task[None]] = set()
        try:
            while told := await reader.readline():
                task = asyncio.ensure_future(self._answer(orjson.loads(told), writer))
                walking.add(task)
                task.add_done_callback(walking.discard)
        except (ConnectionError, asyncio.CancelledError):
            pass  # it is gone, or we are: either way nobody listens
        finally:
            for task in list(walking):
                task.cancel()
            await asyncio.gather(*walking, return_exceptions=True)
            self._lines.discard(line)
            writer.close()

    async def _answer(self, told: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        do, name = told.pop("do", None), told.get("id", "")
        if do == "look":
            await self._crew.look_further()
            _say(writer, event="looked", id=name)
            return
        if do == "ways":
            self._crew.take_ways(told["ways"])
            _say(writer, event="taken", id=name)
            return
        if do != "walk":
            _say(writer, event="error", id=name, detail=f"there is no {do!r}")
            return
        try:
            ended = await self._crew.do(read_errand(told))
        except asyncio.CancelledError:
            self._crew.abandon(int(told.get("guest", -1)))
            raise
        except Exception as error:
            # Whatever went wrong here is ours: it is said, and nobody is left without an answer.
            traceback.print_exc()
            self._crew.broken(f"{name}: {error!r}")
            ended = Ended(AnswerClass.NO_ANSWER, f"the harness failed: {error!r}"[:200])
        _say(
            writer, event="walked", id=name, answer_class=ended.answer_class, detail=ended.detail,
            stored_id=ended.stored_id, sent=ended.sent, took=ended.took,
        )  # fmt: skip


def _say(writer: asyncio.StreamWriter, **told: Any) -> None:
    with contextlib.suppress(ConnectionError, RuntimeError):
        writer.write(orjson.dumps(told) + b"\n")
