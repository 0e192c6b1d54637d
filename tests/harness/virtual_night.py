"""A small night put together by hand: reports, calls and sites as anchors are measured from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from harness.anchors import Tables
from harness.record import CALLS
from simulators.world.preferences import FIELDS

START = 5400.0  # 7 pm where drill second 0 is 5:30 pm
MINUTE = 60.0


def sheet(biden: int = 30, warren: int = 30, *, final_warren: int | None = None) -> tuple[int, ...]:
    """A report of a precinct with four delegates; it keeps every rule unless told otherwise."""
    cells = dict.fromkeys(FIELDS, 0)
    cells["attendance"] = biden + warren
    cells |= {"first_biden": biden, "first_warren": warren, "final_biden": biden}
    cells |= {"final_warren": warren if final_warren is None else final_warren}
    cells |= {"delegates_biden": 2, "delegates_warren": 2}
    return tuple(cells.values())


def call(
    dialled: float, answered: float | None, ended: float, cause: str = "served"
) -> dict[str, object]:
    """One call; times are minutes after 7 pm."""
    return {
        "caller": 1, "role": "chair", "line": "results", "record": "IA-0001",
        "dialled_drill": START + dialled * MINUTE,
        "answered_drill": None if answered is None else START + answered * MINUTE,
        "ended_drill": START + ended * MINUTE, "agent": None if answered is None else 0,
        "cause": cause,
    }  # fmt: skip


def tables(
    *,
    reports: Mapping[str, tuple[tuple[int, ...], str, float]],
    worksheets: Mapping[str, tuple[int, ...]],
    calls: Sequence[Mapping[str, object]] = (),
    satellites: Sequence[str] = (),
) -> Tables:
    """A night.

    Args:
        reports: Values, channel and minutes after 7 pm, by record.
        worksheets: What the paper says, by record: every site there is.
        satellites: Which of them are satellites.
    """
    kinds = ["satellite" if record in satellites else "precinct" for record in worksheets]
    return Tables(
        start=START,
        reports=pl.DataFrame(
            [
                {
                    "record": record,
                    "values": list(values),
                    "channel": channel,
                    "at": START + at * 60,
                }
                for record, (values, channel, at) in reports.items()
            ],
            schema={
                "record": pl.String,
                "values": pl.List(pl.Int32),
                "channel": pl.String,
                "at": pl.Float64,
            },
        ),
        calls=pl.DataFrame(list(calls), schema=CALLS),
        precincts=pl.DataFrame(
            {
                "record": list(worksheets),
                "kind": kinds,
                "delegates": pl.Series(
                    [4 if kind == "precinct" else 0 for kind in kinds], dtype=pl.Int32
                ),
            }
        ),
        worksheets=pl.DataFrame(
            {
                "record": list(worksheets),
                "values": pl.Series(
                    [list(each) for each in worksheets.values()], dtype=pl.List(pl.Int32)
                ),
            }
        ),
    )
