"""Digits: does every code stand in the app as it was keyed on the phone?

A code that was said yes to and is missing, beside one that nobody keyed and that differs from it
as a mangled code does, was altered on the way. ``lost`` and ``phantom`` count the two halves; this
check says that they are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from harness.checks.doubt import doubt
from harness.checks.garbled import made_by_the_line
from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import ROW_MODES, Evidence, Reader
from harness.checks.reconcile.matching import reconciled
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness
from harness.statistics import rate_unseen

CHECK = "digits"
ASKS = "Does every code stand as it was keyed?"
KEYED_ON = ("voice", "sms")


def check(run: RunFolder) -> Iterable[Finding]:
    """Does every code stand as it was keyed?"""
    evidence = evidence_of(run)
    keyed = _keyed(evidence)
    readers = [each for each in evidence.readers if each.mode in ROW_MODES]
    if not keyed or not readers:
        answer = "No code was keyed on a phone." if not keyed else "No reader shows single codes."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
        return
    for reader in readers:
        yield _ask(evidence, reader, keyed)


def _keyed(evidence: Evidence) -> int:
    """Codes that were keyed on a phone and said yes to."""
    return int(
        evidence.history.filter(
            pl.col("kind").cast(pl.String).is_in(WRITES),
            pl.col("channel").cast(pl.String).is_in(KEYED_ON),
            pl.col("outcome").cast(pl.String) == "ok",
            ~is_preflight(),
        )
        .select(pl.len())
        .collect()
        .item()
    )


def _ask(evidence: Evidence, reader: Reader, keyed: int) -> Finding:
    silent = evidence.unread(reader.name)
    if silent:
        return Finding(CHECK, Status.UNKNOWN, ASKS, silent, reader.name)
    missing, strange = halves(evidence, reader)
    # What the line made is no stranger: it is known what it was made of.
    made = made_by_the_line(evidence).filter(pl.col("record").is_in(missing))
    pairs = list(made.select("record", "came").iter_rows())
    rest = [each for each in missing if each not in set(made["record"])]
    pairs += _altered(rest, strange)
    figures: dict[str, float | int | None] = {"k": len(pairs), "n": keyed}
    if pairs:
        shown = tuple(Witness(sent, sent, stands) for sent, stands in pairs[:MOST])
        answer = f"{len(pairs):,} of {keyed:,} codes stand as another code."
        return Finding(
            CHECK, Status.FAIL, ASKS, answer, reader.name, figures, shown, offenders=len(pairs)
        )
    reason = doubt(evidence, "lost")
    answer = f"0 of {keyed:,} codes stand as another code. At this size up to "
    answer = reason or f"{answer}{rate_unseen(keyed)} could go unseen."
    status = Status.UNKNOWN if reason else Status.PASS
    return Finding(CHECK, status, ASKS, answer, reader.name, figures)


def halves(evidence: Evidence, reader: Reader) -> tuple[list[str], list[str]]:
    """Records that are missing though acknowledged, and records there that nobody sent."""
    offences = reconciled(evidence, reader).offences
    missing = offences.filter(pl.col("check") == "lost")["first"].drop_nulls().unique()
    strange = offences.filter(pl.col("check").is_in(["phantom", "misattributed"]))
    rows = strange["row"].drop_nulls().unique()
    return _records(evidence.history, missing), _records(evidence.readback, rows)


def _records(table: pl.LazyFrame, places: pl.Series) -> list[str]:
    if not len(places):
        return []
    found = (
        table.select("record")
        .with_row_index("place")
        .filter(pl.col("place").is_in(places.implode()))
        .collect()
    )
    return found["record"].drop_nulls().unique().sort().to_list()


def _altered(missing: list[str], strange: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a missing record and what stands in its place; each is used once."""
    by_place: dict[str, list[str]] = {}
    for each in strange:
        by_place.setdefault(each.rpartition("-")[0], []).append(each)
    for sent in missing:
        place, _, code = sent.rpartition("-")
        near = by_place.get(place, [])
        stands = next((each for each in near if mangled(code, each.rpartition("-")[2])), None)
        if stands is not None:
            near.remove(stands)
            yield sent, stands


def mangled(keyed: str, stands: str) -> bool:
    """Whether one code is what a phone line makes of another.

    A digit is changed, lost or doubled, two neighbours change places, or the end is cut off.

    Example:
        >>> mangled("4711", "4771"), mangled("4711", "471"), mangled("4711", "7411")
        (True, True, True)
        >>> mangled("4711", "44711"), mangled("4711", "47"), mangled("4711", "1234")
        (True, True, False)
    """
    if len(keyed) == len(stands):
        differ = [n for n, (a, b) in enumerate(zip(keyed, stands, strict=True)) if a != b]
        if len(differ) == 2 and differ[1] == differ[0] + 1:
            return keyed[differ[0]] == stands[differ[1]] and keyed[differ[1]] == stands[differ[0]]
        return len(differ) == 1
    short, long = sorted((keyed, stands), key=len)
    if len(long) == len(short) + 1:
        return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))
    return bool(stands) and keyed.startswith(stands)
