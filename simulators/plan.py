"""The plan of a caucus night: everything about it that is decided before it begins.

Participants are numbered in order of arrival. The plan is a pure function of the night; what
people do about an app's answers is not part of it. Any worker makes any participant alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulators.behaviours.chair import chair
from simulators.behaviours.errand import Errand, operation_key
from simulators.behaviours.nuisance import caller, nuisance_caller, pests_of
from simulators.behaviours.persona import persona
from simulators.behaviours.protocol import Behaviour, Keyed
from simulators.behaviours.public import visitor
from simulators.night import Hours, Night, night_from_dict, night_to_dict
from simulators.people.codes import SLIPS, draw_codes
from simulators.people.draws import stream
from simulators.people.keying import FORM_ERRORS, VOICE_ERRORS, as_keyed
from simulators.people.parts import WAYS, Parts, deal_parts
from simulators.people.person import Person
from simulators.people.personas import Habit
from simulators.people.personas.dealing import appointments, deal_personas
from simulators.people.roster import Roster, draw_roster
from simulators.selection import driven, scaled
from simulators.staffing import agents_of, lines_of, readers_of, walks_out
from simulators.stage import Participant
from simulators.switchboard import Lines
from simulators.timetable import ROLES, draw_timetable, peak
from simulators.world import World, WorldSpec
from simulators.world.counties import by_county, counties_of

__all__ = ["Hours", "Night", "Plan", "hash_of", "night_from_dict", "night_to_dict"]

EARLIER = 600.0  # seconds by which a wrongly keyed precinct's own report is in before


class Plan:
    """Who takes part in a night, when, and what they mean to do.

    Attributes:
        night: What was asked for.
        world: The world of the night's scale.
        sites: Index of each driven site in the world, ascending.
        records: Keys of the driven records, in the order of ``sites``.
        chairs: The chairs, in the same order.
        parts: Which chair plays which part.
        personas: Who walks the app's pages in a browser, by row of their chair.
        count: Participants; operators are numbered from here on.

    Raises:
        ValueError: If the night is not a caucus, or has too few chairs for its personas.
    """

    def __init__(self, night: Night) -> None:
        if not isinstance(night.world, WorldSpec):
            raise ValueError(f"world.kind is {night.world.kind!r}, but it must be caucus.")
        self.night = night
        self.world = World(scaled(night.world, night.scale), night.seed)
        places = self.world.places
        satellite = np.arange(self.world.sites) >= self.world.spec.precincts
        self.sites = driven(places.delegates, satellite, night.scale)
        self.records = [self.world.record(site) for site in self.sites.tolist()]
        self._sheets = self._worksheets()
        timetable = partial(
            draw_timetable, night, places.county[self.sites].astype(np.int64), satellite[self.sites]
        )
        self.timetable = timetable()
        ready = self.timetable.ready
        able = np.asarray(self._sheets.any(axis=1))
        self.parts: Parts = deal_parts(
            night.seed,
            night.cast,
            able=able,
            late=np.asarray(ready > np.median(ready)),
            arrives=self.timetable.arrives[self.timetable.index],
        )
        self.personas = deal_personas(
            night.seed,
            night.cast.personas,
            among=self.parts.uses_app & able,
            rather=self.parts.plain,
        )
        if self.personas:
            come = appointments(self.personas, doors=night.hours.doors, end=night.end)
            self.timetable = timetable(appointed=come)
        self.count = len(self.timetable.arrives)
        self.tag = hashlib.sha256(f"{night.seed}/{night.name}".encode()).hexdigest()[:8]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the cells of a report, in the order of every ``values``."""
        return self.world.fields

    # -- people -----------------------------------------------------------------------------

    @cached_property
    def chairs(self) -> Roster:
        """The chairs, one a driven record, in the order of ``records``."""
        return draw_roster(
            self.night.seed,
            self.night.cast,
            "chair",
            accounts=self.sites,
            index=self.timetable.index,
            keys=[f"chair-{record.partition('-')[2]}" for record in self.records],
            records=self.records,
            trained=self.parts.trained,
            ready=self.parts.ready,
            codes=self._codes[self.sites],
        ).played_by(self.personas)

    @cached_property
    def desk(self) -> Roster:
        """The operators, then the readers of photos and of texts, as the scale asks for."""
        count = self._operators
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
            codes=self._codes[self.world.sites : self.world.sites + count],
        )

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        """Codes of every site's chair, then of operators: no two accounts share the first."""
        return draw_codes(self.night.seed, self.world.sites + self._operators)

    @property
    def _operators(self) -> int:
        return agents_of(self.night) + sum(readers_of(self.night))

    def people_table(self) -> pl.DataFrame:
        """Everybody with an account: chairs, then operators. ``who`` is the plan's index."""
        return pl.concat([self.chairs.table(), self.desk.table()])

    def precinct_table(self) -> pl.DataFrame:
        """The driven sites, one row each."""
        return self.world.precinct_table().join(self._driven, on="record", how="semi")

    def report_table(self) -> pl.DataFrame:
        """What the paper of the driven sites says, one row each."""
        return self.world.report_table().join(self._driven, on="record", how="semi")

    def voter_table(self) -> None:
        """A caucus has no lists of voters."""

    @property
    def _driven(self) -> pl.DataFrame:
        return pl.DataFrame({"record": self.records})

    @property
    def expected(self) -> dict[str, int]:
        """Reports to be sent, and people who will sign in at least once."""
        return {"submit_report": len(self.records), "sign_in": int(self.parts.uses_app.sum())}

    def role(self, index: int) -> str:
        """The role of participant ``index``."""
        return ROLES[self.timetable.roles[index]] if index < self.count else "operator"

    @cached_property
    def by_county(self) -> dict[str, tuple[int, ...]]:
        """Positions of the chairs of each county, then of each pool of satellites."""
        county = self.world.places.county[self.sites]
        return by_county(counties_of(self.world.spec), county, self.timetable.index)

    texters: frozenset[str] = frozenset()
    """Nobody: chairs' texts are read by people, not by the app."""

    # -- participants -----------------------------------------------------------------------

    def participants(self, shard: int = 0, shards: int = 1) -> Iterator[Participant]:
        """The participants of one worker, made one by one, in order of arrival."""
        table = self.timetable
        make = (self._chair, self._helpless, self._nuisance, self._visitor)
        for index in range(shard, self.count, shards):
            row = int(table.rows[index])
            yield make[table.roles[index]](index, float(table.arrives[index]), row)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the whole plan; see :func:`hash_of`."""
        return hash_of(self.participants())

    def _chair(self, index: int, arrives: float, row: int) -> Participant:
        errand = self.errand(row)
        walks = row in self.personas
        behaviour, channel = (persona, "web") if walks else (chair, "api")
        behave = partial(_fresh, behaviour, errand, self.night.seed, errand.person.key)
        return Participant(index, arrives, errand.person, errand.first, behave, channel)

    def _helpless(self, index: int, arrives: float, row: int) -> Participant:
        key = f"help-{row + 1:05d}"
        minutes = self.night.cast.caller_minutes
        patience = None if minutes is None else minutes * 60.0
        asks = partial(caller, redial_delay=self.night.cast.persistence.redial_delay)
        behave = partial(_fresh, asks, patience, self.night.seed, key)
        return Participant(index, arrives, Person(index, "help_caller", key), None, behave)

    def _nuisance(self, index: int, arrives: float, row: int) -> Participant:
        key, seed = f"nuisance-{row + 1:05d}", self.night.seed
        pests = pests_of(self.night.cast.nuisance, seed, index)
        behave = partial(_fresh, nuisance_caller, pests, seed, key)
        return Participant(index, arrives, Person(index, "nuisance", key), None, behave)

    def _visitor(self, index: int, arrives: float, row: int) -> Participant:
        key = f"visitor-{row + 1:06d}"
        patience = self.night.cast.persistence.patience_wall_seconds
        behave = partial(
            _fresh, partial(visitor, patience), self.night.traffic, self.night.seed, key
        )
        person = Person(index, "public", key, patience=patience)
        return Participant(index, arrives, person, None, behave)

    # -- errands ----------------------------------------------------------------------------

    def errand(self, row: int) -> Errand:
        """What the chair of ``records[row]`` has to do."""
        parts = self.parts
        worksheet = tuple(self._sheets[row].tolist())
        first = self._first(row, worksheet)
        if row in self.personas:
            return self._persona_errand(row, worksheet, first)
        return Errand(
            person=self.chairs.person(row),
            cast=self.night.cast,
            tag=self.tag,
            worksheet=worksheet,
            first=first,
            arrives=float(self.timetable.arrives[self.timetable.index[row]]),
            ready=float(self.timetable.ready[row]),
            uses_app=bool(parts.uses_app[row]),
            struggles=not parts.phones_at_once[row],
            slip=SLIPS[parts.slip[row]],
            double_tap=bool(parts.double_tap[row]),
            wrong_record=self._wrong_record(row) if parts.wrong_precinct[row] else "",
            photo=bool(parts.photo[row]),
            reads_back=bool(parts.reads_back[row]),
            tries_on_hold=bool(parts.tries_on_hold[row]),
            corrects=bool(parts.notices[row]) and first.values != worksheet,
            photo_at_once=bool(parts.photo_at_once[row]),
            mails_photo=bool(parts.mails_photo[row]),
            gives_way_to=WAYS[parts.gives_way_to[row]],
        )

    def _persona_errand(self, row: int, worksheet: tuple[int, ...], first: Keyed) -> Errand:
        """What a persona has to do: the bare errand. Their habits are acted out in the browser."""
        swaps = Habit.SWAPPED_CODES in self.personas[row].habits
        return Errand(
            person=self.chairs.person(row),
            cast=self.night.cast,
            tag=self.tag,
            worksheet=worksheet,
            first=first,
            arrives=float(self.timetable.arrives[self.timetable.index[row]]),
            ready=float(self.timetable.ready[row]),
            uses_app=True,
            slip="swapped" if swaps else "",
        )

    def _first(self, row: int, worksheet: tuple[int, ...]) -> Keyed:
        """The report as first keyed: by the chair on the form, or by who hears or reads it."""
        record, keying = self.records[row], self.night.cast.keying
        rng, luck = stream(self.night.seed, "keying", record), float(self.parts.luck[row])
        if self.parts.uses_app[row]:
            chance = keying.form * (1.0 if self.parts.trained[row] else keying.untrained)
            least = int(self.parts.errs[row])
            if row in self.personas:
                chance, least = self.personas[row].number_errors.value, 0
            chance = min(1.0, chance)
            values = as_keyed(worksheet, chance, FORM_ERRORS, rng, at_least=least, luck=luck)
            return Keyed(record, 1, values, operation_key(self.tag, record, 1))
        if self.parts.photo_at_once[row]:
            values = as_keyed(worksheet, keying.paper, FORM_ERRORS, rng, luck=luck)
            return Keyed(record, 1, values, operation_key(self.tag, record, 1, "photo"))
        values = as_keyed(worksheet, keying.voice, VOICE_ERRORS, rng, luck=luck)
        return Keyed(record, 1, values, operation_key(self.tag, record, 1, "hotline"))

    def _wrong_record(self, row: int) -> str:
        """A neighbour whose own report is in already, or else just the neighbour.

        What is keyed by mistake over a report that is in cannot be mended by a later one.
        """
        ready = self.timetable.ready
        near = sorted(
            range(max(0, row - 200), min(len(ready), row + 201)), key=lambda n: abs(n - row)
        )
        in_already = (n for n in near[1:] if ready[n] < ready[row] - EARLIER)
        nearest = near[1] if len(near) > 1 else row
        wrong = next(in_already, nearest)
        return "" if wrong == row else self.records[wrong]

    def _worksheets(self) -> NDArray[np.int32]:
        """Worksheets of the driven sites, fetched in runs of blocks."""
        rows = np.empty((len(self.sites), len(self.world.fields)), dtype=np.int32)
        for start in range(0, self.world.sites, _RUN):
            stop = min(start + _RUN, self.world.sites)
            low, high = np.searchsorted(self.sites, [start, stop])
            if low < high:
                rows[low:high] = self.world.worksheets(start, stop)[self.sites[low:high] - start]
        return rows

    # -- the phone --------------------------------------------------------------------------

    def lines(self, shard: int = 0, shards: int = 1) -> Lines:
        """The phone lines and inboxes of one worker, with its part of the people and trunks."""
        return lines_of(self.night, self.desk.person, self.role, shard, shards)

    def walks_out(self, at: float) -> int:
        """How many leave the phones and the inboxes at a drill second."""
        return walks_out(self.night, at)

    def untrained(self, begins: float, ends: float) -> int:
        """Chairs who come from one drill second to another and were never trained."""
        arrives = self.timetable.arrives[self.timetable.index]
        return int((~self.parts.trained & (begins <= arrives) & (arrives < ends)).sum())

    # -- rates ------------------------------------------------------------------------------

    @cached_property
    def rates(self) -> dict[str, float]:
        """Offered peak of each kind of operation, per drill second, over a drill minute.

        First tries only: what an app's failures add is not planned. ``calls`` are phone calls.
        """
        table, app = self.timetable, self.parts.uses_app
        arrives = {role: table.arrives[table.roles == n] for n, role in enumerate(ROLES)}
        sign_in = table.arrives[table.index[app]]
        phoned = table.ready[~app & ~self.parts.photo_at_once]
        phones = [phoned, arrives["help_caller"], arrives["nuisance"]]
        return {
            "sign_in": peak(sign_in),
            "submit_report": peak(table.ready),
            "read_results": peak(arrives["public"]) * self.night.traffic.reads_a_visit,
            "send_photo": peak(table.ready[self.parts.photo]),
            "calls": peak(np.concatenate(phones)),
        }


_RUN = 64 * 1024  # sites fetched from the world at once


def _fresh(behaviour: Callable[..., Behaviour], what: object, seed: int, key: str) -> Behaviour:
    """A behaviour from its beginning, with the draws that belong to this participant."""
    return behaviour(what, stream(seed, "behaviour", key))


def hash_of(participants: Iterable[Participant]) -> str:
    """SHA-256 over participants in the order given: arrival, role, and the report as first keyed.

    The whole plan's hash is that of all participants in order of index, whoever made them.
    """
    digest = hashlib.sha256()
    for each in participants:
        line = f"{each.index} {each.arrives:.3f} {each.person.role} {each.person.key}"
        if each.channel != "api":
            line += f" {each.channel} {each.person.persona}"
        if each.first is not None:
            first = each.first
            line += f" {first.record} {first.version} {first.operation} {first.values}"
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
