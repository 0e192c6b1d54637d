"""The charts of a phone line: who held for how long, who was turned away, how calls ended."""

from __future__ import annotations

import math
import re

from reports import svg, words
from reports.charts import ROWS, Chart, Scale
from reports.hours import Hours
from reports.phones import CAUSES, HOLDS, Phones

SHORT = {
    "hung up: the app worked after all": "app worked",
    "answered and served": "served",
    "still holding or talking at the end": "open at the end",
    "menu heard to its end": "menu to its end",
    "called back and served": "called back",
    "turned away: too many were waiting": "line was full",
    "no answer from the network": "no answer",
}


def charts_of(phones: Phones, scale: Scale) -> list[Chart]:
    """What there is to see of one line."""
    shown = [endings(phones)]
    if any(each.turned_away for each in phones.stretches):
        shown.insert(0, turned_away(phones, scale))
    if phones.most_holding:
        shown = [holding(phones, scale), holds(phones, scale.hours), *shown]
    return shown


def turned_away(phones: Phones, scale: Scale) -> Chart:
    """Calls dialled and calls turned away over time."""
    title = f"Calls dialled and turned away{_on(phones)}"
    away = sum(each.turned_away for each in phones.stretches)
    note = f"{away:,} of {phones.calls:,} calls met a busy line."
    most = max(each.dialled for each in phones.stretches)
    width = phones.stretches[1].start if len(phones.stretches) > 1 else 900.0
    label = f"calls in {words.duration(width)}"
    frame = scale.frame(_name("away", phones), title, note, most, label)
    series = [
        svg.Series("dialled", [(each.start, float(each.dialled)) for each in phones.stretches]),
        svg.Series(
            "turned away", [(each.start, float(each.turned_away)) for each in phones.stretches]
        ),
    ]
    every = max(1, math.ceil(len(phones.stretches) / ROWS))
    groups = [phones.stretches[i : i + every] for i in range(0, len(phones.stretches), every)]
    return Chart(
        title,
        note,
        svg.step(frame, series),
        (("dialled", 0), ("turned away", 1)),
        ("From", "dialled", "turned away"),
        tuple(
            (
                scale.hours.text(group[0].start),
                words.count(sum(each.dialled for each in group)),
                words.count(sum(each.turned_away for each in group)),
            )
            for group in groups
        ),
    )


def holding(phones: Phones, scale: Scale) -> Chart:
    """People on hold at one time."""
    title = f"People on hold{_on(phones)}"
    note = f"At the worst moment {phones.most_holding:,} people were on hold at once."
    frame = scale.frame(
        _name("holding", phones), title, note, phones.most_holding, "people on hold"
    )
    series = [svg.Series("on hold", [(at, float(n)) for at, n in phones.holding])]
    every = max(1, math.ceil(len(phones.holding) / ROWS))
    return Chart(
        title,
        note,
        svg.step(frame, series),
        (),
        ("From", "most on hold"),
        tuple(
            (
                scale.hours.text(phones.holding[i][0]),
                words.count(max(n for _, n in phones.holding[i : i + every])),
            )
            for i in range(0, len(phones.holding), every)
        ),
    )


def holds(phones: Phones, hours: Hours) -> Chart:
    """Answered calls by the time of the answer and the length of the hold."""
    title = f"Calls answered{_on(phones)}, by how long they had held"
    note = (
        f"Half of those answered had held at most {words.duration(phones.median)}; the longest "
        f"hold, answered or not, was {words.duration(phones.longest)}."
    )
    rows = [
        (name, [each.bands[i] for each in phones.holds])
        for i, (_, name) in reversed(list(enumerate(HOLDS)))
    ]
    starts = [hours.text(each.start) for each in phones.holds]
    return Chart(
        title,
        note,
        svg.heat(_name("holds", phones), title, note, starts, rows),
        (),
        ("Answered from", "calls", "median hold", "longest hold"),
        tuple(
            (
                hours.text(each.start),
                words.count(sum(each.bands)),
                words.duration(each.median),
                words.duration(each.longest),
            )
            for each in phones.holds
        ),
    )


def endings(phones: Phones) -> Chart:
    """How calls ended."""
    title = f"How calls ended{_on(phones)}"
    note = f"{phones.calls:,} dialled in all."
    rows = [(CAUSES.get(cause, cause or "not known"), n) for cause, n in phones.causes]
    bars = [(SHORT.get(text, text), [n]) for text, n in rows]
    return Chart(
        title,
        note,
        svg.bars(_name("endings", phones), title, note, bars),
        (),
        ("Ended", "calls", "share"),
        tuple((text, words.count(n), words.share(n, phones.calls)) for text, n in rows),
    )


def _on(phones: Phones) -> str:
    return f": {phones.line}" if phones.line else ""


def _name(chart: str, phones: Phones) -> str:
    """The drawing's own name on the page."""
    return f"{chart}-{re.sub(r'[^a-z0-9]+', '-', phones.line.lower())}"
