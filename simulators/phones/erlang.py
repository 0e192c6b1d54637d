"""Telephone traffic theory: what a steady line does, without playing it.

Load is in erlangs, the mean number of calls that would be in progress if none were turned
away: calls per second times mean seconds a call. All four models have Poisson arrivals and
describe a line that has settled. A results night never settles, so use them to check the
hotline and to size a quiet line, and play the night for the answer.

Sources: A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of
Significance in Automatic Telephone Exchanges", Post Office Electrical Engineers' Journal 10
(1918), 189-197 (B and C); C. Palm, "Research on telephone traffic carried by full
availability groups", Tele 1 (1957), and A. Mandelbaum and S. Zeltyn, "Service engineering in
action: the Palm/Erlang-A queue", in *Advances in Services Innovations* (2007) (A); the repeat
calls of extended B follow the iteration in common use by traffic engineers. Values in print that
they are held to: simulators/data/SOURCES.md S16.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

_NEGLIGIBLE = 1e-16  # a term this small beside the largest no longer changes a sum of doubles


@dataclass(frozen=True, slots=True)
class Line:
    """A settled line with agents. Times are in the unit of the talk time given.

    Attributes:
        waits: Share of callers who find every agent busy.
        abandons: Share of callers who hang up before they are answered.
        mean_wait: Mean hold over all callers, answered or not.
        mean_holding: Mean number of callers on hold.
        occupancy: Share of time that an agent is talking.
    """

    waits: float
    abandons: float
    mean_wait: float
    mean_holding: float
    occupancy: float


def erlang_b(load: float, lines: int) -> float:
    """Share of calls that find all ``lines`` busy and are lost (M/G/c/c).

    Works upwards with ``1/B(n) = 1 + (n / load) / B(n-1)``, which neither overflows nor loses
    digits; the talk time may have any distribution.

    Raises:
        ValueError: If ``load`` or ``lines`` is negative.

    Example:
        >>> round(erlang_b(25, 30), 6)
        0.052603
    """
    _at_least_zero("load", load)
    _at_least_zero("lines", lines)
    if load == 0:
        return 0.0 if lines else 1.0
    blocked = 1.0
    for busy in range(1, lines + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def lines_for(load: float, blocking: float, *, recall: float = 0.0) -> int:
    """Fewest lines that lose no more than ``blocking`` of calls, with repeat calls if any.

    Args:
        load: First attempts offered, in erlangs.
        blocking: Share of attempts that may be lost, above 0 and at most 1.
        recall: Share of lost calls dialled again, from 0 to below 1.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> lines_for(33.333, 0.01)
        45
        >>> lines_for(5.5, 0.03, recall=0.5)
        11
    """
    if not 0 < blocking <= 1:
        raise ValueError(f"blocking={blocking!r}, but a share above 0 and at most 1 is needed.")
    lines = 0
    while extended_erlang_b(load, lines, recall) > blocking:
        lines += 1
    return lines


def load_for(lines: int, blocking: float) -> float:
    """Largest load in erlangs of which ``lines`` lose no more than ``blocking``.

    Raises:
        ValueError: If ``lines`` is below 1 or ``blocking`` is not between 0 and 1.

    Example:
        >>> round(load_for(15, 0.01), 3)
        8.108
    """
    if lines < 1:
        raise ValueError(f"lines={lines!r}, but at least 1 is needed.")
    if not 0 < blocking < 1:
        raise ValueError(f"blocking={blocking!r}, but a share between 0 and 1 is needed.")
    # B >= 1 - lines/load, so this load is lost more often than asked for.
    low, high = 0.0, lines / (1 - blocking) + 1
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if erlang_b(middle, lines) > blocking:
            high = middle
        else:
            low = middle
    return low


def extended_erlang_b(load: float, lines: int, recall: float) -> float:
    """Share of attempts lost when a share ``recall`` of lost callers dials again at once.

    Repeats swell the load until ``total = load + recall * total * B(total, lines)``; the sum is
    iterated from ``load`` and settles for every ``recall`` below 1.

    Args:
        load: First attempts offered, in erlangs.
        lines: Lines.
        recall: Share of lost calls dialled again, from 0 to below 1.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> round(extended_erlang_b(5.5, 10, 0.5), 4)
        0.0315
    """
    if not 0 <= recall < 1:
        raise ValueError(f"recall={recall!r}, but a share from 0 to below 1 is needed.")
    total = load
    while True:
        blocked = erlang_b(total, lines)
        grown = load + recall * total * blocked
        if grown - total <= 1e-12 * grown:
            return blocked
        total = grown


def erlang_c(load: float, agents: int) -> float:
    """Share of callers who must wait when all hold until answered (M/M/c).

    Worked from Erlang B: ``C = B / (1 - (load / agents)(1 - B))``. It is 1 where the load is not
    below the number of agents, since the line of waiting callers then grows for ever.

    Raises:
        ValueError: If ``load`` is negative or ``agents`` is below 1.

    Example:
        >>> round(erlang_c(10, 14), 7)
        0.1741319
    """
    _at_least_one("agents", agents)
    blocked = erlang_b(load, agents)
    if load >= agents:
        return 1.0
    return blocked / (1 - load / agents * (1 - blocked))


def patient_line(per_second: float, mean_talk: float, agents: int) -> Line:
    """The M/M/c line of :func:`erlang_c` as figures.

    Args:
        per_second: Calls arriving a second.
        mean_talk: Mean seconds a call keeps its agent, wrap-up included.
        agents: Agents.

    Raises:
        ValueError: If the load is not below ``agents`` (the line never settles), or an
            argument is out of its range.
    """
    load = per_second * mean_talk
    if load >= agents:
        raise ValueError(
            f"{load:.4g} erlangs are offered to {agents} agents, so the line never settles. "
            "Give callers a patience (impatient_line), or play the night instead."
        )
    waits = erlang_c(load, agents)
    mean_wait = waits * mean_talk / (agents - load)
    return Line(waits, 0.0, mean_wait, per_second * mean_wait, load / agents)


def answered_within(per_second: float, mean_talk: float, agents: int, seconds: float) -> float:
    """Share of callers answered within ``seconds``: the M/M/c service level.

    The hold of those who wait is exponential with mean ``mean_talk / (agents - load)``.

    Example:
        100 calls in half an hour of 3 minutes each, 14 agents, answered within 20 seconds:

        >>> round(answered_within(100 / 1800, 180, 14, 20), 3)
        0.888
    """
    line = patient_line(per_second, mean_talk, agents)
    load = per_second * mean_talk
    return 1 - line.waits * math.exp(-(agents - load) * seconds / mean_talk)


def hold_quantile(per_second: float, mean_talk: float, agents: int, share: float) -> float:
    """Seconds within which ``share`` of callers are answered on an M/M/c line; 0 if at once.

    Raises:
        ValueError: If ``share`` is not from 0 to below 1, or as :func:`patient_line`.
    """
    if not 0 <= share < 1:
        raise ValueError(f"share={share!r}, but a share from 0 to below 1 is needed.")
    line = patient_line(per_second, mean_talk, agents)
    if share <= 1 - line.waits:
        return 0.0
    load = per_second * mean_talk
    return math.log(line.waits / (1 - share)) * mean_talk / (agents - load)


def impatient_line(per_second: float, mean_talk: float, agents: int, mean_patience: float) -> Line:
    """The Erlang A line: callers hang up after an exponential patience (M/M/c+M).

    The numbers on the line form a birth-death chain: with ``n`` callers in all, calls end at
    ``min(n, agents) / mean_talk`` and holders leave at ``(n - agents) / mean_patience`` a second.
    The part below ``agents`` is summed by Erlang B, the part above in logarithms, so that neither
    a thousand agents nor an overload overflows. Patience settles every load.

    Args:
        per_second: Calls arriving a second, above 0.
        mean_talk: Mean seconds a call keeps its agent, above 0.
        agents: Agents, at least 1.
        mean_patience: Mean seconds a caller is willing to hold, above 0.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> line = impatient_line(100 / 1800, 180, 13, 300)
        >>> round(line.waits, 4), round(line.abandons, 4), round(line.mean_wait / 60, 4)
        (0.2258, 0.025, 0.1248)
    """
    _at_least_one("agents", agents)
    arguments = {"per_second": per_second, "mean_talk": mean_talk, "mean_patience": mean_patience}
    for name, value in arguments.items():
        if value <= 0:
            raise ValueError(f"{name}={value!r}, but it must be above 0.")
    load = per_second * mean_talk
    blocked = erlang_b(load, agents)
    if blocked == 0:  # smaller than any double: nobody ever waits
        return Line(0.0, 0.0, 0.0, 0.0, load / agents)
    scaled, holders, largest = _holding_weights(per_second, agents / mean_talk, 1 / mean_patience)
    # Weights are relative to "all agents busy, nobody holding", then divided by exp(largest).
    below = (1 / blocked - 1) * math.exp(-largest)
    total = below + float(scaled.sum())
    holding = float(scaled @ holders) / total
    abandons = holding / (per_second * mean_patience)
    return Line(
        waits=float(scaled.sum()) / total,
        abandons=abandons,
        mean_wait=holding / per_second,
        mean_holding=holding,
        occupancy=load * (1 - abandons) / agents,
    )


def _holding_weights(
    arrive: float, serve: float, leave: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Relative weights of 0, 1, 2, ... callers on hold, scaled by the largest (its logarithm).

    Weights rise while arrivals exceed departures, up to ``(arrive - serve) / leave`` holders,
    and then fall faster than a geometric series, so the sum is cut where they are negligible.
    """
    peak = max(0.0, (arrive - serve) / leave)
    # Beyond the peak the fall is at least Gaussian with this spread, or exponential with rate
    # log((serve + leave) / arrive) where the line is not overloaded.
    spread = math.sqrt(arrive / leave)
    count = int(peak + 12 * spread + 64)
    while True:
        holders = np.arange(count + 1, dtype=np.float64)
        logs = np.zeros(count + 1)
        np.cumsum(math.log(arrive) - np.log(serve + holders[1:] * leave), out=logs[1:])
        largest = float(logs.max())
        weights = np.exp(logs - largest)
        if weights[-1] <= _NEGLIGIBLE:
            return weights, holders, largest
        count *= 2


def _at_least_zero(name: str, value: float) -> None:
    if value < 0:
        raise ValueError(f"{name}={value!r}, but it cannot be below 0.")


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name}={value!r}, but at least 1 is needed.")
