"""Callers with nothing to report: some need help, some want to block the line or to be heard.

Durations are drill seconds.
"""

from __future__ import annotations

from random import Random

from simulators.behaviours.errand import LINE
from simulators.behaviours.protocol import CUT_OFF, OK, Behaviour, Call, Dial, HangUp, Wait
from simulators.people.cast import Nuisance, Pests
from simulators.people.draws import stream


def caller(
    mean_patience: float | None, rng: Random, *, redial_delay: float | None = None
) -> Behaviour:
    """Dial and hold; nothing to report. Whoever is cut off comes back, and nobody else does.

    Args:
        mean_patience: Mean drill seconds until they hang up, exponential; None for never.
        rng: Draws the patience and the delay.
        redial_delay: Mean drill seconds before they dial again when cut off; None if they do not.
    """
    cut_off = True
    while cut_off:
        within = None if mean_patience is None else rng.expovariate(1.0 / mean_patience)
        answer = yield Dial(LINE, within=within)
        cut_off = redial_delay is not None and answer.detail == CUT_OFF
        if cut_off and redial_delay is not None:
            yield Wait(rng.expovariate(1.0 / redial_delay))


def nuisance_caller(pests: Pests, rng: Random) -> Behaviour:
    """Dial again and again, answered or not: geometrically many calls.

    Args:
        pests: Their kind.
        rng: Draws patience, number of calls and the time between them.
    """
    within = None
    while True:
        if pests.hold_minutes is not None:
            within = rng.expovariate(1.0) * pests.hold_minutes * 60.0
        yield Dial(LINE, within=within)
        if rng.random() < 1.0 / pests.calls:
            return
        yield Wait(rng.expovariate(1.0) * pests.redial_minutes * 60.0)


def menu_nuisance(line: str, pests: Pests, rng: Random) -> Behaviour:
    """The same on a line that the app answers: it says its piece to nobody who cares.

    Args:
        line: Which line.
        pests: Their kind; they stay on the line as long as they would talk.
        rng: Draws the length of calls, their number and the time between them.
    """
    while True:
        answer = yield Call(line)
        if answer.outcome is OK:
            yield Wait(rng.expovariate(1.0) * pests.talk_seconds)
            yield HangUp()
        if rng.random() < 1.0 / pests.calls:
            return
        yield Wait(rng.expovariate(1.0) * pests.redial_minutes * 60.0)


def pests_of(nuisance: Nuisance, seed: int, caller: int) -> Pests:
    """Of which kind a nuisance caller is, by their index in the plan."""
    chance = stream(seed, "nuisance kind", caller).random()
    for kind in (nuisance.silent, nuisance.message):
        if chance < kind.share:
            return kind
        chance -= kind.share
    return nuisance.abuse


def withholds(nuisance: Nuisance, seed: int, caller: int) -> bool:
    """Whether a nuisance caller's number is withheld."""
    return stream(seed, "withheld", caller).random() < nuisance.withheld
