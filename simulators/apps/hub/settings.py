"""How the app's parts are started."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.apps.hub.defects import Switches

MEMORY, INSIDE, TABLE = "memory", "inside", "table"


@dataclass(frozen=True)
class Settings:
    """What is given at the start of a web server or a worker.

    Attributes:
        database: A SQLAlchemy URL: the primary.
        secret: The admin's token; sessions are signed and passwords stored with it.
        replica: A copy of the primary, for reading only; empty if there is none.
        cache: ``memory``, or the URL of a Redis server.
        queue: ``inside`` (the web server merges itself), ``table`` (a worker looks for contacts in
            the database), or the URL of a Redis server.
        region: What this side is called.
        peer: Where the other region's web server is; empty if there is none.
        speed: Drill seconds in a wall second.
    """

    database: str
    secret: str
    replica: str = ""
    cache: str = MEMORY
    queue: str = INSIDE
    region: str = "east"
    peer: str = ""
    speed: float = 1.0
    switches: Switches = field(default_factory=Switches)
