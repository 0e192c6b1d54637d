"""What an engine counts while it plays, and the line it says once a second."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.engine.histogram import Histogram

_COLUMNS = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'


@dataclass
class Kind:
    """One kind of operation: outcomes and times, in microseconds."""

    response: Histogram = field(default_factory=Histogram)  # intended to done
    service: Histogram = field(default_factory=Histogram)  # sent to done
    outcomes: dict[str, int] = field(default_factory=lambda: {"ok": 0, "refused": 0, "unknown": 0})
    shed: int = 0


class Meter:
    """Counts of one engine."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self.lateness = Histogram()  # of what the clock released: due to released
        self._told: dict[str, list[int]] = {}
        self._told_lateness = [0] * len(self.lateness.counts)

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
        kind.response.record((done - intended) // 1000)
        if sent is not None:
            kind.service.record((done - sent) // 1000)

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
            told = self._told.setdefault(name, [0] * len(kind.response.counts))
            kinds[name] = {
                **kind.outcomes,
                "shed": kind.shed,
                "response": _since(told, kind.response),
                "total_us": kind.response.total,
                "lowest_us": kind.response.lowest,
                "highest_us": kind.response.highest,
            }
        return {"kinds": kinds, "lateness": _since(self._told_lateness, self.lateness)}

    def log(self) -> str:
        """All histograms as an HdrHistogram log: one tagged line each, values in microseconds."""
        lines = ["#[Histogram log format version 1.3]", _COLUMNS]
        tagged = {"lateness": self.lateness}
        for name, kind in self.kinds.items():
            tagged |= {f"{name}.response": kind.response, f"{name}.service": kind.service}
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
