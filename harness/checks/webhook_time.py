"""Webhooks: how quickly does the app answer its phone carrier, and how often not at all?

Wall seconds from sending a request to its answer, whatever the drill's speed: a carrier gives up
after 15 seconds, and then a caller hears the fallback or nothing (SOURCES.md S15).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.timing import why_void
from harness.record import Finding, RunFolder, Status
from harness.statistics import quantile_bounds
from harness.words import quantile_name, seconds

CHECK = "webhook_time"
ASKS = "How quickly does the app answer its phone carrier?"
OF_THE_APP = ("voice", "menu", "action", "wait", "text")
TELLING = ("status", "text_status")
QUANTILES = (0.5, 0.95, 0.99)


def check(run: RunFolder) -> Iterable[Finding]:
    """How quickly does the app answer its phone carrier?"""
    evidence = evidence_of(run)
    asked = (
        evidence.webhooks.filter(pl.col("purpose").cast(pl.String).is_in(OF_THE_APP))
        .select("took", "error", fallback=pl.col("fallback"))
        .collect()
    )
    if asked.is_empty():
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "The carrier asked the app for nothing.")
        return
    reason = why_void(evidence)
    figures = _figures(asked)
    answer = (
        f"{len(asked):,} requests: half answered within {seconds(figures['p50'] or 0)}, 99 of 100 "
        f"within {seconds(figures['p99'] or 0)}; {figures['failed']:,} failed."
    )
    told = evidence.webhooks.filter(pl.col("purpose").cast(pl.String).is_in(TELLING)).collect()
    figures |= {"told": len(told), "told_failed": _refusals(told)}
    if figures["told_failed"]:
        answer += (
            f" Of {len(told):,} times that it told the app how a call or a text went, "
            f"{figures['told_failed']:,} failed."
        )
    status = Status.UNKNOWN if reason else Status.PASS
    yield Finding(CHECK, status, ASKS, f"{answer} {reason or ''}".strip(), figures=figures)


def _refusals(told: pl.DataFrame) -> int:
    """Answers that were errors; an app that is down is told nothing, and cannot be blamed twice."""
    return len(told.filter(pl.col("status").is_not_null(), pl.col("error") != 0))


def _figures(asked: pl.DataFrame) -> dict[str, float | int | None]:
    """Times of all requests, how many failed, and how many by the carrier's error code."""
    times = (asked["took"] / 1e9).sort().to_list()
    figures: dict[str, float | int | None] = {"n": len(times)}
    for q in QUANTILES:
        value, lower, upper = quantile_bounds(times, q)
        name = quantile_name(q)
        figures |= {name: value, f"{name}_lower": lower, f"{name}_upper": upper}
    failed = asked.filter(pl.col("error") != 0)
    figures |= {"max": times[-1], "failed": len(failed), "fallbacks": int(asked["fallback"].sum())}
    codes = failed.group_by("error").len().sort("error")
    return figures | {f"error_{code}": count for code, count in codes.iter_rows()}
