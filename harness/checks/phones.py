"""Phones: did callers get through, how were they turned away, and how long did they hold?

One finding a line. It informs; objectives may gate its figures. Who calls only to block a line is
counted by itself, and so is how many of those who were answered had something to say. Times are
drill seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.record import Finding, RunFolder, Status
from harness.statistics import quantile_bounds
from harness.words import quantile_name, seconds, share

CHECK = "phones"
ASKS = "Did callers get through, and how long did they hold?"
QUANTILES = (0.5, 0.9, 0.95)
SERVED = ("served", "hung_up")  # what they phoned for was heard to its end
BLOCKED = ("busy", "full")  # never let in
CUT_OFF = ("dropped", "app_hung_up", "failed", "silent")  # somebody else ended it
SOON = 300.0  # an answer within five minutes is what callers are promised
QUARTER = 900.0
FEWEST = 10  # calls in a quarter of an hour, for its share to mean something


def check(run: RunFolder) -> Iterable[Finding]:
    """Did callers get through, and how long did they hold?"""
    calls = evidence_of(run).calls.with_columns(pl.col("line", "cause").cast(pl.String)).collect()
    nuisance = pl.col("role").cast(pl.String) == "nuisance"
    meant = calls.filter(~nuisance)
    if not len(meant):
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "Nobody phoned.")
    for line in meant["line"].unique().sort():
        on_line = pl.col("line") == line
        yield _ask(line, meant.filter(on_line), calls.filter(on_line & nuisance))


def _ask(line: str, calls: pl.DataFrame, nuisance: pl.DataFrame) -> Finding:
    causes = dict(calls.group_by("cause").len().sort("cause").iter_rows())
    served, blocked, cut_off = (_of(causes, those) for those in (SERVED, BLOCKED, CUT_OFF))
    figures: dict[str, float | int | None] = {
        "k": served,
        "n": len(calls),
        "silent": 0,  # an objective asks for none, so it is there also where there was none
        **causes,
        "callers": calls["caller"].n_unique(),
        "most_calls_of_one": int(calls.group_by("caller").len()["len"].max() or 0),  # type: ignore[arg-type]
        "blocked": blocked,
        "blocked_share": blocked / len(calls),
        "worst_blocked_share": _worst_quarter(calls),
        "abandoned": causes.get("abandoned", 0),
        "abandoned_share": causes.get("abandoned", 0) / len(calls),
        "cut_off": cut_off,
        "cut_off_share": cut_off / len(calls),
        **_holds(calls),
    }
    if len(nuisance):
        answered = calls["answered_drill"].count()
        figures |= {
            "nuisance": len(nuisance),
            "meant_share": answered / max(1, answered + nuisance["answered_drill"].count()),
        }
    return Finding(CHECK, Status.PASS, ASKS, _words(figures), line, figures)


def _of(causes: dict[str, int], those: tuple[str, ...]) -> int:
    return sum(causes.get(each, 0) for each in those)


def _holds(calls: pl.DataFrame) -> dict[str, float | int | None]:
    """How long those who were let in held, up to the answer or to hanging up."""
    until = pl.coalesce("answered_drill", "ended_drill")
    let_in = calls.filter(~pl.col("cause").is_in([*BLOCKED, "barred", "failed"]))
    holds = let_in.select(hold=until - pl.col("dialled_drill"))["hold"].drop_nulls()
    ordered = holds.sort().to_list()
    figures: dict[str, float | int | None] = {}
    if not ordered:
        return figures
    for q in QUANTILES:
        value, lower, upper = quantile_bounds(ordered, q)
        name = f"hold_{quantile_name(q)}_drill"
        figures |= {name: value, f"{name}_lower": lower, f"{name}_upper": upper}
    answered = let_in.filter(pl.col("answered_drill").is_not_null())
    soon = answered.filter(pl.col("answered_drill") - pl.col("dialled_drill") <= SOON)
    figures |= {"hold_max_drill": ordered[-1], "answered_soon_share": len(soon) / len(calls)}
    return figures


def _worst_quarter(calls: pl.DataFrame) -> float | None:
    """The largest share of calls turned away in any quarter of an hour with enough of them."""
    quarters = (
        calls.group_by((pl.col("dialled_drill") / QUARTER).floor())
        .agg(pl.len().alias("n"), turned_away=pl.col("cause").is_in(BLOCKED).mean())
        .filter(pl.col("n") >= FEWEST)
    )
    return float(quarters["turned_away"].max()) if len(quarters) else None  # type: ignore[arg-type]


def _words(figures: dict[str, float | int | None]) -> str:
    words = f"{figures['k']:,} of {figures['n']:,} calls were served."
    if figures["blocked"]:
        words += f" {figures['blocked']:,} ({share(figures['blocked_share'] or 0)}) were turned "
        words += "away by a busy line."
    if "nuisance" in figures:
        words += f" {figures['nuisance']:,} more only meant to block the line."
    if figures["cut_off"]:
        words += f" {figures['cut_off']:,} were cut off, {figures['silent'] or 'none'} without a "
        words += "word."
    if "hold_p50_drill" in figures:
        words += f" Half held up to {seconds(figures['hold_p50_drill'] or 0)}, "
        words += f"9 of 10 up to {seconds(figures['hold_p90_drill'] or 0)}."
    return words
