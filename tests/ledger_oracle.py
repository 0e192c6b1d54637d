"""What a drill's own ledger says became of each report: read line by line, without the checks.

The checks work on Parquet tables with hashes and columns. This reads the JSON lines that the
engine wrote, with dictionaries and sets, so that the two have nothing but the ledger in common.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPORTS = ("submit_report", "amend_report")


@dataclass
class Told:
    """What was sent under one operation key, and what the app said each time.

    Attributes:
        record: The precinct.
        values: The cells, by name.
        answers: The outcome of each try, in the order of the ledger; ``unknown`` if none came.
        flights: Nanoseconds since the start at which each try was sent and done; ``done`` is
            None if nobody ever knew.
    """

    record: str
    values: dict[str, int]
    answers: list[str] = field(default_factory=list)
    flights: list[tuple[int, int | None]] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """The app said yes at least once."""
        return "ok" in self.answers

    @property
    def refused(self) -> bool:
        """The app said no every time."""
        return set(self.answers) == {"refused"}


def lines(run: Path) -> Iterator[dict[str, Any]]:
    """Every line of every engine's ledger."""
    for path in sorted((run / "ledger").glob("engine-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield {"file": path.name, **json.loads(line)}


def reports_told(run: Path) -> dict[str, Told]:
    """Each report of a run, by operation key."""
    names = json.loads((run / "run.json").read_text())["fields"]
    everything = list(lines(run))
    outcomes = {(each["file"], each["of"]): each for each in everything if each["k"] == "outcome"}
    told: dict[str, Told] = {}
    for intent in everything:
        if intent["k"] != "intent" or intent["kind"] not in REPORTS:
            continue
        cells = dict(zip(names, intent["values"], strict=True))
        mine = told.setdefault(intent["op"], Told(intent["record"], cells))
        assert (mine.record, mine.values) == (intent["record"], cells), "a retry carries the same"
        outcome = outcomes.get((intent["file"], intent["n"]), {})
        mine.answers.append(outcome.get("outcome", "unknown"))
        sent = outcome.get("sent")
        if sent is not None:
            mine.flights.append((sent, outcome.get("done")))
    return told


def tries(run: Path, **wanted: str) -> list[dict[str, Any]]:
    """Every try at an operation, intent and outcome in one, that has these values."""
    everything = list(lines(run))
    outcomes = {(each["file"], each["of"]): each for each in everything if each["k"] == "outcome"}
    return [
        both
        for each in everything
        if each["k"] == "intent"
        and (both := {**each, **outcomes.get((each["file"], each["n"]), {})})
        and all(both.get(name) == value for name, value in wanted.items())
    ]


def killed_at(run: Path) -> int:
    """Nanoseconds since the start at which the app was taken away."""
    speed = json.loads((run / "run.json").read_text())["speed"]
    for line in (run / "ledger" / "injects.jsonl").read_text().splitlines():
        step = json.loads(line)
        if step["step"] == "begin" and "killed" in step["name"]:
            return int(step["drill"] / speed * 1e9)
    raise AssertionError("nothing was killed")


def in_flight(told: Mapping[str, Told], at: int) -> int:
    """Tries that had been sent and not yet answered at a moment."""
    return sum(
        sent <= at and (done is None or done > at)
        for each in told.values()
        for sent, done in each.flights
    )


def disagreements(
    told: Mapping[str, Told], stored: Mapping[str, list[tuple[str, dict[str, int]]]]
) -> list[str]:
    """What an app holds that it may not, and what it lacks that it said it has.

    Args:
        stored: Rows by operation key: the precinct and its cells, read from the app's own file.
    """
    wrong = [f"{key}: nobody sent it" for key in stored.keys() - told.keys()]
    for key, report in told.items():
        rows = stored.get(key, [])
        if report.accepted and not rows:
            wrong.append(f"{key}: accepted and not there")
        if report.refused and rows:
            wrong.append(f"{key}: refused and there")
        if len(rows) > 1:
            wrong.append(f"{key}: there {len(rows)} times")
        if any(row != (report.record, report.values) for row in rows):
            wrong.append(f"{key}: says something else")
    return wrong
