"""A live server beside a drill: simulated volunteers whose reports the engine itself sends.

The first ordinary chairs of the plan are its cohort. Robots do what volunteers do on the live
server's pages, the watcher sees what the engine sent in their name, and so the whole live path
is drilled wherever the scenario asks for it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from harness.bench import Bench
from harness.live.cards import Handout
from harness.live.deck import Deck
from harness.live.handing_out import ORGANIZERS, VOLUNTEERS
from harness.live.harvest import harvest
from harness.live.heard import not_stored, read_journal
from harness.live.host import LiveServer, free_port
from harness.live.invitations import Invitation, invite
from harness.live.model import Happening
from harness.live.orders import PASSWORD, RobotsOrder, ServeOrder, write_order
from harness.live.rehearsal import Rehearsal
from harness.live.roster_file import Entry
from harness.live.scoring import Terms
from harness.live.store import Live
from harness.record import RunFolder
from harness.scenario import LiveModel
from simulators.night import night_to_dict
from simulators.plan import Plan

DATABASE = "live.db"
_HOST = "127.0.0.1"
_ENDS_WITHIN = 30.0  # wall seconds that the robots get once the engine has ended
_LOOK = 0.1


class Beside:
    """The live server and the robots of one drill.

    Args:
        speed: Drill seconds a wall second.

    Attributes:
        about: What ``run.json`` says of it in the end.
    """

    def __init__(
        self, model: LiveModel, plan: Plan, bench: Bench, title: str, speed: float
    ) -> None:
        self.plan, self.bench, self.speed = plan, bench, speed
        self.deck = Deck(plan)
        self.folder = bench.folder
        self.database = self.folder / DATABASE
        # People keep drill time, and the live server keeps that of its wall.
        self.terms = Terms(model.on_time_minutes * 60.0 / speed)
        self.about: dict[str, Any] = {}
        self._invited = cohort(self.deck, model.volunteers)
        port = free_port(_HOST)
        at = f"http://{_HOST}:{port}"
        self._handout = Handout(
            title, bench.target.name, bench.target.base_url, model.help_number,
            f"{at}{VOLUNTEERS}", f"{at}{ORGANIZERS}", model.on_time_minutes,
        )  # fmt: skip
        order = ServeOrder(
            night_to_dict(plan.night), bench.target.reference, self.folder.name,
            str(self.database.absolute()), self._handout,
            self.terms, _HOST, port, model.languages,
            look_every=0.5, opens=True,
        )  # fmt: skip
        path = write_order(order, self.folder / "serve.json")
        self.server = LiveServer(path, self.folder / "live.log")
        self.rehearsal = Rehearsal(self.folder)

    def start(self) -> None:
        """Invite the cohort and start the server."""
        asyncio.run(self._enlist())
        os.environ[PASSWORD] = secrets.token_urlsafe(12)  # nobody signs in to this one
        try:
            self.server.start()
        finally:
            del os.environ[PASSWORD]

    async def _enlist(self) -> None:
        live = await Live.open(self.database)
        try:
            difficulties = {each.volunteer.id: each.difficulty for each in self._invited}
            await live.add_volunteers([each.volunteer for each in self._invited], difficulties)
        finally:
            await live.close()

    def begin(self, start_at: float) -> None:
        """Let the robots begin with the drill."""
        rows = {record: row for row, record in enumerate(self.plan.records)}
        ready = {
            each.volunteer.id: float(self.plan.timetable.ready[rows[each.volunteer.record]])
            for each in self._invited
        }
        moments = {name: at / self.speed for name, at in ready.items()}
        self.rehearsal.start(
            RobotsOrder(
                night=night_to_dict(self.plan.night),
                target=self.bench.target.reference,
                run=self.folder.name,
                link=self._handout.link,
                volunteers=tuple(each.volunteer for each in self._invited),
                difficulties={each.volunteer.id: each.difficulty for each in self._invited},
                journal=str((self.folder / "robots.jsonl").absolute()),
                seconds=min(moments.values(), default=0.0) * 0.8,
                pause=0.1,
                reports=False,
                moments=moments,
                start_at=start_at,
            )
        )

    def finish(self, *, stopped: bool) -> None:
        """Wait for the robots, close the drill, and end the server after a last look."""
        until = time.monotonic() + (0.0 if stopped else _ENDS_WITHIN)
        while not self.rehearsal.over and time.monotonic() < until:
            time.sleep(_LOOK)
        self.rehearsal.stop()
        self.server.stop()
        self.about = asyncio.run(self._close())

    async def _close(self) -> dict[str, Any]:
        live = await Live.open(self.database)
        try:
            if live.roll.is_open:
                await live.happened(Happening.CLOSED)
            heard = read_journal(self.rehearsal.journal)
            lost = len(not_stored(heard, await live.events()))
        finally:
            await live.close()
        about = await harvest(self.database, RunFolder.open(self.folder), self.terms)
        return about | {"beside": True, "acknowledged_and_lost": lost}

    def stop(self) -> None:
        """End everything at once."""
        self.rehearsal.stop()
        self.server.stop()


def cohort(deck: Deck, count: int) -> list[Invitation]:
    """The first ordinary chairs of a plan who report by the app, as simulated volunteers."""
    plan, chosen = deck.plan, []
    for row, record in enumerate(plan.records):
        person = plan.chairs.person(row)
        if record in deck.places and plan.parts.uses_app[row] and not person.persona:
            entry = Entry(
                row, precinct=record, language=person.language, age_band=_band(person.age),
                device=person.device if person.device in ("ios", "android") else "other",
                training="session" if person.trained else "none",
            )  # fmt: skip
            chosen.append(entry)
        if len(chosen) == count:
            break
    return invite(chosen, deck, seed=plan.night.seed, name="the plan", source="robot")


def _band(age: int) -> str:
    return next(
        name for oldest, name in ((39, "under 40"), (60, "40-60"), (70, "61-70"), (200, "over 70"))
        if age <= oldest
    )  # fmt: skip


@dataclass
class Company:
    """The volunteers beside a drill, if there are any.

    Attributes:
        begin: Lets them begin at a Unix time.
        about: What ``run.json`` says of them in the end; empty without any.
    """

    begin: Callable[[float], None] = lambda start_at: None
    about: dict[str, Any] = field(default_factory=dict)


@contextmanager
def live_beside(
    model: LiveModel | None, plan: object, bench: Bench, *, title: str, speed: float,
    stopped: Callable[[], bool],
) -> Iterator[Company]:  # fmt: skip
    """While the block runs, a live server is up, if the scenario has a live section.

    Yields:
        The simulated volunteers, who can be let begin. On leaving the block they are waited for.

    Raises:
        LiveServerError: If the server does not start.
    """
    if model is None or not isinstance(plan, Plan):
        yield Company()
        return
    beside = Beside(model, plan, bench, title, speed)
    try:
        beside.start()
        company = Company(beside.begin)
        yield company
        beside.finish(stopped=stopped())
        company.about = beside.about
    finally:
        beside.stop()
