"""The calls of one play of the queue model, as a table and as figures.

Times are seconds since the beginning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulators.phones.callers import Callers, Times
from simulators.phones.hotline import Call

TURNED_AWAY = ("busy", "full")


@dataclass(frozen=True)
class LineFigures:
    """A play in figures. Shares are None where there is nothing to share.

    Attributes:
        callers: People who phoned.
        attempts: Calls dialled, redials among them.
        redials: Calls after each caller's first.
        blocked: Share of attempts that found no trunk or no place to wait.
        abandoned: Share of the calls let in that ended on hold.
        waited: Share of the calls let in that were not answered at once.
        hold_mean: Mean seconds on hold of the calls let in, answered or not.
        hold_median, hold_p90, hold_longest: Seconds on hold of answered calls.
        occupancy: Share of agents' time spent talking, up to the last call's end.
        in_by: Seconds by which half, nine tenths and all of those who report were heard; None
            where that did not come to pass.
        most_trunks: Trunks in use at most.
    """

    callers: int
    attempts: int
    redials: int
    blocked: float | None
    abandoned: float | None
    waited: float | None
    hold_mean: float | None
    hold_median: float | None
    hold_p90: float | None
    hold_longest: float | None
    occupancy: float | None
    in_by: tuple[float | None, float | None, float | None]
    most_trunks: int


@dataclass(frozen=True)
class LineCalls:
    """Every call of one play.

    Attributes:
        table: One row a call in order of dialling: caller, kind, attempt (from 1), dialled,
            answered, ended, agent, cause.
        people: One row a caller: caller, kind, reports, first (when they first dialled) and
            served (when the call that served them was answered and ended; null where none was).
        agents: Agents of the line; None where calls are answered at once.
        most_trunks: Trunks in use at most.
    """

    table: pl.DataFrame
    people: pl.DataFrame
    agents: int | None
    most_trunks: int

    @classmethod
    def of(
        cls,
        calls: Sequence[Call],
        callers: Sequence[Callers],
        *,
        first: Sequence[float],
        kinds: Sequence[int],
        line_agents: int | None,
        most_trunks: int,
    ) -> LineCalls:
        """Collect calls; ``first`` and ``kinds`` are by caller."""
        names = pl.Series([each.kind for each in callers], dtype=pl.String)
        reports = pl.Series([each.reports for each in callers], dtype=pl.Boolean)
        of_kind = pl.Series(kinds, dtype=pl.UInt32)
        table = pl.DataFrame(
            {
                "caller": [call.caller for call in calls],
                "dialled": [call.dialled for call in calls],
                "answered": [call.answered for call in calls],
                "ended": [call.ended for call in calls],
                "agent": [call.agent for call in calls],
                "cause": [call.cause for call in calls],
            },
            schema={
                "caller": pl.UInt32, "dialled": pl.Float64, "answered": pl.Float64,
                "ended": pl.Float64, "agent": pl.UInt32, "cause": pl.String,
            },
        )  # fmt: skip
        attempt = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("caller")
        table = table.with_columns(attempt=attempt)
        # Who talks when the line closes has been answered, though nothing came of it yet.
        heard = table.filter(pl.col("cause").is_in(["served", "closed"])).group_by("caller")
        served = heard.agg(
            pl.col("answered").min(),
            pl.col("ended").filter(pl.col("cause") == "served").min().alias("served"),
        )
        people = pl.DataFrame(
            {
                "caller": np.arange(len(first), dtype=np.uint32),
                "kind": names.gather(of_kind),
                "reports": reports.gather(of_kind),
                "first": np.asarray(first, dtype=np.float64),
            }
        ).join(served, on="caller", how="left", maintain_order="left")
        table = table.join(people.select("caller", "kind"), on="caller", maintain_order="left")
        return cls(table, people, line_agents, most_trunks)

    @cached_property
    def figures(self) -> LineFigures:
        """All callers together."""
        return self._figures(self.table, self.people)

    def answered_within(self, seconds: float, *kinds: str) -> float | None:
        """Share of people who were answered that soon after they first dialled, redials included.

        Args:
            kinds: Which callers; all, if none is given.
        """
        people = self.people
        if kinds:
            people = people.filter(pl.col("kind").is_in(list(kinds)))
        if not people.height:
            return None
        return float((people["answered"] - people["first"] <= seconds).fill_null(False).mean())  # type: ignore[arg-type]

    @property
    def events(self) -> int:
        """Changes of the line's state: calls dialled, answered, and ended."""
        table = self.table
        answered = int(table["answered"].is_not_null().sum())
        let_in = table.height - int(table["cause"].is_in([*TURNED_AWAY, "barred"]).sum())
        return table.height + answered + let_in

    def _figures(self, table: pl.DataFrame, people: pl.DataFrame) -> LineFigures:
        let_in = table.filter(~pl.col("cause").is_in([*TURNED_AWAY, "barred"]))
        until = pl.coalesce("answered", "ended")
        held = let_in.select((until - pl.col("dialled")).alias("held"))["held"]
        answered = table.filter(pl.col("answered").is_not_null())
        hold = answered.select((pl.col("answered") - pl.col("dialled")).alias("held"))["held"]
        blocked = int(table["cause"].is_in(TURNED_AWAY).sum())
        return LineFigures(
            callers=people.height,
            attempts=table.height,
            redials=table.height - table["caller"].n_unique(),
            blocked=blocked / table.height if table.height else None,
            abandoned=_share(let_in["cause"] == "abandoned"),
            waited=_share(held > 0),
            hold_mean=_number(held.mean()),
            hold_median=_number(hold.median()),
            hold_p90=_number(hold.quantile(0.9, "linear")),
            hold_longest=_number(hold.max()),
            occupancy=self._occupancy,
            in_by=_in_by(people),
            most_trunks=self.most_trunks,
        )

    @cached_property
    def _occupancy(self) -> float | None:
        talked = self.table.filter(pl.col("answered").is_not_null())
        last = talked["ended"].max()
        if self.agents is None or not isinstance(last, float) or not 0 < last < math.inf:
            return None
        return float((talked["ended"] - talked["answered"]).sum()) / (self.agents * last)


def _in_by(people: pl.DataFrame) -> tuple[float | None, float | None, float | None]:
    reporters = people.filter("reports")
    heard: Times = reporters["served"].drop_nulls().sort().to_numpy()
    half, most, all_of = (_nth(heard, reporters.height, share) for share in (0.5, 0.9, 1.0))
    return half, most, all_of


def _nth(times: Times, total: int, share: float) -> float | None:
    needed = math.ceil(total * share - 1e-9)
    return float(times[needed - 1]) if 0 < needed <= len(times) else None


def _share(found: pl.Series) -> float | None:
    return _number(found.mean())


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
