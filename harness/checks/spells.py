"""Spells: the stretches of a drill that its injects cut it into, and what people did in them.

Times are drill seconds. An attempt is one try at an operation, or one call dialled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import is_preflight

BY_PEOPLE = ("sign_in", "submit_report", "amend_report", "call")
ON_TARGET = ("service.", "process.")  # what befalls the target itself, and no way to it
OF_PEOPLE_THEMSELVES = ("people.untrained", "people.unreachable")  # nothing is there to come back


@dataclass(frozen=True)
class Spell:
    """One inject's stretch of the drill.

    Attributes:
        end: When all was mended: what was down is up, and ready.
        mending: When that was begun. Starting again takes the app its time, which is its own.
        services: Roles of the services that it befell, where it names any.
    """

    name: str
    kind: str
    start: float
    end: float
    mending: float
    services: tuple[str, ...] = ()

    @property
    def on_target(self) -> bool:
        """Whether it befell the target itself."""
        return self.kind.startswith(ON_TARGET)

    @property
    def title(self) -> str:
        """Its name, and which services it befell."""
        return f"{self.name!r} ({', '.join(self.services)})" if self.services else repr(self.name)


@dataclass(frozen=True)
class Doings:
    """Everything people tried in a run.

    Attributes:
        table: Columns ``at``, ``who``, ``kind``, ``good`` and ``unknown``: nobody can tell.
    """

    table: pl.DataFrame

    def between(self, start: float, end: float) -> pl.DataFrame:
        """What was begun from ``start`` until before ``end``."""
        return self.table.filter(pl.col("at") >= start, pl.col("at") < end)

    @cached_property
    def end(self) -> float:
        """When the last attempt began; 0 where there was none."""
        return float(self.table["at"].max() or 0.0)  # type: ignore[arg-type]


def spells_of(evidence: Evidence) -> list[Spell]:
    """The injects that happened and ended, in order of start."""
    named = {
        str(each.get("name")): tuple(str(role) for role in each.get("service") or ())
        for each in evidence.info.get("injects") or []
    }
    rows = (
        evidence.injects.filter(
            pl.col("started_drill").is_not_null(), pl.col("ended_drill").is_not_null()
        )
        .with_columns(
            # When it was planned to end; sooner, where the drill was stopped.
            mending=pl.min_horizontal(
                "ended_drill",
                pl.max_horizontal("started_drill", pl.coalesce("planned_end_drill", "ended_drill")),
            )
        )
        .select("name", pl.col("kind").cast(pl.String), "started_drill", "ended_drill", "mending")
        .filter(~pl.col("kind").is_in(OF_PEOPLE_THEMSELVES))
        .sort("started_drill")
        .collect()
    )
    return [
        Spell(name, kind, start, end, mending, named.get(name, ()))
        for name, kind, start, end, mending in rows.iter_rows()
    ]


def broken_times(evidence: Evidence) -> list[tuple[float, float]]:
    """From when until when the target itself was broken on purpose; without end where it stayed so.

    A way to the target that goes wrong is not among them: the target is there all the same.
    """
    kind = pl.col("kind").cast(pl.String)
    rows = evidence.injects.filter(
        pl.col("started_drill").is_not_null(),
        pl.any_horizontal(*(kind.str.starts_with(each) for each in ON_TARGET)),
    )
    return list(
        rows.select("started_drill", pl.col("ended_drill").fill_null(float("inf")))
        .sort("started_drill")
        .collect()
        .iter_rows()
    )


def doings_of(evidence: Evidence) -> Doings:
    """Every attempt of people on the app and on its phone lines, in order of time.

    What the generator held back was never tried; what people only looked at does not count. Nor
    does what was refused because they had mistyped a code or a record: that tells of them, and
    not of the app.
    """
    speed = float(evidence.info.get("speed") or 1.0)
    outcome = pl.col("outcome").cast(pl.String).fill_null("unknown")
    wrong_code = (pl.col("kind").cast(pl.String) == "sign_in") & (
        pl.col("values").list.first() == 0
    )
    # Who has no home of their own goes nowhere astray: every text begins with an empty one.
    astray = (pl.col("record") != "") & ~pl.col("record").str.starts_with(pl.col("home"))
    own_fault = (outcome == "refused") & (wrong_code | astray).fill_null(False)
    operations = (
        evidence.history.filter(
            ~is_preflight(),
            pl.col("kind").cast(pl.String).is_in(BY_PEOPLE),
            pl.col("answer_class").cast(pl.String).fill_null("") != "shed",
            ~own_fault,
        )
        .select(
            at=pl.col("intended") / 1e9 * speed,
            who=pl.col("who"),
            kind=pl.col("kind").cast(pl.String),
            good=outcome == "ok",
            unknown=outcome == "unknown",
        )
        .collect()
    )
    calls = (
        evidence.calls.filter(pl.col("role").cast(pl.String) != "nuisance")
        .select(
            at="dialled_drill",
            who="caller",
            kind=pl.lit("call"),
            good=pl.col("answered_drill").is_not_null(),
            unknown=pl.lit(False),
        )
        .collect()
    )
    return Doings(pl.concat([operations, calls]).sort("at"))
