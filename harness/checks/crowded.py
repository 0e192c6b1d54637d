"""How honest people fared while the app was crowded, beside how they fared at other times.

Faults of the drill lose answers, too. So what people tried while the target itself was broken on
purpose is left out; what is lost while the crowd is there is held against what is lost in the rest
of the drill; and only a plain difference counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import is_preflight
from harness.checks.spells import broken_times
from harness.record import Witness

_ENOUGH = 20  # attempts during the crowd, below which their share says little
_PLAINLY = 3.0  # times the share of the rest of the drill, and
_MORE = 0.1  # so much more besides


@dataclass(frozen=True)
class Crowded:
    """What became of honest people's attempts meanwhile.

    Attributes:
        figures: ``honest``, ``honest_failed`` and ``honest_p95``, in seconds.
        worse: Whether plainly more of them failed than at other times.
    """

    figures: dict[str, float | int | None] = field(default_factory=dict)
    worse: bool = False
    answer: str = ""

    @property
    def witness(self) -> Witness:
        """The same as evidence."""
        return Witness("", "honest people are served as at other times", self.answer)


def crowded(evidence: Evidence, tried: pl.DataFrame) -> Crowded:
    """Look at the attempts of people that were due while one of these tries went on."""
    if tried.is_empty():
        return Crowded()
    speed = float(evidence.info.get("speed") or 1.0)
    spans = [
        (int(at / speed * 1e9), int(at / speed * 1e9) + (took or 0))
        for at, took in tried.select("at_drill", "took").iter_rows()
    ]
    during = pl.any_horizontal(*(pl.col("intended").is_between(*span) for span in spans))
    at = pl.col("intended") / 1e9 * speed
    broken = [at.is_between(*span) for span in broken_times(evidence)]
    parts = (
        evidence.history.filter(
            pl.col("sent").is_not_null(),
            ~is_preflight(),
            ~pl.any_horizontal(pl.lit(False), *broken),
        )
        .select(
            during=during,
            failed=pl.col("outcome").cast(pl.String) == "unknown",
            took=(pl.col("done") - pl.col("intended")) / 1e9,
        )
        .group_by("during")
        .agg(n=pl.len(), failed=pl.col("failed").sum(), p95=pl.col("took").quantile(0.95))
        .collect()
    )
    rows = {row["during"]: row for row in parts.to_dicts()}
    then, else_ = rows.get(True), rows.get(False)
    if then is None:
        return Crowded({"honest": 0})
    usual = else_["failed"] / else_["n"] if else_ else 0.0
    share = then["failed"] / then["n"]
    figures = {"honest": then["n"], "honest_failed": then["failed"], "honest_p95": then["p95"]}
    worse = then["n"] >= _ENOUGH and share > _PLAINLY * usual + _MORE
    answer = (
        f"{then['failed']:,} of {then['n']:,} attempts of honest people failed meanwhile "
        f"({share:.0%}; {usual:.0%} at other times)."
    )
    return Crowded(figures, worse, answer)
