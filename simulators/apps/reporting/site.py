"""One place that reports."""

from __future__ import annotations

from dataclasses import dataclass

SATELLITE = "satellite"


@dataclass(frozen=True, slots=True)
class Site:
    """A precinct or satellite, as the roster describes it.

    Attributes:
        record: Its key: ``IA-0001``, or ``IA-S01`` for a satellite.
        county: Name of the county; a satellite's is its pool.
        kind: ``precinct`` or ``satellite``.
        delegates: County delegates it elects; 0 at a satellite.
        sde_per_delegate: State delegate equivalents of one delegate; at a satellite, of one
            person counted at the final alignment.
        pool: The satellite's pool, empty for a precinct.
    """

    record: str
    name: str
    county: str = ""
    kind: str = "precinct"
    delegates: int = 0
    sde_per_delegate: float = 0.0
    pool: str = ""
