"""The charts of other numbers of people and lines, each with its figures as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reports import svg, words
from reports.charts import Chart
from reports.hours import Hours
from reports.what_if_words import goal_of, lines, size

QUARTER = 900.0
LONGEST = 3 * 3600.0  # seconds: a wait beyond is drawn at the edge
ROWS = 24


def charts_of(result: Mapping[str, Any]) -> list[Chart]:
    """Every chart that this result has figures for."""
    found = [waits(result), incoming(result), calls(result)]
    return [each for each in found if each is not None]


def waits(result: Mapping[str, Any]) -> Chart | None:
    """How long callers wait, by the number of people or lines."""
    curve = result["curve"]
    if len(curve) < 2:
        return None
    by_lines = result["kind"] == "lines"
    size_of = "trunks" if by_lines else "agents"
    title = f"How long callers wait, by the number of {'lines' if by_lines else 'people'}"
    note = f"The dotted line is the goal: {goal_of(result)}." + (
        "" if by_lines else " Lines are without limit here."
    )
    shown = [each[name] for each in curve for name in ("wait_median", "wait_p90")]
    most = min(max((each for each in shown if each is not None), default=60.0), LONGEST)
    ticks = _minute_ticks(most)
    last = float(curve[-1][size_of])
    names = (("half of the callers", "wait_median"), ("nine of ten", "wait_p90"))
    frame = svg.Frame(
        name="waits", title=title, description=note, x_end=last, x_ticks=svg.nice_ticks(last)[:-1],
        y_end=ticks[-1], y_ticks=ticks, x_text=words.number, y_text=words.duration,
        x_label="lines" if by_lines else "people who answer", y_label="answered within",
        levels=((result["goal"]["within"], "goal"),),
    )  # fmt: skip
    series = [
        svg.Series(name, [(float(each[size_of]), each[key]) for each in curve])
        for name, key in names
    ]
    return Chart(
        title,
        note,
        svg.line(frame, series),
        tuple((name, i) for i, (name, _) in enumerate(names)),
        ("Lines" if by_lines else "People", *(f"{name} within" for name, _ in names)),
        tuple(
            (words.count(each[size_of]), *(_wait(each[key]) for _, key in names)) for each in curve
        ),
    )


def incoming(result: Mapping[str, Any]) -> Chart | None:
    """Results in over the night, for the numbers of people asked for."""
    asked = [each for each in result["asked"] if each["agents"] is not None]
    without_limit = [each for each in asked if each["trunks"] is None] or asked
    shown = without_limit[: svg.KINDS]
    if not result["results"] or not shown:
        return None
    hours = Hours.of(result)
    title = "Results in, so far"
    note = f"Of {words.count(result['results'])}, by any way, on {lines(shown[0]['trunks'])}."
    total, end = float(result["results"]), float(result["end"])
    frame = svg.Frame(
        name="incoming", title=title, description=note, x_end=end, x_ticks=hours.ticks(end),
        y_end=svg.nice_ticks(total)[-1], x_text=hours.text, y_text=words.number,
        x_label=hours.label, y_label="results in",
        levels=tuple((total * share, f"{100 * share:.0f} %") for share in (0.5, 0.9)),
    )  # fmt: skip
    series = [
        svg.Series(size(each), [(0.0, 0.0), *_quarters(each["incoming"], end)]) for each in shown
    ]
    every = max(1, math.ceil(len(shown[0]["incoming"]) / ROWS))
    return Chart(
        title,
        note,
        svg.line(frame, series),
        tuple((size(each), i) for i, each in enumerate(shown)),
        ("By", *(size(each) for each in shown)),
        tuple(
            (hours.text((i + 1) * QUARTER), *(words.count(each["incoming"][i]) for each in shown))
            for i in range(every - 1, len(shown[0]["incoming"]), every)
        ),
    )


def calls(result: Mapping[str, Any]) -> Chart | None:
    """What becomes of calls with the same people on other numbers of lines."""
    agents = result["base"][0]
    rows = [each for each in result["asked"] if each["agents"] == agents]
    if len(rows) < 2:
        return None
    rows.sort(key=lambda each: each["trunks"] or math.inf)
    title = "What becomes of calls, by the number of lines"
    who = "the app" if agents is None else size(rows[0])
    note = f"From left: answered by {who}, given up on hold, busy; every call, redials included."
    parts = [_fates(each) for each in rows]
    labels = [lines(each["trunks"]) if each["trunks"] else "no limit" for each in rows]
    names = ("answered", "given up on hold", "busy")
    return Chart(
        title,
        note,
        svg.bars("calls", title, note, list(zip(labels, parts, strict=True))),
        (),
        ("Lines", *names),
        tuple(
            (label, *(words.count(part) for part in row))
            for label, row in zip(labels, parts, strict=True)
        ),
    )


def _fates(each: Mapping[str, Any]) -> tuple[float, float, float]:
    return each["attempts"] - each["busy"] - each["abandoned"], each["abandoned"], each["busy"]


def _quarters(counts: Sequence[float], end: float) -> list[tuple[float, float]]:
    return [(min((i + 1) * QUARTER, end), count) for i, count in enumerate(counts)]


def _minute_ticks(most: float) -> list[float]:
    """Seconds at which an axis of waits is labelled: round numbers of minutes."""
    pitch = next((each for each in (60, 120, 300, 600, 900, 1800, 3600) if most / each <= 6), 3600)
    return [float(pitch * i) for i in range(max(2, math.ceil(most / pitch) + 1))]


def _wait(seconds: float | None) -> str:
    return "not reached" if seconds is None else words.duration(round(seconds))
