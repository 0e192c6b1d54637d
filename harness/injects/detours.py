"""Ways: which of the people are on which network, where networks go wrong.

Injects that name the same way touch the same people; the people of different ways are others.
Who is on which way hangs on their place in the plan alone, on both clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.injects.network_model import NetworkInject
from simulators.line_model import goes_through

_A_HAIR = 1e-9  # shares are written as decimals, whose sums are not exact


@dataclass(frozen=True)
class Way:
    """Some of the people, and the network that they share.

    Attributes:
        name: As injects call it.
        share: Of the people.
        after: Share of the people who are on ways that come before this one.
    """

    name: str
    share: float
    after: float

    def carries(self, index: int) -> bool:
        """Whether the person at this place in the plan is on it."""
        return goes_through(index, self.share, self.after)


def way_name(model: NetworkInject) -> str:
    """The way that an inject touches: the one it names, or one of its own."""
    return model.way or model.name


def ways_of(models: Sequence[object]) -> dict[str, Way]:
    """The ways of a scenario's injects, in the order in which they are first named."""
    ways: dict[str, Way] = {}
    after = 0.0
    for model in models:
        if isinstance(model, NetworkInject) and way_name(model) not in ways:
            way = Way(way_name(model), model.share, after)
            ways[way.name] = way
            after += way.share
    return ways


def refuse_crowded(models: Sequence[object]) -> None:
    """Refuse injects of one cast that put people on two ways, or one way's people on two shares.

    Raises:
        ValueError: Names the injects, what was found and what is allowed.
    """
    ways = ways_of(models)
    for model in models:
        if isinstance(model, NetworkInject) and model.share != ways[way_name(model)].share:
            raise ValueError(
                f"injects: {model.name}: share {model.share:g}, but the way {way_name(model)!r} "
                f"has share {ways[way_name(model)].share:g}; give both the same, or name two ways"
            )
    total = sum(each.share for each in ways.values())
    if total > 1 + _A_HAIR:
        shares = ", ".join(f"{each.name} {each.share:g}" for each in ways.values())
        raise ValueError(
            f"injects: the shares of different ways come to {total:g} ({shares}), but everybody is "
            "on one way at most: lower them to 1 in all, or let injects name the same `way`"
        )
