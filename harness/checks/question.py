"""One question about what each reader holds, and the finding that answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from harness.checks.doubt import doubt, overrules
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.matching import reconciled
from harness.checks.reconcile.offences import Reconciled
from harness.checks.reconcile.witnesses import witnesses
from harness.record import Finding, RunFolder, Status
from harness.statistics import rate_unseen, zero_failure_bound


@dataclass(frozen=True)
class Question:
    """What one check asks of every reader of rows.

    Attributes:
        check: Name of the check, as :mod:`harness.checks.reconcile.offences` has it.
        asks: The question in plain words.
        offends: What is wrong with the offenders, after "3 of 1,765 ": "reports are missing".
        among: How many could have offended, given what one reader comes to.
        nobody: Why it cannot be asked where that number is 0.
        needs_values_of: Modes of readers that could answer it, were they to show values.
        needs_two: Whether it can only be asked where the target was read twice.
    """

    check: str
    asks: str
    offends: str
    among: Callable[[Evidence, Reconciled], int]
    nobody: str
    needs_values_of: tuple[str, ...] = ()
    needs_two: bool = False


def evidence_of(run: RunFolder) -> Evidence:
    """The run as evidence; what was prepared for an earlier check is kept."""
    return run if isinstance(run, Evidence) else Evidence(run.path)


def ask(run: RunFolder, question: Question) -> Iterator[Finding]:
    """Ask every reader of rows: one finding a reader, or one that says why there is none."""
    evidence = evidence_of(run)
    if not evidence.readers:
        answer = "The target's description names no reader, so what it holds cannot be known."
        yield Finding(question.check, Status.UNKNOWN, question.asks, answer)
        return
    readers = [each for each in evidence.readers if each.mode not in ("totals", "count", "merged")]
    if not readers:
        answer = "Only what it works out itself can be read from this target; see mis_totalled."
        yield Finding(question.check, Status.NOT_APPLICABLE, question.asks, answer)
        return
    findings = [each for reader in readers if (each := _ask_one(evidence, reader, question))]
    yield from findings
    if not findings:
        # Reports of a single cell are all alike: there are no values to ask for.
        tells = len(evidence.fields) != 1
        mute = tells and any(each.mode in question.needs_values_of for each in readers)
        status = Status.UNKNOWN if mute else Status.NOT_APPLICABLE
        answer = (
            "No reader shows the values of a report."
            if mute
            else "No reader keeps reports in a way that this can be asked of."
        )
        yield Finding(question.check, status, question.asks, answer)


def _ask_one(evidence: Evidence, reader: Reader, question: Question) -> Finding | None:
    """The finding for one reader, None if the question does not fit it."""
    silent = evidence.unread(reader.name)
    if silent:
        return Finding(question.check, Status.UNKNOWN, question.asks, silent, reader.name)
    found = reconciled(evidence, reader)
    if question.check not in found.asked:
        return None
    if question.needs_two and not found.twice:
        answer = f"{reader.name} was read only once after the drill."
        return Finding(question.check, Status.UNKNOWN, question.asks, answer, reader.name)
    return _answer(evidence, found, question)


def _answer(evidence: Evidence, found: Reconciled, question: Question) -> Finding:
    mine = found.offences.filter(pl.col("check") == question.check)
    offenders, among = int(mine["times"].sum()), question.among(evidence, found)
    status, answer = _status(evidence, question, offenders, among)
    figures: dict[str, float | int | None] = {"k": offenders, "n": max(among, offenders)}
    if status is Status.PASS:
        figures["upper"] = zero_failure_bound(among)
    if found.ambiguous:
        figures["ambiguous_groups"] = found.ambiguous
        answer += f" {found.ambiguous:,} groups of identical reports cannot be told apart."
    shown = witnesses(evidence, found, question.check) if offenders else ()
    return Finding(
        question.check, status, question.asks, answer, found.reader.name, figures, shown, offenders
    )


def _status(
    evidence: Evidence, question: Question, offenders: int, among: int
) -> tuple[Status, str]:
    if offenders:
        answer = f"{offenders:,} of {max(among, offenders):,} {question.offends}."
        overruled = overrules(evidence, question.check)
        return (Status.UNKNOWN, f"{answer} {overruled}") if overruled else (Status.FAIL, answer)
    reason = doubt(evidence, question.check)
    if reason:
        return Status.UNKNOWN, reason
    if not among:
        return Status.NOT_APPLICABLE, question.nobody
    answer = f"0 of {among:,} {question.offends}."
    return Status.PASS, f"{answer} At this size up to {rate_unseen(among)} could go unseen."


# -- how many could have offended ---------------------------------------------------------------


def acknowledged(evidence: Evidence, found: Reconciled) -> int:
    """What must be there: every report, or one a record where the reader keeps one."""
    if found.one_a_record:
        return int(evidence.records["acked"].sum())
    return evidence.acknowledged


def rows(evidence: Evidence, found: Reconciled) -> int:
    """What was found, or was to be: never fewer than were acknowledged."""
    return max(found.rows, acknowledged(evidence, found))


def reported_again(evidence: Evidence, found: Reconciled) -> int:
    """Records with more than one report that may have arrived."""
    return int((evidence.records["reports"] > 1).sum())


def refused(evidence: Evidence, found: Reconciled) -> int:
    """Reports that reached the target and were refused for certain, every time."""
    no = pl.col("reached") & ~pl.col("acked") & ~pl.col("possible")
    return len(evidence.operations.filter(no))
