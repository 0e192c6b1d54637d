"""Can our people do it? How far the volunteers of a live drill came, how fast and how well.

Simulated volunteers are shown apart, and never in one figure with people: they prove the path.
All times are seconds since the drill opened.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from harness.record import Finding, RunFolder, Status, Witness

STEPS = {
    "started": "opened their page",
    "signed_in": "got into the app",
    "practised": "tried the form",
    "reported": "report in",
    "on_time": "in time",
    "correct": "every number right",
}
SHARES = (50, 90, 98)
KINDS = {
    "wrong_precinct": "another precinct",
    "shifted": "one row off",
    "swapped_columns": "two cells exchanged",
    "omitted": "left out",
    "spurious": "a number for none",
    "transposed": "digits swapped",
    "extra_digit": "a digit too many",
    "lost_digit": "a digit too few",
    "digit": "one digit wrong",
    "sounds_like": "13 for 30",
    "other": "otherwise wrong",
}
FEWEST = 5  # people in a line of a table, for privacy
SOURCES = ("volunteer", "robot")
COHORTS = {
    "county": "County",
    "language": "Language",
    "age_band": "Age",
    "device": "Device",
    "training": "Training",
    "first_time": "First time",
}

_REMARK = re.compile(r" (Insiders left out: [\d,]+\.|They were simulated: .*)")


@dataclass(frozen=True)
class Cohorts:
    """One way of parting the volunteers, with the cohorts large enough to show."""

    title: str
    answer: str
    rows: tuple[Witness, ...]


@dataclass(frozen=True)
class Group:
    """The volunteers of one source.

    Attributes:
        name: Unique on the page; letters and dashes.
        simulated: Whether they are robots.
        invited: Everybody but insiders.
        insiders: Those left out because they built or run the app.
        funnel: Of those invited, how many came to each step: its words and the count.
        arrived: When each report came, in order.
        reached: When 50, 90 and 98 of 100 of those invited had reported; None if never.
        end: Until when the drill was watched.
        errors: Wrong cells by kind, the commonest first.
        findings: What the checks say of them, by check, or check and subject.
        cohorts: The ways of parting them that can be shown.
        people: Who they were: a label and a count, or "fewer than 5".
    """

    name: str
    simulated: bool
    invited: int
    insiders: int
    funnel: tuple[tuple[str, int], ...]
    arrived: tuple[float, ...]
    reached: tuple[float | None, ...]
    end: float
    errors: tuple[tuple[str, int], ...]
    findings: Mapping[str, Finding]
    cohorts: tuple[Cohorts, ...]
    people: tuple[tuple[str, str], ...]

    def says(self, name: str) -> str:
        """What a check found, without what stands over all figures; empty if it does not apply."""
        found = self.findings.get(name)
        if found is None or found.status is Status.NOT_APPLICABLE:
            return ""
        return _REMARK.sub("", found.answer)

    def figure(self, name: str, figure: str) -> float | None:
        """A figure of a check, None where there is none."""
        found = self.findings.get(name)
        return None if found is None else found.figures.get(figure)


def groups_of(run: RunFolder) -> tuple[Group, ...]:
    """The volunteers of a run by source, people first; empty where there was no live drill."""
    if not (run.path / "sessions.parquet").is_file():
        return ()
    source = pl.col("source").cast(pl.String)
    rows = run.sessions.filter(source.is_in(SOURCES)).with_columns(source).collect()
    there = [each for each in SOURCES if each in set(rows["source"])]
    return tuple(
        _group(run, each, rows.filter(pl.col("source") == each), apart=len(there) > 1)
        for each in there
    )


def _group(run: RunFolder, source: str, rows: pl.DataFrame, *, apart: bool) -> Group:
    insider = pl.col("insider").fill_null(False)
    counted = rows.filter(~insider)
    prefix = "robots" if source == "robot" and apart else ""
    findings = _findings(run.findings, prefix)
    arrived = tuple(counted["reported"].drop_nulls().sort().to_list())
    closed = (run.info.get("live") or {}).get("closed_seconds")
    return Group(
        name=source,
        simulated=source == "robot",
        invited=len(counted),
        insiders=len(rows) - len(counted),
        funnel=tuple(
            (words, int(found.figures.get("k") or 0))
            for step, words in STEPS.items()
            if (found := findings.get(f"funnel:{step}")) is not None and "k" in found.figures
        ),
        arrived=arrived,
        reached=tuple(_reached(arrived, len(counted), share) for share in SHARES),
        end=max([float(closed or 0.0), 60.0, *arrived[-1:]]),
        errors=_errors(findings.get("entry_errors")),
        findings=findings,
        cohorts=tuple(_cohorts(findings)),
        people=tuple(_people(rows, counted)),
    )


def _findings(findings: Sequence[Finding], prefix: str) -> dict[str, Finding]:
    """The findings about one source, by check and what is left of the subject."""
    mine = {}
    for each in findings:
        about_robots = each.subject == "robots" or each.subject.startswith("robots ")
        if about_robots != bool(prefix):
            continue
        subject = each.subject.removeprefix("robots").strip() if prefix else each.subject
        mine[f"{each.check}:{subject}".rstrip(":")] = each
    return mine


def _reached(arrived: Sequence[float], n: int, share: int) -> float | None:
    rank = max(1, math.ceil(n * share / 100 - 1e-9))
    return arrived[rank - 1] if rank <= len(arrived) else None


def _errors(found: Finding | None) -> tuple[tuple[str, int], ...]:
    figures = {} if found is None else found.figures
    return tuple(
        (KINDS.get(kind := name.removeprefix("kind_"), kind.replace("_", " ")), int(count))
        for name, count in figures.items()
        if name.startswith("kind_") and count
    )


def _cohorts(findings: Mapping[str, Finding]) -> list[Cohorts]:
    return [
        Cohorts(title, found.answer, found.witnesses)
        for kind, title in COHORTS.items()
        if (found := findings.get(f"cohorts:{kind}")) is not None and found.status is Status.PASS
    ]


def _people(rows: pl.DataFrame, counted: pl.DataFrame) -> list[tuple[str, str]]:
    """Who took part and who did not, in numbers only."""
    came = counted.filter(pl.any_horizontal(pl.col("opened", "reported").is_not_null()))
    told: list[tuple[str, Any]] = [
        ("Invited", len(rows)),
        ("Insiders, left out of every figure", len(rows) - len(counted)),
        ("No-shows, kept in every denominator", len(counted) - len(came)),
        ("Gave up or did not finish", len(came.filter(pl.col("reported").is_null()))),
    ]
    lines = [(label, f"{count:,}") for label, count in told]
    first = counted["first_time"].drop_nulls()
    lines.append(("For the first time", _banded(int(first.sum())) if len(first) else "not asked"))
    for kind in ("language", "age_band", "device", "training"):
        parts = counted.filter(pl.col(kind).fill_null("") != "").group_by(kind).len().sort(kind)
        said = ", ".join(f"{value}: {_banded(count)}" for value, count in parts.iter_rows())
        lines.append((COHORTS[kind], said or "not asked"))
    return lines


def _banded(count: int) -> str:
    return f"{count:,}" if count >= FEWEST or count == 0 else f"fewer than {FEWEST}"
