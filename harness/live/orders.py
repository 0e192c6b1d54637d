"""Orders for the processes of a live drill: what the server serves, what the robots do.

Plain JSON in files that only their owner reads: links let anybody in who has them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter

from harness.live.cards import Handout
from harness.live.model import Volunteer
from harness.live.scoring import Terms
from harness.scenario import LiveModel

PASSWORD = "DRILLHALL_ORGANIZER_PASSWORD"  # noqa: S105 - the name of a variable
"""Environment variable with the password of the account ``organizer``."""


@dataclass(frozen=True)
class ServeOrder:
    """What the live server serves.

    Attributes:
        night: The night whose chairs the cards belong to, as ``night_to_dict`` writes it.
        target: The target's reference.
        run: Id of the run, for the target.
        database: File of everything that happens.
        handout: What cards and pages say alike.
        terms: When a report is on time.
        look_every: Wall seconds between looks at what the target holds.
        opens: Whether the drill is opened as soon as it is served, and the target was looked at.
    """

    night: dict[str, Any]
    target: dict[str, Any]
    run: str
    database: str
    handout: Handout
    terms: Terms
    host: str
    port: int
    languages: tuple[str, ...] = ("en", "es", "fr")
    look_every: float = 2.0
    opens: bool = False


@dataclass(frozen=True)
class RobotsOrder:
    """What a crowd of simulated volunteers is to do.

    Attributes:
        night, target, run: As in :class:`ServeOrder`.
        link: Where the volunteers' pages begin.
        volunteers: Who is played.
        difficulties: What each one's card is dealt as, by id.
        journal: File that acknowledged steps are written to.
        seconds: Wall seconds over which they arrive.
        pause: Mean wall seconds between two steps.
        patience: Wall seconds for which somebody tries a page that does not come.
        reports: Whether they report to the target; where not, an engine does that for them.
        moments: Where an engine reports, the wall seconds from the start at which each one's
            report is due, by id.
        start_at: Unix time of the start; 0 for at once.
    """

    night: dict[str, Any]
    target: dict[str, Any]
    run: str
    link: str
    volunteers: tuple[Volunteer, ...]
    journal: str
    difficulties: dict[str, str] = field(default_factory=dict)
    seconds: float = 20.0
    pause: float = 1.0
    patience: float = 120.0
    reports: bool = True
    moments: dict[str, float] = field(default_factory=dict)
    start_at: float = 0.0


Order = TypeVar("Order", ServeOrder, RobotsOrder)


def write_order(order: ServeOrder | RobotsOrder, path: Path) -> Path:
    """Write an order; :func:`read_order` reads it."""
    path.touch(mode=0o600)
    path.write_bytes(orjson.dumps(asdict(order)))
    return path


def read_order(path: Path, kind: type[Order]) -> Order:
    """Read an order."""
    return TypeAdapter(kind).validate_python(orjson.loads(path.read_bytes()), strict=False)


def terms_of(model: LiveModel, now: datetime | None = None) -> Terms:
    """When a report is on time; a deadline is the next time that clocks here show that hour."""
    now = now or datetime.now().astimezone()
    deadline = None
    if model.deadline is not None:
        hour, minute = map(int, model.deadline.split(":")[:2])
        moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        deadline = (moment if moment > now else moment + timedelta(days=1)).timestamp()
    return Terms(model.on_time_minutes * 60.0, deadline)
