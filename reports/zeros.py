"""What a count of zero faults can and cannot say, in words."""

from __future__ import annotations

from collections.abc import Iterable

from harness.record import Finding, Status
from reports import words
from reports.integrity import class_of

FEWEST = 10  # cases below which a bound would say next to nothing
_NONE_WAS = {
    "lost": "lost",
    "phantom": "made up",
    "duplicate": "counted twice",
    "altered": "changed",
    "misattributed": "put under another record",
    "stale": "out of date",
    "resurrected": "brought back after a no",
    "late": "late",
}


def zero_bounds(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What each integrity check that saw nothing in n cases still leaves possible, largest n first.

    Checks over the same number of cases share one sentence. Totals are not cases drawn at random
    and have no such bound.
    """
    asked = [(class_of(each.check), each) for each in findings]
    # A class that one reader saw go wrong has no zero, whatever the other readers saw.
    wrong = {sort for sort, each in asked if each.status is Status.FAIL or each.offenders}
    by_n: dict[int, set[str]] = {}
    for sort, finding in asked:
        n = finding.figures.get("n")
        if sort in _NONE_WAS and sort not in wrong and n and finding.status is Status.PASS:
            by_n.setdefault(int(n), set()).add(sort)
    return tuple(_said(n, _listed(sorts)) for n, sorts in sorted(by_n.items(), reverse=True))


def _said(n: int, faults: str) -> str:
    if n < FEWEST:
        return f"Only {n} could have been {faults}, and none was: too few to say more."
    return f"Of {n:,} reports none was {faults}. Even so, {words.zero_in(n)}."


def _listed(sorts: set[str]) -> str:
    said = [text for sort, text in _NONE_WAS.items() if sort in sorts]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"
