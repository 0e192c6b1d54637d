"""Line capacity: does a line carry as many calls at once as is claimed?

The line test offers a quarter more traffic than the claim can carry. What of it a line of that
size must lose is known twice: on average from Erlang's formula, and for these very calls from a
perfect line of the claimed size playing the same trace. The second has no luck in it. A line is
smaller than claimed if it loses more than that, and turns calls away while fewer than the
claimed number are in progress.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable

from harness.checks.question import evidence_of
from harness.ledger.line_record import LOST, LineRecord, line_records
from harness.record import Finding, RunFolder, Status
from harness.words import share
from simulators.phones.erlang import erlang_b
from simulators.phones.trace import CallTrace, lost_calls

CHECK = "line_capacity"
ASKS = "Does the line carry as many calls at once as is claimed?"
CLEARING = 0.100  # seconds: a proxy was seen to free a line 80 ms after the BYE (SOURCES.md S13)
SLACK = 0.01  # share of the calls that may be lost to rounding and to the order of messages
FEWEST_CALLS = 100
FEWEST_LOST = 10  # that a line of the claimed size must lose, for fewer lines to show
REPEATS = 200  # other traces of the same load, for the interval


def check(run: RunFolder) -> Iterable[Finding]:
    """Does each line carry as many calls at once as is claimed?"""
    evidence = evidence_of(run)
    records = line_records(run.path)
    yield from (_ask(each) for each in records)
    if not records and "sip" in evidence.not_drilled:
        yield Finding(CHECK, Status.NOT_DRILLED, ASKS, "This machine could not call it.")
    elif not records:
        answer = "The target's description claims no line that can be called."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)


def _ask(record: LineRecord) -> Finding:
    placed = record.placed
    n, lost, lines = len(placed), record.lost, record.lines
    if not n:
        answer = "Not one call was placed."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, record.line)
    perfect = len(lost_calls(placed, lines))
    early = turned_away_early(record)
    like = behaves_like(placed, lost, lines)
    low, high = interval(record, lines, n)
    spread_low, spread_high = interval(record, like, n)
    middle = (spread_low + spread_high) / 2
    predicted, measured = erlang_b(record.load, lines), lost / n
    figures: dict[str, float | int | None] = {
        "k": lost,
        "n": n,
        "measured": measured,
        "measured_lower": max(0.0, measured + spread_low - middle),
        "measured_upper": min(1.0, measured + spread_high - middle),
        "predicted": predicted,
        "predicted_lower": low,
        "predicted_upper": high,
        "perfect_k": perfect,
        "turned_away_early": early,
        "lines_claimed": lines,
        "lines_like": like,
        "most_at_once": most_at_once(record),
        "load": record.load,
        "failed": sum(call["cause"] in ("failed", "no_answer") for call in record.calls),
        "leaked": sum(call["cause"] == "leaked" for call in record.calls),
    }
    answer = (
        f"{lost:,} of {n:,} calls did not get through ({share(measured)}); {lines} lines lose "
        f"{share(predicted)} of this load by Erlang B, and {perfect:,} of these calls."
    )
    doubt = _doubt(record, n, perfect)
    if doubt:
        return Finding(CHECK, Status.UNKNOWN, ASKS, f"{answer} {doubt}", record.line, figures)
    if early > SLACK * n and lost - perfect > SLACK * n:
        answer += f" It turned {early:,} away with fewer than {lines} in progress: it behaves "
        answer += f"like {like} lines."
        return Finding(CHECK, Status.FAIL, ASKS, answer, record.line, figures, offenders=early)
    return Finding(CHECK, Status.PASS, ASKS, answer, record.line, figures)


def _doubt(record: LineRecord, n: int, perfect: int) -> str:
    """Why nothing can be said of the line; empty if it can."""
    trailer = record.trailer
    if not trailer:
        return "The caller's process did not end in good order."
    if trailer.get("void"):
        return f"But {trailer['void']}, so this run says nothing of the line."
    if trailer.get("stopped"):
        return "The test was stopped before its end."
    if n < FEWEST_CALLS or perfect < FEWEST_LOST:
        return (
            f"That is too little to see: {FEWEST_CALLS} calls are needed, {FEWEST_LOST} of them "
            "more than the claimed lines can carry."
        )
    return ""


def behaves_like(trace: CallTrace, lost: int, claimed: int) -> int:
    """The number of lines, up to ``claimed``, that would have lost ``lost`` calls of this trace."""
    best = min(range(claimed + 1), key=lambda n: (abs(len(lost_calls(trace, n)) - lost), -n))
    return claimed if lost <= len(lost_calls(trace, claimed)) else best


def interval(record: LineRecord, lines: int, count: int) -> tuple[float, float]:
    """Between which shares 95 of 100 runs of this size lose calls on so many perfect lines.

    Lost calls come in clusters, so a binomial interval would be too narrow; runs are repeated on
    other seeds instead.
    """
    hold = CallTrace(record.planned).mean_hold
    if not hold or not record.load:
        return 0.0, 1.0
    shares = sorted(
        len(lost_calls(_another(record.load, hold, count, seed), lines)) / count
        for seed in range(REPEATS)
    )
    tail = round(0.025 * REPEATS)
    return shares[tail], shares[-1 - tail]


def _another(load: float, hold: float, count: int, seed: int) -> CallTrace:
    return CallTrace.poisson(
        count, per_second=load / hold, mean_hold=hold, seed=seed, digits=0, kind="line test"
    )


def turned_away_early(record: LineRecord) -> int:
    """Calls lost while fewer than the claimed number were in progress.

    A line is taken until 100 ms after its call's end. It counts the more surely the fewer others
    call the line meanwhile.
    """
    spans = _spans(record)
    answered = sorted(start for start, _ in spans)
    cleared = sorted(end + CLEARING for _, end in spans)
    moments = [call["dialled"] for call in record.calls if call["cause"] in LOST]
    busy = (bisect_right(answered, at + CLEARING) - bisect_right(cleared, at) for at in moments)
    return sum(taken < record.lines for taken in busy)


def most_at_once(record: LineRecord) -> int:
    """The most calls that were in progress together, from answer to end."""
    spans = _spans(record)
    ends: list[float] = []
    most = 0
    for answered, ended in spans:
        while ends and ends[0] <= answered:
            heapq.heappop(ends)
        heapq.heappush(ends, ended)
        most = max(most, len(ends))
    return most


def _spans(record: LineRecord) -> list[tuple[float, float]]:
    """Answer and end of every call that got through, in order."""
    return sorted(
        (call["answered"], call["ended"]) for call in record.calls if call["answered"] is not None
    )
