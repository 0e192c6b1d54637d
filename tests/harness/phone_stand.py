"""A test stand for phone drivers: a carrier made of a few lines, and people who call through it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from harness.channels.phones import Phones
from harness.engine.clock import DrillClock, start_of
from harness.engine.live_app import LiveApp, Means
from harness.engine.meter import Meter
from harness.engine.routing import Router
from harness.engine.wire import Wire
from harness.ledger import Ledger
from harness.target import Run, Target, load_target
from simulators.behaviours.protocol import Action, Answer, Behaviour, Keyed
from simulators.lines import Lines, MenuLine
from simulators.people.person import Person
from simulators.phones.hotline import Call
from simulators.stage import Participant, Stage

SPEED = 100.0
TARGET = """
name: strikes
base_url: http://127.0.0.1:9
phone:
  lines:
    strike: {number: "+15555550101", voice: {url: /voice}, text: {url: /sms}}
  menus:
    sign_in:
      steps: [{expect: PIN, press: "{{ codes[1] }}"}]
      outcomes: [{hear: code, class: accepted}, {hear: wrong, class: refused}]
    submit_report:
      steps: [{expect: code, press: "{{ row.code }}"}]
      outcomes: [{hear: thank, class: accepted}]
  texts:
    submit_report:
      line: strike
      body: "{{ rows | map(attribute='code') | join(' ') }}"
      replies: [{hear: OK, class: accepted}]
"""
Message = dict[str, Any]
Reply = Callable[[Message], list[Message]]


def watcher(index: int = 7) -> Person:
    return Person(index, "poll_watcher", f"watcher-{index}", "WI-0012", codes=("0012", "4321"))


def report(code: str) -> Keyed:
    return Keyed(f"WI-0012-{code}", 1, (1,), f"s-{code}")


def target(folder: Path) -> Target:
    file = folder / "target.yaml"
    file.write_text(TARGET, encoding="utf-8")
    return load_target(file, run=Run(fields=("voted",)))


@dataclass
class FakeCarrier:
    """Answers each request with what ``reply`` says, as lines on the control socket.

    Attributes:
        told: What it was asked, in order.
        before: Called with each request before it is answered.
    """

    reply: Reply
    told: list[Message] = field(default_factory=list)
    before: Callable[[Message], None] = lambda message: None
    hangs_up_after: int = 1_000_000
    port: int = 0

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._hear, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            message = orjson.loads(line)
            self.told.append(message)
            self.before(message)
            if len(self.told) >= self.hangs_up_after:
                break
            for each in self.reply(message):
                writer.write(orjson.dumps(each) + b"\n")
        writer.close()


def says_yes(message: Message) -> list[Message]:
    """A carrier whose app takes everything."""
    call = message.get("call")
    if message["do"] == "dial":
        return [{"call": call, "event": "answered", "sid": "CA77"}]
    if message["do"] == "walk":
        return [walked(message, "accepted", sent=time.time())]
    if message["do"] == "hang_up":
        return [{"call": call, "event": "ended", "cause": "hung_up", "webhooks": 3}]
    return [{"id": message["id"], "event": "texted", "class": "accepted", "reply": "OK"}]


def walked(message: Message, sort: str, **changes: Any) -> Message:
    pressed = "".join(step["press"] for step in message["steps"])
    return {
        "call": message["call"], "event": "walked", "walk": message["walk"], "class": sort,
        "heard": "thank you", "pressed": pressed, "sent": None, **changes,
    }  # fmt: skip


@dataclass
class Played:
    """What came of a little drill: answers in order, calls, ledger lines, and why it failed."""

    answers: list[Answer]
    calls: list[Call]
    lines: list[Message]
    failed: list[tuple[str, str]]
    counts: dict[str, int]

    def of(self, kind: str) -> list[Message]:
        """The ledger's lines of one kind."""
        return [line for line in self.lines if line["k"] == kind]


def play(
    folder: Path, carrier: FakeCarrier | None, *actions: Action, within: float = 10.0
) -> Played:
    """One person does all of it, on a real clock, through a carrier; at most ``within`` seconds."""
    return asyncio.run(asyncio.wait_for(_play(folder, carrier, actions), within))


def ledger_of(folder: Path) -> list[Message]:
    """The lines that the ledger has by now."""
    path = folder / "engine-00.jsonl"
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


async def _play(folder: Path, carrier: FakeCarrier | None, actions: tuple[Action, ...]) -> Played:
    described = target(folder)
    assert described.phone is not None
    clock = DrillClock(asyncio.get_running_loop(), SPEED)
    ledger = Ledger(folder / "engine-00.jsonl", {"run": "r", "worker": 0})
    meter, wire = Meter(), Wire(connections=1)
    failed: list[tuple[str, str]] = []
    live = LiveApp(
        Means(clock, wire, ledger, meter, described, 100, None),
        lambda state, why: failed.append((state, why)),
    )
    phones, server = None, None
    if carrier is not None:
        server = await carrier.serve()
        phones = Phones(live, described.phone, f"127.0.0.1:{carrier.port}")
        await phones.connect()
    calls: list[Call] = []
    lines = Lines(menus=(MenuLine("strike"),)) if phones else Lines()
    stage = Stage(
        clock, Router(live, phones), lines=lines, menus=phones.voice if phones else None,
        on_call=calls.append,
    )  # fmt: skip
    answers: list[Answer] = []
    behave = partial(_behave, actions, answers)
    stage.enter(Participant(7, 0.0, watcher(), None, behave))
    clock.begin(start_of(time.time()))
    while not stage.over and not failed:
        await asyncio.sleep(0.005)
    stage.close()
    if phones is not None:
        phones.close()
    wire.close()
    ledger.close()
    if server is not None:
        server.close()
        await asyncio.sleep(0.01)
    counts = {name: kind.outcomes["ok"] for name, kind in meter.kinds.items()}
    return Played(answers, calls, ledger_of(folder), failed, counts)


def _behave(actions: tuple[Action, ...], answers: list[Answer]) -> Behaviour:
    for action in actions:
        answers.append((yield action))


def codes(*names: str) -> Iterator[Keyed]:
    """Reports of some codes."""
    return map(report, names)
