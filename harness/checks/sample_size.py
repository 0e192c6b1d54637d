"""Sample size: were enough people watched, of every kind, by the count for voting systems?

``run.json`` says under ``live`` which ``languages`` the drill offered and, where the organizer
counted them, how many people of each group finished (``groups``). What nobody counted is short.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.volunteers import Group, groups, nobody
from harness.record import Finding, RunFolder, Status
from harness.sample_size import PEOPLE, Watched, sample_size_line, shortfalls

CHECK = "sample_size"
ASKS = "Were enough people watched, of every kind?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Were enough people watched, of every kind?"""
    evidence = evidence_of(run)
    found = list(groups(evidence))
    if not found:
        yield nobody(CHECK, ASKS)
    for group in found:
        yield _ask(evidence, group)


def _ask(evidence: Evidence, group: Group) -> Finding:
    subject = group.subject("")
    if group.simulated:
        return Finding(CHECK, Status.NOT_APPLICABLE, ASKS, group.remark, subject)
    live = evidence.info.get("live") or {}
    done = group.reports.filter(pl.col("first_time").fill_null(True))
    languages = dict(done.group_by("language").len().iter_rows())
    counted = {str(name): int(count) for name, count in (live.get("groups") or {}).items()}
    offered = [str(each) for each in live.get("languages") or sorted(filter(None, languages))]
    watched = Watched(len(done), counted, languages)
    short = list(shortfalls(watched, offered))
    figures: dict[str, float | int | None] = {"people": len(done), "asked": PEOPLE}
    answer = f"{sample_size_line(watched, offered)} {group.remark}".strip()
    status = Status.UNKNOWN if short else Status.PASS
    return Finding(CHECK, status, ASKS, answer, subject, figures)
