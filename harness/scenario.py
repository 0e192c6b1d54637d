"""The scenario: what a drill rehearses, as a YAML file says it.

World, people, traffic, injects and objectives, and the story behind them. Times of day are
local (``"19:05"``); inside the program they are drill seconds since the drill opens.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from harness.complaint import MisfitError, Where
from harness.document import load_document, nearest
from harness.hostile.model import IntruderModel
from harness.injects.model import InjectModel, PhoneInject, ServiceInject, TimeOfDay
from harness.injects.network_ways import refuse_crowded, refuse_nowhere
from harness.injects.people import cast_with
from harness.injects.people_model import UnreachableModel
from harness.objective import Objective
from simulators.campaign_plan import CampaignPlan
from simulators.night import ElectionSpec, Hours, Night
from simulators.people.cast import Cast
from simulators.people.onboarding import Onboarding
from simulators.plan import Plan
from simulators.plans import plan_of
from simulators.strike_plan import StrikePlan
from simulators.traffic import Traffic
from simulators.world.counties import counties_of


class ScenarioError(Exception):
    """A scenario that cannot be found or used; the message says what to do."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClockModel(_Model):
    """The night's hours, local time. Hours after midnight are simply smaller."""

    zone: str = Field(description="Name of the time zone, for the reader: the drill has no zone.")
    opens: TimeOfDay = Field(description="Drill second 0.")
    doors: TimeOfDay
    begins: TimeOfDay = Field(description="When the meetings begin, or the polls open.")
    ends: TimeOfDay = Field(description="When the drill closes.")

    def seconds(self, time_of_day: str) -> float:
        """Drill seconds from opening to a time of day, past midnight if need be.

        Example:
            >>> night = ClockModel(zone="CT", opens="17:30", doors="18:30", begins="19:00",
            ...                    ends="01:00")
            >>> night.seconds("19:00"), night.seconds("01:00")
            (5400.0, 27000.0)
        """
        return float((_of_day(time_of_day) - _of_day(self.opens)) % 86_400)

    def time_of_day(self, seconds: float) -> str:
        """The time of day at a drill second.

        Example:
            >>> ClockModel(zone="CT", opens="17:30", doors="18:30", begins="19:00",
            ...            ends="23:00").time_of_day(5400)
            '19:00'
        """
        whole = int(_of_day(self.opens) + seconds) % 86_400
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}"

    @model_validator(mode="after")
    def _in_order(self) -> ClockModel:
        if not self.seconds(self.doors) <= self.seconds(self.begins) < self.seconds(self.ends):
            raise ValueError(
                f"doors {self.doors}, begins {self.begins} and ends {self.ends} are out of order"
            )
        if not self.seconds(self.begins):
            raise ValueError(
                f"opens and begins are both {self.begins}, but people sign in before the meetings "
                "begin: open earlier"
            )
        return self

    @property
    def hours(self) -> Hours:
        """The same as drill seconds."""
        return Hours(
            doors=self.seconds(self.doors),
            start=self.seconds(self.begins),
            end=self.seconds(self.ends),
            clock=self.opens,
        )


def _of_day(text: str) -> int:
    hours, minutes, seconds = ([int(each) for each in text.split(":")] + [0])[:3]
    return hours * 3600 + minutes * 60 + seconds


class Phase(_Model):
    """A stretch of the night that reports name."""

    name: str
    begins: TimeOfDay
    ends: TimeOfDay


def _a_caucus_if_nothing_is_said(world: Any) -> Any:
    """A world without a ``kind`` is a caucus."""
    return {"kind": "caucus", **world} if isinstance(world, dict) else world


class Casts(_Model):
    """Which cast plays where nobody chooses."""

    run: str
    simulate: str


class LiveModel(_Model):
    """The live drill of this scenario: what ``drillhall live`` asks of real volunteers."""

    volunteers: int = Field(
        default=50,
        ge=1,
        le=10_000,
        description="Simulated volunteers that a run plays beside its people.",
    )
    on_time_minutes: float = Field(
        default=60.0,
        gt=0,
        le=10_080,
        description="Minutes from opening the practice card within which a report is on time.",
    )
    deadline: TimeOfDay | None = Field(
        default=None, description="Local time after which no report is on time, if there is one."
    )
    help_number: str = Field(
        default="515-555-0100",
        pattern=r"^([2-9]\d{2}-)?555-01\d{2}$",
        description="The help line as cards print it: a practice number, 555-0100 to 555-0199.",
    )
    languages: tuple[Literal["en", "es", "fr"], ...] = Field(
        default=("en", "es", "fr"),
        min_length=1,
        description="Languages that volunteers may choose from; the first where nobody chooses.",
    )
    objectives: list[Objective] = Field(
        min_length=1, description="What the volunteers' reports are judged by."
    )

    @model_validator(mode="after")
    def _no_language_twice(self) -> LiveModel:
        if len(set(self.languages)) < len(self.languages):
            raise ValueError(f"languages: one stands there twice: {', '.join(self.languages)}")
        return self


class OnboardingModel(_Model):
    """How people get from an invitation to the night that this scenario is practice for."""

    night: str = Field(description="The packaged scenario whose night it is.")
    cast: str = Field(description="Who plays that night.")
    steps: Onboarding = Onboarding()


def _are_one(one: InjectModel, other: InjectModel) -> bool:
    """Whether two injects are the same fault of the same carrier or service."""
    match one, other:
        case PhoneInject(), PhoneInject():
            return one.fault == other.fault
        case ServiceInject(), ServiceInject():
            return one.kind == other.kind and bool({*one.service} & {*other.service})
    return False


class Scenario(_Model):
    """One packaged or own drill."""

    scenario: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str
    story: str
    sources: list[str] = Field(min_length=1)
    target: str = Field(description="practice/NAME, or the path of a target.yaml.")
    speed: float = Field(gt=0, le=100_000, description="Drill seconds a wall second.")
    seed: int = Field(default=1, ge=0, description="The seed where nobody names one.")
    scale: float = Field(
        default=1.0, gt=0, le=1000, description="Size of the night where nobody names one."
    )
    clock: ClockModel
    world: Annotated[ElectionSpec, BeforeValidator(_a_caucus_if_nothing_is_said)]
    default_cast: Casts
    casts: dict[str, Cast]
    traffic: Traffic
    phases: list[Phase] = []
    injects: list[InjectModel] = []
    intruder: IntruderModel | None = Field(
        default=None, description="Who tries what nobody may, if anybody comes."
    )
    objectives: list[Objective] = Field(min_length=1)
    live: LiveModel | None = Field(
        default=None, description="The drill with volunteers, where the scenario has one."
    )
    onboarding: OnboardingModel | None = Field(
        default=None, description="What --training-reach plays, where the scenario is practice."
    )
    zero: Literal["keys", "strict"] = Field(
        default="keys", description="strict demands an empty target before the drill."
    )
    max_in_flight: int = Field(default=1000, ge=1, le=50_000)

    @model_validator(mode="after")
    def _names_fit(self) -> Scenario:
        for cast in (self.default_cast.run, self.default_cast.simulate):
            if cast not in self.casts:
                raise ValueError(f"default_cast: {cast!r} is not one of {sorted(self.casts)}")
        for n, inject in enumerate(self.injects):
            self._refuse_misfit(("injects", n), inject, f"{inject.name}: ")
        if self.intruder is not None:
            self._refuse_misfit(("intruder",), self.intruder)
        self._refuse_strangers()
        names = [inject.name for inject in self.injects]
        if len(set(names)) < len(names):
            raise ValueError(f"injects: two of them share a name: {names}")
        self._refuse_overlaps()
        refuse_nowhere(self.injects, counties_of(self.world))
        for cast in self.casts:
            refuse_crowded(self.injects_for(cast))
        return self

    def _refuse_misfit(
        self, where: Where, part: InjectModel | IntruderModel, name: str = ""
    ) -> None:
        """Something that never happens: after the drill, backwards, or with a cast of nobody's."""
        begins, ends = part.begins, part.ends
        if not self._from(begins) < self._from(self.clock.ends):
            raise MisfitError(
                (*where, "begins"),
                f"{name}begins at {begins}, but the drill goes from {self.clock.opens} to "
                f"{self.clock.ends}",
            )
        if not self._from(begins) < self._from(ends):
            raise MisfitError(
                (*where, "ends"),
                f"{name}begins at {begins} and ends at {ends}, but it must end after it begins",
            )
        for cast in part.casts:
            if cast not in self.casts:
                known = sorted(self.casts)
                raise MisfitError(
                    (*where, "casts"),
                    f"{name}no cast {cast!r}{nearest(cast, known) or ';'} it has: "
                    f"{', '.join(known)}",
                )

    def _refuse_strangers(self) -> None:
        """Whoever cannot be reached has a step to do in some runbook."""
        owners = sorted({each.runbook.owner for each in self.injects if each.runbook} - {""})
        for n, inject in enumerate(self.injects):
            if isinstance(inject, UnreachableModel) and inject.owner not in owners:
                raise MisfitError(
                    ("injects", n, "owner"),
                    f"{inject.name}: no runbook has the owner {inject.owner!r}"
                    f"{nearest(inject.owner, owners) or ';'} owners: "
                    f"{', '.join(owners) or 'none'}",
                )

    def _refuse_overlaps(self) -> None:
        """A carrier or a service has each fault once: mending one would mend the other."""
        for n, one in enumerate(self.injects):
            for other in self.injects[n + 1 :]:
                apart = set(one.casts) and set(other.casts) and not {*one.casts} & {*other.casts}
                if apart or not _are_one(one, other):
                    continue
                first, second = sorted((one, other), key=lambda each: self._from(each.begins))
                if self._from(second.begins) < self._from(first.ends):
                    raise ValueError(
                        f"injects: {first.name} and {second.name} are both {one.kind} at the same "
                        "time; let one end before the other begins"
                    )

    def _from(self, time_of_day: str) -> float:
        return self.clock.seconds(time_of_day)

    def injects_for(self, cast: str) -> list[InjectModel]:
        """The injects that are played with a cast."""
        return [inject for inject in self.injects if not inject.casts or cast in inject.casts]

    def intruder_for(self, cast: str) -> IntruderModel | None:
        """Who comes while a cast plays and tries what nobody may; None if nobody does."""
        said = self.intruder
        return said if said is not None and (not said.casts or cast in said.casts) else None

    def night(self, cast: str, *, seed: int, scale: float) -> Night:
        """What is to be played: everything the plan needs.

        Raises:
            ScenarioError: If there is no such cast, or the scale is not above 0.
        """
        if cast not in self.casts:
            raise ScenarioError(
                f"{self.scenario}: no cast {cast!r}{nearest(cast, list(self.casts)) or '.'} "
                f"It has: {', '.join(sorted(self.casts))}."
            )
        if not scale > 0:
            raise ScenarioError(
                f"scale={scale:g}, but a drill needs a scale above 0, such as 0.05."
            )
        return Night(
            name=self.scenario,
            world=self.world,
            cast=cast_with(self.casts[cast], self.injects_for(cast), self.clock),
            traffic=self.traffic,
            hours=self.clock.hours,
            seed=seed,
            scale=scale,
        )


def plan_for(night: Night) -> Plan | StrikePlan | CampaignPlan:
    """The plan of a night.

    Raises:
        ScenarioError: If nothing can be planned, such as a deck of personas for a few chairs.
    """
    try:
        return plan_of(night)
    except ValueError as error:
        raise ScenarioError(f"{night.name}: {error}") from error


def packaged() -> dict[str, Path]:
    """The packaged scenarios by name."""
    folder = Path(str(files("scenarios")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_scenario(name: str) -> Scenario:
    """Load a packaged scenario by name, or one's own by path.

    Raises:
        ScenarioError: If there is none of that name; the nearest right one is named.
        DocumentError: If the file is not a scenario; the message has its file and line.
    """
    known = packaged()
    path = known.get(name) or Path(name)
    if not path.is_file():
        raise ScenarioError(
            f"no scenario {name!r}{nearest(name, list(known)) or '.'} "
            f"Packaged: {', '.join(known)}. Or give the path of a file."
        )
    return load_document(path, Scenario)


def schema() -> dict[str, Any]:
    """The JSON Schema of a scenario, for editors; published beside the packaged ones."""
    schema = Scenario.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Drillhall scenario"
    return schema


def schema_text() -> str:
    """The published file's text."""
    return orjson.dumps(schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"
