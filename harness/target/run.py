"""What a target's templates know of the run they are part of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulators.world import World


def _no_site(record: str) -> Any:
    return None


@dataclass(frozen=True)
class Run:
    """The run a target is driven in.

    Attributes:
        id: Name of the run; every request carries it as ``X-Drillhall-Run``.
        fields: Names of a report's cells, in the order of every ``values``.
        site: The precinct of a record's key, with ``name`` and ``county``; None if there is none.
            It may raise LookupError for a key that was mistyped.
    """

    id: str = "preflight"
    seed: int = 0
    fields: tuple[str, ...] = World.fields
    site: Callable[[str], Any] = _no_site
