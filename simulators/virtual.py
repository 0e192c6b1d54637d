"""Virtual time: plays a whole night's people against a model of an app, in seconds.

The behaviours and the hotline are the very ones that a live drill plays; only the clock and the
app differ. All times are drill seconds since the drill began.
"""

from __future__ import annotations

import gc
import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, overload

from simulators.hub_model import HubApp, HubModel
from simulators.lines import Menus
from simulators.model import AppModel, ModelApp, Place
from simulators.phones.hotline import Call
from simulators.stage import Lines, Participant, Stage
from simulators.strike_model import StrikeApp, StrikeModel
from simulators.wire_model import Done, WireModel

A = TypeVar("A", bound=WireModel[Any])


class VirtualClock:
    """A clock that jumps from one due moment to the next.

    Two calls due at the same instant come in the order in which they were scheduled.

    Example:
        >>> clock, heard = VirtualClock(), []
        >>> clock.at(5.0, lambda: heard.append(("second", clock.now())))
        >>> clock.at(2.0, lambda: heard.append(("first", clock.now())))
        >>> clock.run()
        >>> heard
        [('first', 2.0), ('second', 5.0)]
    """

    def __init__(self) -> None:
        self._now = 0.0
        # The number keeps the order of two events due together: without it the heap would
        # compare the calls, which have no order.
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._scheduled = 0

    def now(self) -> float:
        """Drill seconds since the drill began."""
        return self._now

    def at(self, due: float, call: Callable[[], None]) -> None:
        """Call when the time reaches ``due``; a moment already past comes at once."""
        self._scheduled += 1
        heapq.heappush(self._queue, (due if due > self._now else self._now, self._scheduled, call))

    def run(self, until: float = float("inf")) -> None:
        """Let time pass until nothing is due any more, or up to and including ``until``."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self._now, _, call = heapq.heappop(queue)
            call()
        if until != float("inf"):
            self._now = max(self._now, until)


class Planned(Protocol):
    """What of a plan is needed to play it; every plan has it."""

    def participants(self, shard: int = 0, shards: int = 1) -> Iterator[Participant]:
        """Everybody, in order of index."""
        ...

    def lines(self, shard: int = 0, shards: int = 1) -> Lines:
        """What can be dialled, and who answers it."""
        ...


@dataclass(frozen=True)
class Played(Generic[A]):
    """A night that was played.

    Attributes:
        attempts: Every attempt at an operation, in the order in which they ended.
        calls: Every phone call, in the order in which they ended.
        app: The model with what it stored.
        unfinished: Participants who still had something to do when the night was closed.
    """

    attempts: tuple[Done, ...]
    calls: tuple[Call, ...]
    app: A
    unfinished: int


@overload
def play(
    plan: Planned, settings: AppModel, *, places: Mapping[str, Place], seed: int, until: float
) -> Played[ModelApp]: ...
@overload
def play(
    plan: Planned, settings: StrikeModel, *, places: Mapping[str, Any], seed: int, until: float
) -> Played[StrikeApp]: ...
@overload
def play(
    plan: Planned, settings: HubModel, *, places: Mapping[str, Any], seed: int, until: float
) -> Played[HubApp]: ...
def play(
    plan: Planned,
    settings: AppModel | StrikeModel | HubModel,
    *,
    places: Mapping[str, Any],
    seed: int,
    until: float,
) -> Played[ModelApp] | Played[StrikeApp] | Played[HubApp]:
    """Play a plan in virtual time.

    Args:
        plan: Who does what.
        settings: Which app is modelled, how it performs, its faults and defects.
        places: What the app knows, by record key: precincts, the codes on its lists, or whom a
            campaign's record is of.
        seed: Decides the app's latencies and failures.
        until: When the night closes. Operations begun by then are answered still; nobody
            begins another.

    Returns:
        What happened. The same arguments give the same night.
    """
    if isinstance(settings, StrikeModel):
        return _play(plan, partial(_strike_app, settings, places, seed), until)
    if isinstance(settings, HubModel):
        return _play(plan, partial(_hub_app, settings, places, seed), until)
    return _play(plan, partial(_reporting_app, settings, places, seed), until)


Record = Callable[[Done], None]
Made = tuple[A, Menus | None]


def _strike_app(
    settings: StrikeModel, listed: Mapping[str, Any], seed: int, clock: VirtualClock, record: Record
) -> Made[StrikeApp]:
    app = StrikeApp(clock, settings, listed, seed, record)
    return app, app.menus


def _hub_app(
    settings: HubModel, contacts: Mapping[str, Any], seed: int, clock: VirtualClock, record: Record
) -> Made[HubApp]:
    return HubApp(clock, settings, contacts, seed, record), None


def _reporting_app(
    settings: AppModel, places: Mapping[str, Place], seed: int, clock: VirtualClock, record: Record
) -> Made[ModelApp]:
    return ModelApp(clock, settings, places, seed, record), None


def _play(
    plan: Planned, make: Callable[[VirtualClock, Record], Made[A]], until: float
) -> Played[A]:
    clock = VirtualClock()
    attempts: list[Done] = []
    calls: list[Call] = []
    app, menus = make(clock, attempts.append)
    stage = Stage(clock, app, lines=plan.lines(), menus=menus, on_call=calls.append)
    with _no_collector():
        for participant in plan.participants():
            stage.enter(participant)
        clock.run(until)
        unfinished = stage.present
        stage.close()
        clock.run()
    return Played(tuple(attempts), tuple(calls), app, unfinished)


class _no_collector:  # noqa: N801 - reads as the statement it is
    """Hold the cyclic collector off: a night makes many objects and next to no cycles."""

    def __enter__(self) -> None:
        self._was = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was:
            gc.enable()
