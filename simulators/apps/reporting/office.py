"""The office: everything the app knows while it runs, and what may be asked of it.

Pages and the API are two ways in; what is allowed and what is stored is decided here, once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from simulators.apps.reporting import directory, drafts, photos, reports, signed_out, verified
from simulators.apps.reporting.board import Board
from simulators.apps.reporting.defects import Switches
from simulators.apps.reporting.derived import Derived, derive
from simulators.apps.reporting.directory import Directory
from simulators.apps.reporting.door import Door
from simulators.apps.reporting.drafts import Draft
from simulators.apps.reporting.language import say
from simulators.apps.reporting.photos import Photo
from simulators.apps.reporting.reports import Accepted, Report
from simulators.apps.reporting.schema import metadata
from simulators.apps.reporting.sessions import Session
from simulators.apps.reporting.site import SATELLITE
from simulators.apps.reporting.spoil import Spoiled
from simulators.apps.reporting.strain import Strain
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.store import Store

HELP_LINE = "515-555-0142"
DAY_LEFT = 3600.0  # drill seconds from the first report to the server's midnight
LOOKED_OVER = 15 * 60.0  # drill seconds after which lost_update writes a report back
HOLD = 10 * 60.0  # drill seconds between commits, with the defect lost_on_restart
HOLD_AT_LEAST = 2.0  # wall seconds: at high speed 10 drill minutes are too short to lose much


@dataclass(frozen=True)
class Settings:
    """How the app is started.

    Attributes:
        database: A SQLAlchemy URL.
        secret: The admin's token, and what sessions are signed with.
        speed: Drill seconds in a wall second.
        barriers: What is wrong with the pages, if anything.
        help_line: The number that every page tells whoever is stuck.
    """

    database: str
    secret: str
    speed: float = 1.0
    switches: Switches = field(default_factory=Switches)
    barriers: Spoiled = field(default_factory=Spoiled)
    help_line: str = HELP_LINE


class Office:
    """Made by :meth:`open`, on the event loop that serves requests."""

    def __init__(self, given: Settings) -> None:
        self.switches = given.switches
        self.barriers = given.barriers
        self.help_line = given.help_line
        self.clock = Clock(given.speed)
        self.door = Door(given.secret, self.clock, self.switches)
        self.board = Board(())
        self._latest = 0  # number of the last report stored
        self._looking: set[asyncio.Task[None]] = set()
        self.verified: set[int] = set()  # numbers of reports held against their worksheets
        self._strain = Strain(self.switches)
        hold = max(self.clock.wall(HOLD), HOLD_AT_LEAST)
        self._store = Store(
            given.database,
            metadata,
            committed=self._committed,
            harmless=(Refusal,),  # checks come before writes, and most refusals in a rush
            hold=hold if self.switches.lost_on_restart else None,
        )

    @classmethod
    async def open(cls, given: Settings) -> Office:
        """Open the database and read what it holds.

        Raises:
            StoreError: If the database cannot be opened.
        """
        office = cls(given)
        await office._store.write(office._look)
        return office

    async def has_database(self) -> bool:
        """Whether the database answers now."""
        try:
            await self._store.read(lambda each: each.execute(select(1)))
        except Refusal:
            return False
        return True

    async def close(self) -> None:
        """Finish what is being written."""
        for each in self._looking:
            each.cancel()
        await self._store.close()
        self.door.codes.close()

    @property
    def directory(self) -> Directory:
        """Who has an account, and which sites report."""
        return self.door.directory

    # -- who may do what ------------------------------------------------------------------

    async def sign_out(self, session: Session) -> None:
        """End a session: its token is nobody's from now on."""
        self.door.sessions.end(session)
        if session.id and not self.switches.token_survives_sign_out:
            now = self.clock.now()
            await self._store.write(lambda each: signed_out.keep(each, session, now))

    def require_access(self, session: Session, record: str) -> None:
        """Pass if this person may read and write this precinct's report.

        Raises:
            Refusal: 403 if not, 404 if there is no such precinct.
        """
        self.directory.site(record)
        if session.is_operator or self.switches.cross_precinct_write:
            return
        if session.record != record:
            said = say("refused.not_your_precinct", own=session.record, record=record)
            raise Refusal(403, "not_your_precinct", said)

    def require_operator(self, session: Session) -> None:
        """Pass if this is the back office.

        Raises:
            Refusal: 403 if not.
        """
        if not session.is_operator:
            raise Refusal(403, "not_operator", say("refused.not_operator"))

    # -- reports --------------------------------------------------------------------------

    async def submit(self, session: Session, sent: Report, *, beside: bool = False) -> Accepted:
        """Store a report; returns once it is safe.

        Args:
            beside: Put it beside what is there, whatever that is: the barrier double_submit.

        Raises:
            Refusal: 403 for another's precinct, 404 for none, 409 for an operation key that
                was used for another report.
        """
        try:
            self.require_access(session, sent.record)
        except Refusal:
            if self.switches.stored_then_refused and sent.record in self.directory.sites:
                await self._store.write(lambda each: reports.accept(each, sent, self.switches))
            raise
        others = self._strain.arrive(time.monotonic())
        sent = replace(sent, record=self._strain.precinct(sent.record, others))
        if delay := self._strain.delay(others):
            await asyncio.sleep(delay)
        if self._strain.drops(others):
            return Accepted(replace(sent, id=self._latest + 1), new=True)
        if beside:
            return await self._store.write(lambda each: reports.add(each, sent))
        accepted = await self._store.write(lambda each: reports.accept(each, sent, self.switches))
        if self.switches.lost_update and accepted.new and sent.version == 1:
            looking = asyncio.create_task(self._look_over(accepted.report))
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)
        return accepted

    async def _look_over(self, report: Report) -> None:
        """Look a report over, and write it back as it was read: the defect lost_update."""
        await asyncio.sleep(self.clock.wall(LOOKED_OVER))
        await self._store.write(lambda each: reports.put_back(each, report))

    async def current(self, session: Session, record: str) -> Report | None:
        """The report that counts for a precinct."""
        if not self.switches.foreign_read:
            self.require_access(session, record)
        return await self._store.read(lambda each: reports.current(each, record))

    async def history(self, session: Session, record: str) -> list[Report]:
        """All versions of a precinct's report, oldest first."""
        self.require_access(session, record)
        return await self._store.read(lambda each: reports.history(each, record))

    async def page(self, session: Session, number: int, size: int) -> tuple[list[Report], int]:
        """A page of the reports that count, and how many there are."""
        self.require_operator(session)
        return await self._store.read(lambda each: reports.page(each, number, size))

    async def day(self, session: Session, number: int, size: int) -> tuple[list[Report], int]:
        """A page of the reports that count and belong to the day of the first, and how many."""
        self.require_operator(session)
        length = self.clock.wall(DAY_LEFT)
        return await self._store.read(lambda each: reports.day(each, number, size, length))

    async def receipt(self, session: Session | None, number: int) -> Report | None:
        """The report of a number, if this person may see it: nobody is told which there are."""
        found = await self._store.read(lambda each: reports.numbered(each, number))
        if found is None or self.switches.id_enumeration:
            return found
        mine = session is not None and (session.is_operator or session.record == found.record)
        return found if mine else None

    async def verify(self, session: Session, record: str) -> Report | None:
        """Say that the report that counts for a precinct is as its signed worksheet."""
        self.require_operator(session)
        self.directory.site(record)
        found = await self._store.read(lambda each: reports.current(each, record))
        if found is not None:
            await self.mark_verified(found, session.key)
        return found

    async def mark_verified(self, report: Report, by: str) -> None:
        """Keep that a report was held against its worksheet."""
        await self._store.write(lambda each: verified.mark(each, report.id, by))
        self.verified.add(report.id)

    def derived(self, report: Report) -> Derived:
        """What follows from a report's counts."""
        return derive(
            report.cells,
            self.directory.site(report.record),
            split_one_delegate=self.switches.one_delegate_precincts,
        )

    # -- drafts: forms that were sent when the session had run out ------------------------

    async def keep_draft(self, draft: Draft) -> None:
        """Keep what somebody typed until they have signed in again."""
        since = draft.kept - max(self.clock.wall(drafts.KEPT), drafts.KEPT_AT_LEAST)
        await self._store.write(lambda each: drafts.keep(each, draft, since))

    async def draft(self, session: Session, record: str = "") -> Draft | None:
        """What this person typed, of one site or the latest of any."""
        return await self._store.read(lambda each: drafts.find(each, session.key, record))

    async def drop_drafts(self, session: Session, record: str = "") -> None:
        """Forget what this person typed, of one site or of all."""
        await self._store.write(lambda each: drafts.drop(each, session.key, record))

    # -- photos and roster ----------------------------------------------------------------

    async def keep_photo(self, session: Session, photo: Photo) -> tuple[int, bool]:
        """Store a photo of a worksheet; returns its number and whether it is new."""
        self.require_access(session, photo.record)
        return await self._store.write(lambda each: photos.keep(each, photo))

    async def load_roster(self, data: Mapping[str, Any]) -> dict[str, int]:
        """Add or replace people and precincts; returns how many of each there are then."""
        newcomers, sites = directory.read_roster(data)
        known = self.directory.sites.keys() | {site.record for site in sites}
        for person in newcomers:
            if person.record and person.record not in known:
                raise Refusal(
                    422,
                    "invalid",
                    f"people ({person.key}): precinct {person.record!r} is in no roster.",
                )
        people = await directory.enrol(newcomers, self.door.codes)

        def save(connection: Connection) -> _Snapshot:
            directory.save(connection, people, sites)
            return self._look(connection)

        await self._store.write(save)
        return self.counts()

    def counts(self) -> dict[str, int]:
        """How many accounts and sites there are."""
        roles = [account.role for account in self.directory.by_key.values()]
        return {
            "people": len(roles),
            "chairs": roles.count("chair"),
            "operators": roles.count("operator"),
            "precincts": len(self.directory.sites),
        }

    # -- what is kept in memory -----------------------------------------------------------

    def _look(self, connection: Connection) -> _Snapshot:
        """Read the roster, and post every report on a new board."""
        roster = Directory.load(connection)
        board = Board(roster.sites, keep_first=self.switches.stale_totals)
        ended = signed_out.everything(connection)
        snapshot = _Snapshot(roster, board, 0, verified.everything(connection), ended)
        for report in reports.everything(connection):
            self._post(snapshot.board, roster, report)
            snapshot = replace(snapshot, latest=report.id)
        return snapshot

    def _committed(self, result: object) -> None:
        """Follow what was just committed."""
        if isinstance(result, _Snapshot):
            result.board.changes = self.board.changes + 1
            self.door.directory, self.board = result.roster, result.board
            self._latest, self.verified = result.latest, result.verified
            for session in result.ended:
                self.door.sessions.end(session)
        elif isinstance(result, Accepted) and result.new:
            self._latest = result.report.id
            self._post(self.board, self.directory, result.report)

    def _post(self, board: Board, roster: Directory, report: Report) -> None:
        site = roster.site(report.record)
        if self.switches.satellites_forgotten and site.kind == SATELLITE:
            return
        derived = derive(
            report.cells, site, split_one_delegate=self.switches.one_delegate_precincts
        )
        sde = derived.sde
        if self.switches.rounded_totals:
            sde = tuple(round(each, 1) for each in sde)
        board.put(report.record, report.cells, sde, again=report.copy > 0)


@dataclass(frozen=True)
class _Snapshot:
    """What the database held at one moment."""

    roster: Directory
    board: Board
    latest: int
    verified: set[int]
    ended: list[Session]
