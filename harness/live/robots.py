"""Simulated volunteers: they open their links, do the job in the target, and answer the survey.

``python -P -m harness.live.robots ORDER.json`` plays a crowd of them. They use the live server's
own pages, form by form, as a browser without JavaScript does, and report to the target through
its description. Whatever was answered with a yes goes to a journal of their own before they go
on, so that what the server holds in the end can be compared with what it has acknowledged.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv6Address
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
import orjson
import uvloop

from harness.engine.wire import Wire
from harness.live.deck import Deck
from harness.live.fate import STAGES, Fate, fate_of
from harness.live.heard import Journal, done_in
from harness.live.host import end_with_our_starter
from harness.live.model import Card, Happening, Volunteer
from harness.live.orders import RobotsOrder, read_order
from harness.live.pages_client import PageError, Pages
from harness.target import Run, Target, load_target
from harness.target.prepare import people_from
from harness.target.wire import Answered, Exchange
from simulators.behaviours.protocol import Outcome
from simulators.night import night_from_dict
from simulators.people.person import Person
from simulators.plans import plan_of
from simulators.stage import Operation

_WITHIN = 20.0  # wall seconds that a robot waits for the target
_TRIES = 5  # at one report, while nobody can tell what came of it
_LIVE_CONNECTIONS, _TARGET_CONNECTIONS = 256, 128


class Crowd:
    """Plays everybody of an order.

    Attributes:
        done: What their journal says was done before, by id and step.
        problems: What went wrong, and how often.
        took: Seconds of every page.
    """

    def __init__(self, order: RobotsOrder) -> None:
        self.order = order
        plan = plan_of(night_from_dict(order.night))
        self.deck = Deck(plan)
        self.plan = self.deck.plan
        people = people_from(self.plan.people_table())
        self.people: Mapping[str, Person] = {each.key: each for each in people}
        about = Run(order.run, self.plan.night.seed, self.deck.fields, self.plan.world.lookup)
        self.target: Target = load_target(order.target, run=about)
        self.done = done_in(Path(order.journal))
        self.journal = Journal(order.journal)
        self.problems: Counter[str] = Counter()
        self.took: list[float] = []

    async def __aenter__(self) -> Crowd:
        self.began = self.order.start_at or time.time()
        self.wire = Wire(
            connections=_TARGET_CONNECTIONS,
            ca_file=self.target.ca_file,
            addresses=self.target.addresses,
        )
        self.connector = aiohttp.TCPConnector(limit=_LIVE_CONNECTIONS)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wire.close()
        await self.connector.close()
        self.journal.close()

    async def play(self) -> dict[str, Any]:
        """Everybody's evening; returns figures."""
        began = time.perf_counter()
        robots = [Robot(self, each, self.deck) for each in self.order.volunteers]
        await asyncio.gather(*(robot.play() for robot in robots))
        lasted = time.perf_counter() - began
        took = sorted(self.took)
        return {
            "robots": len(robots),
            "seconds": round(lasted, 2),
            "pages": len(took),
            "pages_per_second": round(len(took) / max(lasted, 1e-9), 1),
            "p50": _quantile(took, 0.50),
            "p95": _quantile(took, 0.95),
            "p99": _quantile(took, 0.99),
            "acknowledged": dict(self.journal.counts),
            "problems": dict(self.problems.most_common(20)),
        }


def _quantile(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 4)


class Robot:
    """One simulated volunteer."""

    def __init__(self, crowd: Crowd, volunteer: Volunteer, deck: Deck) -> None:
        self.crowd, self.volunteer = crowd, volunteer
        difficulty = crowd.order.difficulties.get(volunteer.id, "")
        self.card: Card = deck.card(volunteer.record, difficulty=difficulty)
        self.fate: Fate = fate_of(
            crowd.plan.night.seed,
            volunteer.number,
            self.card.values,
            crowd.plan.night.cast.keying,
            trained=volunteer.training != "none",
        )
        self.person = crowd.people[volunteer.account]
        self.session = crowd.target.session(self.person)
        self.pages = Pages(
            crowd.order.link + volunteer.token,
            crowd.connector,
            language=volunteer.language,
            address=address_of(volunteer.number),
            patience=crowd.order.patience,
            took=crowd.took,
        )

    async def play(self) -> None:
        """Everything they do, until they stop."""
        order, fate = self.crowd.order, self.fate
        await self._until(fate.arrives * order.seconds)
        try:
            for at, stage in enumerate(STAGES):
                # Who stops before their report is no robot of ours where an engine reports.
                if not fate.does(stage) and (order.reports or at > STAGES.index("report")):
                    break
                if at:
                    await asyncio.sleep(order.pause * fate.pauses[at])
                if fate.asks_at == stage:
                    await self._say(Happening.HELP)
                await getattr(self, f"_{stage}")()
        except PageError as error:
            self.crowd.problems[str(error)] += 1
        finally:
            await self.pages.close()

    async def _until(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, self.crowd.began + seconds - time.time()))

    async def _say(
        self, what: Happening, answers: Mapping[str, str] | None = None, *, must: bool = True
    ) -> None:
        """Press the button that says so, and note the yes.

        Whoever goes on where a killed crowd was left may find that it is said already.

        Args:
            must: Whether the button has to be there.
        """
        if (self.volunteer.id, what.value) in self.crowd.done and what is not Happening.HELP:
            return
        # Where an engine reports, their page may thank them before they come to a button.
        must = must and self.crowd.order.reports and not self.crowd.done
        if await self.pages.say(what, answers or {}, must=must):
            self.crowd.journal.note(self.volunteer.id, what.value)

    # -- the stages ---------------------------------------------------------------------------

    async def _open(self) -> None:
        await self.pages.open()
        self.crowd.journal.note(self.volunteer.id, Happening.OPENED.value)

    async def _agree(self) -> None:
        await self._say(Happening.AGREED)

    async def _sign_in(self) -> None:
        if self.crowd.order.reports:
            answered = await self._operate("sign_in", 1, None)
            if answered.answer_class.outcome is not Outcome.OK:
                raise PageError(f"the target did not let them in: {answered.answer_class.value}")
        await self._say(Happening.SIGNED_IN)

    async def _practise(self) -> None:
        if self.fate.practises:
            await self._say(Happening.PRACTISED)

    async def _report(self) -> None:
        if not self.crowd.order.reports:
            await self._until(self.crowd.order.moments.get(self.volunteer.id, 0.0))
            return
        keyed, version = self.fate.keyed, 1
        answered = await self._submit(keyed, version)
        if answered.answer_class.outcome is Outcome.REFUSED and keyed != self.card.values:
            keyed, version = self.card.values, 2  # told that it cannot be, they look again
            answered = await self._submit(keyed, version)
        if answered.answer_class.outcome is not Outcome.OK:
            raise PageError(f"the report was not taken: {answered.answer_class.value}")
        if self.fate.corrects and keyed != self.card.values:
            await asyncio.sleep(self.crowd.order.pause)
            await self._submit(self.card.values, version + 1, kind="amend_report")

    async def _say_sent(self) -> None:
        # Where the watcher was quicker, their page thanks them without being told.
        await self._say(Happening.SENT, must=False)

    async def _survey(self) -> None:
        answers = {
            f"sus{at}": str(answer)
            for at, answer in enumerate(self.fate.sus, start=1)
            if answer is not None
        }
        await self._say(Happening.SURVEYED, answers | {"comment": self.fate.comment})

    # -- the target ---------------------------------------------------------------------------

    async def _submit(
        self, values: tuple[int, ...], version: int, kind: str = "submit_report"
    ) -> Answered:
        """Send a report, again and again while nobody can tell what came of it."""
        for attempt in range(1, _TRIES + 1):
            answered = await self._operate(kind, version, values, attempt)
            if answered.answer_class.outcome is not Outcome.UNKNOWN:
                break
            await asyncio.sleep(self.crowd.order.pause)
        if answered.answer_class.outcome is Outcome.OK:
            self.crowd.journal.note(
                self.volunteer.id, kind, record=self.card.record, values=list(values)
            )
        return answered

    async def _operate(
        self, kind: str, version: int, values: tuple[int, ...] | None, attempt: int = 1
    ) -> Answered:
        key = f"{self.crowd.plan.tag}-{self.card.record}-{version}"
        operation = Operation(
            kind=kind, key=key if values else f"{key}-{kind}", attempt=attempt,
            actor=self.person, channel="web", record=self.card.record, version=version,
            values=values, codes=self.card.codes, intended=0.0, within=_WITHIN,
        )  # fmt: skip
        return await self._drive(self.crowd.target.perform(operation, self.session))

    async def _drive(self, asking: Exchange) -> Answered:
        try:
            request = next(asking)
            while True:
                if request.after:
                    await asyncio.sleep(request.after)
                request = asking.send(await self.crowd.wire.fetch(request))
        except StopIteration as done:
            answered: Answered = done.value
            return answered


def address_of(number: int) -> str:
    """Where a robot is at home: an address of its own, kept for documentation and tests."""
    return str(IPv6Address("2001:db8::") + (number << 64))


async def play(order: RobotsOrder) -> dict[str, Any]:
    """Play a crowd to its end; returns figures."""
    async with Crowd(order) as crowd:
        return await crowd.play()


def main(arguments: list[str]) -> None:
    """Play the order that a file holds, and print figures as one line of JSON."""
    order = read_order(Path(arguments[0]), RobotsOrder)
    end_with_our_starter()
    sys.stdout.write(orjson.dumps(uvloop.run(play(order))).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
