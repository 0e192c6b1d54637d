"""A simulated night on the terminal: the course of it, the channels, and history beside it.

Everything comes from ``run.json``; nothing is worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.record import RunFolder
from reports.cleaning import clean

WIDTH = 24  # characters of a full bar
EIGHTHS = " ▏▎▍▌▋▊▉█"
CHANNELS = {"api": "by the app", "hotline": "by the hotline", "none": "not at all"}
_HOLDS = {True: ("yes", "green"), False: ("NO", "bold red"), None: ("–", "dim")}


def render_simulation(run: RunFolder) -> RenderableType:
    """What ``drillhall simulate`` prints: the night, how reports came in, the anchors."""
    info = run.info
    found: Mapping[str, Any] = info.get("simulation") or {}
    opens = str((info.get("clock") or {}).get("opens") or "0:00")
    parts: list[RenderableType] = [
        Text.assemble(
            (clean(str(info.get("title"))), "bold"),
            f"  cast {clean(str(info.get('cast')))}, seed {info.get('seed')}, "
            f"{found.get('sites')} sites, in virtual time: no app was drilled",
        ),
    ]
    changes = info.get("what_if") or {}
    if changes:
        said = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in changes.items())
        parts.append(Text(f"What if: {said}", "yellow"))
    parts += [Text(), _course(found, opens), Text(), _summary(found, opens)]
    anchors = info.get("anchors") or []
    if anchors:
        parts += [Text(), anchors_table(anchors)]
    return Padding(Group(*parts), (0, 1))


def _course(found: Mapping[str, Any], opens: str) -> Table:
    """One line a quarter hour: reports in, and how long callers held."""
    quarters: Sequence[Mapping[str, Any]] = found.get("quarters") or ()
    sites = max(int(found.get("sites") or 0), 1)
    longest = max((each["hold_p90"] or 0.0 for each in quarters), default=0.0)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("until", header_style="bold", no_wrap=True)
    table.add_column("reports in", header_style="bold", justify="right")
    table.add_column("", min_width=WIDTH, no_wrap=True)
    for head in ("calls", "on hold", "held, median", "nine tenths"):
        table.add_column(head, header_style="bold", justify="right")
    table.add_column("", min_width=WIDTH, no_wrap=True)
    for each in quarters:
        table.add_row(
            time_of_day(opens, each["start"] + 900),
            f"{each['reports']} {100 * each['reports'] / sites:3.0f} %",
            Text(bar(each["reports"] / sites), "green"),
            str(each["dialled"]),
            str(each["holding"]),
            _minutes(each["hold_median"]),
            _minutes(each["hold_p90"]),
            Text(bar((each["hold_median"] or 0.0) / longest if longest else 0.0), "red"),
        )
    return table


def _summary(found: Mapping[str, Any], opens: str) -> Table:
    sites = max(int(found.get("sites") or 0), 1)
    channels: Mapping[str, int] = found.get("channels") or {}
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    shares = (
        f"{100 * count / sites:.1f} % {CHANNELS.get(name, clean(name))}"
        for name, count in channels.items()
    )
    table.add_row("First reports came", ", ".join(shares))
    reached = zip(("half", "nine tenths", "all"), found.get("in_by") or (), strict=False)
    table.add_row(
        "Reports in",
        ", ".join(
            f"{name} {'never' if at is None else f'by {time_of_day(opens, at)}'}"
            for name, at in reached
        ),
    )
    calls: Mapping[str, int] = found.get("calls") or {}
    if calls:
        ended = ", ".join(f"{count} {clean(cause)}" for cause, count in calls.items())
        table.add_row("Calls", ended)
        mean, longest = (_minutes(found.get(name)) for name in ("hold_mean", "hold_longest"))
        table.add_row("On hold", f"{mean} on the average, {longest} at the longest")
    return table


def anchors_table(anchors: Sequence[Mapping[str, Any]]) -> Table:
    """Published figures beside measured ones."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left")
    for head in (
        "",
        "History beside this night",
        "published",
        "measured",
        "allowed",
        "kind",
        "holds",
    ):
        table.add_column(head, header_style="bold", overflow="fold")
    for each in anchors:
        word, style = _HOLDS[each.get("holds")]
        cells = (each.get(name) for name in ("anchor", "says", "published"))
        table.add_row(
            *(clean(str(cell)) for cell in cells),
            Text(clean(str(each.get("measured"))), "bold"),
            clean(str(each.get("tolerance"))),
            clean(str(each.get("kind"))),
            Text(word, style),
        )
    return table


def bar(share: float) -> str:
    """A bar of at most :data:`WIDTH` characters, in eighths of one.

    Example:
        >>> bar(0.5) == "█" * 12, bar(0.0), bar(1 / 192)
        (True, '', '▏')
    """
    eighths = round(min(max(share, 0.0), 1.0) * WIDTH * 8)
    rest = EIGHTHS[eighths % 8] if eighths % 8 else ""
    return "█" * (eighths // 8) + rest


def time_of_day(opens: str, drill_seconds: float) -> str:
    """The clock on the wall at a drill second.

    Example:
        >>> time_of_day("17:30", 5400), time_of_day("17:30", 27000)
        ('19:00', '01:00')
    """
    hours, minutes = (int(part) for part in opens.split(":")[:2])
    whole = int(hours * 3600 + minutes * 60 + drill_seconds)
    return f"{whole // 3600 % 24:02d}:{whole // 60 % 60:02d}"


def _minutes(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} min"
