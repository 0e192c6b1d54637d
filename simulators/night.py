"""The night: everything that decides a plan, as plain data that survives JSON.

Times are drill seconds; drill second 0 is the start of the drill (17:30 in the packaged
scenarios).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter

from simulators.people.cast import Cast
from simulators.traffic.arrivals import Arrivals
from simulators.traffic.load import Traffic
from simulators.traffic.report_curve import ReportCurve
from simulators.world import CampaignSpec, VoterListSpec, WorldSpec

ElectionSpec = Annotated[WorldSpec | VoterListSpec | CampaignSpec, Field(discriminator="kind")]
"""What kind of election, by its ``kind``: a ``caucus``, a day of voter lists, a ``campaign``."""


@dataclass(frozen=True)
class Hours:
    """When things happen, in drill seconds."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    doors: Annotated[float, Field(ge=0)] = 3600.0
    """The doors open."""
    start: Annotated[float, Field(gt=0)] = 5400.0
    """The meetings begin, or the polls open: report and voting times count from here."""
    end: Annotated[float, Field(gt=0)] = 19800.0
    """The drill ends: nobody begins anything more."""
    clock: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "17:30"
    """What the clock on the wall says at drill second 0."""

    def __post_init__(self) -> None:
        """Refuse hours out of order.

        Raises:
            ValueError: If the doors open after the start, or the start is not before the end.
        """
        if not self.doors <= self.start < self.end:
            raise ValueError(
                f"doors={self.doors:g}, start={self.start:g}, end={self.end:g} are out of order: "
                "doors open no later than the start, and the start comes before the end."
            )


@dataclass(frozen=True)
class Night:
    """A scenario's night with one cast, one seed and one size."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    world: ElectionSpec
    cast: Cast
    traffic: Traffic
    hours: Hours
    seed: int
    scale: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0

    @property
    def end(self) -> float:
        """Drill second at which the drill ends: the cast's own, or the hours'."""
        return self.hours.end if self.cast.end is None else self.cast.end

    @property
    def reports(self) -> ReportCurve:
        """When reports are ready: the cast's own curve, or the traffic's."""
        return self.cast.reports or self.traffic.reports

    @property
    def help_calls(self) -> Arrivals:
        """Calls for help: the cast's own, or the traffic's."""
        return self.cast.help_calls or self.traffic.help_calls

    @property
    def nuisance_calls(self) -> Arrivals:
        """Nuisance calls: the cast's own, or the traffic's."""
        return self.cast.nuisance_calls or self.traffic.nuisance_calls


def night_to_dict(night: Night) -> dict[str, Any]:
    """The night as plain data; :func:`night_from_dict` turns it back."""
    return asdict(night)


def night_from_dict(data: dict[str, Any]) -> Night:
    """The night that :func:`night_to_dict` wrote, also after a trip through JSON.

    Raises:
        pydantic.ValidationError: If something is missing, unknown or out of range.
    """
    return TypeAdapter(Night).validate_python(data)
