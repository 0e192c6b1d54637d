"""Personas: does the app shut anybody out of those who walked its pages in a real browser?

Counted are persons, never walks, and never as a share: a persona that is driven ten times is
still one person. Whoever the page told that the report was received must be found in the target,
once, as it was sent; a page that said so for nothing has shut them out as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.matching import reconciled
from harness.checks.reconcile.witnesses import MOST
from harness.checks.walks import Persona, Walk, Walks, silent
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "personas"
ASKS = "Does the app shut out nobody of those who tried its pages?"
WRONGED = {
    "lost": "is not there",
    "duplicate": "is there more than once",
    "altered": "is there with other numbers than were sent",
    "misattributed": "stands at another place",
    "stale": "is there as it was before it was put right",
}
"""What the target may hold of a report that the page had said was received."""


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app shut out nobody of those who tried its pages?"""
    evidence = evidence_of(run)
    quiet = silent(evidence, CHECK, ASKS)
    yield quiet or _answer(evidence, Walks(evidence))


def _answer(evidence: Evidence, walks: Walks) -> Finding:
    wronged = _wronged(evidence, list(walks.walked))
    shown = [each for persona in walks.driven for each in _shut_out(persona, wronged)]
    blocked = [each for each in walks.driven if any(_shut_out(each, wronged))]
    struggled = [each for each in walks.driven if "struggled" in each.states]
    mixed = [each for each in walks.driven if len(each.states - {""}) > 1]
    figures: dict[str, float | int | None] = {
        "personas": len(walks.driven),
        "walks": sum(1 for _ in walks.walked),
        "blocked": len(blocked),
        "struggled": len(struggled),
        "not_always_alike": len(mixed),
        "not_applicable": len(walks.barred),
    }
    were = "was" if len(blocked) == 1 else "were"
    answer = f"{len(blocked):,} of {len(walks.driven):,} personas {were} shut out"
    answer += f" ({_names(blocked)})." if blocked else "."
    if struggled:
        answer += f" Struggled: {_names(struggled)}."
    if mixed:
        answer += f" Not alike each time: {_names(mixed)}."
    if walks.barred:
        answer += f" Not applicable, for want of their language: {_names(walks.barred)}."
    status, doubt = _status(evidence, walks, len(blocked))
    answer = f"{answer} {doubt}".strip()
    return Finding(CHECK, status, ASKS, answer, "", figures, tuple(shown[:MOST]), len(blocked))


def _status(evidence: Evidence, walks: Walks, blocked: int) -> tuple[Status, str]:
    if blocked:  # what is missing of the record cannot undo what was seen
        return Status.FAIL, walks.gap or ""
    reason = walks.gap or _unread(evidence)
    if reason:
        return Status.UNKNOWN, reason
    if not walks.driven:
        return Status.NOT_APPLICABLE, ""
    return Status.PASS, ""


def _names(personas: Iterable[Persona]) -> str:
    return ", ".join(each.title for each in personas)


def _unread(evidence: Evidence) -> str:
    """Why the target cannot be asked whether it holds what was sent."""
    readers = [each for each in evidence.readers if each.mode not in ("totals", "count")]
    if not readers:
        return "No reader shows single reports, so what the pages said cannot be proven."
    return " ".join(filter(None, (evidence.unread(each.name) for each in readers)))


def _wronged(evidence: Evidence, walks: list[Walk]) -> dict[str, str]:
    """What became of reports that a page had said were received, by record; good ones left out."""
    mine = pl.DataFrame({"record": sorted({each.record for each in walks if each.record})})
    if not len(mine):
        return {}
    by_hash = dict(zip(mine["record"].hash().to_list(), mine["record"].to_list(), strict=True))
    wrong: dict[str, str] = {}
    for reader in evidence.readers:
        if reader.mode in ("totals", "count") or evidence.unread(reader.name):
            continue
        offences = reconciled(evidence, reader).offences
        bad = offences.filter(
            pl.col("rec").is_in(list(by_hash)), pl.col("check").is_in(list(WRONGED))
        )
        for name, rec in bad.select("check", "rec").iter_rows():
            wrong.setdefault(by_hash[rec], f"in {reader.name} it {WRONGED[name]}")
    return wrong


def _shut_out(persona: Persona, wronged: dict[str, str]) -> Iterator[Witness]:
    """Why each of their walks shut them out; nothing for those that did not."""
    for walk in persona.walks:
        step = walk.where("blocked")
        if walk.state == "blocked":
            said = f"shut out at {step['step']}: {step['detail']}" if step else "shut out"
            seen = f" (seen in {step['screenshot']})" if step and step["screenshot"] else ""
            yield Witness(walk.record, f"{walk.title} gets the report in", said + seen)
        elif walk.row["reported"] is not None and walk.record in wronged:
            said = f"the page said that it was received, and {wronged[walk.record]}"
            yield Witness(walk.record, f"{walk.title}'s report is held once, as sent", said)
