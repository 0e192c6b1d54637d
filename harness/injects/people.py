"""People go wrong: they leave their phones, were never trained, or cannot be reached.

What people do is decided before the drill, so such an inject changes the cast that the plan is
made from, and is the same on both clocks. It is on the schedule all the same, so that the record
says when it was on and how many people it touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import polars as pl

from harness.injects.model import InjectModel
from harness.injects.people_model import (
    PeopleInject,
    UnreachableModel,
    UntrainedModel,
    WalkOutModel,
)
from harness.record import INJECTS
from simulators.people.cast import Cast, Untrained
from simulators.people.shifts import WalkOut
from simulators.plan import Plan
from simulators.plans import ElectionPlan


class Clock(Protocol):
    """Tells drill seconds of times of day."""

    def seconds(self, time_of_day: str) -> float:
        """Drill seconds from the opening."""
        ...


@dataclass
class PeopleChange:
    """A change of the plan, on the schedule: by then it has been made, and nothing is to undo.

    Attributes:
        touched: People whom it changes; runbook steps, where their owner is away.
    """

    name: str
    start: float
    end: float
    kind: str
    touched: int
    detail: str = ""

    def begin(self) -> None:
        """Whom it concerns knows already."""

    def finish(self) -> None:
        """Whom it concerns knows already."""

    def close(self) -> None:
        """Nothing is held."""


def cast_with(cast: Cast, models: Sequence[InjectModel], clock: Clock) -> Cast:
    """The cast with everything that people injects change of it."""
    for model in models:
        if isinstance(model, WalkOutModel):
            cast = _with_walk_out(cast, _walk_out(model, clock))
        elif isinstance(model, UntrainedModel):
            never = Untrained(clock.seconds(model.begins), clock.seconds(model.ends), model.share)
            cast = replace(cast, untrained=(*cast.untrained, never))
    return cast


def _walk_out(model: WalkOutModel, clock: Clock) -> WalkOut:
    at, back = clock.seconds(model.begins), clock.seconds(model.ends)
    return WalkOut(at, model.share, back)


def _with_walk_out(cast: Cast, walk_out: WalkOut) -> Cast:
    """Everybody who answers, reads or phones for the campaign may be among them."""
    parts = {
        name: replace(part, walk_outs=(*part.walk_outs, walk_out))
        for name, part in (
            ("hotline", cast.hotline),
            ("photos", cast.photos),
            ("texts", cast.texts),
            ("watchers", cast.watchers),
            ("campaigning", cast.campaigning),
        )
    }
    return replace(cast, **parts)  # type: ignore[arg-type]  # each by its own name


def people_changes(
    models: Sequence[InjectModel], plan: ElectionPlan, clock: Clock, *, attended: bool
) -> tuple[list[PeopleChange], list[str]]:
    """The changes of this plan, and why others cannot be made, one sentence each.

    Args:
        attended: Whether anybody presses keys, which an owner who is away cannot do.
    """
    changes, not_drilled = [], []
    for model in models:
        if not isinstance(model, PeopleInject):
            continue
        start, end = clock.seconds(model.begins), clock.seconds(model.ends)
        found = _touched(model, models, plan, start, end, attended)
        if isinstance(found, str):
            not_drilled.append(f"{model.name}: {found}")
        else:
            touched, detail = found
            changes.append(PeopleChange(model.name, start, end, model.kind, touched, detail))
    return changes, not_drilled


def _touched(
    model: PeopleInject,
    models: Sequence[InjectModel],
    plan: ElectionPlan,
    start: float,
    end: float,
    attended: bool,
) -> tuple[int, str] | str:
    """How many it touches, and in words what it does; or why it cannot be made."""
    if isinstance(model, WalkOutModel):
        gone = plan.walks_out(start)
        return gone, f"{gone} people left, and came back"
    if isinstance(model, UntrainedModel):
        if not isinstance(plan, Plan):
            return "only chairs of a caucus are trained with the app"
        never = plan.untrained(start, end)
        return never, f"{never} of those who came had no training"
    assert isinstance(model, UnreachableModel)
    if not attended:
        return "somebody must attend (--attended) for an owner to be missed"
    steps = [each for each in models if each.runbook and each.runbook.owner == model.owner]
    return len(steps), f"{model.owner} could not be reached"


def changes_table(changes: Sequence[PeopleChange], closed: float) -> pl.DataFrame:
    """The changes of a night in virtual time, with the schema of the run folder's injects.

    Args:
        closed: When the night was over: what would begin later did not.
    """
    rows = [
        {
            "name": each.name,
            "kind": each.kind,
            "planned_start_drill": each.start,
            "planned_end_drill": each.end,
            "started_drill": each.start if each.start <= closed else None,
            "ended_drill": min(each.end, closed) if each.start <= closed else None,
            "touched": each.touched,
            "undone": True,
            "detail": each.detail,
        }
        for each in changes
    ]
    return pl.DataFrame(rows, schema=INJECTS)
