"""The board's parts: drawn one by one, in one language, and only when they have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.live.language import Language
from harness.live.picture import CELLS, Group, Picture
from harness.live.watcher import Watch

SIGNS = dict(zip(CELLS, ("✓", "✗", "●", "◐", "·"), strict=True))
environment = Environment(
    loader=PackageLoader("harness.live", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PARTS: Any = environment.get_template("board_parts.html.j2").module
_KINDS_SHOWN = 4
Count = Callable[[int], str]


@cache
def words_of(tag: str) -> Language:
    """What the board says in a language."""
    text = files(__package__).joinpath("words", "board", f"{tag}.yaml").read_text("utf-8")
    given = yaml.safe_load(text)
    return Language(tag, given["name"], given)


def clock(seconds: float) -> str:
    """A stretch of time, as a stopwatch shows it.

    Example:
        >>> clock(65.4), clock(3725)
        ('1:05', '1:02:05')
    """
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@dataclass(frozen=True)
class Listed:
    """One group on the page: its name and the ids of its counties."""

    name: str
    counties: tuple[str, ...]


@dataclass
class View:
    """The board in one language, part by part.

    Attributes:
        process: Stands for the server's process, whose numbers these are.
        parts: HTML by the id of its place.
        since: The number of the picture with which each part last changed.
        number: Of the last picture.
        groups: What places there are.
        shape: Stands for all places: a page of another shape must be loaded again.
        clock: The time of day, as the board shows it.
    """

    process: str
    words: Language
    parts: dict[str, str] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    number: int = 0
    groups: tuple[Listed, ...] = ()
    shape: str = ""
    clock: str = ""
    _keys: dict[str, Any] = field(default_factory=dict)

    @property
    def seen(self) -> str:
        """Names this picture: the server's process, then the number."""
        return f"{self.process}-{self.number}"

    def changed(self, seen: str) -> dict[str, str]:
        """Parts that have changed since a picture; all, if it is another process's."""
        process, _, number = seen.rpartition("-")
        after = int(number) if process == self.process and number.isdecimal() else -1
        return {name: html for name, html in self.parts.items() if self.since[name] > after}

    def draw(self, found: Picture, watch: Watch | None, time_of_day: str) -> None:
        """Draw what has changed since the last picture."""
        self.number += 1
        self.clock = time_of_day
        n = _counted(self.words.tag)
        self._draw("state", (found.state, found.elapsed, found.left), "state", found, clock)
        self._draw("watch", (repr(watch), round(found.at)), "watch", n, watch, found.at, clock)
        self._draw("trouble", [*found.trouble], "trouble", found, clock)
        for group in found.groups:
            self._draw_group(n, group)
        self.groups = tuple(Listed(each.name, tuple(_county_ids(each))) for each in found.groups)
        told = [(group.name, [each.name for each in group.counties]) for group in found.groups]
        self.shape = hashlib.sha256(orjson.dumps(told)).hexdigest()[:12]

    def _draw_group(self, n: Count, group: Group) -> None:
        name, figures, words = group.name, group.funnel, self.words
        errors, channels = _largest(figures.errors), [*figures.channels.items()]
        helped = (figures.help, figures.called, figures.reached, figures.recovered)
        funnel = (figures.steps, figures.not_delivered)
        self._draw(f"{name}-funnel", funnel, "funnel", n, figures)
        self._draw(f"{name}-times", figures.seconds_to, "times", n, figures, clock)
        self._draw(f"{name}-help", helped, "help", n, figures)
        none, yet = words("no_errors"), words("not_yet")
        self._draw(f"{name}-errors", errors, "counts", n, errors, "kind_", none)
        self._draw(f"{name}-channels", channels, "counts", n, channels, "channel_", yet)
        for place, county in zip(_county_ids(group), group.counties, strict=True):
            self._draw(place, county, "county", n, county, SIGNS)

    def _draw(self, place: str, key: Any, macro: str, *given: Any) -> None:
        """Draw a part with a macro of the template, if what it shows is not what it showed."""
        if place in self._keys and self._keys[place] == key:
            return
        self._keys[place] = key
        html = str(getattr(_PARTS, macro)(self.words, *given))
        if self.parts.get(place) != html:
            self.parts[place], self.since[place] = html, self.number


def _largest(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The most frequent kinds, and all others as one: the room reads five lines at a glance."""
    named = [(kind, count) for kind, count in counts.items() if kind != "other"]
    others = counts.get("other", 0) + sum(count for _, count in named[_KINDS_SHOWN:])
    return [*named[:_KINDS_SHOWN], *([("other", others)] if others else [])]


def _county_ids(group: Group) -> list[str]:
    return [f"{group.name}-county-{at}" for at in range(len(group.counties))]


def _counted(tag: str) -> Count:
    """How a language writes counts."""
    comma = "\N{NARROW NO-BREAK SPACE}" if tag == "fr" else ","
    return lambda count: f"{count:,}".replace(",", comma)
