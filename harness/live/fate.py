"""What a simulated volunteer does, decided before anything begins: a pure function of the seed.

They are robots, and are counted as robots. The shares that drop out at each stage are assumed:
they are there so that a rehearsed funnel has something to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from simulators.people.cast import Keying
from simulators.people.draws import stream
from simulators.people.keying import FORM_ERRORS, as_keyed

STAGES = ("open", "agree", "sign_in", "practise", "report", "say_sent", "survey")
"""What a volunteer does, in this order, until they stop."""

STOPS = {
    "open": 0.05, "agree": 0.02, "sign_in": 0.03, "practise": 0.02, "report": 0.04,
    "say_sent": 0.02, "survey": 0.08,
}  # fmt: skip
"""Share of volunteers who stop before each stage. Assumed."""

_SKIPS_PRACTICE = 0.3
_ASKS_FOR_HELP = 0.12
_CORRECTS = 0.3  # of those whose report was wrong
_COMMENTS = (
    "", "", "", "Easier than the phone.", "The boxes are small.", "¿Dónde está el botón?",
    "Le bouton est trop petit.", '<b onclick="alert(1)">Bold</b> & "quoted"', "=1+1",
)  # fmt: skip


@dataclass(frozen=True)
class Fate:
    """One simulated volunteer's evening.

    Attributes:
        stops_before: The stage that they do not come to; empty if they do everything.
        arrives: When they begin, as a share of the time over which everybody arrives.
        practises: They try the app's form first.
        asks_at: The stage at which they ask for help; empty if they do not.
        keyed: The report as they key it.
        corrects: They notice that it was wrong, and send the right one.
        sus: Ten answers from 1 to 5; None where they leave one out.
        comment: What they write in the free question. Some of it is hostile.
        pauses: How long each stage takes them, in mean pauses.
    """

    stops_before: str
    arrives: float
    practises: bool
    asks_at: str
    keyed: tuple[int, ...]
    corrects: bool
    sus: tuple[int | None, ...]
    comment: str
    pauses: tuple[float, ...]

    def does(self, stage: str) -> bool:
        """Whether they come to a stage."""
        if not self.stops_before:
            return True
        return STAGES.index(stage) < STAGES.index(self.stops_before)


def fate_of(
    seed: int, number: int, values: Sequence[int], keying: Keying, *, trained: bool
) -> Fate:
    """What volunteer ``number`` does with a card of these values.

    Example:
        >>> one, other = (fate_of(7, 3, [20, 12, 8], Keying(), trained=True) for _ in range(2))
        >>> one == other
        True
    """
    rng = stream(seed, "simulated volunteer", number)
    stops = rng.choices(["", *STOPS], [1.0 - sum(STOPS.values()), *STOPS.values()])[0]
    chance = min(1.0, keying.form * (1.0 if trained else keying.untrained))
    keyed = as_keyed(values, chance, FORM_ERRORS, rng)
    return Fate(
        stops_before=stops,
        arrives=rng.random(),
        practises=rng.random() >= _SKIPS_PRACTICE,
        asks_at=rng.choice(STAGES[2:6]) if rng.random() < _ASKS_FOR_HELP else "",
        keyed=keyed,
        corrects=keyed != tuple(values) and rng.random() < _CORRECTS,
        sus=_sus(rng),
        comment=rng.choice(_COMMENTS),
        pauses=tuple(rng.lognormvariate(-0.08, 0.4) for _ in STAGES),
    )


def _sus(rng: Random) -> tuple[int | None, ...]:
    """Answers of somebody who likes the app more or less: odd questions praise, even ones blame."""
    liking = rng.gauss(0.9, 0.7)
    answers: list[int | None] = []
    for question in range(10):
        lean = liking if question % 2 == 0 else -liking
        answer = min(5, max(1, round(3 + lean + rng.gauss(0, 0.6))))
        answers.append(None if rng.random() < 0.02 else answer)
    return tuple(answers)
