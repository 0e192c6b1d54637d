"""Charts as inline SVG: line, step, bar and heat, drawn without a script and without a network.

Colours come from the page's style sheet by class, so a chart follows light, dark and print.
Series also differ by dash, bars by hatch and heat cells by the number in them: colour is never
the only sign. Every chart carries a title and a description for people who cannot see it.
Lengths are in units of the view box, 720 wide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from reports.cleaning import clean

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 720, 84, 34, 40, 52
Words = Callable[[float], str]

KINDS = 4  # series styles in the style sheet: s0 to s3


@dataclass(frozen=True)
class Series:
    """One line of a chart. A point without a value leaves a gap."""

    name: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True)
class Band:
    """A stretch of the horizontal axis that is marked, with a letter to find it in a table."""

    start: float
    end: float
    letter: str


@dataclass(frozen=True)
class Frame:
    """What surrounds the data.

    Attributes:
        name: Unique on the page; letters, digits and dashes.
        title: What is shown, in a few words.
        description: What a reader should see in it, in a sentence.
        x_end: Largest value of the horizontal axis, which begins at 0.
        x_ticks: Where it is labelled.
        y_end: Largest value of the vertical axis, which begins at 0.
        x_text: How a horizontal value is written.
        y_text: How a vertical value is written.
        y_label: What is counted, and its unit.
        levels: Values at which a dotted line runs across, with their labels.
    """

    name: str
    title: str
    description: str
    x_end: float
    x_ticks: Sequence[float]
    y_end: float
    x_text: Callable[[float], str]
    y_text: Callable[[float], str]
    x_label: str
    y_label: str
    bands: Sequence[Band] = ()
    levels: Sequence[tuple[float, str]] = ()
    height: int = 300
    y_ticks: Sequence[float] = field(default=())

    def x(self, value: float) -> float:
        """Where a horizontal value lies."""
        return LEFT + (WIDTH - LEFT - RIGHT) * value / (self.x_end or 1)

    def y(self, value: float) -> float:
        """Where a vertical value lies."""
        span = self.height - TOP - BOTTOM
        return self.height - BOTTOM - span * min(value, self.y_end) / (self.y_end or 1)


def line(frame: Frame, series: Sequence[Series]) -> Markup:
    """Values joined by straight lines."""
    return _axes(frame, [_path(frame, each, i, stepped=False) for i, each in enumerate(series)])


def step(frame: Frame, series: Sequence[Series]) -> Markup:
    """Values that hold until the next one: counts a minute, or counts so far."""
    return _axes(frame, [_path(frame, each, i, stepped=True) for i, each in enumerate(series)])


def bars(
    name: str, title: str, description: str, rows: Sequence[tuple[str, Sequence[float]]]
) -> Markup:
    """Horizontal bars, one a row; a row's parts lie end to end, each with a hatch of its own."""
    label, figure, pitch = 150, 70, 30
    longest = max((sum(parts) for _, parts in rows), default=0) or 1
    scale = (WIDTH - label - figure) / longest
    height = pitch * len(rows) + 8
    drawn = [hatches(name)]
    for row, (text, parts) in enumerate(rows):
        top, x = 4 + row * pitch, float(label)
        drawn.append(lettering(label - 10, top + 19, text, "end"))
        for kind, part in enumerate(parts):
            wide = part * scale
            place = f'x="{num(x)}" y="{top + 4}" width="{num(wide)}" height="{pitch - 8}"'
            drawn.append(f'<rect {place} class="f{kind % KINDS}"/>')
            if kind % KINDS:
                drawn.append(f'<rect {place} fill="url(#{name}-h{kind % KINDS})"/>')
            x += wide
        drawn.append(lettering(x + 6, top + 19, f"{sum(parts):,.0f}", "start"))
    return image(name, title, description, height, drawn)


def interval(
    name: str,
    title: str,
    description: str,
    values: tuple[float, float, float],
    marks: Sequence[tuple[float, str]],
) -> Markup:
    """A value from 0 to 100 with the interval around it: lowest, value, highest.

    Args:
        marks: Values at which a dotted line stands, with their labels.
    """
    left, wide, floor, height = 24, WIDTH - 48, 74, 112
    at = [left + wide * each / 100 for each in values]
    drawn = [f'<path class="axis" d="M{left} {floor}H{left + wide}"/>']
    for tick in range(0, 101, 20):
        drawn.append(lettering(left + wide * tick / 100, floor + 20, f"{tick}", "middle"))
    for place, (value, label) in enumerate(marks):
        x = left + wide * value / 100
        drawn.append(f'<path class="level" d="M{num(x)} {floor}V16"/>')
        anchor = "start" if place == len(marks) - 1 else "end"
        drawn.append(lettering(x - 4 if anchor == "end" else x + 4, 14, label, anchor))
    drawn.append(f'<path class="line s0" d="M{num(at[0])} 50H{num(at[2])}"/>')
    drawn += [f'<path class="line s0" d="M{num(end)} 43V57"/>' for end in (at[0], at[2])]
    drawn.append(f'<circle cx="{num(at[1])}" cy="50" r="7" class="f0"/>')
    drawn.append(lettering(at[1], 36, f"{values[1]:.1f}", "middle", "strong"))
    return image(name, title, description, height, drawn)


def heat(
    name: str,
    title: str,
    description: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int]]],
) -> Markup:
    """A grid of counts: darker means more, and the count is written in the cell."""
    left, top, high = 118, 8, 30
    wide = (WIDTH - left - RIGHT) / max(len(columns), 1)
    most = max((cell for _, cells in rows for cell in cells), default=0) or 1
    height = top + high * len(rows) + 30
    every = math.ceil(len(columns) / 8)
    drawn = [
        lettering(left + (i + 0.5) * wide, height - 8, text, "middle")
        for i, text in enumerate(columns)
        if i % every == 0
    ]
    for row, (text, cells) in enumerate(rows):
        y = top + row * high
        drawn.append(lettering(left - 10, y + 20, text, "end"))
        for i, cell in enumerate(cells):
            # Square roots keep the small counts apart; 0 has a shade of its own.
            shade = 0 if cell == 0 else 1 + min(3, math.floor(4 * math.sqrt(cell / most) - 1e-9))
            drawn.append(
                f'<rect x="{num(left + i * wide)}" y="{y}" width="{num(wide - 2)}" '
                f'height="{high - 2}" class="h{shade}"/>'
            )
            if cell:
                figure = f"{cell}" if cell < 10_000 else f"{cell / 1000:.0f}k"
                drawn.append(
                    lettering(left + (i + 0.5) * wide - 1, y + 19, figure, "middle", f"c{shade}")
                )
    return image(name, title, description, height, drawn)


def nice_ticks(largest: float, most: int = 5) -> list[float]:
    """Round values from 0 to at least ``largest``, at most ``most`` steps of 1, 2 or 5 x 10^k.

    Example:
        >>> nice_ticks(1765)
        [0.0, 500.0, 1000.0, 1500.0, 2000.0]
    """
    if largest <= 0 or not math.isfinite(largest):
        return [0.0, 1.0]
    base = 10.0 ** math.floor(math.log10(largest / most))
    pitch = next(base * each for each in (1, 2, 5, 10, 20) if base * each * most >= largest)
    return [pitch * i for i in range(math.ceil(largest / pitch - 1e-9) + 1)]


def _axes(frame: Frame, paths: Iterable[str]) -> Markup:
    right, floor = WIDTH - RIGHT, frame.height - BOTTOM
    drawn = [hatches(frame.name)]
    for band in frame.bands:
        x, wide = frame.x(band.start), max(frame.x(band.end) - frame.x(band.start), 2.0)
        place = f'x="{num(x)}" y="{TOP}" width="{num(wide)}" height="{floor - TOP}"'
        drawn.append(f'<rect {place} fill="url(#{frame.name}-hb)" class="band"/>')
        drawn.append(
            lettering(min(x + wide / 2, right - 8), TOP - 3, band.letter, "middle", "strong")
        )
    for value in frame.y_ticks or nice_ticks(frame.y_end):
        y = frame.y(value)
        drawn.append(f'<path class="grid" d="M{LEFT} {num(y)}H{right}"/>')
        drawn.append(lettering(LEFT - 8, y + 4, frame.y_text(value), "end"))
    for value in frame.x_ticks:
        drawn.append(lettering(frame.x(value), floor + 21, frame.x_text(value), "middle"))
    for value, text in frame.levels:
        drawn.append(f'<path class="level" d="M{LEFT} {num(frame.y(value))}H{right}"/>')
        drawn.append(lettering(LEFT + 4, frame.y(value) - 4, text, "start"))
    drawn.append(f'<path class="axis" d="M{LEFT} {floor}H{right}"/>')
    drawn.append(lettering(right, frame.height - 6, frame.x_label, "end"))
    drawn.append(lettering(2, 19, frame.y_label, "start"))
    drawn.extend(paths)
    return image(frame.name, frame.title, frame.description, frame.height, drawn)


def _path(frame: Frame, series: Series, kind: int, *, stepped: bool) -> str:
    """One line as a path; every gap begins a new stretch."""
    drawn: list[str] = []
    pen_down = False
    for x, value in series.points:
        if value is None:
            pen_down = False
            continue
        at_x, at_y = num(frame.x(x)), num(frame.y(value))
        if not pen_down:
            drawn.append(f"M{at_x} {at_y}")
        elif stepped:
            drawn.append(f"H{at_x}V{at_y}")
        else:
            drawn.append(f"L{at_x} {at_y}")
        pen_down = True
    return f'<path class="line s{kind % KINDS}" d="{"".join(drawn)}"/>'


def hatches(name: str) -> str:
    """Patterns of this chart: one for bands, and one for each kind of bar after the first."""
    lines = {"hb": "M0 6L6 0", "h1": "M0 6L6 0", "h2": "M3 0V6", "h3": "M0 3H6"}
    return "".join(
        f'<pattern id="{name}-{key}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<path class="hatch{" thin" if key == "hb" else ""}" d="{drawn}"/></pattern>'
        for key, drawn in lines.items()
    )


def image(name: str, title: str, description: str, height: int, drawn: Iterable[str]) -> Markup:
    """A whole drawing, with what it shows in words; every text in it is escaped already."""
    return Markup(  # noqa: S704 - every text in it went through escape()
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(clean(title))}</title>'
        f'<desc id="{name}-d">{escape(clean(description))}</desc>{"".join(drawn)}</svg>'
    )


def lettering(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    """A text at a place, cleaned and escaped."""
    sort = f' class="{kind}"' if kind else ""
    shown = escape(clean(text, 60))
    return f'<text x="{num(x)}" y="{num(y)}" text-anchor="{anchor}"{sort}>{shown}</text>'


def num(value: float) -> str:
    """A length as short as it can be written.

    Example:
        >>> num(12.0), num(12.34)
        ('12', '12.3')
    """
    return f"{value:.1f}".removesuffix(".0")
