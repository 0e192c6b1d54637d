"""A drill, start to finish: start reading here.

``run_drill`` plays one scenario against one target and leaves a sealed run folder behind, also
when it is stopped, when a worker dies or when the disk fills up. Judging is another step
(``harness.verdict.judge``), so that an old run can be judged again with today's checks.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import polars as pl

from harness.attended import Attendant, Nobody, refuse_unattended
from harness.bench import Bench, Reading, open_bench
from harness.engine.conduct import conduct
from harness.health import HealthWatch
from harness.hostile.intruder import Intruder, intruding
from harness.injects.model import PeopleInject
from harness.injects.network_plan import around_of
from harness.injects.people import people_changes
from harness.injects.planning import Planned, plan_injects
from harness.injects.schedule import Schedule
from harness.ledger import handling_log, health_log, intrusion_log, seal
from harness.live.beside import live_beside
from harness.logbook import Logbook
from harness.objective import undecidable
from harness.progress import Progress
from harness.record import RunFolder
from harness.run_info import run_info
from harness.scenario import Scenario, plan_for
from harness.truth import write_truth
from simulators.night import night_to_dict
from simulators.plans import ElectionPlan

_GRACE = 15.0  # wall seconds that the last answers get


class DrillError(Exception):
    """A drill that cannot be begun; the message says what to do."""


@dataclass(frozen=True)
class Drill:
    """What was asked for.

    Attributes:
        target: ``practice/NAME`` or the path of a target.yaml.
        speed: Drill seconds a wall second.
        scale: Size of the night; 1 is the whole of it.
        folder: Where the run goes: new or empty.
        defects: Switched on in a practice app.
        workers: Load processes.
        locustfile: A team's own locustfile that joins as background load.
        attended: Whether somebody at the terminal notices faults and fixes them.
        terminal: File descriptor of that terminal; standard input if left out.
        at_once: Whether a drill that is stopped is over, and nobody reads back what came of it.
    """

    scenario: Scenario
    target: str
    cast: str
    seed: int
    speed: float
    scale: float
    folder: Path
    defects: tuple[str, ...] = ()
    workers: int = 1
    locustfile: Path | None = None
    attended: bool = False
    terminal: int | None = None
    at_once: bool = False


def run_drill(drill: Drill, progress: Progress) -> RunFolder:
    """Play a drill and seal its record. Whatever it changed on the way is undone at the end."""
    if drill.attended:
        refuse_unattended(drill.scenario.injects_for(drill.cast), drill.terminal)
    plan, bench = make_ready(drill)
    watch = HealthWatch(bench.target, drill.folder / "ledger" / health_log.NAME, speed=drill.speed)
    for warning in undecided_before(drill, plan):
        progress.step(warning)
    folder = RunFolder.create(drill.folder)
    intruder = intruder_of(drill, bench)
    info = info_of(drill, plan, bench) | {"intruder": intruder.about}
    with Logbook(folder, info) as log, interruptible(at_once=drill.at_once) as stop:
        write_truth(folder, plan)
        with bench.standing(), ExitStack() as ending:
            log.note_bench(bench)
            progress.step(f"loading {plan.people_table().height:,} people into {bench.target.name}")
            bench.prepare(plan, intruder.people)
            if why := intruder.settle_in():
                progress.step(f"the intruder's accounts are of little use: {why}")
            refuse_baseline(log.note_reading("baseline", bench.read("baseline")), drill, plan)
            planned = ending.enter_context(closing(injects_of(drill, plan, bench)))
            bench.put_on_ways(planned.detours)
            log.note_not_drilled(planned.not_drilled + bench.undriven(plan) + intruder.not_drilled)
            schedule = Schedule(
                planned.injects, speed=drill.speed, journal=folder.path / "ledger" / "injects.jsonl"
            )
            progress.step(f"seed {drill.seed}, plan {plan.hash}")
            progress.step(f"playing {plan.count:,} people at {drill.speed:g} times their speed")
            progress.step(f"offering up to {offered(plan, drill):,.0f} requests a second")
            guarded = bench.guarded(stop.event, progress.step)
            calling = bench.calling(drill.seed, drill.speed, stop.event)
            volunteers = live_beside(
                drill.scenario.live, plan, bench, title=drill.scenario.title, speed=drill.speed,
                stopped=stop.event.is_set,
            )  # fmt: skip
            attendant = attendant_of(drill, schedule, progress)
            hostile = intruding(intruder, stop.event.is_set)
            with (
                schedule.undone(), guarded, calling as call, volunteers as company, stop.playing(),
                watch.watching(), attendant.attending(), hostile as intrude, progress.figures(),
            ):  # fmt: skip
                result = conduct(
                    order_of(drill, plan, bench, planned),
                    drill.workers,
                    lambda figures: progress.tell(drill.scenario.clock, figures),
                    stop.event,
                    on_start=together(
                        schedule.begin, call, company.begin, watch.begin, attendant.begin, intrude
                    ),
                    locustfile=str(drill.locustfile) if drill.locustfile else None,
                )
            log.note_conducted(result)
            log.note_live(company.about)
            log.note_carried(bench.carried())
            log.note_injects(schedule.table())
            progress.step("reading back what the target holds, twice")
            settled = log.note_reading("settled", bench.read("settled"))
            silent = [reader for reader, _ in settled.unread]
            log.note_reading("again", bench.read("again", leave_out=silent))
            if not stop.event.is_set():
                bench.look_further()
        if bench.services.left:
            progress.step(f"not taken down: {bench.services.left}; see `drillhall doctor --undo`")
        log.note_sealed(seal(folder, workers=drill.workers))
    return RunFolder.open(drill.folder)


def attendant_of(drill: Drill, schedule: Schedule, progress: Progress) -> Attendant | Nobody:
    """Who takes the keys of whoever attends the drill; nobody, where it is left alone."""
    if not drill.attended:
        return Nobody()
    return Attendant(
        drill.scenario.injects_for(drill.cast),
        clock=drill.scenario.clock,
        speed=drill.speed,
        happened=schedule.table,
        journal=drill.folder / "ledger" / handling_log.NAME,
        say=progress.step,
        terminal=drill.terminal,
    )


def together(*begin: Callable[[float], None]) -> Callable[[float], None]:
    """Begin several things at once, in this order, when the drill does."""

    def begin_all(start_at: float) -> None:
        for each in begin:
            each(start_at)

    return begin_all


def make_ready(drill: Drill) -> tuple[ElectionPlan, Bench]:
    """Make the plan and load the target; nothing is written, started or sent.

    Raises:
        DrillError: If the drill cannot be played at this speed.
        ScenarioError: If the scenario cannot be played at this size.
    """
    if not drill.speed > 0:
        raise DrillError(f"speed={drill.speed:g}, but it must be above 0, such as 120.")
    night = drill.scenario.night(drill.cast, seed=drill.seed, scale=drill.scale)
    plan = plan_for(night)
    bench = open_bench(
        drill.target,
        folder=drill.folder,
        run=drill.folder.name,
        plan=plan,
        speed=drill.speed,
        defects=drill.defects,
        walked=True,
    )
    refuse_too_fast(plan, bench, drill.speed)
    return plan, bench


def refuse_too_fast(plan: ElectionPlan, bench: Bench, speed: float) -> None:
    """Refuse a speed that offers more than the target is said to bear.

    Raises:
        DrillError: Names a speed that fits.
    """
    limits, rates = bench.target.limits, plan.rates
    permit = bench.target.permit
    everything = sum(rate for kind, rate in rates.items() if kind != "calls")
    for what, rate, limit in (
        ("sign-ins", rates.get("sign_in", 0.0), limits.sign_in_per_second),
        ("requests", everything, limits.requests_per_second),
        ("requests", everything, permit.requests_per_second if permit else None),
    ):
        if limit is not None and rate * speed > limit:
            raise DrillError(
                f"at speed {speed:g} this drill offers {rate * speed:.0f} {what} a second, and "
                f"{bench.target.name} bears {limit:g}. Use --speed {limit / rate:.0f} or less."
            )


def offered(plan: ElectionPlan, drill: Drill) -> float:
    """Requests a wall second at the busiest: the night's true rate, times scale, times speed."""
    return drill.speed * sum(rate for kind, rate in plan.rates.items() if kind != "calls")


def undecided_before(drill: Drill, plan: ElectionPlan) -> list[str]:
    """The objectives that no drill of this size can decide, each with the number it needs."""
    counts, reports = plan.expected, len(plan.records)
    return [
        f"too small to decide: {objective.says or objective.name} (needs {needed:,} answers, "
        f"and the plan has {counts.get(objective.subject, reports):,}); take a larger --scale"
        for objective, needed in undecidable(drill.scenario.objectives, counts)
    ]


def info_of(drill: Drill, plan: ElectionPlan, bench: Bench) -> dict[str, Any]:
    """What ``run.json`` says before anybody acts."""
    info = run_info(
        drill.scenario,
        plan,
        run=drill.folder.name,
        cast=drill.cast,
        speed=drill.speed,
        workers=drill.workers,
        target=bench.target.summary
        | {"file": bench.name, "not_drilled": [], "tells": tells_of(bench)},
        defects=list(drill.defects),
        virtual=False,
    )
    told = {"attended": drill.attended, "rounds": [], "unread": []}
    return info | {"night": night_to_dict(plan.night), **told}


def tells_of(bench: Bench) -> list[str]:
    """How the target says that it is ill: by its ``health`` page, by its ``alarms``, or not."""
    described = bench.target.description
    pages = {"health": described.health, "alarms": described.alarms}
    return [name for name, page in pages.items() if page is not None]


def intruder_of(drill: Drill, bench: Bench) -> Intruder:
    """Who comes while people play and tries what nobody may; without a try where nobody does."""
    said, clock = drill.scenario.intruder_for(drill.cast), drill.scenario.clock
    return Intruder(
        bench.target,
        () if said is None else said.kinds,
        begins=0.0 if said is None else clock.seconds(said.begins),
        ends=0.0 if said is None else clock.seconds(said.ends),
        speed=drill.speed,
        seed=drill.seed,
        journal=drill.folder / "ledger" / intrusion_log.NAME,
    )


def injects_of(drill: Drill, plan: ElectionPlan, bench: Bench) -> Planned:
    """The injects that can be played against this target."""
    models, clock = drill.scenario.injects_for(drill.cast), drill.scenario.clock
    changes, unchanged = people_changes(models, plan, clock, attended=drill.attended)
    planned = plan_injects(
        [each for each in models if not isinstance(each, PeopleInject)],
        clock=clock,
        around=around_of(
            bench.target,
            plan.by_county,
            speed=drill.speed,
            folder=drill.folder,
            leases=bench.leases,
        ),
        process=bench.process,
        carrier=bench.carrier,
        services=bench.services.by_role,
    )
    return replace(
        planned,
        injects=(*planned.injects, *changes),
        not_drilled=(*planned.not_drilled, *unchanged),
    )


def order_of(drill: Drill, plan: ElectionPlan, bench: Bench, planned: Planned) -> dict[str, Any]:
    """The engines' order."""
    target, limits = bench.target.reference, bench.target.limits
    return {
        "folder": str(drill.folder.absolute()),
        "night": night_to_dict(plan.night),
        "target": target,
        "base_url": bench.target.base_url,
        "ways": [each.told() for each in planned.detours],
        "carrier": "" if bench.carrier is None else bench.carrier.control,
        "browser": "" if bench.browser is None else bench.browser.control,
        "seed": drill.seed,
        "speed": drill.speed,
        "start_at": None,
        "ends_drill": plan.night.end,
        "max_in_flight": min(drill.scenario.max_in_flight, limits.in_flight or 50_000),
        "grace": _GRACE,
        "run": drill.folder.name,
    }


def refuse_baseline(baseline: Reading, drill: Drill, plan: ElectionPlan) -> None:
    """Stop before the start where the target cannot be read, or holds what it must not hold yet.

    Raises:
        DrillError: Names the reader and why, or how many reports there are; and what to do.
    """
    for reader, why in baseline.unread:
        raise DrillError(f"read_back.{reader} cannot be read, so nothing could be judged: {why}")
    held = baseline.table["key"].drop_nulls().str.starts_with(f"{plan.tag}-").sum()
    own = pl.col("key").str.starts_with("preflight-").fill_null(value=False)  # an intruder's
    rows = baseline.table.filter(pl.col("mode").cast(pl.String) != "totals", ~own).height
    if drill.scenario.zero == "strict" and rows:
        raise DrillError(
            f"the target holds {rows:,} rows, and this scenario asks for an empty one (zero: "
            "strict). Empty it, or say `zero: keys` in the scenario."
        )
    if held:
        raise DrillError(
            f"the target already holds {held:,} reports of this seed from an earlier run. "
            "Empty it (`cleanup:` in its description), or drill with another --seed."
        )


def describe_plan(drill: Drill) -> dict[str, Any]:
    """What would be sent, at which rates; nothing is started or sent."""
    plan, bench = make_ready(drill)
    rates = {kind: round(rate * drill.speed, 1) for kind, rate in plan.rates.items()}
    return {
        "scenario": drill.scenario.scenario,
        "target": bench.target.name,
        "base_url": bench.target.base_url,
        "cast": drill.cast,
        "seed": drill.seed,
        "plan": plan.hash,
        "sites": len(plan.records),
        "participants": plan.count,
        "speed": drill.speed,
        "wall_seconds": round(plan.night.end / drill.speed, 1),
        "peak_per_second": rates,
        "offered_per_second": round(offered(plan, drill), 1),
        "injects": [inject.name for inject in drill.scenario.injects_for(drill.cast)],
        "undecidable": undecided_before(drill, plan),
    }


class Stop:
    """Ctrl-C and SIGTERM, heard for as long as a drill goes on.

    While people play, the first one stops the drill in good order and the second one ends it.
    Before and after, there is nothing to bring to an end: each interrupts what is being done.

    Args:
        at_once: The first one ends it, too.
    """

    def __init__(self, *, at_once: bool = False) -> None:
        self.event = threading.Event()
        self._at_once = at_once
        self._playing = False

    @contextmanager
    def playing(self) -> Iterator[None]:
        """While the block runs, people play."""
        self._playing = True
        try:
            yield
        finally:
            self._playing = False

    def hear(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self._at_once or not self._playing or self.event.is_set():
            raise KeyboardInterrupt
        self.event.set()


@contextmanager
def interruptible(*, at_once: bool = False) -> Iterator[Stop]:
    """Hear Ctrl-C and SIGTERM while the block runs."""
    stop = Stop(at_once=at_once)
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {each: signal.signal(each, stop.hear) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
