"""Report time: how long volunteers took from opening their card to a report in the app.

Whoever opened a card and never had a report in stays in: their time is longer than the drill
gave them. So a quantile is known only as far as reports came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.volunteers import Group, groups, nobody, unseen
from harness.durations import Times
from harness.record import Finding, RunFolder, Status
from harness.words import quantile_name, seconds

CHECK = "report_time"
ASKS = "How long did volunteers take from opening their card to a report in the app?"
QUANTILES = (0.5, 0.9)


def check(run: RunFolder) -> Iterable[Finding]:
    """How long did volunteers take from opening their card to a report in the app?"""
    evidence = evidence_of(run)
    found = list(groups(evidence))
    if not found:
        yield nobody(CHECK, ASKS)
    for group in found:
        yield _ask(evidence, group)


def times_of(evidence: Evidence, rows: pl.DataFrame) -> Times:
    """Seconds from opening the card to the report, and how long the others had for it."""
    opened = rows.filter(pl.col("opened").is_not_null())
    moments = opened.select(pl.max_horizontal("reported", "finished", "opened").max()).item()
    closed = (evidence.info.get("live") or {}).get("closed_seconds")
    end = float(closed if closed is not None else moments or 0.0)
    taken = opened.select(
        taken=(pl.col("reported") - pl.col("opened")).clip(0.0),
        had=(pl.lit(end) - pl.col("opened")).clip(0.0),
    )
    done = taken["taken"].drop_nulls().to_list()
    return Times(tuple(done), tuple(taken.filter(pl.col("taken").is_null())["had"].to_list()))


def _ask(evidence: Evidence, group: Group) -> Finding:
    times, subject = times_of(evidence, group.rows), group.subject("")
    if not times.done:
        answer = f"Nobody who opened a card had a report in. {group.remark}".strip()
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, subject)
    figures = dict(_figures(times))
    if group.simulated:
        figures["simulated"] = times.n
    answer = f"{_words(times, figures, group)}. {group.remark}".strip()
    late = unseen(evidence)
    status = Status.UNKNOWN if late else Status.PASS
    return Finding(CHECK, status, ASKS, f"{answer} {late}".strip(), subject, figures)


def _words(times: Times, figures: Mapping[str, float | int | None], group: Group) -> str:
    """Median, slowest tenth, range and geometric mean; for robots without an interval."""
    half, tenth, mean = (figures[name] for name in ("p50", "p90", "geometric_mean"))
    middle = "More than half never had one in" if half is None else f"Half within {seconds(half)}"
    parts = [middle]
    if tenth is not None:
        parts.append(f"9 in 10 within {seconds(tenth)}")
    parts.append(f"the quickest {seconds(min(times.done))}")
    parts.append(f"the slowest {seconds(max(times.done))}")
    told = ", ".join(parts)
    low, high = figures["geometric_mean_low"], figures["geometric_mean_high"]
    if mean is not None and low is not None and high is not None and not group.simulated:
        told += (
            f"; geometric mean {seconds(mean)} (95 % interval {seconds(low)} to {seconds(high)})"
        )
    return told + (f"; {len(times.unfinished):,} never did" if times.unfinished else "")


def _figures(times: Times) -> Iterator[tuple[str, float | int | None]]:
    yield "n", times.n
    yield "unfinished", len(times.unfinished)
    for q in QUANTILES:
        value, lower, upper = times.quantile(q)
        name = quantile_name(q)
        yield from ((name, value), (f"{name}_lower", lower), (f"{name}_upper", upper))
    mean, low, high = times.geometric_mean()
    yield "geometric_mean", mean
    yield from (("geometric_mean_low", low), ("geometric_mean_high", high))
