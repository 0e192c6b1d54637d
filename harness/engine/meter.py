"""What an engine counts while it plays, and the line it says once a second."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.engine.histogram import Histogram

_COLUMNS = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'


class Times:
    """A histogram of durations that takes them in one by one and counts them by the second.

    Appending to a list costs a tenth of counting; :meth:`histogram` catches up.
    """

    __slots__ = ("_counted", "_waiting", "record")

    def __init__(self) -> None:
        self._counted = Histogram()
        self._waiting: list[int] = []
        self.record = self._waiting.append  # takes nanoseconds

    @property
    def histogram(self) -> Histogram:
        """Everything recorded so far, in microseconds."""
        if self._waiting:
            self._counted.record_all(np.array(self._waiting, dtype=np.int64) // 1000)
            self._waiting.clear()
        return self._counted


@dataclass
class Kind:
    """One kind of operation: outcomes and times."""

    response: Times = field(default_factory=Times)  # intended to done
    service: Times = field(default_factory=Times)  # sent to done
    outcomes: dict[str, int] = field(default_factory=lambda: {"ok": 0, "refused": 0, "unknown": 0})
    shed: int = 0


class Meter:
    """Counts of one engine. Ask it for :meth:`news` once a second: until then times wait."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self.lateness = Times()  # of what the clock released: due to released
        self._told: dict[str, list[int]] = {}
        self._told_lateness = [0] * len(Histogram().counts)

    def kind(self, name: str) -> Kind:
        """The counts of one kind of operation."""
        found = self.kinds.get(name)
        if found is None:
            found = self.kinds[name] = Kind()
        return found

    def answered(self, name: str, outcome: str, intended: int, sent: int | None, done: int) -> None:
        """Count an operation that has ended. Times are nanoseconds."""
        kind = self.kinds.get(name) or self.kind(name)
        kind.outcomes[outcome] += 1
        kind.response.record(done - intended)
        if sent is not None:
            kind.service.record(done - sent)

    def total(self, outcome: str) -> int:
        """Operations of all kinds with that outcome."""
        return sum(kind.outcomes[outcome] for kind in self.kinds.values())

    @property
    def shed(self) -> int:
        """Operations held back at the in-flight bound."""
        return sum(kind.shed for kind in self.kinds.values())

    def news(self) -> dict[str, Any]:
        """What has been counted since this was last asked, as plain data."""
        kinds = {}
        for name, kind in self.kinds.items():
            response = kind.response.histogram
            told = self._told.setdefault(name, [0] * len(response.counts))
            kinds[name] = {
                **kind.outcomes,
                "shed": kind.shed,
                "response": _since(told, response),
                "total_us": response.total,
                "lowest_us": response.lowest,
                "highest_us": response.highest,
            }
        return {"kinds": kinds, "lateness": _since(self._told_lateness, self.lateness.histogram)}

    def log(self) -> str:
        """All histograms as an HdrHistogram log: one tagged line each, values in microseconds."""
        lines = ["#[Histogram log format version 1.3]", _COLUMNS]
        tagged = {"lateness": self.lateness.histogram}
        for name, kind in self.kinds.items():
            tagged[f"{name}.response"] = kind.response.histogram
            tagged[f"{name}.service"] = kind.service.histogram
        lines += [
            f"Tag={tag},0.000,0.000,{histogram.highest},{histogram.encoded()}"
            for tag, histogram in tagged.items()
        ]
        return "\n".join(lines) + "\n"


def _since(told: list[int], histogram: Histogram) -> list[tuple[int, int]]:
    """Slots that grew since ``told``, and by how much; brings ``told`` up to date."""
    grown = [(slot, n - told[slot]) for slot, n in histogram.sparse() if n != told[slot]]
    for slot, n in grown:
        told[slot] += n
    return grown
