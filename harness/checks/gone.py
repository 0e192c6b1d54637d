"""Gone: what the watcher of a live drill saw in the app must still be there at its end.

Nobody need know what was sent: the app itself was seen to hold it. A report that was away for a
while and came back is told and does not fail, as a copy that lags behind looks the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import evidence_of
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness
from harness.statistics import zero_in_words

CHECK = "gone"
ASKS = "Is everything that the app was seen to hold still there?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Is everything that the app was seen to hold still there?"""
    live = evidence_of(run).info.get("live")
    if not live:
        answer = "Nobody looked on while it was held: this was no live drill."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
        return
    told = live.get("gone") or {}
    k, n, back = (int(told.get(name) or 0) for name in ("k", "n", "back"))
    figures: dict[str, float | int | None] = {"k": k, "n": n, "back": back}
    if k:
        answer = f"{k:,} of {n:,} reports that the app was seen to hold are gone."
    else:
        answer = f"{zero_in_words(n)}." if n else "The app was seen to hold no report."
    if back:
        answer += f" Away for a while, and back again: {back:,}."
    looked = bool(told.get("looked"))
    if not looked:
        answer += " The app could not be seen at the end of the drill."
    status = Status.FAIL if k else Status.PASS if looked and n else Status.UNKNOWN
    shown = tuple(
        Witness(str(record), "a report, as it was seen", "not there any more")
        for record in list(told.get("records") or ())[:MOST]
    )
    yield Finding(CHECK, status, ASKS, answer, figures=figures, witnesses=shown, offenders=k)
