"""What held, what was only measured, and what did not apply: three lists, never mixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.record import Finding, Status
from harness.verdict import MEASURES, Verdict


def strengths_of(verdict: Verdict, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that held: by their own measure, or by an objective that was met."""
    return tuple(each for each in findings if _passed(each) and _is_good(each, verdict))


def measured_of(verdict: Verdict, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Figures that no objective found good enough: 3 of 30 is told like 30 of 30."""
    return tuple(each for each in findings if _passed(each) and not _is_good(each, verdict))


def silent_of(findings: Iterable[Finding]) -> tuple[tuple[str, Sequence[Finding]], ...]:
    """Findings that did not apply, by what they say: many checks give one reason."""
    said: dict[str, list[Finding]] = {}
    for each in findings:
        if each.status is Status.NOT_APPLICABLE:
            said.setdefault(each.answer, []).append(each)
    return tuple(said.items())


def _passed(finding: Finding) -> bool:
    return finding.status is Status.PASS


def _is_good(finding: Finding, verdict: Verdict) -> bool:
    """A check that measures passes whatever it found; only an objective says what is enough."""
    return finding.check not in MEASURES or any(
        each.state is Status.PASS and each.objective.covers(finding) for each in verdict.results
    )
