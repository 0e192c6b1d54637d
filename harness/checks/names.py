"""Names: does the app hold people's names as they were sent, letter for letter?

Names are cut by columns that count bytes, and spoilt by whatever takes them for another encoding.
Whoever is called José must not become somebody else, nor half a letter.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.doubt import doubt
from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import ROW_MODES, Evidence, Reader
from harness.checks.reconcile.witnesses import MOST
from harness.record import PRECINCTS, Finding, RunFolder, Status, Witness
from harness.statistics import rate_unseen

CHECK = "names"
CAMPAIGN = "campaign"
ASKS = "Is everybody held by the name that was sent?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Is everybody held by the name that was sent?"""
    evidence = evidence_of(run)
    if (evidence.info.get("world") or {}).get("kind") != CAMPAIGN:
        answer = "No names are sent in this drill."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
        return
    readers = [each for each in evidence.readers if each.mode in ROW_MODES]
    findings = [each for reader in readers if (each := _ask(evidence, reader))]
    yield from findings
    if not findings:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "No reader shows a name.")


def _ask(evidence: Evidence, reader: Reader) -> Finding | None:
    """The finding for one reader; None if it does not show names and does not claim to."""
    silent = evidence.unread(reader.name)
    if silent:
        return Finding(CHECK, Status.UNKNOWN, ASKS, silent, reader.name)
    rows = _names(evidence, reader)
    if not rows["held"].count():
        if not _declared(evidence, reader):
            return None
        answer = f"{reader.name} showed no name of anybody."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, reader.name)
    wrong = rows.filter(pl.col("held").ne_missing(pl.col("sent")))
    k, n = len(wrong), len(rows)
    figures: dict[str, float | int | None] = {
        "k": k,
        "n": n,
        "not_plain": int((rows["sent"].str.len_bytes() != rows["sent"].str.len_chars()).sum()),
    }
    answer = f"{k:,} of {n:,} names are not held as they were sent."
    if k:
        shown = tuple(
            Witness(record, _said(sent), _said(held), (key,) if key else ())
            for record, key, sent, held in wrong.head(MOST).iter_rows()
        )
        return Finding(CHECK, Status.FAIL, ASKS, answer, reader.name, figures, shown, k)
    reason = doubt(evidence, CHECK)
    if not figures["not_plain"]:
        reason = reason or "All names were plain ones, which nothing spoils."
    answer = reason or f"{answer} At this size up to {rate_unseen(n)} could go unseen."
    status = Status.UNKNOWN if reason else Status.PASS
    return Finding(CHECK, status, ASKS, answer, reader.name, figures)


def _names(evidence: Evidence, reader: Reader) -> pl.DataFrame:
    """Columns ``record``, ``key``, ``sent`` and ``held`` (null where none is shown)."""
    sent = evidence.table(f"truth/{PRECINCTS}").select("record", sent="name")
    return (
        evidence.read(reader.name, evidence.last_round)
        .select(
            "record",
            "key",
            held=pl.col("derived").str.json_decode(pl.Struct({"name": pl.String})).struct["name"],
        )
        .join(sent, on="record")
        .select("record", "key", "sent", "held")
        .collect()
    )


def _declared(evidence: Evidence, reader: Reader) -> bool:
    return any(
        each.get("name") == reader.name and "name" in (each.get("derived") or ())
        for each in evidence.target.get("readers") or []
    )


def _said(name: str | None) -> str:
    return "no name" if name is None else f"{name} ({len(name.encode())} bytes)"
