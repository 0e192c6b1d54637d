"""A voter list in each precinct: who is on it, by which four-digit code, and who votes when.

A campaign gives every voter it counts on a code, and asks its poll watchers which codes have
voted. Everything is a pure function of (spec, seed, index). A precinct's list is one block of
random numbers, so any worker makes any precinct alone.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulators.world.names import county_name, precinct_name
from simulators.world.streams import ELECTORATES, VOTERS, generator

CODES = 10_000
"""Codes of four digits, from 0000 on."""

HOUR = 3600.0
WIDEST = 4.0  # a list is no longer than so many times the middle one, and no shorter than 1/4

# Shares of a day's voters from the opening at 7 am, hour by hour: the first is counted, the
# others are assumed, with a rise at noon and another after work (SOURCES.md S14).
HOURLY = (12.5, 9.5, 8.0, 7.5, 7.0, 7.5, 6.5, 6.0, 6.5, 8.5, 10.0, 7.5, 3.0)


@dataclass(frozen=True)
class VoterListSpec:
    """An election day as a campaign sees it: lists of its own voters, precinct by precinct.

    Attributes:
        kind: What is held; ``voter_list``.
        state: Two capital letters; they begin every record key (``WI-0012``).
        name: What to call it.
        precincts: Precincts that have a poll watcher.
        counties: Counties that the precincts are dealt out to.
        voters: Voters on the list of a middle precinct.
        spread: Standard deviation of the logarithm of a list's length.
        turnout: Share of the listed who vote at the polls.
        hourly: How many vote in each hour from the opening of the polls, in any unit.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    kind: Literal["voter_list"] = "voter_list"
    state: str = "WI"
    name: str = "Wisconsin strike lists"
    precincts: int = 100
    counties: int = 12
    voters: int = 380
    spread: float = 0.35
    turnout: float = 0.6
    hourly: tuple[float, ...] = HOURLY

    def __post_init__(self) -> None:
        if not (len(self.state) == 2 and self.state.isascii() and self.state.isupper()):
            raise ValueError(f"state={self.state!r}, but a state is two capital letters, like WI.")
        if not 1 <= self.precincts <= CODES - 1:
            raise ValueError(
                f"precincts={self.precincts}, but their numbers have four digits: 1 to {CODES - 1}."
            )
        if not 1 <= self.counties <= self.precincts:
            raise ValueError(
                f"counties={self.counties} for precincts={self.precincts}, but every county needs "
                "a precinct, and every precinct a county."
            )
        most = int(CODES / WIDEST)
        if not 1 <= self.voters <= most:
            raise ValueError(
                f"voters={self.voters}, but lists get up to {WIDEST:g} times as long and codes "
                f"have four digits: 1 to {most}."
            )
        if not self.spread >= 0:
            raise ValueError(f"spread={self.spread}, but a spread is 0 or more.")
        if not 0 <= self.turnout <= 1:
            raise ValueError(f"turnout={self.turnout}, but a share is 0 to 1.")
        if not self.hourly or min(self.hourly) < 0 or not sum(self.hourly) > 0:
            raise ValueError(
                f"hourly={list(self.hourly)}, but somebody has to vote in some hour, and nobody "
                "votes less than not at all."
            )

    def scaled(self, factor: float) -> VoterListSpec:
        """The same kind of day with more or fewer precincts.

        Example:
            >>> VoterListSpec(precincts=100).scaled(0.05).precincts
            5
        """
        precincts = max(1, round(self.precincts * factor))
        counties = min(precincts, max(1, round(self.counties * factor)))
        return replace(self, precincts=precincts, counties=counties)


@dataclass(frozen=True, slots=True)
class Voter:
    """One voter on a list, as templates see the site of a record.

    Attributes:
        record: Its key: state, precinct and code, ``WI-0012-4711``.
        name: Name of the precinct, unique in its county.
        county: Name of the county.
        precinct: Number of the precinct, four digits.
        code: The voter's code, four digits.
        listed: False for a code that is on no list: somebody mistyped it.
    """

    record: str
    name: str
    county: str
    precinct: str
    code: str
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Electorate:
    """One precinct's list; arrays of shape (n,), in order of the codes.

    Attributes:
        codes: The voters' codes, ascending.
        voted: Seconds from the opening of the polls until each one has voted, in whole seconds;
            infinite for who does not vote.
    """

    codes: NDArray[np.int64]
    voted: NDArray[np.float64]


class VoterLists:
    """The lists of a state's precincts, and who of them votes when.

    Args:
        spec: What kind of day.
        seed: Which one of its kind, from 0 to 2**64 - 1.

    Example:
        >>> lists = VoterLists(VoterListSpec(), seed=1)
        >>> lists.precinct_record(11), lists.site(0).record[:8]
        ('WI-0012', 'WI-0001-')
    """

    fields = ("voted",)

    def __init__(self, spec: VoterListSpec, seed: int) -> None:
        self.spec = spec
        self.seed = seed
        self._made = cache(self._make)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Voters on each precinct's list, shape (precincts,): log-normal about the middle one."""
        spec = self.spec
        draws = generator(self.seed, ELECTORATES, 0).standard_normal(spec.precincts)
        factor = np.clip(np.exp(spec.spread * draws), 1 / WIDEST, WIDEST)
        return np.asarray(np.maximum(1, np.rint(spec.voters * factor)), dtype=np.int64)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *np.cumsum(self.sizes).tolist()]

    @property
    def voters(self) -> int:
        """Voters on all lists together."""
        return self._starts[-1]

    def electorate(self, precinct: int) -> Electorate:
        """One precinct's list.

        Args:
            precinct: Position of the precinct, from 0.
        """
        return self._made(precinct)

    def _make(self, precinct: int) -> Electorate:
        if not 0 <= precinct < self.spec.precincts:
            raise IndexError(f"precinct {precinct}, but there are 0 to {self.spec.precincts - 1}.")
        rng, count = generator(self.seed, VOTERS, precinct), int(self.sizes[precinct])
        codes = np.sort(rng.permutation(CODES)[:count])
        weights = np.cumsum(self.spec.hourly) / sum(self.spec.hourly)
        hour = np.minimum(np.searchsorted(weights, rng.random(count), "right"), len(weights) - 1)
        at = np.floor((hour + rng.random(count)) * HOUR)
        voted = np.where(rng.random(count) < self.spec.turnout, at, np.inf)
        for array in (codes, voted):
            array.flags.writeable = False
        return Electorate(codes, voted)

    # -- keys -------------------------------------------------------------------------------

    def precinct_record(self, precinct: int) -> str:
        """Key of a precinct; it hangs on the position only, not on the seed."""
        return f"{self.spec.state}-{precinct + 1:04d}"

    def record(self, precinct: int, code: int) -> str:
        """Key of one code of a precinct, whether it is on the list or not."""
        return f"{self.spec.state}-{precinct + 1:04d}-{code:04d}"

    def precinct_of(self, record: str) -> int:
        """Position of the precinct that a key belongs to: its own key, or that of a code.

        Raises:
            KeyError: No precinct has it.
        """
        state, _, tail = record.partition("-")
        number, _, _ = tail.partition("-")
        if state == self.spec.state and len(number) == 4 and number.isascii() and number.isdigit():
            precinct = int(number) - 1
            if 0 <= precinct < self.spec.precincts:
                return precinct
        raise KeyError(
            f"no precinct has the key {record!r}; this world's keys run from "
            f"{self.precinct_record(0)} to {self.precinct_record(self.spec.precincts - 1)}."
        )

    def site(self, index: int) -> Voter:
        """One voter, by position: precinct after precinct, in order of the codes.

        Raises:
            IndexError: There is no such voter.
        """
        if not 0 <= index < self.voters:
            raise IndexError(f"voter {index}, but this world's voters are 0 to {self.voters - 1}.")
        precinct = bisect_right(self._starts, index) - 1
        code = int(self.electorate(precinct).codes[index - self._starts[precinct]])
        return self._voter(precinct, code, listed=True)

    def lookup(self, record: str) -> Voter:
        """What templates may know of a record: also of a code that is on no list.

        Raises:
            KeyError: It is no code of a precinct of this world.
        """
        precinct = self.precinct_of(record)
        code = record.rpartition("-")[2]
        if record.count("-") != 2 or len(code) != 4 or not (code.isascii() and code.isdigit()):
            raise KeyError(f"{record!r} names no code; one of this precinct's is like "
                           f"{self.record(precinct, 4711)}.")  # fmt: skip
        return self._voter(precinct, int(code), listed=self.is_listed(precinct, int(code)))

    def is_listed(self, precinct: int, code: int) -> bool:
        """Whether a code is on a precinct's list."""
        codes = self.electorate(precinct).codes
        place = int(np.searchsorted(codes, code))
        return place < len(codes) and int(codes[place]) == code

    def _voter(self, precinct: int, code: int, *, listed: bool) -> Voter:
        name, county = self._names(precinct)
        record = self.record(precinct, code)
        return Voter(record, name, county, f"{precinct + 1:04d}", f"{code:04d}", listed)

    def county(self, precinct: int) -> int:
        """Number of a precinct's county: neighbours share one."""
        return precinct * self.spec.counties // self.spec.precincts

    def _names(self, precinct: int) -> tuple[str, str]:
        county, spec = self.county(precinct), self.spec
        first, after = (-(-each * spec.precincts // spec.counties) for each in (county, county + 1))
        name = precinct_name(county, precinct - first, after - first)
        return name, county_name(spec.state, county)

    # -- tables -----------------------------------------------------------------------------

    def precinct_table(self) -> pl.DataFrame:
        """One row a precinct, as ``truth/precincts.parquet`` keeps it."""
        rows = range(self.spec.precincts)
        names = [self._names(row) for row in rows]
        return pl.DataFrame(
            {
                "record": [self.precinct_record(row) for row in rows],
                "name": [name for name, _ in names],
                "county": [county for _, county in names],
                "kind": "precinct",
                "precinct": [f"{row + 1:04d}" for row in rows],
                "listed": pl.Series(self.sizes, dtype=pl.Int32),
            }
        )

    def voter_table(self, precincts: NDArray[np.int64] | None = None) -> pl.DataFrame:
        """One row a listed voter of these precincts, or of all: what an app is loaded with."""
        rows = range(self.spec.precincts) if precincts is None else precincts.tolist()
        parts = [self._list_table(row) for row in rows]
        return pl.concat([_NO_VOTERS, *parts])

    def _list_table(self, precinct: int) -> pl.DataFrame:
        listed, number = self.electorate(precinct), f"{precinct + 1:04d}"
        codes = [f"{code:04d}" for code in listed.codes.tolist()]
        home = self.precinct_record(precinct)
        return pl.DataFrame(
            {
                "record": [f"{home}-{code}" for code in codes],
                "precinct": [number] * len(codes),
                "code": codes,
                "voted_at": listed.voted,
            },
            schema=_NO_VOTERS.schema,
        )

    def report_table(
        self, precincts: NDArray[np.int64] | None = None, *, until: float = float("inf")
    ) -> pl.DataFrame:
        """One row a voter who has voted ``until`` seconds after the opening of the polls.

        As ``truth/reports.parquet`` keeps it: ``values`` is what must be reported, one cell.
        """
        voted = self.voter_table(precincts).filter(
            pl.col("voted_at").is_finite(), pl.col("voted_at") <= until
        )
        cells = pl.Series("values", [[1]] * len(voted), dtype=pl.List(pl.Int32))
        return voted.with_columns(
            cells, cells.alias("true_values"), errors=pl.Series([[]] * len(voted), dtype=_TEXTS)
        ).select("record", "values", "true_values", "errors", "precinct", "code", "voted_at")


_TEXTS = pl.List(pl.String)
_NO_VOTERS = pl.DataFrame(
    schema=[
        ("record", pl.String),
        ("precinct", pl.String),
        ("code", pl.String),
        ("voted_at", pl.Float64),
    ]
)
