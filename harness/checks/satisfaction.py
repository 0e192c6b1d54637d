"""Satisfaction: what the volunteers say of the app, by the System Usability Scale.

The mean is gated by its one-sided bound; below five questionnaires there is none, and below
twelve no grade. Robots do not answer it for anybody.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.volunteers import Group, groups, nobody
from harness.record import Finding, RunFolder, Status
from harness.satisfaction import FEWEST_FOR_MEAN, norm_words, satisfaction

CHECK = "satisfaction"
ASKS = "How usable do the volunteers find the app?"


def check(run: RunFolder) -> Iterable[Finding]:
    """How usable do the volunteers find the app?"""
    found = list(groups(evidence_of(run)))
    if not found:
        yield nobody(CHECK, ASKS)
    for group in found:
        yield _ask(group)


def _ask(group: Group) -> Finding:
    subject = group.subject("")
    if group.simulated:
        answer = f"Nobody was asked. {group.remark}"
        return Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer, subject)
    answered = group.rows.filter(pl.col("sus").is_not_null())["sus"].to_list()
    said = satisfaction([each for each in answered if len(each) == 10])
    left_out = len(answered) - said.n
    figures: dict[str, float | int | None] = {"n": said.n, "left_out": left_out}
    if said.mean is None:
        more = FEWEST_FOR_MEAN - said.n
        listed = ", ".join(f"{score:g}" for score in said.scores)
        held = f"scores {listed}" if listed else "nobody answered enough of the ten questions"
        answer = f"Too few to say: {held}. {more:,} more would give a mean. {group.remark}"
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer.strip(), subject, figures)
    figures |= {
        "mean": said.mean,
        "mean_low": said.low,
        "mean_high": said.high,
        "mean_lower": said.lower,
        "mean_upper": said.upper,
        "mean_spread": said.spread,
    }
    graded = f", grade {said.grade}" if said.grade else ""
    answer = (
        f"{said.mean:.1f} of 100 (95 % interval {said.low:.0f} to {said.high:.0f}) by {said.n:,} "
        f"volunteers: {norm_words(said.mean)}{graded}."
    )
    if left_out:
        answer += f" {left_out:,} with more than two answers missing were left out."
    return Finding(CHECK, Status.PASS, ASKS, f"{answer} {group.remark}".strip(), subject, figures)
