"""What the modelled hub holds, as it would be read back: records, people, the dashboard."""

from __future__ import annotations

from typing import Any

import orjson
import polars as pl

from harness.record import READBACK, values_hash
from simulators.hub_model import HubApp, Sums
from simulators.world.campaign import FIELDS

HUB_READERS = (
    ("records", "keyed"), ("people", "merged"), ("totals", "totals"), ("states", "totals"),
)  # fmt: skip
HUB_OPERATIONS = ("sign_in", "submit_report", "amend_report", "read_results", "read_report")


def hub_table(app: HubApp) -> pl.DataFrame:
    """Nothing before the day, and twice the same after it; columns as ``harness.record.READBACK``.

    The dashboard has a row for each state that it knows of: none at first.
    """
    rows = [_totals("baseline", {})]
    rows += [row for name in ("settled", "again") for row in _round(name, app)]
    return pl.DataFrame(rows, schema=READBACK).with_columns(
        values_hash=values_hash(pl.col("values"))
    )


def _round(name: str, app: HubApp) -> list[dict[str, Any]]:
    records = [
        _row(
            "records",
            "keyed",
            name,
            key=stored.operation,
            record=stored.record,
            values=list(stored.values),
            stored_id=stored.id,
            derived=_json({"name": app.name(stored.record), "verified": 0}),
            raw=f"{stored.operation} {stored.record} {stored.values}",
        )
        for stored in app.counting()
    ]
    people = [
        _row("people", "merged", name, record=person, derived=_json(merged._asdict()))
        for person, merged in app.people().items()
    ]
    states = app.totals()
    by_state = [
        _row(
            "states",
            "totals",
            name,
            record=state,
            values=sums.cells,
            number=float(sums.records),
            derived=_json({"people": sums.people, "supporters": sums.supporters}),
        )
        for state, sums in states.items()
    ]
    return [*records, *people, _totals(name, states), *by_state]


def _totals(name: str, states: dict[str, Sums]) -> dict[str, Any]:
    """All states together."""
    cells = [sum(column) for column in zip(*(each.cells for each in states.values()), strict=True)]
    records = sum(each.records for each in states.values())
    return _row("totals", "totals", name, values=cells or [0] * len(FIELDS), number=float(records))


def _row(source: str, mode: str, name: str, **cells: Any) -> dict[str, Any]:
    return {**dict.fromkeys(READBACK), "source": source, "mode": mode, "round": name, **cells}


def _json(said: dict[str, Any]) -> str:
    return orjson.dumps(said).decode()
