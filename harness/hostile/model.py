"""The words of a scenario for its intruder: when they come, and what they try."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.injects.base_model import TimeOfDay
from harness.target.hostile_model import KINDS, Kind


class IntruderModel(BaseModel):
    """A hostile visitor who comes while people play."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: TimeOfDay = Field(description="When the first try is made.")
    ends: TimeOfDay = Field(description="No try is begun after this; what is left is unknown.")
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        default=KINDS,
        description="What is tried, where the target's description says how; all by default.",
    )
    casts: tuple[str, ...] = Field(
        default=(), description="Casts that it comes with; all where none is named."
    )

    @model_validator(mode="after")
    def _no_kind_twice(self) -> IntruderModel:
        if len(set(self.kinds)) < len(self.kinds):
            raise ValueError(f"kinds: one stands there twice: {', '.join(self.kinds)}")
        return self
