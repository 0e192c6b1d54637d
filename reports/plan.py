"""The improvement plan: everything that is open, each thing once, what is certain first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.record import Finding, Status
from harness.verdict import Condition, Verdict

_ORDER = (Status.FAIL, Status.UNKNOWN, Status.NOT_DRILLED)


@dataclass(frozen=True)
class Open:
    """One row of the plan.

    Attributes:
        text: What is open.
        asked: The objective it comes from, in plain words; empty where none asked.
        kind: ``Must be mended``, ``Must be settled`` or ``Condition``.
        anchor: Name of the finding whose evidence is only here; empty where it stands elsewhere.
    """

    text: str
    asked: str
    kind: str
    status: Status
    owner: str = ""
    due: str = ""
    anchor: str = ""


def plan_of(verdict: Verdict, findings: Sequence[Finding]) -> tuple[Open, ...]:
    """Unmet objectives first, then findings that no objective speaks of."""
    by_name = {each.name: each for each in findings}
    conditions = {each.about: each for each in verdict.conditions}
    rows, told = [], set()
    for result in verdict.results:
        if result.state not in _ORDER:
            continue
        objective = result.objective
        must = "Must be mended" if result.state is Status.FAIL else "Must be settled"
        kind = must if objective.required else "Condition"
        finding = next((by_name[name] for name in result.findings if name in by_name), None)
        anchor = _anchor(finding) if finding and finding.name not in told else ""
        told |= set(result.findings)
        condition = conditions.get(objective.name, Condition("", ""))
        asked = objective.says or objective.name
        rows.append(
            Open(result.sentence, asked, kind, result.state, condition.owner, condition.due, anchor)
        )
    for finding in findings:
        if finding.status in _ORDER and finding.name not in told:
            condition = conditions.get(finding.name, Condition("", ""))
            kind = "Condition" if finding.name in conditions else "Open"
            text = f"{finding.question} {finding.answer}"
            rows.append(
                Open(
                    text, "", kind, finding.status, condition.owner, condition.due, _anchor(finding)
                )
            )
    return tuple(sorted(rows, key=lambda row: _ORDER.index(row.status)))


def _anchor(finding: Finding) -> str:
    """Strengths and offending records have anchors of their own."""
    elsewhere = finding.status is Status.PASS or (
        finding.status is Status.FAIL and bool(finding.witnesses)
    )
    return "" if elsewhere or finding.status is Status.NOT_APPLICABLE else finding.name
