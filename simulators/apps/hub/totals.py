"""The dashboard's numbers: added up from what counts, and cached for a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from sqlalchemy import Connection, Select, func, select

from simulators.apps.hub.cache import Cache
from simulators.apps.hub.contact import FIELDS, SOURCES
from simulators.apps.hub.defects import Switches
from simulators.apps.hub.schema import contacts, last, people
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal

FRESH = 1.0  # wall seconds that an answer is shown again
NAME = "totals"
MIDNIGHT = 20.0  # drill seconds from the first start to midnight, with the defect late_contacts

Totals = dict[str, Any]
Read = Callable[[Callable[[Connection], Totals]], Awaitable[Totals]]


class Board:
    """Adds up, once for everybody who asks at the same time.

    Args:
        read: Runs a job on the database, or on its replica.
        opened: When the app was first started: Unix time.
    """

    def __init__(
        self, read: Read, cache: Cache, clock: Clock, switches: Switches, opened: float
    ) -> None:
        self._read, self._cache, self._clock = read, cache, clock
        self._switches, self._opened = switches, opened
        self._adding = asyncio.Lock()
        self._last: bytes | None = None

    async def shown(self) -> tuple[bytes, bool]:
        """The numbers in JSON, and whether they are fresh: while no database answers they are the
        last there were.

        Raises:
            Refusal: 503 if no database answers, and there are none yet.
        """
        kept = await self._cache.get(NAME)
        if kept is not None:
            return kept, True
        async with self._adding:
            kept = await self._cache.get(NAME)
            if kept is not None:
                return kept, True
            try:
                self._last = await self._added_up()
            except Refusal:
                if self._last is None:
                    raise
                return self._last, False
            await self._cache.put(NAME, self._last, FRESH)
            return self._last, True

    async def corrected(self) -> None:
        """Something that was shown has changed: it shows at once."""
        await self._cache.drop(NAME)

    async def _added_up(self) -> bytes:
        since = await self._cache.began() if self._switches.forgetful_cache else 0.0
        return orjson.dumps(await self._read(lambda each: self._add(each, since)))

    def _add(self, connection: Connection, since: float) -> Totals:
        sources = {name: {"records": 0, "contacts": 0} for name in SOURCES}
        states: dict[str, dict[str, Any]] = {}
        for source, state, records, *cells in connection.execute(self._by_source(since)):
            sources[source]["records"] += records
            sources[source]["contacts"] += int(cells[FIELDS.index("contacts")])
            here = states.setdefault(state, _nothing(state))
            here["records"] += records
            for name, cell in zip(FIELDS, cells, strict=True):
                here["cells"][name] += int(cell)
        for state, known, supporters in connection.execute(_by_state):
            states.setdefault(state, _nothing(state))
            states[state] |= {"people": known, "supporters": int(supporters)}
        rows = [states[name] for name in sorted(states)]
        total = {name: sum(each["cells"][name] for each in rows) for name in FIELDS}
        records = sum(each["records"] for each in rows)
        return {"records": records, "cells": total, "sources": sources, "states": rows}

    def _by_source(self, since: float) -> Select[Any]:
        # The defects each leave out what they have forgotten.
        first = self._switches.totals_cached
        wanted = _sums.where(~contacts.c.amends if first else contacts.c.id.in_(last))
        if self._switches.late_contacts:
            midnight = self._opened + self._clock.wall(MIDNIGHT)
            wanted = wanted.where(contacts.c.received < midnight)
        return wanted.where(contacts.c.received >= since) if since else wanted


def _nothing(state: str) -> dict[str, Any]:
    cells = dict.fromkeys(FIELDS, 0)
    return {"state": state, "records": 0, "cells": cells, "people": 0, "supporters": 0}


_sums = select(
    contacts.c.source,
    contacts.c.state,
    func.count(),
    *(func.sum(contacts.c[name]) for name in FIELDS),
).group_by(contacts.c.source, contacts.c.state)
_supports = people.c.support.in_((1, 2))
_by_state = (
    select(people.c.state, func.count(), func.count().filter(_supports))
    .where(people.c.sources > 0)
    .group_by(people.c.state)
)
