"""How faults with a runbook were handled: the keys that somebody pressed, or what the target said.

In an attended drill each key is one JSON line, and which fault it was for. In any other drill the
target's own health page and alarms tell when a fault could have been noticed: the first time that
they say ill, or nothing, after it began; what had said so ever since before tells of something
else. It counts as fixed from when they say well for good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from harness.record import HANDLING

NAME = "handling.jsonl"
NOTICED, FIXED = "noticed", "fixed"


@dataclass(frozen=True)
class Key:
    """One key that somebody pressed.

    Attributes:
        at: Drill second.
        press: ``noticed`` or ``fixed``.
        inject: Name of the fault it was for; empty where there was none.
        taken: Whether it counts.
        why: Why it does not.
    """

    at: float
    press: str
    inject: str
    taken: bool = True
    why: str = ""

    def line(self) -> bytes:
        """As a line of the log."""
        return orjson.dumps(self) + b"\n"


def read(path: Path) -> list[Key]:
    """The keys of a log, in order; a torn line is left out."""
    keys = []
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            keys.append(Key(**orjson.loads(line)))
        except (orjson.JSONDecodeError, TypeError):
            continue
    return keys


def table(
    planned: Sequence[Mapping[str, Any]],
    injects: pl.DataFrame,
    health: pl.DataFrame,
    keys: Sequence[Key] | None,
) -> pl.DataFrame:
    """One row a fault that has a runbook, with the schema of the run folder.

    Args:
        planned: The injects as ``run.json`` has them.
        injects: What became of them.
        health: What the target said of itself meanwhile.
        keys: What was pressed; None where nobody attended.
    """
    happened = {row["name"]: row for row in injects.to_dicts()}
    rows = []
    for each in planned:
        if runbook := each.get("runbook"):
            fault = happened.get(each["name"]) or {}
            began = fault.get("started_drill")
            if keys is not None:
                handled = _by_hand(str(each["name"]), keys)
            else:
                handled = _by_itself(began, fault.get("ended_drill"), health)
            rows.append(
                {
                    "inject": each["name"],
                    "step": runbook.get("step", ""),
                    "owner": runbook.get("owner", ""),
                    "began_drill": began,
                    **handled,
                }
            )
    return pl.DataFrame(rows, schema=HANDLING)


def _by_hand(name: str, keys: Sequence[Key]) -> dict[str, Any]:
    """When somebody said that they had noticed and fixed it."""
    mine = [each for each in keys if each.inject == name]
    noticed, fixed = (
        next((each.at for each in mine if each.taken and each.press == press), None)
        for press in (NOTICED, FIXED)
    )
    refused = [each for each in mine if not each.taken]
    return {
        "by": "nobody" if noticed is None else "attended",
        "detected_drill": noticed,
        "fixed_drill": fixed,
        "detail": f"{len(refused)} keys not taken: {refused[0].why}" if refused else "",
    }


def _by_itself(began: float | None, ended: float | None, health: pl.DataFrame) -> dict[str, Any]:
    """When the target itself said that it was ill, and that it was well again."""
    nobody = {"by": "nobody", "detected_drill": None, "fixed_drill": None, "detail": ""}
    if began is None:
        return nobody
    polls = health.sort("at_drill").with_columns(
        pl.col("source", "said").cast(pl.String), well=pl.col("said").cast(pl.String) == "well"
    )
    was_ill = polls.filter(pl.col("at_drill") < began).group_by("source").agg(pl.col("well").last())
    said = polls.filter(pl.col("at_drill") >= began)
    over = said["at_drill"].max() if ended is None else ended
    # Whoever had said ill until it began must first have been well to tell of it.
    heard = said.join(was_ill, on="source", how="left", suffix="_before", maintain_order="left")
    heard = heard.with_columns(
        fresh=pl.col("well_before").fill_null(True) | pl.col("well").cum_max().over("source")
    )
    ill = heard.filter(~pl.col("well"), pl.col("fresh"), pl.col("at_drill") <= over)
    if not len(ill):
        stuck = len(heard.filter(~pl.col("well"), pl.col("at_drill") <= over))
        return nobody | {"detail": "it had said that it was ill since before" if stuck else ""}
    first = ill.row(0, named=True)
    same = said.filter(pl.col("source") == first["source"])
    return {
        "by": first["source"],
        "detected_drill": first["at_drill"],
        "fixed_drill": None if ended is None else _well_for_good(same, ended),
        "detail": first["detail"] or first["said"].replace("_", " "),
    }


def _well_for_good(said: pl.DataFrame, ended: float) -> float | None:
    """The first time it was well, from which on it stayed so until after the fault had ended."""
    well_after = said.filter(pl.col("well"), pl.col("at_drill") >= ended)
    if not len(well_after):
        return None
    until = float(well_after["at_drill"][0])
    last_ill = said.filter(~pl.col("well"), pl.col("at_drill") < until)["at_drill"].max()
    since = said.filter(pl.col("well"), pl.col("at_drill") > last_ill)
    return float(since["at_drill"][0])
