"""Will it shut anyone out? Each persona's walk along the app's pages, step by step.

What is said of personas is said of each by name: no share of them is worked out, and no interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import polars as pl

from harness.record import Finding, RunFolder
from reports.links import beside

WORST = ("blocked", "struggled", "passed")
STATES = {
    "passed": ("✓", "passed"),
    "struggled": ("~", "struggled"),
    "blocked": ("✕", "blocked"),
    "": ("–", "not reached"),
    "missing": ("?", "not known"),
    "barred": ("–", "not applicable"),
}
"""What a persona's step came to, as symbol and word."""
COLUMNS = 10
SAID = {"personas": "", "walk_time": "Time on the pages", "drift": "This machine"}
KNOBS = {
    "key_seconds": "From key to key, s",
    "key_spread": "Spread of that (log)",
    "look_seconds": "To take in a page, s",
    "number_errors": "Chance of a wrong number",
    "tap_misses": "Chance to miss a small button",
    "patience_seconds": "Before they phone, s",
    "tries": "Tries before they phone",
    "away_seconds": "Away on a call, s",
}
MARKS = ("published", "measured", "assumed")


@dataclass(frozen=True)
class Cell:
    """What one step was for one persona, over all their walks.

    Attributes:
        state: A key of :data:`STATES`.
        note: What they saw, where it did not go well.
        times: How often each state was met, where walks differ: "2 of 3".
        screenshot, trace: Links, empty where there is none.
    """

    state: str
    note: str = ""
    times: str = ""
    screenshot: str = ""
    trace: str = ""


@dataclass(frozen=True)
class Row:
    """One persona.

    Attributes:
        state: What their walks came to, at worst.
        times: How many walks of how many came to that, where there are several.
        cells: One a column of the grid.
    """

    name: str
    title: str
    who: str
    asks: str
    state: str
    times: str
    help_calls: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """Personas by step.

    Attributes:
        groups: Operations, each with how many columns it has.
        steps: Names of the columns.
        left_out: Steps that everybody passed and that are not shown for want of room.
        findings: What the checks say of the walks, each with a word on what it is about.
    """

    groups: tuple[tuple[str, int], ...]
    steps: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int = 0
    findings: tuple[tuple[str, Finding], ...] = ()

    @property
    def troubles(self) -> tuple[tuple[str, str, Cell], ...]:
        """Who, step and cell, wherever somebody struggled or was blocked."""
        return tuple(
            (row.title, step, cell)
            for row in self.rows
            for step, cell in zip(self.steps, row.cells, strict=True)
            if cell.state in ("struggled", "blocked")
        )


@dataclass(frozen=True)
class Knobs:
    """What personas are made of.

    Attributes:
        head: Names of the columns.
        rows: Title of a persona, and for each column value, mark and number of its source.
        sources: The sources, by number from 1.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str, int] | None, ...]], ...]
    sources: tuple[str, ...]


@dataclass
class _Walked:
    """What is recorded of one persona."""

    states: list[str] = field(default_factory=list)
    help_calls: int = 0
    steps: dict[tuple[str, str], list[Mapping[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def grid_of(run: RunFolder) -> Grid | None:
    """The grid of a run; None where no persona was to walk any page."""
    cast = [each for each in run.info.get("personas") or () if isinstance(each, Mapping)]
    offered = ((run.info.get("target") or {}).get("web") or {}).get("languages")
    if not cast or not offered or run.info.get("virtual") or not _drilled(run):
        return None
    walked = _walked(run)
    columns = _columns(run)
    shown = _shown(columns, walked)
    return Grid(
        tuple(_groups(shown)),
        tuple(step for _, step in shown),
        tuple(_row(each, walked.get(str(each.get("name"))), shown, offered) for each in cast),
        len(columns) - len(shown),
        tuple((SAID[each.check], each) for each in run.findings if each.check in SAID),
    )


def _drilled(run: RunFolder) -> bool:
    """Whether anybody was to walk pages in this run, as told or as recorded."""
    if run.info.get("web"):
        return True
    mine = run.sessions.filter(pl.col("source").cast(pl.String) == "persona")
    return bool(mine.select(pl.len()).collect().item())


def knobs_of(info: Mapping[str, Any]) -> Knobs | None:
    """What the personas of a run are made of; None where there are none."""
    cast = [each for each in info.get("personas") or () if isinstance(each, Mapping)]
    if not cast:
        return None
    sources: dict[str, int] = {}
    rows = []
    for each in cast:
        knobs = each.get("knobs") or {}
        cells: list[tuple[str, str, int] | None] = []
        for name in KNOBS:
            knob = knobs.get(name)
            if not isinstance(knob, Mapping):
                cells.append(None)
                continue
            number = sources.setdefault(str(knob.get("source") or "not said"), len(sources) + 1)
            mark = str(knob.get("mark"))
            said = mark if mark in MARKS else "not said"
            cells.append((f"{float(knob.get('value') or 0):g}", said, number))
        rows.append((str(each.get("title") or each.get("name")), tuple(cells)))
    return Knobs(tuple(KNOBS.values()), tuple(rows), tuple(sources))


def _walked(run: RunFolder) -> dict[str, _Walked]:
    walked: dict[str, _Walked] = defaultdict(_Walked)
    mine = run.sessions.filter(pl.col("source").cast(pl.String) == "persona").collect()
    for row in mine.iter_rows(named=True):
        walked[row["persona"]].states.append(row["state"] or "missing")
        walked[row["persona"]].help_calls += row["help_calls"] or 0
    for row in run.steps.sort("session", "number").collect().iter_rows(named=True):
        walked[row["persona"]].steps[row["operation"] or "", row["step"] or ""].append(row)
    return walked


def _columns(run: RunFolder) -> list[tuple[str, str]]:
    """Operation and step of every column, in the order in which people come to them."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    begins: dict[tuple[str, str], int] = {}
    operations: dict[str, int] = {}
    for row in run.steps.sort("session", "number").collect().iter_rows(named=True):
        operation, step = row["operation"] or "", row["step"] or ""
        begins.setdefault((row["session"], operation), row["number"])
        operations[operation] = min(operations.get(operation, row["number"]), row["number"])
        places[operation, step].append(row["number"] - begins[row["session"], operation])
    return sorted(places, key=lambda each: (operations[each[0]], median(places[each]), each[1]))


def _shown(
    columns: Sequence[tuple[str, str]], walked: Mapping[str, _Walked]
) -> list[tuple[str, str]]:
    """The columns there is room for.

    Those where somebody had trouble come first, then those that ended an operation, by which one
    sees what came of it, then those that most personas came to.
    """
    if len(columns) <= COLUMNS:
        return list(columns)
    met = {
        key: [each.steps[key] for each in walked.values() if key in each.steps] for key in columns
    }
    trouble = {
        key
        for key, ways in met.items()
        if any(row["state"] != "passed" for rows in ways for row in rows)
    }
    ends = _ends(walked)
    kept = sorted(columns, key=lambda key: (key not in trouble, key not in ends, -len(met[key])))
    return [each for each in columns if each in kept[:COLUMNS]]


def _ends(walked: Mapping[str, _Walked]) -> set[tuple[str, str]]:
    """The steps with which somebody's operation came to its end."""
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for each in walked.values():
        for (operation, step), rows in each.steps.items():
            for row in rows:
                key = (str(row["session"]), operation)
                last[key] = max(last.get(key, (0, "")), (int(row["number"]), step))
    return {(operation, step) for (_, operation), (_, step) in last.items()}


def _groups(shown: Iterable[tuple[str, str]]) -> Iterable[tuple[str, int]]:
    counts: dict[str, int] = {}
    for operation, _ in shown:
        counts[operation] = counts.get(operation, 0) + 1
    return ((name.replace("_", " "), count) for name, count in counts.items())


def _row(
    persona: Mapping[str, Any],
    walked: _Walked | None,
    columns: Sequence[tuple[str, str]],
    offered: Sequence[str],
) -> Row:
    speaks = str(persona.get("language") or "en").partition("-")[0]
    barred = speaks not in {str(each).partition("-")[0] for each in offered}
    found = walked or _Walked()
    state = "barred" if barred else _worst(found.states) if found.states else "missing"
    alike = found.states.count(state)
    times = f"{alike} of {len(found.states)} walks" if len(found.states) > 1 else ""
    return Row(
        name=str(persona.get("name")),
        title=str(persona.get("title") or persona.get("name")),
        who=str(persona.get("who") or ""),
        asks=str(persona.get("asks") or ""),
        state=state,
        times=times,
        help_calls=found.help_calls,
        cells=tuple(_cell(found.steps.get(each, ())) for each in columns),
    )


def _cell(rows: Sequence[Mapping[str, Any]]) -> Cell:
    if not rows:
        return Cell("")
    by_session: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_session[row["session"]].append(row)
    states = {session: _came_to(mine) for session, mine in by_session.items()}
    state = _worst(states.values())
    worst = [row for row in rows if states[row["session"]] == state]
    telling = max(worst, key=lambda row: (row["state"] == state, row["number"]))
    many = len(states) > 1
    return Cell(
        state,
        "" if state == "passed" else str(telling["detail"] or ""),
        f"{list(states.values()).count(state)} of {len(states)}" if many else "",
        next((link for row in reversed(worst) if (link := beside(row["screenshot"]))), ""),
        next((link for row in reversed(worst) if (link := beside(row["trace"]))), ""),
    )


def _came_to(rows: Sequence[Mapping[str, Any]]) -> str:
    """What a step came to in one walk: passed after trouble is a struggle."""
    last = str(rows[-1]["state"] or "")
    trouble = any(row["state"] != "passed" for row in rows)
    return "struggled" if last == "passed" and trouble else last


def _worst(states: Iterable[str]) -> str:
    found = set(states)
    return next((each for each in WORST if each in found), "missing")
