"""Faults and what came of them: how soon people got through again, beside what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from harness.record import Finding, RunFolder, Status
from harness.verdict import Objective, Verdict
from reports import words
from reports.injects import injects_of

_DECIDED = (Status.PASS, Status.FAIL)
TELLING = {"health_truth": "seconds_to_tell", "detection": "seconds_to_detect"}
"""The figure that tells most where an objective names none."""
CHECKS = ("recovery", "survived", "health_truth", "detection", "retry_storm")


@dataclass(frozen=True)
class Asked:
    """One objective as it bears on one fault.

    Attributes:
        text: What was asked for, in plain words.
        found: The figure that was found, as text.
        state: Whether it was met for this fault.
    """

    text: str
    found: str
    state: Status


@dataclass(frozen=True)
class Recovered:
    """One fault.

    Attributes:
        letter: Marks it in the charts.
        name: As in the scenario.
        services: Roles of the services that it befell.
        first: Drill seconds from when it was begun to be mended to the first success; None if not
            known.
        normal: Likewise to the time when people got through as before.
        failed: Tries that failed while it lasted; None if not known.
        unknown: Those of them of which nobody can tell what became.
        noticed, fixed: Drill seconds from its beginning until it was noticed, and fixed.
        by: Who noticed it, in words; empty where nobody did.
        lost: Acknowledged reports that it took; None if not known.
        asked: The objectives that bear on it.
        recovered_at: Drill second at which people got through as before.
    """

    letter: str
    name: str
    services: tuple[str, ...]
    first: float | None
    normal: float | None
    failed: int | None
    unknown: int | None
    noticed: float | None
    fixed: float | None
    by: str
    lost: int | None
    asked: tuple[Asked, ...]
    recovered_at: float | None

    @property
    def title(self) -> str:
        """Its mark, its name, and which services it befell."""
        befell = f" ({', '.join(self.services)})" if self.services else ""
        return f"{self.letter} {self.name}{befell}".strip()


BY = {"attended": "people", "health": "health page", "alarm": "alarm", "nobody": ""}


def recovered_of(run: RunFolder, verdict: Verdict) -> tuple[Recovered, ...]:
    """Every fault that happened, in the order of the charts."""
    findings = {each.name: each for each in run.findings if each.check in CHECKS}
    handled = {
        row["inject"]: row
        for row in run.handling.with_columns(pl.col("by").cast(pl.String)).collect().to_dicts()
    }
    services = {
        str(each.get("name")): tuple(str(role) for role in each.get("service") or ())
        for each in run.info.get("injects") or ()
    }
    objectives = [each.objective for each in verdict.results]
    return tuple(
        _recovered(
            inject.letter,
            inject.name,
            services.get(inject.name, ()),
            inject.actual[0],
            [f for check in CHECKS if (f := findings.get(f"{check}:{inject.name}"))],
            handled.get(inject.name) or {},
            objectives,
        )
        for inject in injects_of(run)
        if inject.band is not None
    )


def _recovered(
    letter: str,
    name: str,
    services: tuple[str, ...],
    started: float | None,
    findings: Sequence[Finding],
    handled: Mapping[str, Any],
    objectives: Sequence[Objective],
) -> Recovered:
    by_check = {each.check: each for each in findings}
    figures = by_check["recovery"].figures if "recovery" in by_check else {}
    survived = by_check.get("survived")
    known = survived is not None and survived.status in _DECIDED
    normal, in_all = (figures.get(f"seconds_to_normal{each}") for each in ("", "_from_start"))
    began, failed, unknown = (
        handled.get("began_drill"),
        figures.get("failed_meanwhile"),
        figures.get("unknown_meanwhile"),
    )
    since = {
        name: handled[name] - began if began is not None and handled.get(name) is not None else None
        for name in ("detected_drill", "fixed_drill")
    }
    return Recovered(
        letter=letter,
        name=name,
        services=services,
        first=figures.get("seconds_to_first_success"),
        normal=normal,
        failed=None if failed is None else int(failed),
        unknown=None if unknown is None else int(unknown),
        noticed=since["detected_drill"],
        fixed=since["fixed_drill"],
        by=BY.get(handled.get("by") or "nobody", ""),
        lost=survived.offenders if known and survived is not None else None,
        asked=tuple(_asked(findings, objectives)),
        recovered_at=None if in_all is None or started is None else started + in_all,
    )


def _asked(findings: Sequence[Finding], objectives: Sequence[Objective]) -> Iterable[Asked]:
    for objective in objectives:
        for finding in findings:
            applies = finding.status is not Status.NOT_APPLICABLE
            if applies and finding.subject and objective.covers(finding):
                text = objective.says or objective.name
                yield Asked(text, _found(objective, finding), _state(objective, finding))


def _found(objective: Objective, finding: Finding) -> str:
    """The figure that an objective asks about: how long, how many times, or how many offenders."""
    name = objective.figure or TELLING.get(finding.check, "")
    if not name:
        return words.count(finding.offenders) if finding.status in _DECIDED else "–"
    figure = finding.figures.get(name)
    if figure is None:
        return "never" if finding.status is Status.FAIL else "–"
    return words.duration(figure) if "seconds" in name else f"{figure:,.3g}"


def _state(objective: Objective, finding: Finding) -> Status:
    """Whether one finding meets an objective: its figure against the bound, or its own word."""
    if finding.status not in _DECIDED or not objective.figure:
        return finding.status
    figure = finding.figures.get(objective.figure)
    if figure is None:
        return Status.FAIL if finding.status is Status.FAIL else Status.UNKNOWN
    high = objective.at_least is not None
    met = figure >= objective.target if high else figure <= objective.target
    return Status.PASS if met else Status.FAIL


HEAD = ("What was broken", "First through", "As before", "Failed", "Noticed", "Fixed", "Taken")


def rows_of(recovered: Iterable[Recovered]) -> tuple[tuple[str, ...], ...]:
    """The same as text, under :data:`HEAD`; what was asked for is told beside it."""
    return tuple(
        (
            each.title,
            words.duration(each.first),
            words.duration(each.normal),
            words.count(each.failed),
            f"{words.duration(each.noticed)}{f' ({each.by})' if each.by else ''}",
            words.duration(each.fixed),
            words.count(each.lost),
        )
        for each in recovered
    )


def in_short(recovered: Sequence[Recovered]) -> str:
    """What an official must know of it, in two sentences."""
    if not recovered:
        return ""
    count = len(recovered)
    things = "One thing was" if count == 1 else f"{count} things were"
    again = [each.normal for each in recovered if each.normal is not None]
    said = [f"{things} broken on purpose."]
    if len(again) == count:
        slowest = words.duration(max(again))
        said.append(
            f"After it people got through as before within {slowest}."
            if count == 1
            else f"After each of them people got through as before, after the slowest in {slowest}."
        )
    elif again:
        said.append(f"After {len(again)} of them people were seen to get through as before.")
    else:
        said.append("It is not known how soon people got through as before.")
    lost = [each.lost for each in recovered if each.lost is not None]
    if lost:
        taken = f"{sum(lost):,} were taken by it" if sum(lost) else "nothing was taken"
        said.append(f"Of what the app had said yes to, {taken}.")
    return " ".join(said)
