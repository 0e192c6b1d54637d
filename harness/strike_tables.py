"""What the modelled strike app holds, as it would be read back: codes struck, and how many."""

from __future__ import annotations

from typing import Any

import polars as pl

from harness.record import READBACK
from simulators.strike_model import StrikeApp

STRIKE_READERS = (("strikes", "keyed"), ("totals", "totals"))


def strikes_table(app: StrikeApp) -> pl.DataFrame:
    """Nothing before the day, and twice the same after it; columns as ``harness.record.READBACK``.

    The app keeps no operation key and has no numbers: a row names its record, which is struck.
    """
    rows = [_row("totals", "totals", "baseline", number=0.0)]
    for name in ("settled", "again"):
        rows += [
            _row(
                "strikes",
                "keyed",
                name,
                record=stored.record,
                stored_id=stored.id,
                raw=f"{stored.record} at {stored.at:.0f}",
            )
            for stored in app.struck
        ]
        rows.append(_row("totals", "totals", name, number=float(len(app.struck))))
    return pl.DataFrame(rows, schema=READBACK)


def _row(source: str, mode: str, name: str, **cells: Any) -> dict[str, Any]:
    return {**dict.fromkeys(READBACK), "source": source, "mode": mode, "round": name, **cells}
