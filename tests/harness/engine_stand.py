"""A test stand for the engine: small people, a small target, and a small server.

``python engine_stand.py LOG`` serves on a free port (printed first): it writes the operation key
of every request to LOG before it answers, and answers 201.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from harness.engine.head import header, request_head
from harness.engine.order import Order, origin_of
from harness.engine.parts import Parts
from harness.target.wire import Answered, Exchange, Fault, Origin, Request
from simulators.behaviours.protocol import (
    AnswerClass,
    Behaviour,
    Keyed,
    SignIn,
    Submit,
    Wait,
)
from simulators.people.person import Person
from simulators.stage import Operation, Participant


@dataclass
class Device:
    """One person's session: the cookie they were given."""

    cookie: str = ""


@dataclass
class SmallTarget:
    """POSTs reports to ``/reports`` with the operation key, and reads ``/results``."""

    origin: Origin
    operations: tuple[str, ...] = ("submit_report", "read_results")
    devices: dict[str, Device] = field(default_factory=dict)

    def session(self, person: Person) -> Device:
        assert person.key not in self.devices  # one session a person, for the whole drill
        return self.devices.setdefault(person.key, Device())

    def perform(self, operation: Operation, session: Device) -> Exchange:
        if operation.kind not in self.operations:
            return Answered(AnswerClass.ACCEPTED)
        read = operation.kind == "read_results"
        headers = [("Host", "stand"), ("X-Key", operation.key), ("X-Who", operation.actor.key)]
        if session.cookie:
            headers.append(("Cookie", session.cookie))
        head = request_head("GET" if read else "POST", "/results" if read else "/reports", headers)
        body = b"" if read else repr(operation.values).encode()
        response = yield Request(self.origin, "GET" if read else "POST", head, body, timeout=30)
        if response.fault is not None:
            refused = response.fault is Fault.REFUSED
            return Answered(AnswerClass.UNREACHABLE if refused else AnswerClass.NO_ANSWER)
        cookie = header(response, b"set-cookie")
        session.cookie = cookie.decode() if cookie else session.cookie
        return Answered(AnswerClass.ACCEPTED, response.status, stored_id=operation.key)


def person(index: int, role: str = "chair") -> Person:
    return Person(index, role, f"{role}-{index:04}", record=f"IA-{index:04}")


def report(index: int, version: int = 1) -> Keyed:
    return Keyed(f"IA-{index:04}", version, (index, 2, 3), f"t-{index:04}-{version}")


def reporter(index: int, reports: int, pause: float) -> Behaviour:
    """Signs in, then sends reports with pauses."""
    yield SignIn(("1", "2", "3"))
    for version in range(1, reports + 1):
        yield Submit(report(index, version))
        yield Wait(pause)


def reporters(
    count: int, *, every: float, reports: int = 1, pause: float = 0.0
) -> Iterator[Participant]:
    """People who arrive evenly, ``every`` drill seconds, and send reports."""
    for index in range(count):
        yield Participant(
            index, index * every, person(index), report(index),
            partial(reporter, index, reports, pause),
        )  # fmt: skip


def stand_parts(order: Order) -> Parts:
    """Parts of an order whose ``night`` says how many reporters come, and how often."""
    night = order.night
    everybody = reporters(
        night["count"], every=night["every"], reports=night.get("reports", 1),
        pause=night.get("pause", 0.0),
    )  # fmt: skip
    assert order.base_url is not None
    return Parts(
        itertools.islice(everybody, order.shard, None, order.shards),
        SmallTarget(origin_of(order.base_url)),
    )


def order(folder: Path, base_url: str, **changes: Any) -> dict[str, Any]:
    """An order for :func:`stand_parts`."""
    return {
        "folder": str(folder), "night": {"count": 10, "every": 0.01}, "base_url": base_url,
        "shard": 0, "shards": 1, "seed": 1, "speed": 1.0, "start_at": None, "ends_drill": 20.0,
        "max_in_flight": 500, "run": "test-run", "grace": 2.0,
        "parts": "engine_stand:stand_parts", **changes,
    }  # fmt: skip


async def _serve(log: Path) -> None:
    record = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def answer(stream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await stream.readuntil(b"\r\n\r\n")
                lines = dict(
                    line.split(b": ", 1) for line in head.split(b"\r\n")[1:-2] if b": " in line
                )
                await stream.readexactly(int(lines.get(b"Content-Length", b"0")))
                os.write(record, lines[b"X-Key"] + b"\n")
                writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)
    os.write(1, b"%d\n" % server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
