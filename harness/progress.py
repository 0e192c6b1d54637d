"""What a person watching a drill sees: one line that moves, or a plain line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from harness.scenario import ClockModel
from harness.words import shown

_PLAIN_EVERY = 5.0  # wall seconds between lines where nothing can be redrawn


@dataclass
class Progress:
    """Tells what a drill is doing. On a terminal the figures are redrawn in place."""

    console: Console
    quiet: bool = False
    _live: Live | None = field(default=None, repr=False)
    _told: float = field(default=0.0, repr=False)

    def step(self, text: str) -> None:
        """Say what happens next."""
        if not self.quiet:
            self.console.print(Text(shown(f"  {text}"), style="dim"))

    @contextmanager
    def figures(self) -> Iterator[None]:
        """While the drill plays: room for the moving line."""
        if self.quiet or not self.console.is_terminal:
            yield
            return
        with Live(Text(), console=self.console, refresh_per_second=4, transient=True) as live:
            self._live = live
            yield
        self._live = None

    def tell(self, clock: ClockModel, figures: dict[str, Any]) -> None:
        """Show the latest figures of the drill."""
        if self.quiet:
            return
        line = figures_line(clock, figures)
        if self._live is not None:
            self._live.update(Text(line))
        elif time.monotonic() - self._told >= _PLAIN_EVERY:
            self._told = time.monotonic()
            self.console.print(line, highlight=False)


def figures_line(clock: ClockModel, figures: dict[str, Any]) -> str:
    """The moving line's text.

    Example:
        >>> night = ClockModel(zone="CT", opens="17:30", doors="18:30", begins="19:00",
        ...                    ends="23:00")
        >>> figures_line(night, {"drill": 9300, "acknowledged": 1204, "refused": 31, "unknown": 2,
        ...                      "p95": 0.038, "in_flight": 7})
        '  20:05  acknowledged 1,204  refused 31  unknown 2  p95 38 ms  in flight 7'
    """
    p95 = figures.get("p95")
    parts = [
        clock.time_of_day(max(0.0, float(figures.get("drill", 0.0)))),
        f"acknowledged {figures.get('acknowledged', 0):,}",
        f"refused {figures.get('refused', 0):,}",
        f"unknown {figures.get('unknown', 0):,}",
        f"p95 {p95 * 1000:.0f} ms" if p95 is not None else "p95 -",
        f"in flight {figures.get('in_flight', 0):,}",
    ]
    if figures.get("shed"):
        parts.append(f"shed {figures['shed']:,}")
    return "  " + "  ".join(parts)
