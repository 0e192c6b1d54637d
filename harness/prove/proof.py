"""A proof drill: a short night in which everything that an app's defects hang on does happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.scenario import Scenario


@dataclass(frozen=True)
class Proof:
    """How the defects of one practice app are drilled.

    Attributes:
        app: The practice app, by its folder.
        night: Makes the scenario: a packaged one, cut short.
        cast: Who plays.
        seed: The seed that defects are drilled with.
        scale: Size of the night.
        together: Defects that share a drill. No two of a group are meant for the same finding,
            and none stirs what another is meant for. A defect that is named nowhere is drilled
            alone.
        targets: Where a defect is drilled that shows only with other services than the app's own
            description has; by the defect's name.
    """

    app: str
    night: Callable[[], Scenario]
    cast: str
    seed: int
    scale: float
    together: tuple[tuple[str, ...], ...] = ()
    targets: dict[str, str] = field(default_factory=dict)

    def groups(self, defects: Sequence[str], *, alone: bool = False) -> list[tuple[str, ...]]:
        """The defects asked for, in groups that share a drill, in the order asked for.

        Args:
            alone: One drill for each.
        """
        wanted = list(dict.fromkeys(defects))
        groups: list[tuple[str, ...]] = []
        for name in wanted:
            if any(name in group for group in groups):
                continue
            group = next((each for each in self.together if name in each), (name,))
            groups.append((name,) if alone else tuple(each for each in group if each in wanted))
        return groups


def shortened(packaged: Scenario, **changes: Any) -> Scenario:
    """A packaged scenario with some of its parts replaced, as validated data."""
    return Scenario.model_validate(packaged.model_dump(mode="json") | {"phases": []} | changes)


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
