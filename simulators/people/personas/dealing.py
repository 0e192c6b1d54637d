"""Which personas are in a cast, whose chair each of them takes, and when they come.

Times are drill seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from simulators.people.draws import many
from simulators.people.personas.deck import PERSONAS
from simulators.people.personas.persona import Persona

ERRAND = 1200.0
"""What a persona's errand may take: a call for help among it, and a report by phone if that was in
vain. Assumed."""

BEFORE_REPORT = 60.0
"""From signing in until the report is ready: they come when they have it in hand. Assumed."""


@dataclass(frozen=True)
class Personas:
    """Whom of the deck of personas a cast has walk the app's pages in a browser."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    who: Literal["all"] | tuple[str, ...] = ()
    """``all``, or their names; none if nothing is said."""
    repeats: Annotated[int, Field(ge=1, le=100)] = 1
    """How many chairs each of them takes. One persona ten times is still one persona."""

    def __post_init__(self) -> None:
        """Refuse somebody who is not in the deck, or is named twice.

        Raises:
            ValueError: If a name is unknown, or stands there twice.
        """
        for name in self.names:
            if name not in PERSONAS:
                near = get_close_matches(name, PERSONAS, 1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise ValueError(
                    f"who: there is no persona {name!r}.{hint} There are: {', '.join(PERSONAS)}; "
                    "or write all."
                )
        if len(set(self.names)) < len(self.names):
            raise ValueError(
                f"who: a name stands there twice: {', '.join(self.names)}. For several chairs of "
                "the same persona, set repeats."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Who is played, in the order of the deck or as named."""
        return tuple(PERSONAS) if self.who == "all" else self.who

    @property
    def chairs(self) -> int:
        """Chairs that they take."""
        return len(self.names) * self.repeats


def deal_personas(
    seed: int, personas: Personas, among: NDArray[np.bool_], rather: NDArray[np.bool_]
) -> dict[int, Persona]:
    """Give each persona a chair, or several.

    Args:
        seed: Decides which, and in which order they come.
        personas: Who is to be played.
        among: Chairs who may be given to a persona: they use the app, and have numbers to report.
            Shape (n,).
        rather: Chairs who have no other part to play. Shape (n,).

    Returns:
        The personas by row of their chair, in the order in which they come: everybody once, then
        everybody once more.

    Raises:
        ValueError: If there are not enough chairs.
    """
    if not personas.names:
        return {}
    draws = many(seed, "personas")
    free = np.flatnonzero(among & rather)
    rows = np.concatenate([draws.permutation(free), np.flatnonzero(among & ~rather)]).tolist()
    if len(rows) < personas.chairs:
        raise ValueError(
            f"personas: {len(personas.names)} of them, {personas.repeats} times each, take "
            f"{personas.chairs} chairs, but only {len(rows)} use the app and have numbers to "
            "report. Play a larger night (scale), or name fewer (who)."
        )
    order = [
        personas.names[place]
        for _ in range(personas.repeats)
        for place in draws.permutation(len(personas.names)).tolist()
    ]
    return {row: PERSONAS[name] for row, name in zip(rows, order, strict=False)}


def appointments(
    rows: Sequence[int] | Mapping[int, Persona], *, doors: float, end: float
) -> dict[int, tuple[float, float]]:
    """When each of them signs in, and has the report in hand.

    They are spread evenly, so that few are in a browser at the same time, and early enough for the
    last of them to be done before the end.

    Args:
        rows: Their chairs, in the order in which they come.
        doors: When the first of them may come.
        end: When the drill ends.

    Example:
        >>> appointments([7, 4], doors=100.0, end=2000.0)
        {7: (100.0, 160.0), 4: (450.0, 510.0)}
    """
    stretch = max(0.0, end - ERRAND - doors) / max(len(rows), 1)
    latest = max(0.0, end - 2 * BEFORE_REPORT)  # of a drill that is over before it has begun
    comes = [min(doors + place * stretch, latest) for place in range(len(rows))]
    return {row: (at, at + BEFORE_REPORT) for row, at in zip(rows, comes, strict=True)}
