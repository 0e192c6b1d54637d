"""The tally: statistics lines of all engines, merged for whoever watches the drill."""

from __future__ import annotations

from collections import deque
from typing import Any

from harness.engine.histogram import Histogram

_RECENT = 10  # lines of each engine, one a second, that the quantiles shown look back on


class Tally:
    """Merges what engines say. Counts are of the whole drill; quantiles of the last 10 s."""

    def __init__(self) -> None:
        self.lateness = Histogram()
        self._last: dict[int, dict[str, Any]] = {}
        self._recent: dict[int, deque[list[tuple[int, int]]]] = {}

    def add(self, line: dict[str, Any]) -> None:
        """Take in one statistics line."""
        shard = line["shard"]
        self._last[shard] = line
        self.lateness.add((slot, n) for slot, n in line["lateness"])
        # A walk through a spoken menu takes people's time, and would say nothing of the app.
        asked = [kind for name, kind in line["kinds"].items() if "." not in name]
        news = [(slot, n) for kind in asked for slot, n in kind["response"]]
        self._recent.setdefault(shard, deque(maxlen=_RECENT)).append(news)

    def figures(self) -> dict[str, Any]:
        """The merged line: counts, quantiles in seconds (None before the first answer)."""
        recent = Histogram()
        for news in self._recent.values():
            for slots in news:
                recent.add(slots)
        lines = self._last.values()
        kinds: dict[str, dict[str, int]] = {}
        for line in lines:
            for name, kind in line["kinds"].items():
                total = kinds.setdefault(
                    name, dict.fromkeys(("ok", "refused", "unknown", "shed"), 0)
                )
                for count in total:
                    total[count] += kind[count]
        return {
            "drill": max((line["drill"] for line in lines), default=0.0),
            "acknowledged": sum(kind["ok"] for kind in kinds.values()),
            "refused": sum(kind["refused"] for kind in kinds.values()),
            "unknown": sum(kind["unknown"] for kind in kinds.values()),
            "shed": sum(kind["shed"] for kind in kinds.values()),
            "p50": _seconds(recent.quantile(0.50)),
            "p95": _seconds(recent.quantile(0.95)),
            "in_flight": sum(line["in_flight"] for line in lines),
            "present": sum(line["present"] for line in lines),
            "lateness_p99": _seconds(self.lateness.quantile(0.99)),
            "kinds": kinds,
        }


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6
