"""The synthetic election: places, what happened there, and what the paper says.

Everything is a pure function of (spec, seed, index). Sites are made in blocks of 1,024, so any
worker makes any precinct alone; what needs a whole county or satellite pool is worked out by
every worker for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulators.world.caucusing import hold_block
from simulators.world.names import county_name, precinct_name, satellite_name
from simulators.world.places import Places, lay_out
from simulators.world.preferences import FIELDS, PREFERENCES
from simulators.world.results import Ints, Results
from simulators.world.site import PRECINCT_KIND, SATELLITE_KIND, Site
from simulators.world.spec import WorldSpec
from simulators.world.streams import BLOCK
from simulators.world.worksheet import INJECTED, write_blocks

TOGETHER = 8
"""Blocks whose worksheets are written in one go, where that many are asked for."""

KEPT = 16
"""Blocks remembered."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Truth and paper of one stretch of sites; arrays of shape (n, 43) and (n,).

    Attributes:
        start, stop: Indices of the sites.
        truth: What happened.
        worksheets: What the paper says.
        injected: Bit masks of the errors put in, bits in the order of ``INJECTED``.
    """

    start: int
    stop: int
    truth: Ints
    worksheets: Ints
    injected: NDArray[np.uint8]


class World:
    """A synthetic election whose truth is known.

    Args:
        spec: What kind of world.
        seed: Which one of its kind, from 0 to 2**64 - 1.

    Example:
        >>> world = World(WorldSpec(), seed=1)
        >>> world.sites, world.site(0).record, world.site(1678).record
        (1765, 'IA-0001', 'IA-S01')
    """

    fields = FIELDS
    preferences = PREFERENCES

    def __init__(self, spec: WorldSpec, seed: int) -> None:
        self.spec = spec
        self.seed = seed
        self.sites = spec.sites
        self._made: dict[int, tuple[Ints, Ints, NDArray[np.uint8]]] = {}
        self._digits = max(4, len(str(spec.precincts)))
        self._satellite_digits = max(2, len(str(spec.satellites)))

    @cached_property
    def places(self) -> Places:
        """Counties, delegates and registration: what precincts share."""
        return lay_out(self.spec, self.seed)

    # -- sites ----------------------------------------------------------------------------

    def site(self, index: int) -> Site:
        """One site.

        Raises:
            IndexError: There is no such site.
        """
        if not 0 <= index < self.sites:
            raise IndexError(f"site {index}, but this world's sites are 0 to {self.sites - 1}.")
        places = self.places
        county, place = int(places.county[index]), int(places.place[index])
        common = (int(places.delegates[index]), float(self.worth[index]))
        if index < self.spec.precincts:
            name = precinct_name(county, place, int(places.sizes[county]))
            within = county_name(self.spec.state, county)
            kind, pool = PRECINCT_KIND, ""
        else:
            pool = places.pools[county - places.counties]
            name, within, kind = satellite_name(pool, place), f"Satellites {pool}", SATELLITE_KIND
        registered = int(places.registered[index])
        return Site(index, self.record(index), name, within, kind, *common, pool, registered)

    def record(self, index: int) -> str:
        """Key of the record of one site; it hangs on the position only, not on the seed."""
        satellite = index - self.spec.precincts
        if satellite < 0:
            return f"{self.spec.state}-{index + 1:0{self._digits}d}"
        return f"{self.spec.state}-S{satellite + 1:0{self._satellite_digits}d}"

    def index_of(self, record: str) -> int:
        """Position of the site with this key.

        Raises:
            KeyError: No site has it.
        """
        state, _, tail = record.partition("-")
        satellite = tail.startswith("S")
        number = tail[1:] if satellite else tail
        if state == self.spec.state and number.isascii() and number.isdigit():
            index = int(number) - 1 + (self.spec.precincts if satellite else 0)
            if 0 <= index < self.sites and self.record(index) == record:
                return index
        raise KeyError(
            f"no site has the key {record!r}; this world's keys run from {self.record(0)} "
            f"to {self.record(self.sites - 1)}."
        )

    def lookup(self, record: str) -> Site:
        """The site with this key.

        Raises:
            KeyError: No site has it.
        """
        return self.site(self.index_of(record))

    @cached_property
    def worth(self) -> NDArray[np.float64]:
        """``sde_per_delegate`` of every site, shape (sites,)."""
        places, precincts = self.places, self.spec.precincts
        here = places.county[:precincts]
        elected = np.bincount(here, weights=places.delegates[:precincts])
        worth = np.empty(self.sites)
        worth[:precincts] = (places.state_delegates / elected)[here]
        if self.spec.satellites:
            pool = places.county[precincts:] - places.counties
            people = self.results(precincts, self.sites).final.sum(axis=1)
            turnout = np.bincount(pool, weights=people, minlength=len(places.pools))
            worth[precincts:] = (places.pool_sde / np.maximum(turnout, 1))[pool]
        return worth

    # -- results --------------------------------------------------------------------------

    def results(self, start: int = 0, stop: int | None = None) -> Results:
        """What happened at the sites from ``start`` to ``stop``."""
        stop = self._stop(start, stop)
        parts = [part.truth for part in self.blocks(start, stop)]
        return Results(start, stop, _joined(parts))

    def worksheets(self, start: int = 0, stop: int | None = None) -> Ints:
        """What the paper says at the sites from ``start`` to ``stop``, shape (n, 43)."""
        parts = [part.worksheets for part in self.blocks(start, self._stop(start, stop))]
        return _joined(parts)

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Reports]:
        """Truth and paper of the sites from ``start`` to ``stop``, block by block.

        This is how to go through a large world: only a few blocks are held at a time.
        """
        stop = self._stop(start, stop)
        while start < stop:
            block = start // BLOCK
            if block not in self._made:
                self._make(block, min(-(-stop // BLOCK), block + TOGETHER))
            end = min(stop, (block + 1) * BLOCK)
            truth, worksheets, injected = self._made[block]
            part = slice(start - block * BLOCK, end - block * BLOCK)
            yield Reports(start, end, truth[part], worksheets[part], injected[part])
            start = end

    def _make(self, first: int, last: int) -> None:
        """Make the blocks from ``first`` up to ``last``, and forget the oldest."""
        blocks = range(first, last)
        truths = [hold_block(self.spec, self.places, self.seed, block) for block in blocks]
        written = write_blocks(self.spec, self.places, self.seed, first, truths)
        for block, truth, (worksheets, injected) in zip(blocks, truths, written, strict=True):
            for array in (truth, worksheets, injected):
                array.flags.writeable = False
            self._made[block] = truth, worksheets, injected
        while len(self._made) > KEPT:
            del self._made[next(iter(self._made))]

    def _stop(self, start: int, stop: int | None) -> int:
        stop = self.sites if stop is None else stop
        if not 0 <= start <= stop <= self.sites:
            raise IndexError(
                f"sites {start} to {stop}, but this world's sites run from 0 to {self.sites}."
            )
        return stop

    # -- tables ---------------------------------------------------------------------------

    def precinct_table(self, start: int = 0, stop: int | None = None) -> pl.DataFrame:
        """One row a site, as ``truth/precincts.parquet`` keeps it."""
        sites = [self.site(index) for index in range(start, self._stop(start, stop))]
        columns = (
            ("record", pl.String),
            ("name", pl.String),
            ("county", pl.String),
            ("kind", pl.String),
            ("delegates", pl.Int32),
            ("sde_per_delegate", pl.Float64),
            ("pool", pl.String),
            ("registered", pl.Int32),
        )
        return pl.DataFrame(
            {
                name: pl.Series([getattr(site, name) for site in sites], dtype=kind)
                for name, kind in columns
            }
        )

    def report_table(self, start: int = 0, stop: int | None = None) -> pl.DataFrame:
        """One row a site, as ``truth/reports.parquet`` keeps it.

        ``values`` is the worksheet, ``true_values`` what happened, ``errors`` the codes of the
        errors that were put into the worksheet.
        """
        parts = [
            pl.DataFrame(
                {
                    "record": [self.record(index) for index in range(part.start, part.stop)],
                    "values": _lists(part.worksheets),
                    "true_values": _lists(part.truth),
                    "errors": pl.Series(
                        [_codes(mask) for mask in part.injected.tolist()], dtype=pl.List(pl.String)
                    ),
                }
            )
            for part in self.blocks(start, stop)
        ]
        return pl.concat(parts) if parts else _NO_REPORTS


_NO_REPORTS = pl.DataFrame(
    schema=[
        ("record", pl.String),
        ("values", pl.List(pl.Int32)),
        ("true_values", pl.List(pl.Int32)),
        ("errors", pl.List(pl.String)),
    ]
)


def _joined(parts: list[Ints]) -> Ints:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty((0, len(FIELDS)), dtype=np.int32)


def _lists(values: Ints) -> pl.Series:
    return pl.Series(values, dtype=pl.Array(pl.Int32, len(FIELDS))).cast(pl.List(pl.Int32))


def _codes(mask: int) -> list[str]:
    return [code for bit, code in enumerate(INJECTED) if mask >> bit & 1]
