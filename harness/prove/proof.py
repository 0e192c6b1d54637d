"""A proof drill: a short night in which everything happens that some of an app's defects need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.scenario import Scenario
from simulators.apps.serving.defect import Defect


@dataclass(frozen=True)
class ProofDrill:
    """One short night.

    Attributes:
        name: Part of the names of its runs.
        night: Makes the scenario: a packaged one, cut short.
        cast: Who plays.
        seed: The seed that defects are drilled with.
        scale: Size of the night.
        checks: Defects that are meant for one of these checks are drilled in it.
        defects: So are these, whatever they are meant for.
    """

    name: str
    night: Callable[[], Scenario]
    cast: str
    seed: int
    scale: float
    checks: frozenset[str] = frozenset()
    defects: frozenset[str] = frozenset()

    def is_for(self, defect: Defect) -> bool:
        """Whether a defect is drilled in it, and not in the app's first one."""
        return defect.name in self.defects or defect.caught_by.partition(":")[0] in self.checks


@dataclass(frozen=True)
class Proof:
    """How the defects of one practice app are drilled.

    Attributes:
        app: The practice app, by its folder.
        drills: The first one is for every defect that no other is for.
        together: Defects that share a drill. No two of a group are meant for the same finding,
            and none stirs what another is meant for. A defect that is named nowhere is drilled
            alone.
    """

    app: str
    drills: tuple[ProofDrill, ...]
    together: tuple[tuple[str, ...], ...] = ()

    @property
    def first(self) -> ProofDrill:
        """The drill of most defects, and of injects on the clean app."""
        return self.drills[0]

    def drill_of(self, defect: Defect) -> ProofDrill:
        """The drill that a defect is drilled in."""
        return next((each for each in self.drills[1:] if each.is_for(defect)), self.first)

    def groups(
        self, defects: Iterable[Defect], *, alone: bool = False
    ) -> list[tuple[ProofDrill, tuple[str, ...]]]:
        """The defects asked for, in groups that share a drill, in the order asked for.

        Args:
            alone: One drill for each.
        """
        wanted = {each.name: self.drill_of(each) for each in defects}
        groups: list[tuple[ProofDrill, tuple[str, ...]]] = []
        for name, drill in wanted.items():
            if any(name in group for _, group in groups):
                continue
            group: Sequence[str] = (name,)
            if not alone:
                group = next((each for each in self.together if name in each), group)
            groups.append((drill, tuple(each for each in group if wanted.get(each) is drill)))
        return groups


def shortened(packaged: Scenario, **changes: Any) -> Scenario:
    """A packaged scenario with some of its parts replaced, as validated data.

    No intruder comes unless the changes say so.
    """
    usual: dict[str, Any] = {"phases": [], "intruder": None, "scale": 1.0}
    return Scenario.model_validate(packaged.model_dump(mode="json") | usual | changes)


def moved(
    packaged: Scenario, cast: str, hours: dict[str, tuple[str, str]], **more: dict[str, Any]
) -> list[dict[str, Any]]:
    """The injects that a cast is played with, moved into a shorter night, by their kinds.

    Args:
        hours: When each begins and ends.
        more: Other changes by kind, with ``__`` for the dot.

    Raises:
        KeyError: If one of them has no hours: what a defect hangs on would not happen.
    """
    found = []
    for each in packaged.injects_for(cast):
        begins, ends = hours[each.kind]
        said = each.model_dump(mode="json") | {"begins": begins, "ends": ends}
        found.append(said | more.get(each.kind.replace(".", "__"), {}))
    return found


def asking_nothing_of(scenario: Scenario, *checks: str) -> list[dict[str, Any]]:
    """The objectives of a scenario but those of some checks, as data."""
    objectives: list[dict[str, Any]] = scenario.model_dump(mode="json")["objectives"]
    return [each for each in objectives if each["check"] not in checks]
