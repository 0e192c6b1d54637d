"""One place where a caucus is held."""

from __future__ import annotations

from dataclasses import dataclass

PRECINCT_KIND = "precinct"
SATELLITE_KIND = "satellite"


@dataclass(frozen=True, slots=True)
class Site:
    """One precinct or satellite.

    Attributes:
        index: Position in the world; satellites come last.
        record: Its key: ``IA-0001``, or ``IA-S01`` for a satellite.
        name: Name, unique in its county.
        county: Name of the county; a satellite's is its pool.
        kind: ``precinct`` or ``satellite``.
        delegates: County-convention delegates to elect; 0 at a satellite.
        sde_per_delegate: State delegate equivalents of one delegate; at a satellite, of one
            person counted at the final alignment.
        pool: The satellite's pool, empty for a precinct.
        registered: Registered voters; 0 at a satellite.
    """

    index: int
    record: str
    name: str
    county: str
    kind: str
    delegates: int
    sde_per_delegate: float
    pool: str
    registered: int = 0
