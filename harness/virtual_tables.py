"""The tables of a night in virtual time, in the very shape that a live drill leaves behind.

In virtual time a wall second is a drill second, so nanoseconds in the tables are drill seconds
times 1e9. The modelled app is read back as the practice app is: the reports that count, the
hand-over to the warehouse, and the published totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from harness.record import CALLS, HISTORY, INJECTS, READBACK, values_hash
from simulators.behaviours.protocol import AnswerClass
from simulators.line_model import LineFault
from simulators.model import ModelApp
from simulators.phones.hotline import Call
from simulators.wire_model import Cut, Done, Fault, Outage, Slowed, Stored
from simulators.world import Site
from simulators.world.preferences import FIELDS, FINAL, PREFERENCES
from simulators.world.sde import derived

NS = 1_000_000_000
READERS = (("records", "keyed"), ("export", "keyed"), ("totals", "totals"))


def history_table(attempts: Sequence[Done]) -> pl.DataFrame:
    """Every attempt, in order of when it was due; columns as :data:`harness.record.HISTORY`."""
    ordered = sorted(attempts, key=lambda done: done.operation.intended)
    operations = [done.operation for done in ordered]
    replies = [done.reply for done in ordered]
    intended = [int(each.intended * NS) for each in operations]
    columns: dict[str, Any] = {
        "op": [each.key for each in operations],
        "attempt": [each.attempt for each in operations],
        "kind": [each.kind for each in operations],
        "record": [each.record for each in operations],
        "version": [each.version for each in operations],
        "values": [each.values for each in operations],
        "values_hash": None,
        "who": [each.actor.index for each in operations],
        "role": [each.actor.role for each in operations],
        "home": [each.actor.record for each in operations],
        "channel": [each.channel for each in operations],
        "intended": intended,
        "released": intended,
        "sent": [
            None if each.answer_class is AnswerClass.UNREACHABLE else at
            for each, at in zip(replies, intended, strict=True)
        ],
        "done": [int(done.done * NS) for done in ordered],
        "outcome": [each.answer_class.outcome.value for each in replies],
        "answer_class": [each.answer_class.value for each in replies],
        "status": [each.status for each in replies],
        "stored_id": [each.stored_id for each in replies],
        "detail": [each.detail for each in replies],
        "worker": pl.repeat(0, len(ordered), dtype=pl.UInt16, eager=True),
    }
    return pl.DataFrame(columns, schema=HISTORY).with_columns(
        values_hash=values_hash(pl.col("values"))
    )


def calls_table(calls: Sequence[Call], roles: Mapping[int, str]) -> pl.DataFrame:
    """Every phone call, in order of dialling; columns as :data:`harness.record.CALLS`.

    Args:
        roles: Role of each participant, by index.
    """
    ordered = sorted(calls, key=lambda call: call.dialled)
    columns: dict[str, Any] = {
        "caller": [call.caller for call in ordered],
        "role": [roles.get(call.caller, "") for call in ordered],
        "line": [call.line for call in ordered],
        "record": [call.record for call in ordered],
        "dialled_drill": [call.dialled for call in ordered],
        "answered_drill": [call.answered for call in ordered],
        "ended_drill": [call.ended for call in ordered],
        "agent": [call.agent for call in ordered],
        "cause": [call.cause for call in ordered],
        "id": [call.id for call in ordered],
        "trunk": [call.trunk for call in ordered],
        "digits": [call.digits for call in ordered],
        "sid": [call.sid for call in ordered],
    }
    return pl.DataFrame(columns, schema=CALLS)


def injects_table(
    faults: Iterable[Fault], touched: Mapping[str, int], closed: float
) -> pl.DataFrame:
    """What the faults did; columns as :data:`harness.record.INJECTS`.

    Args:
        touched: Operations, answers or processes each one changed, by name.
        closed: When the night was over: a fault that would begin later did not.
    """
    rows = []
    for fault in faults:
        began = fault.start <= closed
        kind, detail = _what_it_did(fault, touched[fault.name])
        rows.append(
            {
                "name": fault.name,
                "kind": kind,
                "planned_start_drill": fault.start,
                "planned_end_drill": fault.end,
                "started_drill": fault.start if began else None,
                "ended_drill": min(fault.end, closed) if began else None,
                "touched": touched[fault.name],
                "undone": True,
                "detail": detail,
            }
        )
    return pl.DataFrame(rows, schema=INJECTS)


def _what_it_did(fault: Fault, count: int) -> tuple[str, str]:
    """The kind of a fault, and a few words on what it changed."""
    if isinstance(fault, Outage):
        return fault.kind, "stopped, then started again"
    if isinstance(fault, Slowed):
        return fault.kind, f"{count} answers took {fault.seconds:g} s longer"
    if isinstance(fault, Cut):
        return "network.cut_answers", f"{count} answers cut after the request had arrived"
    if isinstance(fault, LineFault):
        return f"network.{fault.what}", f"{count} messages or exchanges touched"
    return f"phone.{fault.what}", f"{count} calls, webhooks or texts touched"


def readback_table(app: ModelApp, sites: Mapping[str, Site]) -> pl.DataFrame:
    """What the app holds: nothing before the night, and twice the same after it."""
    nothing = [0] * len(FIELDS)
    rows = [_row("totals", "totals", "baseline", values=nothing, number=0.0)]
    for name in ("settled", "again"):
        counting = app.counting()
        rows += [_record("records", name, each, app, sites) for each in counting]
        rows += [_record("export", name, each, app, sites) for each in counting]
        rows.append(_totals(name, app, sites))
    return pl.DataFrame(rows, schema=READBACK).with_columns(
        values_hash=values_hash(pl.col("values"))
    )


def _row(source: str, mode: str, name: str, **cells: Any) -> dict[str, Any]:
    return {**dict.fromkeys(READBACK), "source": source, "mode": mode, "round": name, **cells}


def _record(
    source: str, name: str, stored: Stored, app: ModelApp, sites: Mapping[str, Site]
) -> dict[str, Any]:
    values: list[int | None] = list(stored.values)
    if source == "export" and "partial_export" in app.settings.defects:
        values[FINAL] = [None] * len(PREFERENCES)
    return _row(
        source,
        "keyed",
        name,
        key=stored.operation,
        record=stored.record,
        values=values,
        stored_id=stored.id,
        derived=_json(_sde(stored, app, sites)),
        raw=f"{stored.operation} {stored.record} {stored.values}",
    )


def _sde(stored: Stored, app: ModelApp, sites: Mapping[str, Site]) -> dict[str, float]:
    """State delegate equivalents that the app works out for one report, by name."""
    site = sites[stored.record]
    worth: Sequence[float] = derived(stored.values, site)
    if site.delegates == 1 and "one_delegate_precincts" in app.settings.defects:
        final = stored.values[FINAL]
        worth = [people / (sum(final) or 1) * site.sde_per_delegate for people in final]
    return {f"sde_{name}": part for name, part in zip(PREFERENCES, worth, strict=True)}


def _totals(name: str, app: ModelApp, sites: Mapping[str, Site]) -> dict[str, Any]:
    """The published sums over the reports that count, and how many sites have reported.

    With the defect ``stale_totals`` a record's first report is summed in place of its last.
    """
    stale = "stale_totals" in app.settings.defects
    summed = list(app.first.values()) if stale else app.counting()
    cells = [0] * len(FIELDS)
    equivalents = dict.fromkeys((f"sde_{each}" for each in PREFERENCES), 0.0)
    for stored in summed:
        cells = [total + cell for total, cell in zip(cells, stored.values, strict=True)]
        for key, worth in _sde(stored, app, sites).items():
            equivalents[key] += worth
    return _row(
        "totals",
        "totals",
        name,
        values=cells,
        number=float(len({each.record for each in summed})),
        derived=_json(equivalents),
    )


def _json(numbers: Mapping[str, float]) -> str:
    return orjson.dumps(numbers).decode()
