"""The plan of a campaign's day: canvassers, phone banks, clerks, sign-ups, organizers, the public.

As the other plans it is a pure function of the night, and participants are numbered in order of
arrival. What must be brought in is every record that any source has of anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property, partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulators.behaviours.campaigner import Stint, Task, campaigner
from simulators.behaviours.protocol import Behaviour
from simulators.behaviours.public import visitor
from simulators.behaviours.supporter import supporter
from simulators.campaign_lists import (
    Lists,
    batches,
    sign_ups,
    volunteers,
    with_corrections,
)
from simulators.campaign_work import Worklists
from simulators.lines import Lines
from simulators.night import Night
from simulators.people.codes import draw_codes
from simulators.people.draws import many, stream
from simulators.people.person import Person
from simulators.people.roster import Roster, draw_roster
from simulators.stage import Participant
from simulators.timetable import peak
from simulators.world import Campaign, CampaignSpec
from simulators.world.campaign import SOURCES
from simulators.world.counties import by_county, counties_of

ROLES = ("canvasser", "phone_banker", "clerk", "organizer", "supporter", "public")

Times = NDArray[np.float64]


class CampaignPlan:
    """Who takes part in a campaign's day, when, and what they mean to bring in.

    Attributes:
        night: What was asked for.
        world: The people of the day's scale.
        lists: Who has which records, by role.
        work: What each of them does with theirs.
        count: Participants.
        tag: Begins every operation key of this plan.

    Raises:
        ValueError: If the night is not a campaign's, or has personas.
    """

    texters: frozenset[str] = frozenset()
    """Nobody: a hub takes no texts."""

    def __init__(self, night: Night) -> None:
        if not isinstance(night.world, CampaignSpec):
            raise ValueError(f"world.kind is {night.world.kind!r}, but it must be campaign.")
        if night.cast.personas.names:
            raise ValueError(
                "personas take chairs of a caucus, and a campaign's day has none: leave personas "
                "out of the cast."
            )
        self.night = night
        self.world = Campaign(night.world.scaled(night.scale), night.seed)
        working = night.cast.campaigning
        doors = volunteers(self.world, night, "field", working.canvassers)
        calls = volunteers(self.world, night, "phone", working.callers)
        doors, calls = with_corrections(night, doors, calls)
        self.lists: dict[str, Lists] = {
            "canvasser": doors,
            "phone_banker": calls,
            "clerk": batches(self.world, night),
            "supporter": sign_ups(self.world, night),
        }
        groups = [self._arrivals(role) for role in ROLES]
        self._ends = np.cumsum([len(each) for each in groups])  # of each role, before the order
        arrives = np.concatenate(groups).round(3)
        order = np.argsort(arrives, kind="stable")
        self._arrives, self._order = arrives[order], order
        self._index = np.empty(len(order), dtype=np.int64)
        self._index[order] = np.arange(len(order))
        self.count = len(order)
        self.tag = hashlib.sha256(f"{night.seed}/{night.name}".encode()).hexdigest()[:8]
        self.work = Worklists(night, self.world, self.lists, self.tag)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the cells of a record, in the order of every ``values``."""
        return self.world.fields

    # -- when -------------------------------------------------------------------------------

    def _arrivals(self, role: str) -> Times:
        if role in self.lists:
            return self.lists[role].arrives
        night = self.night
        if role == "organizer":
            ramp = min(night.cast.campaigning.ramp_seconds, night.end - night.hours.doors)
            come = many(night.seed, "organizers' arrivals").random(self._organizers)
            return np.asarray(night.hours.doors + come * ramp, dtype=np.float64)
        times = night.traffic.visits.times(many(night.seed, "visits"), scale=night.scale)
        return np.asarray(times[times < night.end], dtype=np.float64)

    @property
    def _organizers(self) -> int:
        tenants = len(self.world.spec.states)
        count = self.night.cast.campaigning.organizers * self.night.scale
        return tenants * max(1, round(count / tenants))

    def _state(self, role: str, row: int) -> int:
        """Position of somebody's state."""
        if role in self.lists:
            return int(self.lists[role].states[row])
        return row % len(self.world.spec.states)

    # -- what -------------------------------------------------------------------------------

    @cached_property
    def records(self) -> list[str]:
        """Keys of all records, person after person."""
        return [self.world.record(person, source) for person, source in self.world.holdings()]

    @property
    def expected(self) -> dict[str, int]:
        """Records to be sent, and people who will sign in at least once."""
        accounts = sum(len(roster) for roster in self.rosters.values())
        return {"submit_report": len(self.records), "sign_in": accounts}

    def tasks(self, role: str, row: int) -> tuple[Task, ...]:
        """What somebody has to do, in order of time; nothing for the public."""
        if role == "organizer":
            arrives = float(self._arrives[self._index_of("organizer", row)])
            return self.work.looks(row, self._state("organizer", row), arrives)
        return self.work.of(role, row) if role in self.lists else ()

    def walks_out(self, at: float) -> int:
        """How many callers leave the call tool at a drill second."""
        return self.work.walks_out(at)

    # -- people -----------------------------------------------------------------------------

    @cached_property
    def rosters(self) -> dict[str, Roster]:
        """Everybody with an account, by role."""
        counts = {role: len(self._arrivals(role)) for role in ROLES[:4]}
        codes, found, before = draw_codes(self.night.seed, sum(counts.values())), {}, 0
        for role, count in counts.items():
            states = [self.world.spec.states[self._state(role, row)] for row in range(count)]
            name = role.replace("_", "-")
            yes = np.ones(count, bool)
            found[role] = draw_roster(
                self.night.seed,
                self.night.cast,
                role,
                accounts=np.arange(count),
                index=np.array([self._index_of(role, row) for row in range(count)], dtype=np.int64),
                keys=[f"{name}-{state.lower()}-{row + 1:05d}" for row, state in enumerate(states)],
                records=states,
                trained=yes,
                ready=yes,
                codes=codes[before : before + count],
            )
            before += count
        return found

    def people_table(self) -> pl.DataFrame:
        """Everybody with an account; ``who`` is the plan's index, ``record`` their state."""
        return pl.concat([roster.table() for roster in self.rosters.values()])

    def precinct_table(self) -> pl.DataFrame:
        """All records, one row each."""
        return self.world.record_table()

    def report_table(self) -> pl.DataFrame:
        """What each record must say in the end, one row each."""
        amended = {
            (int(lists.people[place]), lists.source)
            for lists in self.lists.values()
            for place in np.flatnonzero(np.isfinite(lists.amended)).tolist()
        }
        cells = [
            self.world.values(person, source, amended=(person, source) in amended)
            for person, source in self.world.holdings()
        ]
        values = pl.Series("values", cells, dtype=pl.List(pl.Int32))
        return pl.DataFrame({"record": self.records}).with_columns(
            values,
            values.alias("true_values"),
            errors=pl.Series([[]] * len(cells), dtype=pl.List(pl.String)),
        )

    def voter_table(self) -> pl.DataFrame:
        """The voter file, which an app is loaded with: who has which number, name and address."""
        known = np.flatnonzero(self.world.known[:, SOURCES.index("file")]).tolist()
        rows = [self.world.lookup(self.world.person(person)) for person in known]
        columns = ("person", "state", "voter_id", "phone", "line", "email", "name")
        return pl.DataFrame(
            {name: [getattr(row, name) for row in rows] for name in columns},
            schema=dict.fromkeys(columns, pl.String),
        )

    def role(self, index: int) -> str:
        """The role of participant ``index``."""
        return ROLES[int(np.searchsorted(self._ends, self._order[index], "right"))]

    @cached_property
    def by_county(self) -> dict[str, tuple[int, ...]]:
        """Positions of the people of each state; the public looks on from anywhere."""
        tenants = [
            self.lists[role].states
            if role in self.lists
            else np.arange(self._organizers, dtype=np.int64) % len(self.world.spec.states)
            for role in ROLES[:-1]
        ]
        index = self._index[: int(self._ends[-2])]
        return by_county(counties_of(self.world.spec), np.concatenate(tenants), index)

    def _index_of(self, role: str, row: int) -> int:
        at = ROLES.index(role)
        return int(self._index[row + (int(self._ends[at - 1]) if at else 0)])

    # -- participants -----------------------------------------------------------------------

    def participants(self, shard: int = 0, shards: int = 1) -> Iterator[Participant]:
        """The participants of one worker, made one by one, in order of arrival."""
        make = {"public": self._visitor, "supporter": self._supporter}
        for index in range(shard, self.count, shards):
            before = int(self._order[index])
            at = int(np.searchsorted(self._ends, before, "right"))
            row = before - (int(self._ends[at - 1]) if at else 0)
            yield make.get(ROLES[at], partial(self._member, ROLES[at]))(index, row)

    def _member(self, role: str, index: int, row: int) -> Participant:
        person, arrives = self.rosters[role].person(row), float(self._arrives[index])
        lists, first = self.lists.get(role), None
        if lists is not None and lists.starts[row] < lists.starts[row + 1]:
            first = self.work.keyed(lists, int(lists.starts[row]))

        def behave() -> Behaviour:
            rng = stream(self.night.seed, "behaviour", person.key)
            slips = role != "clerk" and rng.random() < self.night.cast.codes.mistyped
            tasks = self.tasks(role, row)
            return campaigner(
                Stint(person, self.night.cast.persistence, arrives, tasks, slips), rng
            )

        return Participant(index, arrives, person, first, behave)

    def _passer_by(self, role: str, index: int, row: int) -> Person:
        persistence = self.night.cast.persistence
        return Person(
            index, role, f"{role}-{row + 1:06d}",
            patience=persistence.patience_wall_seconds, tries=persistence.tries,
        )  # fmt: skip

    def _supporter(self, index: int, row: int) -> Participant:
        person, arrives = self._passer_by("supporter", index, row), float(self._arrives[index])
        (task,) = self.tasks("supporter", row)
        assert task.report is not None
        form = task.report

        def behave() -> Behaviour:
            rng = stream(self.night.seed, "behaviour", person.key)
            persistence = self.night.cast.persistence
            return supporter(person, persistence, arrives, form, task.taps, rng)

        return Participant(index, arrives, person, form, behave)

    def _visitor(self, index: int, row: int) -> Participant:
        person = self._passer_by("public", index, row)

        def behave() -> Behaviour:
            rng = stream(self.night.seed, "behaviour", person.key)
            return visitor(person.patience, self.night.traffic, rng)

        return Participant(index, float(self._arrives[index]), person, None, behave)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the whole plan: everybody's arrival and role, and all that they mean to do."""
        digest = hashlib.sha256()
        for index, before in enumerate(self._order.tolist()):
            at = int(np.searchsorted(self._ends, before, "right"))
            row = before - (int(self._ends[at - 1]) if at else 0)
            line = f"{index} {self._arrives[index]:.3f} {ROLES[at]}"
            for task in self.tasks(ROLES[at], row):
                line += f" {task.at:.3f} {task.record} {task.taps} {task.looks:d}"
                if task.report is not None:
                    line += f" {task.report.operation} {task.report.values}"
            digest.update(line.encode() + b"\n")
        return digest.hexdigest()

    def lines(self, shard: int = 0, shards: int = 1) -> Lines:
        """None: nobody phones the campaign in this drill."""
        return Lines()

    # -- rates ------------------------------------------------------------------------------

    @cached_property
    def rates(self) -> dict[str, float]:
        """Offered peak of each kind of operation, per drill second, over a drill minute.

        First tries only: what an app's failures add is not planned.
        """
        working = self.night.cast.campaigning
        doors, calls = self.lists["canvasser"], self.lists["phone_banker"]
        file = self.lists["clerk"].due
        by_hand = np.concatenate([doors.due, calls.due])
        corrected = np.concatenate([doors.amended, calls.amended, doors.amended[doors.contested]])
        arrives = [self._arrivals(role) for role in ROLES[:4]]
        looked_up = self._organizers / working.look_seconds
        return {
            "sign_in": peak(np.concatenate(arrives)),
            "submit_report": peak(np.concatenate([by_hand, self.lists["supporter"].due]))
            + peak(file) * (1 + working.resent),
            "amend_report": peak(corrected[np.isfinite(corrected)]),
            "read_report": peak(by_hand) * working.reads_back + looked_up,
            "read_results": peak(self._arrivals("public")) * self.night.traffic.reads_a_visit,
        }
