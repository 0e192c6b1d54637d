"""From an invitation to an app that works on the night: who gets how far, by who was trained.

The steps are those of 2020: a way of five steps to get the app, three codes to sign in, and then
nobody to show it. Training is a session in which people do all of that with somebody at hand.
Where the numbers come from: simulators/data/SOURCES.md S20.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from simulators.people.draws import many

Share = Annotated[float, Field(ge=0, le=1)]
Flags = NDArray[np.bool_]
STEPS = ("invited", "trained", "has_app", "signed_in", "practised", "ready")


@dataclass(frozen=True)
class Onboarding:
    """How many pass each step, of those who passed the one before. All of them were invited."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    install_steps: Annotated[int, Field(ge=1, le=20)] = 5
    """Steps to get the app without training: a survey, a link, a second app, a mailed code, the
    app (Washington Post Outlook, SOURCES.md S20)."""
    install_step: Share = 0.75
    """Share who pass each of those steps. Fitted to 2 of 22 leaders of one county (SOURCES.md
    S20)."""
    signs_in: Share = 0.7
    """Share of untrained people with the app who sign in with the three codes. Assumed."""
    practises: Share = 0.5
    """Share of those who then try the form before the night: "told to play around with it".
    Assumed."""
    guided: Share = 0.98
    """Share who pass each step, getting the app among them, in a training session. Assumed."""
    kept: Share = 0.95
    """Share of those who tried the form who can still do it two weeks later (SOURCES.md S20)."""
    unpractised: Share = 0.5
    """Share of those who never tried the form who get through it on the night. Assumed, as
    ``untrained_give_up`` of a cast."""


@dataclass(frozen=True)
class Onboarded:
    """Who got how far: one flag a chair for each of :data:`STEPS`, in columns of equal length."""

    invited: Flags
    trained: Flags
    has_app: Flags
    signed_in: Flags
    practised: Flags
    ready: Flags

    def share(self, step: str) -> float:
        """Share of those invited who passed a step."""
        passed = getattr(self, step)
        return float(passed.mean()) if len(passed) else 0.0


def onboard(seed: int, onboarding: Onboarding, *, smartphones: Flags, reach: float) -> Onboarded:
    """See everybody through the steps.

    Args:
        seed: Decides who takes part in training and who passes which step. Whoever is trained at
            one reach is trained at every larger one, and draws the same luck at each.
        onboarding: How many pass.
        smartphones: Who has a phone that the app can be put on. Shape (n,).
        reach: Share of chairs who take part in training.

    Raises:
        ValueError: If the reach is no share.
    """
    if not 0 <= reach <= 1:
        raise ValueError(f"reach={reach!r}, but a share of chairs is 0 to 1.")
    count = len(smartphones)
    trained = np.zeros(count, bool)
    trained[many(seed, "training reach").permutation(count)[: round(reach * count)]] = True
    luck = many(seed, "onboarding").random((count, 4))
    alone = onboarding.install_step**onboarding.install_steps
    has_app = smartphones & _passes(luck[:, 0], trained, onboarding.guided, alone)
    signed_in = has_app & _passes(luck[:, 1], trained, onboarding.guided, onboarding.signs_in)
    practised = signed_in & _passes(luck[:, 2], trained, onboarding.guided, onboarding.practises)
    ready = signed_in & _passes(luck[:, 3], practised, onboarding.kept, onboarding.unpractised)
    return Onboarded(np.ones(count, bool), trained, has_app, signed_in, practised, ready)


def _passes(luck: NDArray[np.float64], which: Flags, chance: float, other: float) -> Flags:
    """Whose luck is within their chance: ``chance`` for some, ``other`` for the rest."""
    return np.asarray(luck < np.where(which, chance, other), dtype=np.bool_)
