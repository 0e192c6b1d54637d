"""An objective: a gate that a figure of the drill must meet, declared before the run.

Its kind says how a figure becomes a state. An ``invariant`` is a count that must be 0 over
everything. A ``census`` is k of the n driven: exact, no interval. A ``sample`` is a share of a
larger population, gated on the exact one-sided 95 % bound, or a mean over it, gated on Student's.
A ``quantile`` is gated on a one-sided order statistic. Small samples leave the last two undecided
rather than passed. Simulated people are no sample of anybody, however many there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import ClassVar, Literal

from harness import statistics
from harness.means import needed_for_mean
from harness.record import Finding, Status
from harness.words import of, quantile_name, quantile_words, seconds, share

Kind = Literal["invariant", "census", "sample", "quantile"]

_FASTER = "The drill was played faster than declared, so this counts neither way."
# From bad to good: what several findings under one objective come to.
_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.NOT_DRILLED, Status.PASS)


@dataclass(frozen=True)
class Objective:
    """One gate. Say the same thing in ``says`` as the numbers do: it is what officials read.

    Attributes:
        name: Short and unique in its scenario.
        check: The check whose finding it judges (``lost``, ``response_time``).
        subject: Which of the check's findings: a reader, an operation kind, a channel. Empty
            for all of them, of which the worst counts.
        figure: Which figure of the finding; empty for the kind's own (the count of offenders;
            k and n; the quantile). Of a ``sample``: what stands before ``_k`` and ``_n``, or a
            mean, as ``mean``.
        kind: ``invariant``, ``census``, ``sample`` or ``quantile``.
        at_least: Lowest value that is good enough.
        at_most: Highest value that is good enough. An invariant may leave both out: 0.
        quantile: For ``quantile``: which one, such as 0.95. Times are wall seconds.
        required: Whether missing it is NO-GO, or only a condition.
        says: What is asked, in plain words.

    Raises:
        ValueError: If the bounds do not fit the kind.
    """

    name: str
    check: str
    kind: Kind
    subject: str = ""
    figure: str = ""
    at_least: float | None = None
    at_most: float | None = None
    quantile: float | None = None
    required: bool = True
    says: str = ""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        # Imported late: checks use the words of this module.
        from harness.checks import NAMES, OF_PERSONAS

        if self.check not in NAMES:
            near = get_close_matches(self.check, NAMES, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(
                f"{self.name}: no check {self.check!r}; there are {', '.join(NAMES)}.{hint}"
            )
        if self.check in OF_PERSONAS and self.kind != "invariant":
            raise ValueError(
                f"{self.name}: kind={self.kind!r}, but personas are counted one by one and are no "
                f"sample of people: make {self.check} an invariant, if need be with a figure and "
                "at_most."
            )
        if self.kind == "invariant":
            if self.at_least is not None:
                raise ValueError(f"{self.name}: an invariant has no at_least; it may have at_most.")
        elif (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"{self.name}: a {self.kind} needs at_least or at_most, and not both.")
        if (self.kind == "quantile") != (self.quantile is not None):
            raise ValueError(f"{self.name}: kind: quantile and quantile: go together, as in 0.95.")
        if self.quantile is not None and not 0 < self.quantile < 1:
            raise ValueError(f"{self.name}: quantile={self.quantile}: it lies between 0 and 1.")
        if self.kind == "sample" and not self.figure and not 0 < self.target < 1:
            raise ValueError(
                f"{self.name}: no sample can show a share of {self.target:g}: ask for a share "
                "between 0 and 1, or declare a census."
            )

    @property
    def target(self) -> float:
        """The bound asked for, whichever way it points; 0 for an invariant without one."""
        if self.at_least is not None:
            return self.at_least
        return self.at_most if self.at_most is not None else 0.0

    @property
    def asked(self) -> str:
        """What was asked for, in words.

        Example:
            >>> Objective("all in", "completeness", "census", at_least=0.98).asked
            'at least 98 %'
        """
        way = "at least" if self.at_least is not None else "at most"
        if self.kind == "quantile":
            assert self.quantile is not None
            least = "at least " if self.at_least is not None else ""
            return f"{quantile_words(self.quantile)} {least}{seconds(self.target)}"
        if self.figure.endswith("_drill"):
            return f"{way} {seconds(self.target)} after the opening"
        if self.figure.endswith("_share"):
            return f"{way} {share(self.target)}"
        if "seconds_to_" in self.figure:
            return f"{way} {seconds(self.target)}"
        if self.kind == "invariant" or self.figure:
            return f"{way} {self.target:,g}" if self.target or self.figure else "none"
        return "every one" if self.at_least == 1 else f"{way} {share(self.target)}"

    def covers(self, finding: Finding) -> bool:
        """Whether this objective judges that finding.

        Where a check as a whole is not applicable, it is so for each of its subjects.
        """
        whole = not finding.subject and finding.status is Status.NOT_APPLICABLE
        return finding.check == self.check and (whole or self.subject in ("", finding.subject))


@dataclass(frozen=True)
class ObjectiveResult:
    """What became of one objective.

    Attributes:
        state: ``pass``, ``fail``, ``unknown``, ``not_applicable`` or ``not_drilled``.
        figure: The value measured (a count, a share, seconds); None if there is none.
        target: The bound asked for.
        bound: The one-sided 95 % bound the gate used; None where there is no sampling error.
        sentence: What was found against what was asked, for an official.
        needed: How many clean observations would settle an undecided sample or quantile.
        findings: Names of the findings it was judged by.
    """

    objective: Objective
    state: Status
    figure: float | None
    target: float
    bound: float | None
    sentence: str
    needed: int | None = None
    findings: tuple[str, ...] = ()


def evaluate(
    objective: Objective, findings: Iterable[Finding], *, faster_than_declared: bool = False
) -> ObjectiveResult:
    """Judge one objective by the findings it covers; of several, the worst counts and is told.

    Args:
        findings: All findings of the run.
        faster_than_declared: Whether the drill was played faster than its scenario declares: a
            timing that passes stands, and one that fails is unknown. So is getting through by
            phone, which hangs on how long the app was down.
    """
    covered = [finding for finding in findings if objective.covers(finding)]
    if not covered:
        asked_of = f"{objective.check}:{objective.subject}".rstrip(":")
        return _result(objective, Status.UNKNOWN, f"The drill answered nothing about {asked_of}.")
    results = [_judge(objective, finding, faster_than_declared) for finding in covered]
    applicable = [each for each in results if each.state is not Status.NOT_APPLICABLE]
    if not applicable:
        return results[0]
    return min(applicable, key=lambda each: (_WORST_FIRST.index(each.state), -_badness(each)))


def _badness(result: ObjectiveResult) -> float:
    """How bad one of several results in the same state is: more is worse."""
    figure = result.figure if result.bound is None else result.bound
    if figure is None:  # so bad that there is none, or nothing is known of it
        return math.inf if result.state is Status.FAIL else -math.inf
    return -figure if result.objective.at_least is not None else figure


def undecidable(
    objectives: Iterable[Objective], counts: Mapping[str, int]
) -> list[tuple[Objective, int]]:
    """Objectives that a drill of this size cannot pass, however clean, with the n they need.

    Args:
        objectives: The scenario's objectives.
        counts: Observations the plan will give, by ``check:subject``, by subject (an operation
            kind) or by check; an objective that none of them names is left out.
    """
    short = []
    for objective in objectives:
        names = (f"{objective.check}:{objective.subject}", objective.subject, objective.check)
        n = next((counts[name] for name in names if name in counts), None)
        needed = _needed(objective, 0)
        if n is not None and needed is not None and n < needed:
            short.append((objective, needed))
    return short


# -- one objective and one finding -----------------------------------------------------------


def _judge(objective: Objective, finding: Finding, faster: bool) -> ObjectiveResult:
    result = _judge_as_played(objective, finding)
    timed = objective.kind == "quantile" or objective.check in _hastened()
    if faster and timed and result.state is Status.FAIL:
        said = f"{result.sentence} {_FASTER}"
        return replace(result, state=Status.UNKNOWN, sentence=said)
    return result


def _hastened() -> frozenset[str]:
    from harness.checks import HASTENED  # imported late: checks use the words of this module

    return HASTENED


def _judge_as_played(objective: Objective, finding: Finding) -> ObjectiveResult:
    undecided = (Status.UNKNOWN, Status.NOT_APPLICABLE, Status.NOT_DRILLED)
    if finding.status in undecided:
        return _result(objective, finding.status, finding.answer, finding)
    if objective.kind == "invariant":
        return _invariant(objective, finding)
    if objective.kind == "census":
        return _census(objective, finding)
    if finding.figures.get("simulated"):
        # Robots are no sample of people, as the answer says.
        return _result(objective, Status.UNKNOWN, finding.answer, finding)
    if objective.kind == "sample":
        mean = f"{objective.figure}_lower" in finding.figures
        return _mean(objective, finding) if mean else _sample(objective, finding)
    return _quantile(objective, finding)


def _invariant(objective: Objective, finding: Finding) -> ObjectiveResult:
    if not objective.figure and objective.at_most is None:
        return _result(objective, finding.status, finding.answer, finding, finding.offenders)
    figure = finding.figures.get(objective.figure) if objective.figure else finding.offenders
    if figure is None and finding.status is Status.FAIL:  # so bad that there is no such figure
        return _result(objective, Status.FAIL, finding.answer, finding)
    if figure is None:
        return _missing(objective, finding, objective.figure)
    state = Status.PASS if figure <= objective.target else Status.FAIL
    return _result(objective, state, finding.answer, finding, figure)


def _census(objective: Objective, finding: Finding) -> ObjectiveResult:
    if objective.figure:
        figure = finding.figures.get(objective.figure)
        if figure is None and finding.status is Status.FAIL:  # so few that there is no such figure
            return _result(objective, Status.FAIL, finding.answer, finding)
        if figure is None:
            return _missing(objective, finding, objective.figure)
        when = objective.figure.endswith("_drill")
        found = f"Reached {seconds(figure)} after the opening." if when else finding.answer
        sentence = f"{found} Asked for: {objective.asked}."
    else:
        k, n = finding.figures.get("k"), finding.figures.get("n")
        if k is None or n is None:
            return _missing(objective, finding, "k and n")
        if n == 0:
            return _result(objective, Status.UNKNOWN, "None were driven.", finding)
        figure = k / n
        sentence = f"{int(k):,} of {int(n):,} ({share(figure)}). Asked for: {objective.asked}."
    return _result(objective, _meets(objective, figure), sentence, finding, figure)


def _sample(objective: Objective, finding: Finding) -> ObjectiveResult:
    prefix = f"{objective.figure}_" if objective.figure else ""
    k, n = (finding.figures.get(prefix + name) for name in ("k", "n"))
    if k is None or n is None:
        return _missing(objective, finding, f"{prefix}k and {prefix}n")
    k, n = int(k), int(n)
    if n == 0:
        return _result(objective, Status.UNKNOWN, "Nobody was watched.", finding)
    lower, upper = statistics.share_lower(k, n), statistics.share_upper(k, n)
    good, bad = (lower, upper) if objective.at_least is not None else (upper, lower)
    failures = n - k if objective.at_least is not None else k
    promise = f"; {statistics.promise(lower)}" if objective.at_least is not None else ""
    if _meets(objective, good) is Status.PASS:
        sentence = f"{of(k, n)}{promise}. Asked for: {objective.asked}."
        return _result(objective, Status.PASS, sentence, finding, k / n, good)
    if _meets(objective, bad) is Status.FAIL:
        sentence = f"{of(k, n)}{promise}. Asked for: {objective.asked}."
        return _result(objective, Status.FAIL, sentence, finding, k / n, bad)
    needed = _needed(objective, failures) or n
    sentence = (
        f"{of(k, n)}: too few to say {objective.asked}{promise}. With no further failure, "
        f"{needed - n:,} more, {needed:,} in all would settle it."
    )
    return _result(objective, Status.UNKNOWN, sentence, finding, k / n, good, needed)


def _mean(objective: Objective, finding: Finding) -> ObjectiveResult:
    name = objective.figure
    mean, lower, upper, spread = (
        finding.figures.get(name + end) for end in ("", "_lower", "_upper", "_spread")
    )
    if mean is None or lower is None or upper is None:
        return _missing(objective, finding, name)
    good, bad = (lower, upper) if objective.at_least is not None else (upper, lower)
    said = f"{finding.answer} Asked for: {objective.asked}."
    if _meets(objective, good) is Status.PASS:
        return _result(objective, Status.PASS, said, finding, mean, good)
    if _meets(objective, bad) is Status.FAIL:
        return _result(objective, Status.FAIL, said, finding, mean, bad)
    said += " Too few, or too near, to say."
    needed = None
    if _meets(objective, mean) is Status.PASS and spread is not None:
        needed = needed_for_mean(spread, abs(mean - objective.target))
    if needed is not None:
        said += f" If others answer alike, {needed:,} in all would settle it."
    return _result(objective, Status.UNKNOWN, said, finding, mean, good, needed)


def _quantile(objective: Objective, finding: Finding) -> ObjectiveResult:
    assert objective.quantile is not None
    name = objective.figure or quantile_name(objective.quantile)
    if name not in finding.figures:
        return _missing(objective, finding, name)
    figure = finding.figures[name]
    lower, upper = (finding.figures.get(f"{name}_{side}") for side in ("lower", "upper"))
    good, bad = (lower, upper) if objective.at_least is not None else (upper, lower)
    words = quantile_words(objective.quantile)
    said = "Not so many ever finished." if figure is None else f"{words} {seconds(figure)}."
    said += f" Asked for: {objective.asked}."
    if good is not None and _meets(objective, good) is Status.PASS:
        return _result(objective, Status.PASS, said, finding, figure, good)
    if bad is not None and _meets(objective, bad) is Status.FAIL:
        return _result(objective, Status.FAIL, said, finding, figure, bad)
    needed = _needed(objective, 0)
    said += f" Too few, or too near, to say; at least {needed:,} observations are needed."
    return _result(objective, Status.UNKNOWN, said, finding, figure, good, needed)


def _needed(objective: Objective, failures: int) -> int | None:
    """Clean observations that would settle it, None where the kind needs no number."""
    if objective.kind == "sample":
        good = objective.target if objective.at_least is not None else 1 - objective.target
        return statistics.needed_n(good, failures)
    if objective.kind == "quantile":
        assert objective.quantile is not None
        q = objective.quantile if objective.at_most is not None else 1 - objective.quantile
        return statistics.needed_n_for_quantile(q)
    return None


def _meets(objective: Objective, figure: float) -> Status:
    if objective.at_least is not None:
        return Status.PASS if figure >= objective.at_least else Status.FAIL
    return Status.PASS if figure <= objective.target else Status.FAIL


def _missing(objective: Objective, finding: Finding, figure: str) -> ObjectiveResult:
    has = ", ".join(finding.figures) or "none"
    sentence = f"{finding.name} has no figure {figure!r}; it has: {has}."
    return _result(objective, Status.UNKNOWN, sentence, finding)


def _result(
    objective: Objective,
    state: Status,
    sentence: str,
    finding: Finding | None = None,
    figure: float | None = None,
    bound: float | None = None,
    needed: int | None = None,
) -> ObjectiveResult:
    names = (finding.name,) if finding else ()
    return ObjectiveResult(
        objective, state, figure, objective.target, bound, sentence, needed, names
    )
