"""Arrivals of independent visitors and callers: Poisson at a changing rate, even, or as recorded.

Times are drill seconds, rates are per drill second.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

Times = NDArray[np.float64]
Point = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


@dataclass(frozen=True)
class Arrivals:
    """How often something comes: a rate that is linear between points, or a recorded trace."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    rate: tuple[Point, ...] = ()
    """Points (drill second, arrivals per drill second), in order of time; zero outside them."""
    spacing: Literal["poisson", "even"] = "poisson"
    """``poisson`` for people who know nothing of each other; ``even`` for a steady drip."""
    trace: str = ""
    """A CSV file with a column ``drill_second``, used in place of a rate."""

    def __post_init__(self) -> None:
        """Refuse a rate that cannot be followed.

        Raises:
            ValueError: If both a rate and a trace are given, points are out of order, or a rate
                or time is negative or not finite.
        """
        if self.rate and self.trace:
            raise ValueError("both a rate and a trace are given; leave one out.")
        if len(self.rate) == 1:
            raise ValueError("a rate needs at least two points, or none.")
        for second, per_second in self.rate:
            if not (math.isfinite(second) and math.isfinite(per_second)):
                raise ValueError(f"rate point ({second}, {per_second}) is not finite.")
            if second < 0 or per_second < 0:
                raise ValueError(f"rate point ({second}, {per_second}) is negative.")
        for (earlier, _), (later, _) in pairwise(self.rate):
            if later < earlier:
                raise ValueError(
                    f"rate points are out of order: {later:g} comes after {earlier:g}."
                )

    @property
    def peak(self) -> float:
        """Highest rate, per drill second; 0 for a trace."""
        return max((per_second for _, per_second in self.rate), default=0.0)

    @property
    def expected(self) -> float:
        """Mean number of arrivals: the area under the rate."""
        return float(_cumulated(self.rate)[-1]) if self.rate else 0.0

    def times(self, draws: np.random.Generator, *, scale: float = 1.0) -> Times:
        """All arrivals in order.

        A Poisson process is drawn by time-rescaling: unit-rate arrivals are put through the
        inverse of the cumulated rate, which is exact (Brown et al., "The time-rescaling theorem",
        Neural Computation 14 (2002), 325-346).

        Args:
            draws: Source of the unit-rate arrivals.
            scale: Multiplies the rate. A trace is thinned evenly below 1 and repeated above.

        Returns:
            Drill seconds, ascending, shape (n,).

        Raises:
            ValueError: If the trace cannot be read.
        """
        if self.trace:
            return _scaled_trace(read_trace(Path(self.trace)), scale)
        if not self.rate or scale <= 0:
            return np.zeros(0)
        points = tuple((second, per_second * scale) for second, per_second in self.rate)
        area = _cumulated(points)
        total = float(area[-1])
        if self.spacing == "even":
            marks = np.arange(round(total)) + 0.5
        else:
            # Enough exponential gaps to pass the total, but for odds far below one in a billion.
            gaps = draws.standard_exponential(int(total + 8.0 * math.sqrt(total) + 40))
            marks = np.cumsum(gaps)
        return _invert(marks[marks < total], area, points)


def _cumulated(points: tuple[Point, ...]) -> Times:
    """Area under the rate up to each point: trapezoids, exact for a piecewise-linear rate."""
    seconds, rates = np.array(points, dtype=np.float64).T
    steps = np.diff(seconds) * (rates[1:] + rates[:-1]) / 2.0
    return np.concatenate([[0.0], np.cumsum(steps)])


def _invert(marks: NDArray[np.floating[Any]], area: Times, points: tuple[Point, ...]) -> Times:
    """Times at which the cumulated rate reaches each mark.

    Within a piece the area is ``r t + s t^2 / 2``; its root is written so that it stays exact
    where the slope ``s`` is zero.
    """
    seconds, rates = np.array(points, dtype=np.float64).T
    piece = np.clip(np.searchsorted(area, marks, side="right") - 1, 0, len(seconds) - 2)
    lengths = np.diff(seconds)
    slopes = np.divide(np.diff(rates), lengths, out=np.zeros_like(lengths), where=lengths > 0)
    first, slope, left = rates[piece], slopes[piece], marks - area[piece]
    below = first + np.sqrt(np.maximum(first * first + 2.0 * slope * left, 0.0))
    after = np.divide(2.0 * left, below, out=np.zeros_like(left), where=below > 0)
    return np.asarray(seconds[piece] + np.minimum(after, lengths[piece]), dtype=np.float64)


def _scaled_trace(trace: Times, scale: float) -> Times:
    count = round(len(trace) * scale)
    if not count:
        return np.zeros(0)
    take = ((np.arange(count) + 0.5) * len(trace) / count).astype(np.int64)
    return np.asarray(trace[take], dtype=np.float64)


def read_trace(path: Path) -> Times:
    """Arrival times from a CSV file with a column ``drill_second``, sorted.

    Raises:
        ValueError: If the file, the column or a number in it is missing or wrong; the message
            names the file and the line.
    """
    times: list[float] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if "drill_second" not in (rows.fieldnames or ()):
                raise ValueError(f"{path}: no column drill_second; the first line must name it.")
            for row in rows:
                text = row["drill_second"]
                second = _number(text)
                if second is None:
                    raise ValueError(
                        f"{path}, line {rows.line_num}: drill_second is {text!r}, "
                        "but it must be a number of seconds, 0 or more."
                    )
                times.append(second)
    except OSError as error:
        raise ValueError(f"{path}: cannot read the trace: {error.strerror}.") from error
    return np.sort(np.array(times, dtype=np.float64))


def _number(text: str | None) -> float | None:
    try:
        second = float(text or "")
    except ValueError:
        return None
    return second if math.isfinite(second) and second >= 0 else None
