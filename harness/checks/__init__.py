"""One question to a finished run a file. Checks read the run folder and nothing else.

``ask_all`` asks every one of them; a check that crashes says unknown, with the error's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from harness.checks import (
    accuracy,
    already_have_it,
    altered,
    authorization,
    barriers,
    baseline,
    cohorts,
    completeness,
    detection,
    digits,
    drift,
    duplicate,
    entry_errors,
    errors,
    fallback,
    funnel,
    garbled,
    gone,
    health_truth,
    help_calls,
    injects,
    intrusions,
    keypad,
    late,
    ledger,
    line_capacity,
    lost,
    merged,
    mis_totalled,
    misattributed,
    missing,
    names,
    opt_out,
    personas,
    phantom,
    phones,
    read_your_writes,
    recovery,
    report_time,
    resurrected,
    retry_storm,
    rules,
    sample_size,
    satisfaction,
    sign_in,
    signatures,
    stale,
    survived,
    timing,
    unlisted,
    unstable,
    vacuity,
    walk_time,
    webhook_time,
    wrong_codes,
    zero_report,
)
from harness.checks.reconcile.evidence import Evidence
from harness.record import Finding, RunFolder, Status

Check = Callable[[RunFolder], Iterable[Finding]]

# Every check with the names under which it answers, in the order of a report.
CHECKS: dict[tuple[str, ...], Check] = {
    ("lost",): lost.check,
    ("phantom",): phantom.check,
    ("duplicate",): duplicate.check,
    ("altered",): altered.check,
    ("misattributed",): misattributed.check,
    ("stale",): stale.check,
    ("digits",): digits.check,
    ("garbled",): garbled.check,
    ("resurrected",): resurrected.check,
    ("late",): late.check,
    ("gone",): gone.check,
    ("mis_totalled",): mis_totalled.check,
    ("merged",): merged.check,
    ("names",): names.check,
    ("rules",): rules.check,
    ("authorization",): authorization.check,
    ("wrong_codes",): wrong_codes.check,
    ("unlisted",): unlisted.check,
    ("intrusions",): intrusions.check,
    ("already_have_it",): already_have_it.check,
    ("read_your_writes",): read_your_writes.check,
    ("zero_report",): zero_report.check,
    ("baseline",): baseline.check,
    ("unstable",): unstable.check,
    ("completeness",): completeness.check,
    ("sign_in", "lockouts"): sign_in.check,
    ("accuracy",): accuracy.check,
    ("response_time", "service_time"): timing.check,
    ("errors", "shed"): errors.check,
    ("phones",): phones.check,
    ("line_capacity",): line_capacity.check,
    ("keypad",): keypad.check,
    ("signatures",): signatures.check,
    ("fallback",): fallback.check,
    ("webhook_time",): webhook_time.check,
    ("opt_out",): opt_out.check,
    ("injects",): injects.check,
    ("recovery",): recovery.check,
    ("retry_storm",): retry_storm.check,
    ("survived",): survived.check,
    ("health_truth",): health_truth.check,
    ("detection",): detection.check,
    ("personas",): personas.check,
    ("barriers",): barriers.check,
    ("drift",): drift.check,
    ("walk_time",): walk_time.check,
    ("funnel",): funnel.check,
    ("report_time",): report_time.check,
    ("entry_errors",): entry_errors.check,
    ("missing",): missing.check,
    ("help_calls",): help_calls.check,
    ("satisfaction",): satisfaction.check,
    ("cohorts",): cohorts.check,
    ("sample_size",): sample_size.check,
    ("vacuity",): vacuity.check,
    ("ledger",): ledger.check,
}
NAMES = tuple(name for names in CHECKS for name in names)

# Checks that measure: their findings fail only by the objectives declared for them.
MEASURES = frozenset(
    {
        "completeness", "accuracy", "sign_in", "response_time", "service_time", "errors", "phones",
        "keypad", "webhook_time", "recovery", "retry_storm", "health_truth", "detection",
        "drift", "walk_time", "funnel", "report_time", "entry_errors", "missing", "help_calls",
        "satisfaction", "cohorts", "sample_size",
    }
)  # fmt: skip

# Checks of a live drill, in which people send the reports and nothing is driven.
OF_VOLUNTEERS = frozenset(
    {
        "funnel", "report_time", "entry_errors", "missing", "help_calls", "satisfaction",
        "cohorts", "sample_size",
    }
)  # fmt: skip

# Checks that look at what the target holds or at our own record, and need not know what was sent.
OF_HOLDINGS = frozenset({"rules", "merged", "baseline", "unstable", "gone", "ledger"})

# Checks of personas, who are counted one by one: never a share of them, and never an interval.
OF_PERSONAS = frozenset({"personas", "barriers", "drift", "walk_time"})

# Checks whose figures are worse in a drill that is played faster than its scenario declares: what
# takes wall time, such as starting an app again, then lasts for more drill time.
HASTENED = frozenset({"phones", "recovery", "retry_storm", "detection"})


def ask_all(run: RunFolder) -> Iterator[Finding]:
    """Ask every check of a run; what one prepares, the next ones share."""
    evidence = Evidence(run.path)
    driven = not (evidence.info.get("live") and evidence.nothing_sent)
    for each, check in CHECKS.items():
        if driven or (OF_VOLUNTEERS | OF_HOLDINGS).issuperset(each):
            yield from _ask(each, check, evidence)
        else:
            yield from (_not_driven(name) for name in each)


def _not_driven(name: str) -> Finding:
    asks = f"What of {name.replace('_', ' ')}?"
    answer = "Volunteers sent the reports, and the drill sent nothing itself."
    return Finding(name, Status.NOT_APPLICABLE, asks, answer)


def _ask(names: tuple[str, ...], check: Check, run: RunFolder) -> list[Finding]:
    try:
        return list(check(run))
    except Exception as error:  # a check that crashed saw nothing: it says so and never passes
        answer = f"The check itself failed: {type(error).__name__}: {error}"
        return [
            Finding(name, Status.UNKNOWN, f"Could {name} be checked?", answer) for name in names
        ]
