"""A lookout: one reader of a target, read again and again on the caller's own event loop.

Unlike reading back after a drill it tries once and says at once that it could not: whoever looks
on decides when to look again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from harness.engine.wire import Wire
from harness.target.adapter import Adapter
from harness.target.errors import ReadBackError
from harness.target.readback import Mapping, Record
from harness.target.reading import HttpReading, Pages, file_rows, sql_rows
from harness.target.rows import Row
from harness.target.target import Target


class Lookout:
    """Reads one reader of a target, with its paging, as often as it is asked.

    Args:
        name: Of the reader.
        fields: Names of a report's cells, in the order of ``values``.

    Attributes:
        requests: How many it took to read everything the last time; 0 where none are sent.

    Raises:
        TargetError: If there is a mistake in the reader's description.
    """

    def __init__(self, target: Target, name: str, fields: Sequence[str] = ()) -> None:
        self.target, self.name = target, name
        self.reader = target.readers[name].model_copy(update={"tries": 1})
        self._mapping = Mapping(target, name, self.reader, tuple(fields or target.run.fields))
        self._http: HttpReading | None = None
        self._wire: Wire | None = None
        self.requests = 0

    async def rows(self) -> list[Row]:
        """Every row, now.

        Raises:
            ReadBackError: If not everything could be read; the next look signs in anew.
        """
        try:
            if isinstance(self.target, Adapter):
                found = await asyncio.to_thread(self.target.read, self.name)
                if found is not None:
                    return list(found)
            if self.reader.request is not None:
                return await self._by_http()
            read = sql_rows if self.reader.sql is not None else file_rows
            return await asyncio.to_thread(read, self.target, self.name, self.reader)
        except ReadBackError:
            self.close()
            raise

    def records(self, rows: list[Row]) -> list[Record]:
        """Rows in our terms; those that the description leaves out are gone."""
        return self._mapping.records(rows)

    def close(self) -> None:
        """Let go of connections and of who was signed in."""
        if self._wire is not None:
            self._wire.close()
        self._wire = self._http = None

    async def _by_http(self) -> list[Row]:
        if self._http is None or self._wire is None:
            self._http = HttpReading(self.target, self.name, self.reader)
            self._wire = Wire(
                connections=1, ca_file=self.target.ca_file, addresses=self.target.addresses
            )
        self.requests = 0
        return await self._drive(self._http.rows(), self._wire)

    async def _drive(self, asking: Pages, wire: Wire) -> list[Row]:
        try:
            request = next(asking)
            while True:
                self.requests += 1
                request = asking.send(await wire.fetch(request))
        except StopIteration as done:
            rows: list[Row] = done.value
            return rows
