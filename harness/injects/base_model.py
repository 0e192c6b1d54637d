"""What every inject of a scenario has: a name, its hours, its casts, and perhaps a runbook."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?", text):
        raise ValueError(f"{text!r} is not a time of day such as 19:05")
    return text


TimeOfDay = Annotated[str, AfterValidator(_clock)]
Share = Annotated[float, Field(gt=0, le=1)]
Seconds = Annotated[float, Field(gt=0)]


class RunbookModel(BaseModel):
    """The page of the runbook that this fault is practice for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: str = Field(min_length=1, description="What is to be done, in one sentence.")
    owner: str = Field(default="", description="Who does it: a role, never a person's name.")
    detect_within: Seconds | None = Field(
        default=None, description="Drill seconds in which somebody, or an alarm, must notice."
    )
    fix_within: Seconds | None = Field(
        default=None, description="Drill seconds from the fault's start in which it must be fixed."
    )


class InjectBase(BaseModel):
    """What every inject has: a name, its hours, and the casts it belongs to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    begins: TimeOfDay
    ends: TimeOfDay
    casts: list[str] = Field(default=[], description="Casts it is played with; empty for all.")
    runbook: RunbookModel | None = Field(
        default=None, description="What people do about it; scored in --attended drills."
    )
