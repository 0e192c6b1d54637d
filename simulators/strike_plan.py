"""The plan of an election day: poll watchers, and everybody who phones headquarters.

As the plan of a caucus night, it is a pure function of the night, and participants are numbered
in order of arrival. What must be reported is every voter who has voted by a watcher's last round.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulators.behaviours.errand import operation_key
from simulators.behaviours.headquarters import Headquarters, office
from simulators.behaviours.nuisance import menu_nuisance, pests_of
from simulators.behaviours.poll_watcher import poll_watcher
from simulators.behaviours.protocol import Behaviour, Keyed
from simulators.behaviours.sheet import HEADQUARTERS, HELP, STRIKE, Beat, Round, Sheet
from simulators.lines import AgentLine, Duty, Lines, MenuLine
from simulators.night import Night
from simulators.people.draws import many, stream
from simulators.people.keypad import mistyped
from simulators.people.person import Person
from simulators.people.roster import Roster, draw_roster
from simulators.people.shifts import Shift, leavers
from simulators.people.watchers import WAYS, Watchers, draw_watchers
from simulators.phones.hotline import Hotline
from simulators.phones.trunks import Trunks
from simulators.selection import driven
from simulators.staffing import MAIN, dealt, duty_of, part_of, scaled_up
from simulators.stage import Participant
from simulators.timetable import peak
from simulators.world import VoterLists, VoterListSpec
from simulators.world.counties import by_county, counties_of

CODE_DIGITS = 4
SPOKEN = 2.0  # seconds in which a menu says that it has a code; for the planned rates only
FIRST_AGENT = 9001  # agents' first codes: no packaged world has so many precincts

ROLES = ("poll_watcher", "office", "nuisance")

Times = NDArray[np.float64]


class StrikePlan:
    """Who takes part in an election day, when, and what they mean to report.

    Attributes:
        night: What was asked for.
        world: The voter lists of the day's scale.
        precincts: Position of each driven precinct in the world, ascending.
        rounds: Drill second at which each watcher goes to the phone, shape (watchers, rounds).
        count: Participants; agents are numbered from here on.
        tag: Begins every operation key of this plan.

    Raises:
        ValueError: If the night is not one of voter lists, or has personas.
    """

    def __init__(self, night: Night) -> None:
        if not isinstance(night.world, VoterListSpec):
            raise ValueError(f"world.kind is {night.world.kind!r}, but it must be voter_list.")
        if night.cast.personas.names:
            raise ValueError(
                "personas take chairs of a caucus, and a day of voter lists has none: leave "
                "personas out of the cast."
            )
        self.night = night
        self.world = VoterLists(night.world.scaled(max(1.0, night.scale)), night.seed)
        every = np.full(self.world.spec.precincts, 2)
        self.precincts = driven(every, np.zeros(len(every), bool), night.scale)
        self.rounds = self._rounds()
        groups = (self.rounds[:, 0], self._office_calls(), self._nuisance_calls())
        self._ends = np.cumsum([len(each) for each in groups])  # of each role, before the order
        arrives = np.concatenate(groups).round(3)
        order = np.argsort(arrives, kind="stable")
        self._arrives, self._order = arrives[order], order
        self._index = np.empty(len(order), dtype=np.int64)
        self._index[order] = np.arange(len(order))
        self.count = len(order)
        self.tag = hashlib.sha256(f"{night.seed}/{night.name}".encode()).hexdigest()[:8]
        self._sheets: dict[int, Sheet] = {}  # of the watchers on the stage, by index

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the cells of a report, in the order of every ``values``."""
        return self.world.fields

    # -- when -------------------------------------------------------------------------------

    def _rounds(self) -> Times:
        """Everybody looks at the same clock, and some are quicker at the phone than others."""
        watching, night = self.night.cast.watchers, self.night
        spread = 60.0 * watching.spread_minutes
        shape = (self.world.spec.precincts, len(watching.rounds))
        late = many(night.seed, "rounds").random(shape)[self.precincts]
        rounds = np.array(watching.rounds) + late * spread
        # Who is quick next time was not slower than the clock: no round begins before the last.
        return np.asarray(np.maximum.accumulate(rounds, axis=1).round(3), dtype=np.float64)

    def _office_calls(self) -> Times:
        calls = self.night.cast.watchers.office_calls
        times = calls.times(many(self.night.seed, "office calls"), scale=self.night.scale)
        return np.asarray(times[times < self.night.end], dtype=np.float64)

    def _nuisance_calls(self) -> Times:
        calls = self.night.nuisance_calls
        times = calls.times(many(self.night.seed, "nuisance calls"), scale=self.night.scale)
        return np.asarray(times[times < self.night.end], dtype=np.float64)

    # -- what -------------------------------------------------------------------------------

    @cached_property
    def _codes(self) -> list[tuple[NDArray[np.int64], Times]]:
        """Codes that each watcher has to report, in order of voting, and when each was taken."""
        opens, parts = self.night.hours.start, []
        for row, precinct in enumerate(self.precincts.tolist()):
            electorate = self.world.electorate(precinct)
            voted = opens + electorate.voted
            mine = np.flatnonzero(voted <= self.rounds[row, -1])
            mine = mine[np.argsort(voted[mine], kind="stable")]
            parts.append((electorate.codes[mine], voted[mine]))
        return parts

    @cached_property
    def records(self) -> list[str]:
        """Keys of all voters who must be reported, precinct after precinct."""
        record = self.world.record
        return [
            record(precinct, code)
            for precinct, (codes, _) in zip(self.precincts.tolist(), self._codes, strict=True)
            for code in codes.tolist()
        ]

    @property
    def expected(self) -> dict[str, int]:
        """Reports to be sent, and people who will sign in at least once."""
        return {"submit_report": len(self.records), "sign_in": len(self.precincts)}

    def beat(self, row: int) -> Beat:
        """The day of one watcher."""
        parts = self.parts
        knows_at = float(parts.knows_at[row])
        return Beat(
            person=self._watcher(row),
            watching=self.night.cast.watchers,
            mistyped=self.night.cast.codes.mistyped,
            tag=self.tag,
            arrives=float(self.rounds[row, 0]),
            rounds=tuple(self._sheets_of(row)),
            knows_at=None if math.isinf(knows_at) else knows_at,
            stops_calling=bool(parts.stops_calling[row]),
            way=WAYS[parts.way[row]],
            asks_for_help=float(parts.help[row]),
        )

    def _sheets_of(self, row: int) -> Iterator[Round]:
        """What one watcher has taken down by each round."""
        codes, taken = self._codes[row]
        keyed = self._keyed(row)
        begin = 0
        for at in self.rounds[row].tolist():
            end = int(np.searchsorted(taken, at, "right"))
            true = tuple(self._record(row, code) for code in codes[begin:end].tolist())
            yield Round(at, true, tuple(keyed[begin:end]))
            begin = end

    def _keyed(self, row: int) -> list[Keyed]:
        """Every code of one watcher as first keyed: a slip makes another code of it."""
        codes, precinct = self._codes[row][0], int(self.precincts[row])
        draws = many(self.night.seed, "slips", precinct).random((len(codes), 4))
        slips = draws[:, 0] < self.parts.slip[row]
        keyed = []
        for at, code in enumerate(codes.tolist()):
            typed = f"{code:04d}"
            if slips[at]:
                typed = mistyped(typed, tuple(draws[at, 1:].tolist()))
            record = self._record(row, int(typed))
            keyed.append(Keyed(record, 1, (1,), operation_key(self.tag, record, 1)))
        return keyed

    def _record(self, row: int, code: int) -> str:
        return self.world.record(int(self.precincts[row]), code)

    # -- people -----------------------------------------------------------------------------

    @cached_property
    def watchers(self) -> Roster:
        """The watchers, one a driven precinct."""
        count = self.world.spec.precincts
        pins = many(self.night.seed, "watchers' PINs").integers(1000, 10_000, count)
        numbers = np.stack([np.arange(1, count + 1), pins], axis=1)
        yes = np.ones(len(self.precincts), bool)
        return draw_roster(
            self.night.seed,
            self.night.cast,
            "poll_watcher",
            accounts=self.precincts,
            index=self._index[: len(self.precincts)],
            keys=[f"watcher-{precinct + 1:04d}" for precinct in self.precincts.tolist()],
            records=[self.world.precinct_record(each) for each in self.precincts.tolist()],
            trained=yes,
            ready=yes,
            codes=numbers[self.precincts],
            code_digits=CODE_DIGITS,
        )

    @cached_property
    def parts(self) -> Watchers:
        """Which watcher plays which part."""
        return draw_watchers(self.night.seed, self.night.cast, self.watchers)

    @cached_property
    def desk(self) -> Roster:
        """The people who answer at headquarters, as many as the scale asks for, rounded up."""
        count = scaled_up(self.night.cast.watchers.agents, self.night.scale)
        pins = many(self.night.seed, "agents' PINs").integers(1000, 10_000, count)
        yes = np.ones(count, bool)
        return draw_roster(
            self.night.seed,
            self.night.cast,
            "operator",
            accounts=np.arange(count),
            index=self.count + np.arange(count),
            keys=[f"operator-{number:03d}" for number in range(1, count + 1)],
            records=[""] * count,
            trained=yes,
            ready=yes,
            codes=np.stack([FIRST_AGENT + np.arange(count), pins], axis=1),
            code_digits=CODE_DIGITS,
        )

    def people_table(self) -> pl.DataFrame:
        """Everybody with an account: watchers, then agents. ``who`` is the plan's index."""
        return pl.concat([self.watchers.table(), self.desk.table()])

    def precinct_table(self) -> pl.DataFrame:
        """The driven precincts, one row each."""
        return self.world.precinct_table().select(pl.all().gather(self.precincts))

    def report_table(self) -> pl.DataFrame:
        """The voters who must be reported, one row each."""
        due = pl.DataFrame({"record": self.records})
        return self.world.report_table(self.precincts).join(due, on="record", how="semi")

    def voter_table(self) -> pl.DataFrame:
        """Everybody on the lists of the driven precincts: what an app must know to refuse."""
        return self.world.voter_table(self.precincts).select("precinct", "code")

    @cached_property
    def by_county(self) -> dict[str, tuple[int, ...]]:
        """Positions of the watchers of each county."""
        county = np.array([self.world.county(each) for each in self.precincts.tolist()])
        return by_county(counties_of(self.world.spec), county, self._index[: len(self.precincts)])

    def role(self, index: int) -> str:
        """The role of participant ``index``."""
        if index >= self.count:
            return "operator"
        return ROLES[int(np.searchsorted(self._ends, self._order[index], "right"))]

    @cached_property
    def texters(self) -> frozenset[str]:
        """Watchers whose other way is to text."""
        texts = np.flatnonzero(self.parts.way == WAYS.index("text"))
        return frozenset(self.watchers.person(row).key for row in texts.tolist())

    # -- participants -----------------------------------------------------------------------

    def participants(self, shard: int = 0, shards: int = 1) -> Iterator[Participant]:
        """The participants of one worker, made one by one, in order of arrival."""
        make = (self._watcher_on_stage, self._office, self._nuisance)
        for index in range(shard, self.count, shards):
            row = int(self._order[index])
            role = int(np.searchsorted(self._ends, row, "right"))
            yield make[role](index, row - (int(self._ends[role - 1]) if role else 0))

    def _watcher_on_stage(self, index: int, row: int) -> Participant:
        beat = self.beat(row)
        first = next((keyed for each in beat.rounds for keyed in each.keyed), None)
        return Participant(index, beat.arrives, beat.person, first, partial(self._watch, beat))

    def _watch(self, beat: Beat) -> Behaviour:
        """The watcher's behaviour from its beginning, with an empty sheet."""
        sheet = self._sheets[beat.person.index] = Sheet(beat.tag)
        return poll_watcher(beat, sheet, stream(self.night.seed, "behaviour", beat.person.key))

    def _watcher(self, row: int) -> Person:
        thumbs, pace = self.night.cast.watchers.thumbs, float(self.parts.pace[row])
        return replace(
            self.watchers.person(row),
            press_seconds=round(thumbs.press_seconds * pace, 3),
            think_seconds=round(thumbs.think_seconds * pace, 3),
        )

    def _office(self, index: int, row: int) -> Participant:
        key, watching = f"office-{row + 1:05d}", self.night.cast.watchers
        arrives = float(self._arrives[index])

        def behave() -> Behaviour:
            return office(watching, stream(self.night.seed, "behaviour", key))

        return Participant(index, arrives, Person(index, "office", key), None, behave)

    def _nuisance(self, index: int, row: int) -> Participant:
        key, seed = f"nuisance-{row + 1:05d}", self.night.seed
        pests = pests_of(self.night.cast.nuisance, seed, index)

        def behave() -> Behaviour:
            return menu_nuisance(STRIKE, pests, stream(seed, "behaviour", key))

        arrives = float(self._arrives[index])
        return Participant(index, arrives, Person(index, "nuisance", key), None, behave)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the whole plan: everybody's arrival and role, and all codes as first keyed."""
        digest = hashlib.sha256()
        watchers = len(self.precincts)
        for index, row in enumerate(self._order.tolist()):
            line = f"{index} {self._arrives[index]:.3f} {self.role(index)}"
            if row < watchers:
                beat = self.beat(row)
                line += f" {beat.person.key} {beat.way} {beat.knows_at} {beat.stops_calling}"
                for each in beat.rounds:
                    line += f" {each.at:.3f} {' '.join(keyed.operation for keyed in each.keyed)}"
            digest.update(line.encode() + b"\n")
        return digest.hexdigest()

    # -- the phones -------------------------------------------------------------------------

    def lines(self, shard: int = 0, shards: int = 1) -> Lines:
        """The phone lines of one worker: the app's, and headquarters' on the same trunks."""
        watching, scale = self.night.cast.watchers, self.night.scale
        total = None if watching.lines is None else max(1, round(watching.lines * scale))
        numbers = dealt(len(self.desk), shard, shards)
        agents: tuple[AgentLine, ...] = ()
        if numbers:
            people = [self.desk.person(number) for number in numbers]
            desk = Headquarters(people, watching, self.night.seed, self._sheets.get)
            hotline, duty = Hotline(agents=len(people)), self._duty(numbers)
            agents = (AgentLine(HEADQUARTERS, hotline, desk, trunk=MAIN, duty=duty),)
        trunks = Trunks(MAIN, part_of(total, shard, shards, least=1))
        menus = (MenuLine(STRIKE, MAIN, watching.out_of_service), MenuLine(HELP, MAIN))
        return Lines(agents=agents, menus=menus, trunks={MAIN: trunks})

    def _duty(self, numbers: Sequence[int]) -> Duty:
        """When these of headquarters' agents are there; nothing if they always are."""
        walk_outs = self.night.cast.watchers.walk_outs
        everybody = [Shift(len(self.desk))]
        return duty_of(everybody, walk_outs, self.night.end, numbers) if walk_outs else ()

    def walks_out(self, at: float) -> int:
        """How many of headquarters' agents leave at a drill second."""
        walk_outs, end = self.night.cast.watchers.walk_outs, self.night.end
        return leavers([Shift(len(self.desk))], walk_outs, at, end) if len(self.desk) else 0

    # -- rates ------------------------------------------------------------------------------

    @cached_property
    def rates(self) -> dict[str, float]:
        """Offered peak of each kind of operation, per drill second, over a drill minute.

        As if every watcher came through at the first try and keyed at their own pace. ``calls``
        are phone calls.
        """
        keyed = []
        for row, (_, taken) in enumerate(self._codes):
            seconds = self._watcher(row).think_seconds + SPOKEN
            seconds += CODE_DIGITS * self._watcher(row).press_seconds
            ends = np.searchsorted(taken, self.rounds[row], "right")
            for at, count in zip(self.rounds[row], np.diff(ends, prepend=0), strict=True):
                keyed.append(at + seconds * (1 + np.arange(count)))
        calls = [self.rounds.ravel(), self._office_calls(), self._nuisance_calls()]
        return {
            "sign_in": peak(self.rounds.ravel()),
            "submit_report": peak(np.concatenate(keyed)) if keyed else 0.0,
            "calls": peak(np.concatenate(calls)),
        }
