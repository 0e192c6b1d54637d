"""One proof for each app, played once for all tests of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import polars as pl

from harness.prove.asking import asked_of
from harness.prove.catalogue import defects_of
from harness.prove.job import Played
from harness.prove.matrix import Caught, Matrix, Row
from harness.prove.proving import Told, prove
from harness.record import RunFolder, Status

TIMINGS = {"response_time", "webhook_time", "phones", "keypad", "health_truth"}
"""Checks that say unknown where the machine was too busy, or the night too short, to tell."""


def proven(app: str, folder: Path, *, jobs: int = 1) -> Matrix:
    """Drill every defect of an app, and the clean app; so many drills at once."""
    asked = asked_of([app], [], [], folder=folder, jobs=jobs, seeds=0, live_seeds=1, injects=False)
    return prove(asked)


def rejudged(app: str, folder: Path, *without: str) -> tuple[Matrix, list[Played]]:
    """The same proof judged again without some checks; and the drills that were played for it."""
    played: list[Played] = []
    asked = asked_of(
        [app], [], list(without), folder=folder, jobs=1, seeds=0, live_seeds=1, injects=False
    )
    before = {each: each.stat().st_mtime_ns for each in (folder / "runs").glob("*/run.json")}
    matrix = prove(asked, Told(drill=lambda each, _: played.append(each)))
    again = [
        each for each in played if before[each.job.folder / "run.json"]
        != (each.job.folder / "run.json").stat().st_mtime_ns
    ]  # fmt: skip
    return matrix, again


def names(app: str) -> list[str]:
    """An app's defects."""
    return [each.name for each in defects_of(app)]


def row(matrix: Matrix, defect: str) -> Row:
    return next(each for each in matrix.rows if each.defect == defect)


def caught(matrix: Matrix, defect: str) -> None:
    """The finding that is meant for a defect failed, named a record, and decided the verdict."""
    found = row(matrix, defect)
    assert found.caught is Caught.MEANT, (found.why, found.fired)
    assert found.word == "NO-GO"


def quiet(folder: RunFolder) -> None:
    """No check fires; whatever objective is not met could not be timed on a busy machine."""
    assert [each for each in folder.findings if each.status is Status.FAIL] == []
    verdict: dict[str, Any] = orjson.loads((folder.path / "verdict.json").read_bytes())
    fine = {Status.PASS, Status.NOT_APPLICABLE}
    open_ = [each for each in verdict["results"] if each["state"] not in fine]
    assert all(each["objective"]["check"] in TIMINGS for each in open_), open_


def count(table: pl.DataFrame, **columns: str) -> int:
    """Rows that have these words in these columns."""
    return table.filter(
        pl.col(name).cast(pl.String) == word for name, word in columns.items()
    ).height
