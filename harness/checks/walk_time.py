"""Walk time: how long each persona worked on the pages until the report was in.

One number a persona, in drill seconds; no mean, no share and no interval over them, for they are
no sample of anybody. A machine that was too slow voids the times.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from harness.checks.question import evidence_of
from harness.checks.walks import MOST_DRIFT, Walk, Walks, silent
from harness.record import Finding, RunFolder, Status, Witness
from harness.words import seconds

CHECK = "walk_time"
ASKS = "How long did each persona take for the report?"
TASK = ("sign_in", "submit_report", "amend_report")


def check(run: RunFolder) -> Iterable[Finding]:
    """How long did each persona take for the report?"""
    evidence = evidence_of(run)
    quiet = silent(evidence, CHECK, ASKS)
    if quiet:
        yield quiet
        return
    walks = Walks(evidence)
    times = {
        each.title: median(taken)
        for each in walks.driven
        if (taken := [time for walk in each.walks if (time := taken_by(walk)) is not None])
    }
    figures: dict[str, float | int | None] = {"personas": len(times)}
    if not times:
        yield Finding(CHECK, Status.UNKNOWN, ASKS, "Nobody got a report in.", "", figures)
        return
    slowest = max(times, key=lambda title: times[title])
    figures |= {"quickest": min(times.values()), "slowest": times[slowest]}
    answer = (
        f"From {seconds(min(times.values()))} to {seconds(times[slowest])}, {slowest} the slowest."
    )
    void = (walks.slow or 0.0) > MOST_DRIFT
    if void:
        answer += " Void: the harness was too slow to type like them."
    shown = tuple(Witness("", title, seconds(time)) for title, time in times.items())
    status = Status.UNKNOWN if void else Status.PASS
    yield Finding(CHECK, status, ASKS, answer, "", figures, shown)


def taken_by(walk: Walk) -> float | None:
    """Drill seconds that they spent on the pages until the report was in; None if it never was.

    What lies between two steps, such as waiting for the result or holding for the help line, is
    no work on the pages.
    """
    if walk.state == "blocked" or walk.row["reported"] is None:
        return None
    spent = [
        float(each["ended_drill"]) - float(each["began_drill"])
        for each in walk.steps
        if each["operation"] in TASK and each["ended_drill"] is not None
    ]
    return sum(spent) if spent else None
