"""One timeline of a drill: load, failures, waiting, and the faults, on one axis.

Below them stand, for each fault, when it was noticed and fixed and when people got through as
before, and what the app said of its own health. Drill time runs along; rates and waiting are those
of the clock on the wall.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from harness.record import RunFolder
from reports import svg, words
from reports.charts import ROWS, Chart, Scale
from reports.night import in_drill_time
from reports.recovery import Recovered

BINS = 150  # points of a line
HEALTH = {"well": "well", "ill": "ill", "no_answer": "no answer"}
PANEL, GAP, ROW = 84, 50, 24  # units of the view box


@dataclass(frozen=True)
class Moment:
    """One stretch of the drill.

    Attributes:
        start: Drill second.
        load: Answers a wall second.
        failed: Percent of them that were refused or unknown; None without any.
        p95: Wall seconds within which 95 of 100 came; None without any.
    """

    start: float
    load: float
    failed: float | None
    p95: float | None


@dataclass(frozen=True)
class Said:
    """What the app said of its health, from one drill second to another."""

    start: float
    end: float
    said: str


def timeline(run: RunFolder, scale: Scale, recovered: Sequence[Recovered]) -> Chart | None:
    """The timeline; None where nothing was broken, or nothing was done."""
    if not recovered:
        return None
    moments, said = moments_of(run, scale.end), said_of(run)
    if not moments:
        return None
    letters = ", ".join(f"{each.letter}: {each.name}" for each in recovered)
    title = "The drill on one timeline"
    note = f"What was broken: {letters}."
    drawing = _Drawing(scale, moments, said, recovered)
    return Chart(
        title,
        note,
        drawing.draw(title, note),
        (),
        ("From", "Answers a second", "Failed", "95 of 100 within", "Broken then", "It said"),
        tuple(_rows(moments, said, recovered, scale)),
    )


def moments_of(run: RunFolder, end: float) -> tuple[Moment, ...]:
    """The drill's answers, counted in stretches of equal length."""
    speed = float(run.info.get("speed") or 1.0)
    history = in_drill_time(run)
    if history.is_empty():
        return ()
    width = max(end / BINS, speed)  # no shorter than a second on the wall
    counted = (
        history.group_by((pl.col("at") / width).floor().cast(pl.Int64).alias("bin"))
        .agg(
            answers=pl.len(),
            failed=(pl.col("outcome") != "ok").mean() * 100,
            p95=pl.col("response").quantile(0.95, "higher"),
        )
        .to_dicts()
    )
    rows = {row["bin"]: row for row in counted}
    return tuple(
        Moment(
            each * width,
            rows[each]["answers"] * speed / width if each in rows else 0.0,
            rows[each]["failed"] if each in rows else None,
            rows[each]["p95"] if each in rows else None,
        )
        for each in range(math.floor(end / width) + 1)
    )


def said_of(run: RunFolder) -> tuple[Said, ...]:
    """What the health page said, with equal answers one after the other as one."""
    polls = (
        run.health.filter(pl.col("source").cast(pl.String) == "health")
        .select("at_drill", pl.col("said").cast(pl.String))
        .sort("at_drill")
        .collect()
        .rows()
    )
    found: list[Said] = []
    for at, said in polls:
        if found and found[-1].said == said:
            found[-1] = Said(found[-1].start, at, said)
        else:
            if found:
                found[-1] = Said(found[-1].start, at, found[-1].said)
            found.append(Said(at, at, said))
    return tuple(found)


def _rows(
    moments: Sequence[Moment], said: Sequence[Said], recovered: Sequence[Recovered], scale: Scale
) -> Iterable[tuple[str, ...]]:
    every = max(1, math.ceil(len(moments) / ROWS))
    width = moments[1].start - moments[0].start if len(moments) > 1 else scale.end
    bands = {band.letter: band for band in scale.bands}
    for first in range(0, len(moments), every):
        group = moments[first : first + every]
        start, end = group[0].start, group[-1].start + width
        failed = [each.failed for each in group if each.failed is not None]
        slow = [each.p95 for each in group if each.p95 is not None]
        on = [
            each.letter
            for each in recovered
            if (band := bands.get(each.letter)) and band.start < end and band.end >= start
        ]
        heard = dict.fromkeys(
            HEALTH.get(each.said, each.said)
            for each in said
            if each.start < end and each.end > start
        )
        yield (
            scale.hours.text(start),
            words.number(sum(each.load for each in group) / len(group)),
            f"{max(failed):.0f} %" if failed else "–",
            words.duration(max(slow)) if slow else "–",
            ", ".join(on) or "–",
            ", ".join(heard) or "–",
        )


class _Drawing:
    """The timeline as SVG: three panels, a row for each thing that happened, and a strip."""

    def __init__(
        self,
        scale: Scale,
        moments: Sequence[Moment],
        said: Sequence[Said],
        recovered: Sequence[Recovered],
    ) -> None:
        self.scale = scale
        self.moments = moments
        self.said = said
        self.recovered = recovered
        self.panels: tuple[tuple[str, Sequence[float | None], svg.Words], ...] = (
            ("answers a second", [each.load for each in moments], words.number),
            ("failed, in 100", [each.failed for each in moments], words.number),
            ("95 of 100 waited no longer than", [each.p95 for each in moments], words.duration),
        )
        began = {band.letter: band.start for band in scale.bands}
        marks = {
            "seen": [_at(began.get(each.letter), each.noticed) for each in recovered],
            "fixed": [_at(began.get(each.letter), each.fixed) for each in recovered],
            "normal": [each.recovered_at for each in recovered],
        }
        self.rows = {
            name: [
                (at, each.letter)
                for at, each in zip(found, recovered, strict=True)
                if at is not None
            ]
            for name, found in marks.items()
            if any(at is not None for at in found)
        }
        self.floor = svg.TOP + 8 + len(self.panels) * (PANEL + GAP)
        self.bottom = self.floor + ROW * (len(self.rows) + bool(said))

    def x(self, at: float) -> float:
        """Where a drill second lies."""
        return svg.LEFT + (svg.WIDTH - svg.LEFT - svg.RIGHT) * min(
            at / (self.scale.end or 1.0), 1.0
        )

    def draw(self, title: str, note: str) -> Markup:
        """The whole of it."""
        drawn = [svg.hatches("timeline"), *self._bands()]
        for place, (name, values, text) in enumerate(self.panels):
            top = svg.TOP + GAP - 4 + place * (PANEL + GAP)
            drawn += self._panel(top, name, values, text)
        for place, (name, marks) in enumerate(self.rows.items()):
            drawn += self._marks(self.floor + ROW * (place + 1), name, marks)
        if self.said:
            drawn += self._health(self.bottom)
        height = self.bottom + svg.BOTTOM + 4
        for at in self.scale.hours.ticks(self.scale.end):
            drawn.append(
                svg.lettering(self.x(at), self.bottom + 26, self.scale.hours.text(at), "middle")
            )
        right = svg.WIDTH - svg.RIGHT
        drawn.append(svg.lettering(right, height - 4, self.scale.hours.label, "end"))
        return svg.image("timeline", title, note, height, drawn)

    def _bands(self) -> Iterable[str]:
        top = svg.TOP - 12
        for band in self.scale.bands:
            x, wide = self.x(band.start), max(self.x(band.end) - self.x(band.start), 3.0)
            place = (
                f'x="{svg.num(x)}" y="{top}" width="{svg.num(wide)}" height="{self.bottom - top}"'
            )
            yield f'<rect {place} fill="url(#timeline-hb)" class="band"/>'
            yield svg.lettering(x + wide / 2, top - 4, band.letter, "middle", "strong")

    def _panel(
        self, top: float, name: str, values: Sequence[float | None], text: svg.Words
    ) -> Iterable[str]:
        ticks = svg.nice_ticks(max((each for each in values if each is not None), default=0), 2)
        most, right = ticks[-1], svg.WIDTH - svg.RIGHT
        yield svg.lettering(2, top - 16, name, "start")
        for tick in ticks:
            y = top + PANEL * (1 - tick / most)
            yield f'<path class="grid" d="M{svg.LEFT} {svg.num(y)}H{right}"/>'
            yield svg.lettering(svg.LEFT - 8, y + 4, text(tick), "end")
        drawn, pen_down = "", False
        for moment, value in zip(self.moments, values, strict=True):
            if value is not None:
                x, y = self.x(moment.start), top + PANEL * (1 - value / most)
                drawn += f"{'L' if pen_down else 'M'}{svg.num(x)} {svg.num(y)}"
            pen_down = value is not None
        yield f'<path class="line s0" d="{drawn}"/>'

    def _marks(self, y: float, name: str, marks: Sequence[tuple[float, str]]) -> Iterable[str]:
        yield svg.lettering(svg.LEFT - 8, y - 6, name, "end")
        yield f'<path class="grid" d="M{svg.LEFT} {y}H{svg.WIDTH - svg.RIGHT}"/>'
        for at, letter in marks:
            x = svg.num(self.x(at))
            yield f'<path class="axis" d="M{x} {y - ROW + 2}V{y}"/>'
            yield svg.lettering(self.x(at) + 4, y - 6, letter, "start", "strong")

    def _health(self, y: float) -> Iterable[str]:
        """Well is a thin line, ill a block, and no answer a hatched one."""
        yield svg.lettering(svg.LEFT - 8, y - 6, "health", "end")
        for each in self.said:
            x, wide = self.x(each.start), max(self.x(each.end) - self.x(each.start), 1.5)
            high = 4 if each.said == "well" else ROW - 6
            place = f'x="{svg.num(x)}" y="{y - high}" width="{svg.num(wide)}" height="{high}"'
            yield f'<rect {place} class="{"f2" if each.said == "well" else "f1"}"/>'
            if each.said == "no_answer":
                yield f'<rect {place} fill="url(#timeline-h2)"/>'


def _at(began: float | None, after: float | None) -> float | None:
    return None if began is None or after is None else began + after
