"""The bench: the target in its place, ready to be driven.

Loads the description, refuses what cannot be, starts the process if there is one, loads the
roster, and reads back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from harness import practice
from harness.browser import why_no_browser
from harness.channels.carrier import Carrier, CarrierError
from harness.channels.sip import LineTest
from harness.channels.voice import number_of
from harness.channels.web.guests import config_of, guests_of
from harness.channels.web.process import BrowserError, BrowserProcess
from harness.hostile.reserve import with_people, with_places
from harness.injects.lease import Leases
from harness.injects.network_plan import Detour
from harness.record import READBACK
from harness.scenario import Scenario, load_scenario, packaged
from harness.target import ReadBackError, Run, SafetyError, Target, TargetError, load_target
from harness.target.blocking import Driver
from harness.target.preflight import check_control, check_safe, must_refuse, read_build
from harness.target.prepare import people_from, prepare
from harness.target.process import Process
from harness.target.readback import read_back
from harness.target.services import Services, kept
from simulators.formats.roster import write_roster
from simulators.people.person import Person
from simulators.phones.sip.peers import PeerError
from simulators.plan import Plan
from simulators.plans import ElectionPlan, ElectionWorld, plan_of
from simulators.world import World, WorldSpec

_A_FEW = 0.01  # scale of a night of which only the places are wanted
REPORTERS = ("chair", "poll_watcher", "canvasser")
_WANT_NO_TEXTS = 20  # one in so many of those who report otherwise, the first included
_ASK_AGAIN = 30.0  # wall seconds between looks at whether a permit still holds


@dataclass(frozen=True)
class Reading:
    """One round of reading back.

    Attributes:
        table: Rows with the schema of the run folder's read-back.
        unread: Reader and reason, for each reader that could not be read whole.
    """

    table: pl.DataFrame
    unread: tuple[tuple[str, str], ...]


class Bench:
    """The target of one drill.

    Attributes:
        name: ``practice/NAME`` or the path of a target.yaml.
        process: Controls the target's process, None where the description has none.
        services: Everything else of it that runs on this machine, by role.
        leases: How everything that is broken or started is undone, should this process die.
        carrier: The phone carrier that it is called by, None where the description has no lines.
        browser: Where personas walk its pages, None where nobody does.
        browserless: Why nobody can, although somebody should; else empty.
    """

    def __init__(
        self,
        name: str,
        target: Target,
        folder: Path,
        extra: tuple[str, ...],
        carrier: Carrier | None = None,
        browser: BrowserProcess | None = None,
        browserless: str = "",
    ) -> None:
        self.name = name
        self.target = target
        self.folder = folder
        self.leases = Leases(target.run.id)
        self.process = (
            None
            if target.process is None
            else Process(target, folder, extra=extra, leases=self.leases)
        )
        self.services = Services(target, folder, self.leases, self.process)
        self.carrier = carrier
        self.browser = browser
        self.browserless = browserless
        self.build: str | None = None

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Start carrier, services, the target's process and browser, as needed; end them after.

        Raises:
            TargetError: If the target does not start, or does not answer.
            CarrierError: If the carrier does not start.
            SafetyError: If it may not be drilled.
        """
        told: dict[str, str] = {}
        with ExitStack() as stack:
            stack.enter_context(kept(self.leases))
            if (
                self.carrier is not None
            ):  # the last to go, since the app may still tell it something
                stack.callback(self.carrier.close)
                self.carrier.start()
                told = self.carrier.environment
            stack.enter_context(self.services.standing(told))
            if self.process is not None:
                self.process.environment |= told
                stack.callback(self.process.close)
                self.process.start()
            with Driver(self.target) as driver:
                check_safe(self.target, driver)
                self.build = read_build(self.target, driver)
            stack.callback(self._close_browser)
            self._open_browser()
            yield

    def _close_browser(self) -> None:
        if self.browser is not None:
            self.browser.close()

    def _open_browser(self) -> None:
        """Start the browser; a drill goes on without one, and says so."""
        try:
            if self.browser is not None:
                self.browser.start()
        except BrowserError as error:
            self.browser, self.browserless = None, str(error)

    @contextmanager
    def guarded(self, stop: threading.Event, tell: Callable[[str], None]) -> Iterator[None]:
        """While the block runs, ask again whether the drill is still allowed; stop it if not.

        A target on this machine needs no permit and is not asked.
        """
        permit, over = self.target.permit, threading.Event()
        if permit is None:
            yield
            return

        def ask() -> None:
            with Driver(self.target) as driver:
                while not over.wait(_ASK_AGAIN):
                    try:
                        check_control(self.target, permit, driver)
                    except SafetyError as error:
                        tell(str(error))
                        stop.set()
                        return

        asking = threading.Thread(target=ask, name="permit", daemon=True)
        asking.start()
        try:
            yield
        finally:
            over.set()
            asking.join()

    @contextmanager
    def calling(
        self, seed: int, speed: float, stop: threading.Event
    ) -> Iterator[Callable[[float], None]]:
        """While the block runs, the target's SIP line, if it claims one, can be tested.

        Yields:
            What starts the test. On leaving the block it is brought to its end, or ended if the
            drill was stopped.

        Raises:
            SafetyError: If the line is neither on this machine nor covered by the permit.
        """
        phone, permit = self.target.phone, self.target.permit
        sip = phone.sip if phone is not None else None
        if sip is None:
            yield lambda start_at: None
            return
        try:
            test = LineTest(
                sip.address, sip.user, sip.lines, sip.hold_seconds, seed, self.folder,
                line=sip.user or "sip", speed=speed, own=permit.hosts if permit else (),
            )  # fmt: skip
        except PeerError as error:
            raise SafetyError(f"{self.target.document.name}: phone.sip: {error}") from error
        try:
            yield lambda start_at: test.start()
            test.finish(0.0 if stop.is_set() else None)
        finally:
            test.stop()

    def prepare(self, plan: ElectionPlan, guests: Sequence[Person] = ()) -> None:
        """Write the roster, do what the description's ``prepare`` says, and try what must fail.

        Args:
            guests: Who is in the roster besides, with a record of their own each.

        Raises:
            TargetError: If a row is refused, a command fails or a count is too small.
            CarrierError: If the carrier does not answer.
        """
        people = plan.people_table()
        roster = self.folder / "roster"
        write_roster(
            roster, with_people(people, guests), with_places(plan.precinct_table(), guests),
            voters=plan.voter_table(),
        )  # fmt: skip
        everybody = people_from(people)
        records = [*plan.records, *(each.record for each in guests)]
        prepare(self.target, [*everybody, *guests], records, roster=roster)
        self._probe(next(each for each in everybody if each.role in REPORTERS))
        if self.carrier is not None:
            self.carrier.forge()
            callers = [
                each
                for each in everybody
                if each.role in REPORTERS and each.key not in plan.texters
            ]
            for each in callers[::_WANT_NO_TEXTS]:
                self.carrier.stop_texts(number_of(each))

    def _probe(self, chair: Person) -> None:
        """Refuse a target that accepts what its own description says it must turn down."""
        with Driver(self.target) as driver:
            for probe in must_refuse(self.target, driver, chair):
                if not probe.ok:
                    raise TargetError(
                        f"{self.target.document.name}: preflight.{probe.name}: expected "
                        f"{probe.expected}, but the target answered {probe.found}. Mend the app or "
                        "its description; `drillhall target check` shows every probe."
                    )

    def carried(self) -> dict[str, Any] | None:
        """Forge once more, now that the app has been busy, and say what the carrier has done.

        None without a carrier; of one that has died, the ``problem`` alone.
        """
        if self.carrier is None:
            return None
        try:
            self.carrier.forge()
            return self.carrier.counts()
        except CarrierError as error:
            return {"problem": str(error)}

    def look_further(self) -> None:
        """Look at the states of pages that no persona came to; the drill itself is over."""
        if self.browser is not None:
            self.browser.look_further()

    def put_on_ways(self, detours: Sequence[Detour]) -> None:
        """Tell the browser who is on which network; a drill goes on without one, and says so."""
        if self.browser is None or not detours:
            return
        try:
            self.browser.take_ways([each.told() for each in detours])
        except BrowserError as error:
            self.browser.close()
            self.browser, self.browserless = None, str(error)

    def undriven(self, plan: ElectionPlan) -> tuple[str, ...]:
        """What people of this plan would do and cannot: lines that nobody describes, pages."""
        described = {} if self.target.phone is None else self.target.phone.lines
        voices = {name for name, line in described.items() if line.voice is not None}
        dialled = [line.name for line in plan.lines().menus]
        lines = tuple(
            f"voice: line {name}: the target's description has no phone line of that name"
            for name in dialled
            if name not in voices
        )
        return (*lines, f"web: {self.browserless}") if self.browserless else lines

    def read(self, round_: str, *, leave_out: Collection[str] = ()) -> Reading:
        """Read everything back; a reader that cannot be read whole leaves its reason.

        Args:
            leave_out: Readers that could not be read the time before.
        """
        frames, unread = [READBACK.to_frame()], []
        for reader in self.target.readers:
            if reader in leave_out:
                continue
            try:
                frames.append(read_back(self.target, round_, only=[reader]))
            except ReadBackError as error:
                unread.append((reader, self.target.redact(str(error))))
            except KeyboardInterrupt:
                unread.append((reader, "stopped while it was read"))
        return Reading(pl.concat(frames), tuple(unread))


def open_bench(
    name: str,
    *,
    folder: Path,
    run: str,
    plan: ElectionPlan,
    speed: float,
    defects: tuple[str, ...] = (),
    base_url: str | None = None,
    walked: bool = False,
) -> Bench:
    """Load a target for one run; nothing is started or sent.

    Args:
        name: ``practice/NAME`` or the path of a target.yaml.
        base_url: Where it is, if not where its description says: where it was before, mostly.
        walked: Whether the plan's personas are to walk its pages.

    Raises:
        TargetError: If there is a mistake in the description, or no such practice app or defect.
        SafetyError: If it is not on this machine and no permit covers it.
    """
    extra: tuple[str, ...] = ()
    if name.startswith(practice.PREFIX):
        app = name.removeprefix(practice.PREFIX)
        practice.check_defects(app, defects)
        practice.tell_parts(app, speed=speed, defects=defects)
        extra = practice.extra_arguments(speed=speed, defects=defects)
    elif defects:
        raise TargetError(f"--defect {defects[0]}: only practice apps have defects to switch on.")
    target = described_target(
        name, run=run, world=plan.world, seed=plan.night.seed, base_url=base_url
    )
    carrier = None
    if target.phone is not None and target.phone.lines:
        trunks = {line.name: line.trunk for line in plan.lines().menus}
        carrier = Carrier(target, folder, speed=speed, trunks=trunks)
    browser, browserless = None, ""
    if walked and target.web is not None and isinstance(plan, Plan) and plan.personas:
        browserless = why_no_browser()
        if not browserless:
            config = config_of(target, guests_of(plan, target), folder, speed=speed)
            browser = BrowserProcess(config)
    return Bench(name, target, folder, extra, carrier, browser, browserless)


def described_target(
    name: str,
    *,
    run: str = "preflight",
    world: ElectionWorld | None = None,
    seed: int = 0,
    base_url: str | None = None,
) -> Target:
    """Load a target's description; nothing is started or sent.

    Args:
        name: ``practice/NAME`` or the path of a target.yaml.
        world: Whose precincts and fields its templates may name; if left out, that of the
            packaged scenario that drills this practice app, or else of a caucus night.
        base_url: Where it is, if not where the description says.

    Raises:
        TargetError: If there is a mistake in it, or no such file or practice app.
        SafetyError: If it is not on this machine and no permit covers it.
    """
    places = world or _usual_world(name, seed)
    path = Path(name)
    if name.startswith(practice.PREFIX):
        app = name.removeprefix(practice.PREFIX)
        path = practice.practice_file(app)
        practice.secret_for(app)
    if not path.is_file():
        raise TargetError(
            f"no target {name!r}: neither a file nor one of "
            + ", ".join(practice.PREFIX + each for each in practice.practice_apps())
        )
    about = Run(run, seed, tuple(places.fields), places.lookup)
    return load_target(path, run=about, base_url=base_url)


def _usual_world(name: str, seed: int) -> ElectionWorld:
    for each in packaged():
        scenario = load_scenario(each)
        if practice.same_app(scenario.target, name):
            return world_of(scenario, seed)
    return World(WorldSpec(), seed)


def world_of(scenario: Scenario, seed: int = 0) -> ElectionWorld:
    """A world small enough for probes, of the kind that a scenario drills."""
    night = scenario.night(scenario.default_cast.run, seed=seed, scale=_A_FEW)
    return plan_of(night).world
