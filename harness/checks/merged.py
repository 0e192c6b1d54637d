"""Merged: is what the hub shows of a person what the records that it holds come to?

A hub merges what several sources say of one person. The rule is the world's
(``simulators.world.campaign.merge``), a function of the records held and of nothing else, so it
does not matter here what was sent: records that are lost or altered are for other checks to find.
Of whom a record has a cell that cannot be read, nobody can say what the records come to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import polars as pl

from harness.checks.doubt import doubt
from harness.checks.question import evidence_of
from harness.checks.reconcile.bounds import numbers_in
from harness.checks.reconcile.evidence import ROW_MODES, Evidence, Reader
from harness.checks.reconcile.register import PREFLIGHT
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness
from harness.statistics import rate_unseen
from simulators.world.campaign import FIELDS, SUPPORT, TRUSTED, Merged, merge

CHECK = "merged"
ASKS = "Is what is shown of each person what their records come to?"
NOTHING = "no such person"
COUNTED = ("people", "supporters")
SUPPORTERS = (1, 2)  # support that counts as such: 1 is the strongest
Records = dict[str, dict[str, tuple[int, ...]]]
Numbers = dict[str, float]
Unreadable = dict[str, tuple[str, ...]]


def check(run: RunFolder) -> Iterable[Finding]:
    """Is what is shown of each person what their records come to?"""
    evidence = evidence_of(run)
    readers = [each for each in evidence.readers if each.mode == "merged"]
    if not readers:
        answer = "No reader shows people who are merged of several records."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
    for reader in readers:
        yield _ask(evidence, reader)
        yield from _sums(evidence, reader)


def _ask(evidence: Evidence, reader: Reader) -> Finding:
    rows = next((each for each in evidence.readers if each.mode in ROW_MODES), None)
    silent = evidence.unread(reader.name) or (evidence.unread(rows.name) if rows else None)
    if rows is None or silent:
        answer = silent or "No reader shows the records that people are merged of."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, reader.name)
    held, shown = held_records(evidence, rows), shown_people(evidence, reader)
    unreadable = unreadable_records(evidence, rows)
    for person in probed(evidence, rows):  # known by what no drill sent, too
        held.pop(person, None)
        shown.pop(person, None)
        unreadable.pop(person, None)
    numbers = sum(len(each) for each in shown.values())
    if not held or (shown and not numbers):
        answer = f"{rows.name} showed no record, so there is nothing to merge."
        if held:
            answer = f"{reader.name} shows people and none of their numbers."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, reader.name)
    return _answer(evidence, reader, held, shown, unreadable)


def _answer(
    evidence: Evidence,
    reader: Reader,
    held: Records,
    shown: Mapping[str, Numbers],
    unreadable: Mapping[str, Unreadable],
) -> Finding:
    people = sorted((held.keys() | shown.keys()) - unreadable.keys())
    wrong = [
        each for person in people
        if (each := _witness(person, held.get(person, {}), shown.get(person)))
    ]  # fmt: skip
    unsure = [
        Witness(person, f"what {_listed({*held.get(person, {}), *sources})} come to",
                f"not to be told: {_cells(sources)}")
        for person, sources in sorted(unreadable.items())
    ]  # fmt: skip
    for person in sorted(unreadable.keys() - shown.keys()):  # to be there needs no cells
        sources = _listed({*held.get(person, {}), *unreadable[person]})
        wrong.append(Witness(person, f"merged of {sources}", NOTHING))
    k, n = len(wrong), len(people)
    figures: dict[str, float | int | None] = {
        "k": k,
        "n": n,
        "of_several": sum(len(held[each]) > 1 for each in people if each in held),
        "unreadable": len(unreadable),
    }
    answer = f"{k:,} of {n:,} people are not what their records come to."
    if wrong:
        shown_first = tuple(wrong[:MOST])
        return Finding(CHECK, Status.FAIL, ASKS, answer, reader.name, figures, shown_first, k)
    reason = doubt(evidence, CHECK)
    if unsure:
        reason = reason or f"Of {len(unsure):,} people a record has cells that cannot be read."
    if not figures["of_several"]:
        reason = reason or "Nobody is known by more than one source, so nothing was merged."
    answer = reason or f"{answer} At this size up to {rate_unseen(n)} could go unseen."
    status = Status.UNKNOWN if reason else Status.PASS
    return Finding(CHECK, status, ASKS, answer, reader.name, figures, tuple(unsure[:MOST]))


def held_records(evidence: Evidence, reader: Reader) -> Records:
    """Whole records by person and source; of a record that is there twice, the last row."""
    rows = (
        evidence.read(reader.name, evidence.last_round)
        .filter(pl.col("values_hash").is_not_null(), pl.col("record").is_not_null())
        .select("record", "values")
        .collect()
    )
    found: Records = {}
    for record, values in rows.iter_rows():
        person, _, source = record.rpartition(".")
        if source in TRUSTED:
            found.setdefault(person, {})[source] = tuple(values)
    return found


def unreadable_records(evidence: Evidence, reader: Reader) -> dict[str, Unreadable]:
    """Of whom which source's record cannot be read whole, and which of its cells cannot."""
    rows = (
        evidence.read(reader.name, evidence.last_round)
        .filter(pl.col("values_hash").is_null(), pl.col("record").is_not_null())
        .select("record", "values")
        .collect()
    )
    found: dict[str, Unreadable] = {}
    for record, values in rows.iter_rows():
        person, _, source = record.rpartition(".")
        if source in TRUSTED:
            cells = zip(FIELDS, values or [None] * len(FIELDS), strict=False)
            gone = tuple(name for name, cell in cells if cell is None)
            found.setdefault(person, {})[source] = gone
    return found


def probed(evidence: Evidence, reader: Reader) -> set[str]:
    """People of whom preflight probes or the intruder have written."""
    rows = evidence.readback.filter(
        pl.col("source") == reader.name,
        pl.col("round") == evidence.last_round,
        pl.col("key").str.starts_with(PREFLIGHT),
    )
    found = rows.select(pl.col("record").drop_nulls()).collect().to_series()
    return {record.rpartition(".")[0] for record in found}


def shown_people(evidence: Evidence, reader: Reader) -> dict[str, Numbers]:
    """The numbers shown of each person, by name."""
    rows = (
        evidence.read(reader.name, evidence.last_round)
        .filter(pl.col("record").is_not_null())
        .select("record", "derived")
        .collect()
    )
    return {person: _numbers(derived) for person, derived in rows.iter_rows()}


def _sums(evidence: Evidence, reader: Reader) -> Iterator[Finding]:
    """Are the people that a dashboard counts by state those that are shown?"""
    asks = "Are the people that are counted by state those that are shown?"
    counted = _count(evidence, reader)
    names = COUNTED if _tells(evidence, reader) else COUNTED[:1]
    for board in evidence.readers:
        if board.mode != "totals" or evidence.unread(board.name) or evidence.unread(reader.name):
            continue
        # Both as they stand after the drill: what was there before it is in both, or in neither.
        said = {
            place: number
            for place, number in numbers_in(evidence, board, evidence.last_round).items()
            if place[1] in names
        }
        wrong = [
            Witness(state, f"{name} {right}", f"{name} {number:g}")
            for (state, name), number in said.items()
            if (right := counted[state, name]) != number
        ]
        if said:
            answer = f"{len(wrong):,} of {len(said):,} counts of people are not those shown."
            status = Status.FAIL if wrong else Status.PASS
            figures: dict[str, float | int | None] = {"k": len(wrong), "n": len(said)}
            shown = tuple(wrong[:MOST])
            yield Finding(CHECK, status, asks, answer, board.name, figures, shown, len(wrong))


def _tells(evidence: Evidence, reader: Reader) -> bool:
    """Whether the reader tells whom people support."""
    return any("support" in each for each in shown_people(evidence, reader).values())


def _count(evidence: Evidence, reader: Reader) -> Counter[tuple[str, str]]:
    """People and supporters by state, as the reader shows them."""
    found: Counter[tuple[str, str]] = Counter()
    for person, numbers in shown_people(evidence, reader).items():
        state = person.partition("-")[0]
        found[state, "people"] += 1
        found[state, "supporters"] += numbers.get("support") in SUPPORTERS
    return found


def _numbers(derived: str | None) -> Numbers:
    said: dict[str, Any] = orjson.loads(derived) if derived else {}
    return {
        name: float(said[name])
        for name in Merged._fields
        if isinstance(said.get(name), int | float)
    }


def _witness(
    person: str, records: Mapping[str, tuple[int, ...]], shown: Mapping[str, float] | None
) -> Witness | None:
    """What is wrong with a person, and of which source; None if nothing is."""
    if not records:
        return Witness(person, "nobody: no record is held of them", "shown as a person")
    right = merge(records)._asdict()
    if shown is None:
        return Witness(person, f"merged of {_listed(records)}", NOTHING)
    wrong = [name for name, number in shown.items() if number != right[name]]
    if not wrong:
        return None
    expected = ", ".join(f"{name} {right[name]} ({_of(name, records)})" for name in wrong)
    found = ", ".join(f"{name} {shown[name]:g}" for name in wrong)
    without = _without(records, shown)
    return Witness(person, expected, f"{found}, as without {without}" if without else found)


def _of(name: str, records: Mapping[str, tuple[int, ...]]) -> str:
    """Which sources a merged number is of."""
    if name == "support":
        asked = [each for each in TRUSTED if each in records and records[each][SUPPORT]]
        return asked[0] if asked else "nobody asked"
    if name == "turnout":
        return "file"
    cells = FIELDS.index(name) if name in FIELDS else None
    said = [each for each in records if cells is None or records[each][cells]]
    return _listed(said) if said else "none says so"


def _without(records: Mapping[str, tuple[int, ...]], shown: Mapping[str, float]) -> str:
    """The source without which the numbers would be as shown, if there is one."""
    for source in records:
        others = merge({each: records[each] for each in records if each != source})._asdict()
        if len(records) > 1 and all(others[name] == number for name, number in shown.items()):
            return source
    return ""


def _cells(sources: Unreadable) -> str:
    """Which cells of which source cannot be read."""
    return "; ".join(f"{each} has no {', '.join(sources[each])}" for each in sorted(sources))


def _listed(sources: Iterable[str]) -> str:
    return ", ".join(sorted(sources))
