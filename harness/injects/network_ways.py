"""Ways of the network: which of the people are on which one, where networks go wrong.

Injects that name the same way touch the same people; the people of different ways are others.
Who is on which way hangs on the plan and the injects alone: it is the same on both clocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.document import nearest
from harness.injects.network_model import NetworkInject
from simulators.line_model import Group, goes_through

Counties = Mapping[str, Sequence[int]]
"""Positions in the plan of the people of each county; of each state, in a campaign."""

_A_HAIR = 1e-9  # shares are written as decimals, whose sums are not exact
_A_FEW = 8  # names of counties that an error lists


@dataclass(frozen=True)
class Way:
    """Some of the people, and the network that they share.

    Attributes:
        name: As injects call it.
        group: Who they are.
    """

    name: str
    group: Group

    def carries(self, index: int) -> bool:
        """Whether the person at this place in the plan is on it."""
        return self.group.has(index)


def way_name(model: NetworkInject) -> str:
    """The way that an inject touches: the one it names, or one of its own."""
    return model.way or model.name


def ways_of(models: Sequence[object], counties: Counties) -> dict[str, Way]:
    """The ways of a scenario's injects, in the order in which they are first named.

    People are picked first where an inject says ``where``. A share alone is one of everybody, and
    of these those are on its way who were not picked.

    Args:
        counties: Who is where, in the world's order.
    """
    told = _first_named(models)
    picked = _picked({name: each for name, each in told.items() if each.where}, counties)
    apart = frozenset[int]().union(*picked.values())
    ways: dict[str, Way] = {}
    after = 0.0
    for name, model in told.items():
        if name in picked:
            ways[name] = Way(name, Group(people=picked[name]))
        else:
            ways[name] = Way(name, Group(model.share, after, apart))
            after += model.share
    return ways


def _first_named(models: Sequence[object]) -> dict[str, NetworkInject]:
    """The first inject of each way."""
    told: dict[str, NetworkInject] = {}
    for model in models:
        if isinstance(model, NetworkInject):
            told.setdefault(way_name(model), model)
    return told


def _picked(told: Mapping[str, NetworkInject], counties: Counties) -> dict[str, frozenset[int]]:
    """Whom each way picks, county by county.

    People are counted on from one county to the next, so that shares are as even among the few of
    one county as among all of them.
    """
    picked: dict[str, set[int]] = {name: set() for name in told}
    before = 0
    for county, people in counties.items():
        after = 0.0
        for name, model in told.items():
            if county in model.where:
                picked[name].update(
                    index
                    for number, index in enumerate(people, before)
                    if goes_through(number, model.share, after)
                )
                after += model.share
        before += len(people)
    return {name: frozenset(people) for name, people in picked.items()}


def nobody_on(way: Way, model: NetworkInject) -> str:
    """Why an inject cannot be played, where nobody is on its way; else nothing."""
    if way.group.people is None or way.group.people:
        return ""
    return f"{model.name}: {model.whose} is nobody in a night of this size"


def refuse_crowded(models: Sequence[object]) -> None:
    """Refuse injects of one cast that put people on two ways, or one way's people on two shares.

    Raises:
        ValueError: Names the injects, what was found and what is allowed.
    """
    told = _first_named(models)
    for model in models:
        if not isinstance(model, NetworkInject):
            continue
        first = told[way_name(model)]
        if model.share != first.share or set(model.where) != set(first.where):
            raise ValueError(
                f"injects: {model.name}: {model.whose}, but the way {way_name(model)!r} "
                f"has {first.whose}; give both the same, or name two ways"
            )
    _refuse_more_than_all([(name, each.share) for name, each in told.items() if not each.where])
    for county in dict.fromkeys(county for each in told.values() for county in each.where):
        here = [(name, each.share) for name, each in told.items() if county in each.where]
        _refuse_more_than_all(here, f" in {county}")


def _refuse_more_than_all(shares: Sequence[tuple[str, float]], place: str = "") -> None:
    total = sum(share for _, share in shares)
    if total > 1 + _A_HAIR:
        listed = ", ".join(f"{name} {share:g}" for name, share in shares)
        raise ValueError(
            f"injects: the shares of different ways{place} come to {total:g} ({listed}), but "
            "everybody is on one way at most: lower them to 1 in all, or let injects name the same "
            "`way`"
        )


def refuse_nowhere(models: Sequence[object], counties: Sequence[str]) -> None:
    """Refuse injects that name a county which the world does not have.

    Args:
        counties: Those that it has; its states, where it is a campaign.

    Raises:
        ValueError: Names the inject, what was found and what is allowed.
    """
    for model in models:
        if not isinstance(model, NetworkInject):
            continue
        unknown = next((each for each in model.where if each not in counties), None)
        if unknown is not None:
            more = len(counties) - _A_FEW
            listed = ", ".join(counties[:_A_FEW]) + (f" and {more} more" if more > 0 else "")
            raise ValueError(
                f"injects: {model.name}: where: found {unknown!r}, which is not in this world"
                f"{nearest(unknown, list(counties)) or '.'} It has: {listed}."
            )
