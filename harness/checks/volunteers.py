"""The volunteers of a live drill: who counts, and how many came how far.

Everybody invited stays in the denominator, whether or not they came. Insiders, who built or run
the app, are left out and named. Simulated volunteers and people are never in one figure: where a
drill has both, what is said of the simulated ones stands apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from harness.checks.reconcile.evidence import Evidence
from harness.record import Finding, Status
from harness.statistics import wilson
from harness.words import seconds, share

VOLUNTEER, ROBOT = "volunteer", "robot"
MOST_UNSEEN = 60.0
"""Seconds for which the target may be out of sight, in all, before times are in doubt."""
SIMULATED = (
    "They were simulated: they prove that the path works from end to end, and say nothing of "
    "people."
)


@dataclass(frozen=True)
class Group:
    """Volunteers of one source.

    Attributes:
        source: ``volunteer`` or ``robot``.
        apart: Whether real people took part as well, so that this group's answers are named
            after it.
        rows: Their sessions, without insiders.
        insiders: How many of those were left out.
    """

    source: str
    apart: bool
    rows: pl.DataFrame
    insiders: int

    @property
    def simulated(self) -> bool:
        """Whether they are robots."""
        return self.source == ROBOT

    @property
    def who(self) -> str:
        """What they are called."""
        return "simulated volunteers" if self.simulated else "volunteers"

    @property
    def remark(self) -> str:
        """What must be said with every figure of theirs."""
        left_out = f"Insiders left out: {self.insiders:,}." if self.insiders else ""
        return " ".join(filter(None, (left_out, SIMULATED if self.simulated else "")))

    def subject(self, name: str) -> str:
        """A finding's subject for this group."""
        return " ".join(filter(None, ("robots" if self.apart else "", name)))

    def figures(self, k: int, n: int) -> dict[str, float | int | None]:
        """Figures of a share: its Wilson interval, or ``simulated`` where it is one of robots."""
        if self.simulated:
            return {"k": k, "n": n, "simulated": n}
        low, high = wilson(k, n) if n else (None, None)
        return {"k": k, "n": n, "low": low, "high": high}

    def interval(self, k: int, n: int) -> str:
        """The 95 % interval of a share in words, for showing; robots have none."""
        if self.simulated:
            return ""
        low, high = wilson(k, n)
        return f"95 % interval {_percent(low)} to {_percent(high)}"

    @cached_property
    def reports(self) -> pl.DataFrame:
        """Those whose report the target was seen to hold."""
        return self.rows.filter(pl.col("reported").is_not_null())


def _percent(value: float) -> str:
    """A share that may be every one of them, which is never written as 100 %."""
    return "all" if value >= 1 else share(value)


def groups(evidence: Evidence) -> Iterator[Group]:
    """The volunteers of a run by source, people first; nothing where there was no live drill."""
    if not (evidence.path / "sessions.parquet").is_file():
        return
    source = pl.col("source").cast(pl.String)
    everybody = (
        evidence.sessions.filter(source.is_in([VOLUNTEER, ROBOT])).with_columns(source).collect()
    )
    insider = pl.col("insider").fill_null(False)
    for name in (VOLUNTEER, ROBOT):
        mine = everybody.filter(pl.col("source") == name)
        if len(mine):
            counted = mine.filter(~insider)
            yield Group(
                name,
                apart=name == ROBOT and len(mine) < len(everybody),
                rows=counted,
                insiders=len(mine) - len(counted),
            )


def nobody(check: str, asks: str) -> Finding:
    """The finding where no volunteer took part."""
    answer = "No volunteer took part: this was no live drill."
    return Finding(check, Status.NOT_APPLICABLE, asks, answer)


def ended(evidence: Evidence) -> str:
    """Why what is missing may still come, empty if the drill has come to its end."""
    if evidence.info.get("state", "finished") == "finished":
        return ""
    return f"The drill did not reach its end: {evidence.info.get('state')}."


def unseen(evidence: Evidence) -> str:
    """Why reports may have come earlier than they were seen, empty if they cannot have."""
    lost = float((evidence.info.get("live") or {}).get("unseen_seconds") or 0.0)
    if lost <= MOST_UNSEEN:
        return ""
    return f"The target could not be seen for {seconds(lost)} of the drill."
