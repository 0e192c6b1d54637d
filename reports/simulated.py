"""A simulated night on a terminal: reports and holds over time, channels, and the anchors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reports import words
from reports.cleaning import clean
from reports.hours import Hours
from reports.method import Anchor, anchors_of

_BAR = 24  # characters of the longest bar
_CHANNELS = {"api": "app", "web": "app in a browser", "sms": "text to the app", "none": "not in"}


def simulation_lines(info: Mapping[str, Any]) -> list[RenderableType]:
    """What ``run.json`` says of a simulated night, as lines to print; none where it says nothing.

    Args:
        info: ``run.json``. Its ``simulation`` holds ``sites``, ``quarters`` (each with
            ``start``, ``reports``, ``holding``, ``hold_median``), ``channels``, ``calls``,
            ``hold_mean`` and ``hold_longest`` in minutes; its ``anchors`` published figures.
    """
    lines: list[RenderableType] = []
    night = info.get("simulation")
    if isinstance(night, dict) and night.get("quarters"):
        totals = _totals(night, words.reported(info))
        lines += [_quarters(night, Hours.of(info)), Text(), *totals, Text()]
    anchors = anchors_of(info)
    if anchors:
        lines += [_anchors(anchors), Text()]
    return lines


def _quarters(night: Mapping[str, Any], hours: Hours) -> Table:
    """Half hours where the night is long, so that it fits a screen; no holds where nobody calls."""
    quarters: Sequence[Mapping[str, Any]] = night["quarters"]
    every = 1 if len(quarters) <= 24 else 2 if len(quarters) <= 48 else 4
    sites = max(int(night.get("sites") or 0), 1)
    most = max(max(int(each["holding"]) for each in quarters), 1)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    called = any(each.get("dialled") or each["holding"] for each in quarters)
    heads = ("until", "reports in", "", "on hold", "", "median hold")
    for head in heads if called else heads[:3]:
        table.add_column(head, header_style="bold", justify="left" if head == "" else "right")
    for i in range(0, len(quarters), every):
        last = quarters[min(i + every, len(quarters)) - 1]
        held = [q["hold_median"] for q in quarters[i : i + every] if q["hold_median"] is not None]
        cells = (
            hours.text(float(last["start"]) + float(night.get("step") or 900.0)),
            words.count(last["reports"]),
            Text(_bar(last["reports"] / sites), "blue"),
            words.count(last["holding"]),
            Text(_bar(last["holding"] / most), "yellow"),
            words.duration(max(held) * 60) if held else "",
        )
        table.add_row(*(cells if called else cells[:3]))
    return table


def _totals(night: Mapping[str, Any], reported: str) -> list[Text]:
    sites = int(night.get("sites") or 0)
    channels = ", ".join(
        f"{_CHANNELS.get(name, name)} {words.count(n)} ({words.share(n, sites)})"
        for name, n in (night.get("channels") or {}).items()
    )
    calls = ", ".join(f"{name} {words.count(n)}" for name, n in (night.get("calls") or {}).items())
    lines = [Text(clean(f"{reported.capitalize()} by channel: {channels}"))]
    if calls:
        mean, longest = (night.get(name) for name in ("hold_mean", "hold_longest"))
        lines.append(Text(clean(f"Calls: {calls}")))
        lines.append(
            Text(f"Holds of answered calls: mean {_minutes(mean)}, longest {_minutes(longest)}")
        )
    return lines


def _anchors(anchors: Sequence[Anchor]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in ("Anchor", "What", "Published", "Measured", "Tolerance", ""):
        table.add_column(head, header_style="bold", overflow="fold")
    marks = {
        None: Text("shown only", "dim"),
        True: Text("holds", "green"),
        False: Text("MISSED", "red"),
    }
    for each in anchors:
        texts = (each.name, each.says, each.published, each.measured, each.tolerance)
        table.add_row(*(Text(clean(text)) for text in texts), marks[each.holds])
    return table


def _bar(share: float) -> str:
    return "█" * round(_BAR * min(max(share, 0.0), 1.0))


def _minutes(minutes: float | None) -> str:
    return words.duration(None if minutes is None else minutes * 60)
