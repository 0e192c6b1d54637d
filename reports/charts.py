"""The report's charts: what each one shows, and the same figures as a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports import svg, words
from reports.hours import Hours
from reports.night import OUTCOMES, SHARES, Bin, Channel, Night

ROWS = 24  # of a chart's table: every so many bins are counted together
FEWEST = 5  # answers in a bin below which a share of them says nothing
CURVE = 160  # points of a line of reports coming in
SAID = {"ok": "acknowledged", "refused": "refused", "unknown": "unknown"}


@dataclass(frozen=True)
class Chart:
    """One figure of the report.

    Attributes:
        title: What it shows.
        note: What to see in it, in a sentence.
        drawing: The inline SVG.
        legend: Name and style number of each series; empty where there is only one.
        head: Column titles of its table.
        rows: The same figures, as text.
    """

    title: str
    note: str
    drawing: Markup
    legend: tuple[tuple[str, int], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Scale:
    """The horizontal axis that every chart of the night shares."""

    hours: Hours
    end: float
    bands: tuple[svg.Band, ...] = ()

    def frame(
        self,
        name: str,
        title: str,
        note: str,
        y_end: float,
        y_label: str,
        levels: Sequence[tuple[float, str]] = (),
        y_ticks: Sequence[float] = (),
        seconds: bool = False,
    ) -> svg.Frame:
        """A chart's surroundings on this axis."""
        ticks = y_ticks or svg.nice_ticks(y_end)
        return svg.Frame(
            name=name,
            title=title,
            description=note,
            x_end=self.end,
            x_ticks=self.hours.ticks(self.end),
            y_end=ticks[-1],
            y_ticks=ticks,
            x_text=self.hours.text,
            y_text=words.duration if seconds else words.number,
            x_label=self.hours.label,
            y_label=y_label,
            bands=self.bands,
            levels=levels,
        )


def answers(night: Night, scale: Scale) -> Chart:
    """Acknowledged, refused and unknown per drill minute."""
    minutes = night.width / 60
    title = "Answers from the app, per minute as played"
    most = max((max(each.outcomes) for each in night.bins), default=0) / minutes
    totals = [sum(each.outcomes[i] for each in night.bins) for i in range(3)]
    note = (
        f"{totals[0]:,} acknowledged, {totals[1]:,} refused for certain, {totals[2]:,} left "
        "unknown by a cut or a time-out."
    )
    series = [
        svg.Series(SAID[name], [(each.start, each.outcomes[i] / minutes) for each in night.bins])
        for i, name in enumerate(OUTCOMES)
    ]
    return Chart(
        title,
        note,
        svg.step(scale.frame("answers", title, note, most, "answers a minute"), series),
        tuple((SAID[name], i) for i, name in enumerate(OUTCOMES)),
        ("From", *(SAID[name] for name in OUTCOMES)),
        tuple(
            (
                scale.hours.text(group[0].start),
                *(words.count(sum(b.outcomes[i] for b in group)) for i in range(3)),
            )
            for group in _groups(night.bins)
        ),
    )


def response(night: Night, scale: Scale) -> Chart:
    """Response time quantiles over the night, in wall seconds."""
    title = "How long people waited for the app"
    note = "Of every 100 answers, 50, 95 and 99 came within this time, waiting included."
    names = ("p50", "p95", "p99")
    bins = [each for each in night.bins if sum(each.outcomes) >= FEWEST]
    most = _most(each.p99 for each in bins) or 0.0
    starts = {each.start for each in bins}
    series = [
        svg.Series(
            name,
            [(b.start, getattr(b, name) if b.start in starts else None) for b in night.bins],
        )
        for name in names
    ]
    said = ("50 of 100", "95 of 100", "99 of 100")
    frame = scale.frame("response", title, note, most, "time to answer", seconds=True)
    return Chart(
        title,
        note,
        svg.line(frame, series),
        tuple((name, i) for i, name in enumerate(said)),
        ("From", *(f"{name}: slowest stretch" for name in said)),
        tuple(
            (
                scale.hours.text(group[0].start),
                *(words.duration(_most(getattr(b, name) for b in group)) for name in names),
            )
            for group in _groups(night.bins)
        ),
    )


def incoming(night: Night, scale: Scale) -> Chart | None:
    """Reports in so far, by channel; None where nothing came in."""
    channels = [each for each in night.channels if each.arrived]
    if not channels or not night.records:
        return None
    shown = channels[: svg.KINDS] if len(channels) > 2 else channels[1:] or channels
    everything = channels[0]
    title = "Reports in, so far"
    of = f"{night.records:,} {night.reported}"
    note = f"{len(everything.arrived):,} of {of} had a report acknowledged."
    levels = [(night.records * p / 100, f"{p} %") for p in (50, 90)]
    axis = f"{night.reported} reported"
    frame = scale.frame("incoming", title, note, night.records, axis, levels)
    series = [svg.Series(each.name, _curve(each, scale.end)) for each in shown]
    marks = scale.hours.ticks(scale.end, most=ROWS)
    return Chart(
        title,
        note,
        svg.step(frame, series),
        tuple((_channel_name(each), i) for i, each in enumerate(shown)),
        ("By", *(_channel_name(each) for each in shown)),
        tuple(
            (
                scale.hours.text(at),
                *(words.count(sum(t <= at for t in each.arrived)) for each in shown),
            )
            for at in marks
        ),
    )


def channel_rows(night: Night, hours: Hours) -> tuple[tuple[str, ...], ...]:
    """Each channel's reports, its share, and when 50, 90, 98 and 100 % of sites were in."""
    return tuple(
        (
            _channel_name(each),
            words.count(len(each.arrived)),
            words.share(len(each.arrived), night.records),
            *(hours.text(at) if at is not None else "not reached" for at in each.reached),
        )
        for each in night.channels
    )


def channel_head(night: Night) -> tuple[str, ...]:
    """What stands over :func:`channel_rows`."""
    by = (f"{p} % of all in by" for p in SHARES)
    return ("Channel", night.reported.capitalize(), "Share of all", *by)


def _channel_name(channel: Channel) -> str:
    names = {
        "all": "all channels",
        "api": "app",
        "web": "app in a browser",
        "hotline": "hotline",
        "sms": "text to the app",
    }
    return names.get(channel.name, channel.name or "not known")


def _curve(channel: Channel, end: float) -> list[tuple[float, float]]:
    """Steps of a count so far, thinned to what a drawing can show; the last value is kept."""
    arrived = channel.arrived
    every = max(1, len(arrived) // CURVE)
    points = [(0.0, 0.0)]
    points += [(arrived[i], float(i + 1)) for i in range(every - 1, len(arrived), every)]
    points += [(arrived[-1], float(len(arrived))), (end, float(len(arrived)))]
    return points


def _groups(bins: Sequence[Bin]) -> Iterable[Sequence[Bin]]:
    every = max(1, math.ceil(len(bins) / ROWS))
    return (bins[i : i + every] for i in range(0, len(bins), every))


def _most(values: Iterable[float | None]) -> float | None:
    return max((each for each in values if each is not None), default=None)
