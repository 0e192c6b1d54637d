"""What a scenario may do to its own people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.injects.base_model import InjectBase, Share


class PeopleInject(InjectBase):
    """Something that people do, or fail to do; it changes the plan, on both clocks."""

    kind: str


class WalkOutModel(PeopleInject):
    """A share of the operators leave their phones, and come back at the end."""

    kind: Literal["people.walk_out"]
    share: Share


class UntrainedModel(PeopleInject):
    """A share of the trained people who come between begin and end were never trained."""

    kind: Literal["people.untrained"]
    share: Share


class UnreachableModel(PeopleInject):
    """The owner of runbook steps cannot be reached: nothing of theirs is fixed meanwhile."""

    kind: Literal["people.unreachable"]
    owner: str = Field(min_length=1, description="As in the runbooks of other injects.")


PeopleModels = WalkOutModel | UntrainedModel | UnreachableModel
