"""The fast register check against an obviously correct slow one, on small histories."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from build_run import Run, clean_run, record_key, report
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.checks import ask_all
from harness.record import HISTORY, Status

RECORD = record_key(0)
FOREVER = 1_000_000


@dataclass(frozen=True)
class Attempt:
    """One attempt: which report, when, and what came of it. Times are any whole numbers."""

    report: int
    sent: int
    took: int
    outcome: str

    @property
    def done(self) -> int:
        """When it must have taken effect; an unknown one may do so whenever it likes."""
        return FOREVER if self.outcome == "unknown" else self.sent + self.took


attempts = st.builds(
    Attempt,
    report=st.integers(0, 3),
    sent=st.integers(0, 12),
    took=st.integers(1, 6),
    outcome=st.sampled_from(["ok", "ok", "refused", "unknown"]),
)
histories = st.lists(attempts, min_size=1, max_size=6)


def may_stand(history: list[Attempt]) -> set[int | None]:
    """Every report that may stand in the end, by trying all orders of all effects; None: nothing.

    Any subset of the attempts that were not refused may take effect, in any order in which no
    effect comes before its attempt was sent or after it was answered. Every acknowledged
    attempt finds its report stored by the time of its answer, if by an earlier attempt.
    """
    live = [each for each in history if each.outcome != "refused"]
    found: set[int | None] = set()
    for size in range(len(live) + 1):
        for order in permutations(live, size):
            if _possible(order, history):
                found.add(order[-1].report if order else None)
    return found


def _possible(order: tuple[Attempt, ...], history: list[Attempt]) -> bool:
    """Whether effects in this order can be given moments; the earliest ones are tried."""
    moments: list[tuple[int, int]] = []
    now = 0
    for attempt in order:
        now = max(now, attempt.sent)
        if now > attempt.done:
            return False
        moments.append((now, attempt.report))
    # The earliest moments serve acknowledgements best: they are the first at which each is there.
    return all(
        any(at <= each.done and of == each.report for at, of in moments)
        for each in history
        if each.outcome == "ok"
    )


def night(folder: Path, history: list[Attempt], held: int | None) -> Run:
    """A night of this history on one record, with one report standing in the end."""
    run = clean_run(folder, records=4)
    run.history = [row for row in run.history if row["record"] != RECORD]
    run.injects = []
    run.readback = [
        row for row in run.readback if row["source"] == "store" and row["record"] != RECORD
    ]
    for number, each in enumerate(history):
        run.submit(
            0, at=20.0 + each.sent, took=float(each.took), outcome=each.outcome, attempt=number + 1,
            op=f"k-{each.report}", values=report(50 + each.report), version=each.report + 1,
        )  # fmt: skip
    if held is not None:
        run.stored(RECORD, report(50 + held))
    return run


def accepted(history: list[Attempt], held: int | None) -> bool:
    """Whether the checks find nothing wrong with what stands."""
    with TemporaryDirectory() as folder:
        findings = list(ask_all(night(Path(folder) / "run", history, held).write()))
    integrity = ("lost", "phantom", "altered", "misattributed", "stale", "resurrected", "duplicate")
    return not any(each.check in integrity and each.status is Status.FAIL for each in findings)


@settings(max_examples=60, deadline=None)
@given(histories, st.none() | st.integers(0, 3))
@example([Attempt(0, 0, 1, "ok"), Attempt(1, 5, 1, "ok")], 0)
@example([Attempt(0, 0, 1, "unknown"), Attempt(1, 5, 1, "ok")], 0)
@example([Attempt(0, 0, 9, "ok"), Attempt(1, 5, 1, "ok")], 0)
@example([Attempt(0, 0, 1, "unknown"), Attempt(0, 3, 1, "ok"), Attempt(1, 5, 1, "ok")], 0)
@example([Attempt(0, 0, 1, "refused")], 0)
@example([Attempt(0, 0, 1, "ok")], None)
def test_the_checks_allow_exactly_what_some_order_explains(
    history: list[Attempt], held: int | None
) -> None:
    """What stands is accepted if and only if an order consistent with real time ends in it."""
    assert accepted(history, held) == (held in may_stand(history))


@settings(max_examples=300, deadline=None)
@given(histories)
def test_the_register_knows_every_report_that_may_stand(history: list[Attempt]) -> None:
    """The one comparison a report takes agrees with trying every order of every effect."""
    from harness.checks.reconcile import register

    rows = [
        {
            "op": f"k-{each.report}", "record": RECORD, "kind": "submit_report",
            "values_hash": each.report, "outcome": each.outcome, "sent": each.sent,
            "released": each.sent, "intended": each.sent, "done": each.sent + each.took,
        }
        for each in history
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema_overrides=HISTORY)
    operations = register.sent(frame.lazy()).operations
    judged = register.judge(operations, register.records(operations))
    fast = set(judged.filter(pl.col("state") == register.ALLOWED)["values"].to_list())
    assert fast == may_stand(history) - {None}


def test_the_oracle_knows_the_plain_cases() -> None:
    """One after the other, the second stands; at the same time, either; unknown, or neither."""
    first, second = Attempt(0, 0, 1, "ok"), Attempt(1, 5, 1, "ok")
    assert may_stand([first, second]) == {1}
    assert may_stand([Attempt(0, 0, 9, "ok"), second]) == {0, 1}
    assert may_stand([Attempt(0, 0, 1, "unknown")]) == {None, 0}
    assert may_stand([Attempt(0, 0, 1, "refused")]) == {None}
