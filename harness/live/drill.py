"""A live drill, start to finish: cards are dealt, people come, and what they sent is judged.

What the target needs is done as for any drill. Then the live server runs as a process of its
own, and is started again should it die, until the organizer closes the drill, somebody presses
Ctrl-C, or the rehearsed volunteers have ended. Starting the command again on the same folder
goes on where it was left, whatever ended it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness.bench import Bench, open_bench
from harness.drill import Drill, DrillError, info_of, interruptible, refuse_baseline
from harness.ledger import seal
from harness.live.cards import Handout
from harness.live.deck import Deck
from harness.live.handing_out import ORGANIZERS, VOLUNTEERS, Guests, enlist, hand_out
from harness.live.harvest import harvest
from harness.live.heard import not_stored, read_journal
from harness.live.host import LiveServer, free_port
from harness.live.keys import organizer_password
from harness.live.model import Event, Happening
from harness.live.orders import PASSWORD, RobotsOrder, ServeOrder, terms_of, write_order
from harness.live.rehearsal import Rehearsal
from harness.live.resuming import Standing, end_left_behind, standing_in
from harness.live.store import Live
from harness.logbook import Logbook
from harness.objective import Objective
from harness.progress import Progress
from harness.record import RunFolder
from harness.scenario import LiveModel
from harness.truth import write_truth
from simulators.night import night_to_dict
from simulators.plans import ElectionPlan, plan_of

DATABASE = "live.db"
_LOOK = 0.25  # seconds between looks at whether the drill is over
_RESTARTS = 20  # times that a dying server is started again
_LOOKS, _QUICK_LOOKS = 2.0, 0.5  # seconds between looks at the target; with a few robots
_FEW = 500
_LAST_WORDS = 3.0  # seconds in which the answer to closing the drill still goes out


@dataclass(frozen=True)
class LiveDrill:
    """What was asked for.

    Attributes:
        drill: Scenario, target, cast, seed, scale and folder, as for any drill.
        host, port: Where the live server listens; port 0 takes one that is free and keeps it.
        public: The address that people reach the server by, if it is another.
        app_address: The address that volunteers open the app by, if not the target's own.
        roster: The organizer's list of volunteers.
        volunteers: How many cards to make where there is no list.
        cards: Folder that cards are printed to.
        paper: ``a4`` or ``letter``.
        rehearse: Play this many simulated volunteers, and close when they have ended.
        seconds, pause: Over which they arrive, and mean seconds between two of their steps.
        after_close: Seconds after closing in which questions may still be answered; fewer if
            everybody who reported has answered them.
    """

    drill: Drill
    host: str = "127.0.0.1"
    port: int = 0
    public: str = ""
    app_address: str = ""
    roster: Path | None = None
    volunteers: int | None = None
    cards: Path | None = None
    paper: str = "a4"
    rehearse: int | None = None
    seconds: float = 15.0
    pause: float = 0.5
    after_close: float = 120.0


def run_live(live: LiveDrill, progress: Progress) -> RunFolder:
    """Hold a live drill and leave its record behind, ready to be judged.

    Raises:
        DrillError: If it cannot be held.
        DocumentError: If there is a mistake in the list of volunteers.
    """
    password = os.environ.pop(PASSWORD, "")
    drill = live.drill
    model = _live_section(drill)
    plan = plan_of(drill.scenario.night(drill.cast, seed=drill.seed, scale=drill.scale))
    deck = Deck(plan)
    guests = _guests(live, model)
    left = standing_in(drill.folder, plan.hash)
    if left is None:
        guests.entries(deck)  # a mistake in the list is told before anything is started
    bench = open_bench(
        drill.target,
        folder=drill.folder,
        run=drill.folder.name,
        plan=plan,
        speed=1.0,
        defects=drill.defects,
        base_url=None if left is None else left.base_url,
    )
    if left is not None and bench.services.project is not None:
        raise DrillError(
            f"{drill.folder}: cannot go on: the target's Compose project was taken down with its "
            "data when the drill was killed. Hold a new one with another --out."
        )
    with ExitStack() as open_:
        if left is None:
            folder = RunFolder.create(drill.folder)
            log = open_.enter_context(Logbook(folder, _info(live, model, plan, bench)))
        else:
            progress.step(f"going on with what is in {drill.folder}")
            end_left_behind(left.process, drill.folder)
            folder = RunFolder.open(drill.folder)
            log = open_.enter_context(Logbook.again(folder))
        stop = open_.enter_context(interruptible())
        open_.enter_context(bench.standing())
        hall = _Hall(live, model, plan, deck, bench, log, progress)
        standing = hall.make_ready(left)
        if left is None:
            asyncio.run(hall.invite(guests, standing))
        with stop.playing():
            hall.hold(standing, stop.event, password)
        progress.step("reading back what the target holds, twice")
        settled = log.note_reading("settled", bench.read("settled"))
        silent = [reader for reader, _ in settled.unread]
        log.note_reading("again", bench.read("again", leave_out=silent))
        log.note_live(asyncio.run(harvest(hall.database, folder, hall.terms)))
        log.note_sealed(seal(folder, workers=0))
    return RunFolder.open(drill.folder)


def _live_section(drill: Drill) -> LiveModel:
    if drill.scenario.live is None:
        raise DrillError(
            f"{drill.scenario.scenario}: has no `live:` section, so nothing says what volunteers "
            "are asked for. Take iowa-caucus-training, or give it one with its objectives."
        )
    return drill.scenario.live


def _guests(live: LiveDrill, model: LiveModel) -> Guests:
    if live.rehearse is not None and live.roster is not None:
        raise DrillError("--rehearse plays simulated volunteers: leave out --roster.")
    count = live.rehearse or live.volunteers or 0
    source = "volunteer" if live.rehearse is None else "robot"
    return Guests(live.roster, count, source, model.languages)


def _info(live: LiveDrill, model: LiveModel, plan: ElectionPlan, bench: Bench) -> dict[str, Any]:
    """What ``run.json`` says before anybody comes."""
    objectives = TypeAdapter(list[Objective]).dump_python(model.objectives, mode="json")
    return info_of(live.drill, plan, bench) | {
        "speed": 1.0,
        "declared_speed": 1.0,
        "objectives": objectives,
        "injects": [],
        "workers": 0,
        "live": {
            "rehearsed": live.rehearse is not None,
            "on_time_minutes": model.on_time_minutes,
            "languages": list(model.languages),
        },
    }


class _Hall:
    """One live drill, from the moment its target stands."""

    def __init__(
        self,
        live: LiveDrill,
        model: LiveModel,
        plan: ElectionPlan,
        deck: Deck,
        bench: Bench,
        log: Logbook,
        progress: Progress,
    ) -> None:
        self.live, self.model, self.plan, self.deck = live, model, plan, deck
        self.bench, self.log, self.progress = bench, log, progress
        self.folder = live.drill.folder
        self.database = self.folder / DATABASE
        self.terms = terms_of(model)

    # -- before -------------------------------------------------------------------------------

    def make_ready(self, left: Standing | None) -> Standing:
        """Load the target and read what it holds; of a drill that goes on, that is done."""
        self.log.note_bench(self.bench)
        process = self.bench.process
        its_id = (process.pid or 0) if process is not None else 0
        if left is not None:
            standing = replace(left, process=its_id)
            standing.write(self.folder)
            return standing
        write_truth(self.log.folder, self.plan)
        self.progress.step(f"loading people into {self.bench.target.name}")
        self.bench.prepare(self.plan)
        baseline = self.log.note_reading("baseline", self.bench.read("baseline"))
        refuse_baseline(baseline, self.live.drill, self.plan)
        port = self.live.port or free_port(self.live.host)
        shown = f"[{self.live.host}]" if ":" in self.live.host else self.live.host
        public = self.live.public.rstrip("/") or f"http://{shown}:{port}"
        source = "volunteer" if self.live.rehearse is None else "robot"
        return Standing(port, self.bench.target.base_url, public, source, its_id)

    def handout(self, standing: Standing) -> Handout:
        """What cards and pages say alike."""
        target = self.bench.target
        web = target.description.web
        start = "/" if web is None else web.start
        return Handout(
            title=self.live.drill.scenario.title,
            app=target.name,
            address=self.live.app_address or target.base_url + start,
            help_number=self.model.help_number,
            link=f"{standing.public}{VOLUNTEERS}",
            organizer=f"{standing.public}{ORGANIZERS}",
            on_time_minutes=self.model.on_time_minutes,
        )

    async def invite(self, guests: Guests, standing: Standing) -> None:
        """Deal cards, and write what is handed out; only then can the drill be gone on with."""
        live = await Live.open(self.database)
        try:
            invited = await enlist(live, self.deck, guests, self.live.drill.seed)
        finally:
            await live.close()
        self.progress.step(f"{len(invited):,} cards dealt")
        if self.live.cards is not None and invited:
            await asyncio.to_thread(
                hand_out, self.live.cards, invited, self.deck, self.handout(standing),
                paper=self.live.paper, say=self.progress.step,
            )  # fmt: skip
        standing.write(self.folder)

    # -- while it is held ---------------------------------------------------------------------

    def hold(self, standing: Standing, stop: threading.Event, given: str) -> None:
        """Serve until the drill is over."""
        night, target = night_to_dict(self.plan.night), self.bench.target
        order = ServeOrder(
            night, target.reference, self.folder.name, str(self.database), self.handout(standing),
            self.terms, self.live.host, standing.port, self.model.languages,
            look_every=_QUICK_LOOKS if 0 < (self.live.rehearse or 0) <= _FEW else _LOOKS,
            opens=standing.source == "robot",
        )  # fmt: skip
        server = LiveServer(
            write_order(order, self.folder / "serve.json"), self.folder / "live.log"
        )
        rehearsal = Rehearsal(self.folder)
        try:
            with organizer_password(self.database, given) as password:
                server.start()
            self._welcome(standing, password)
            if standing.source == "robot":
                rehearsal.start(asyncio.run(self._robots(standing)))
            self._attend(server, rehearsal, stop)
            if standing.source == "robot":
                self._note_rehearsed(rehearsal, server)
        finally:
            rehearsal.stop()
            server.stop()
        asyncio.run(self._close())

    def _welcome(self, standing: Standing, password: str) -> None:
        """Tell whoever started the drill where everything is."""
        tell = self.progress.step
        tell(f"volunteers   {standing.public}{VOLUNTEERS}…  (each has a link of their own)")
        tell(f"organizer    {standing.public}{ORGANIZERS}  as organizer{password}")
        if standing.source == "robot":
            tell(f"rehearsing with {self.live.rehearse:,} simulated volunteers")
        else:
            tell(f"the app       {self.handout(standing).address}")
            tell(
                "now: open the drill on the organizer's page; the board for the room is there, too"
            )
            tell("at the end: close it there, or press Ctrl-C here; then it is judged")

    async def _robots(self, standing: Standing) -> RobotsOrder:
        """What the simulated volunteers are to do."""
        live = await Live.open(self.database)
        try:
            journeys = list(live.roll)
        finally:
            await live.close()
        return RobotsOrder(
            night=night_to_dict(self.plan.night),
            target=self.bench.target.reference,
            run=self.folder.name,
            link=f"{standing.public}{VOLUNTEERS}",
            volunteers=tuple(each.volunteer for each in journeys),
            difficulties={each.volunteer.id: each.cards[0].difficulty for each in journeys},
            journal=str(self.folder / "robots.jsonl"),
            seconds=self.live.seconds,
            pause=self.live.pause,
        )

    def _attend(self, server: LiveServer, rehearsal: Rehearsal, stop: threading.Event) -> None:
        """Wait until the drill is over; a server that dies is started again."""
        for_its_pages_alone = closed_in(self.database)
        closed, restarts = 0.0, 0  # wall seconds since it was closed
        while not stop.wait(_LOOK) and not rehearsal.over:
            if server.status is not None:
                restarts += 1
                if restarts > _RESTARTS:
                    raise DrillError(
                        f"the live server ended {restarts} times; see {server.log}. Nothing that "
                        f"it acknowledged is lost: start again with --out {self.folder}."
                    )
                self.progress.step(f"the live server ended ({server.status}): starting it again")
                server.stop()
                server.start()
            elif for_its_pages_alone:
                continue
            elif not closed_in(self.database):
                closed = 0.0
            else:
                if not closed:
                    self.progress.step("closed: questions may still be answered, for a while")
                closed += _LOOK
                answered = not unanswered_in(self.database)
                if closed >= (_LAST_WORDS if answered else self.live.after_close):
                    return

    def _note_rehearsed(self, rehearsal: Rehearsal, server: LiveServer) -> None:
        """Keep what the robots say, and say it."""
        figures: dict[str, Any] = rehearsal.figures() if rehearsal.over else {"stopped": True}
        self.log.info["live"] |= {"robots": figures, "starts": server.starts}
        self.log.folder.write_info(self.log.info)
        if "p95" in figures and figures["p95"] is not None:
            self.progress.step(
                f"{figures['robots']:,} simulated volunteers in {figures['seconds']:.0f} s: "
                f"{figures['pages']:,} pages, {figures['pages_per_second']:.0f} a second, half in "
                f"{figures['p50'] * 1000:.0f} ms, 95 % in {figures['p95'] * 1000:.0f} ms"
            )
        for problem, count in figures.get("problems", {}).items():
            self.progress.step(f"{count} x {problem}")

    async def _close(self) -> None:
        """Close the drill, if nobody has; one that was never opened has not been held."""
        live = await Live.open(self.database)
        try:
            if live.roll.is_open:
                await live.happened(Happening.CLOSED)
            if self.live.rehearse is not None:
                self._compare(await live.events())
            self.log.info["state"] = "finished" if live.roll.opened is not None else "stopped"
            if live.roll.opened is None:
                self.log.info["reasons"].append("nobody opened the drill")
        finally:
            await live.close()

    def _compare(self, events: list[Event]) -> None:
        """Hold what robots heard a yes to against what is stored; what is lost is our own fault."""
        journal = self.folder / "robots.jsonl"
        lost = not_stored(read_journal(journal), events) if journal.is_file() else []
        self.log.note_live({"acknowledged_and_lost": len(lost)})


def closed_in(database: Path) -> bool:
    """Whether the drill in a database has been closed, and not opened again."""
    last = "SELECT what FROM events WHERE what IN ('open', 'closed') ORDER BY number DESC LIMIT 1"
    return bool(_asked(database, last) == Happening.CLOSED.value)


def unanswered_in(database: Path) -> int:
    """Volunteers of a drill who have reported and neither answered the questions nor gone."""
    return int(
        _asked(
            database,
            "SELECT count(DISTINCT volunteer) FROM events WHERE what IN ('sent', 'seen') AND "
            "volunteer NOT IN (SELECT volunteer FROM events WHERE what IN ('surveyed', 'erased'))",
        )
    )


def _asked(database: Path, question: str) -> Any:
    """The one value that a question comes to; None if there is none."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        found = connection.execute(question).fetchone()
    return None if found is None else found[0]
