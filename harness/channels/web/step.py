"""One named step of a walk, as it is being done: tries, what hindered it, and what was keyed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from harness.channels.web.rhythm import Keyed

StepState = Literal["passed", "struggled", "blocked"]


@dataclass
class Step:
    """One step.

    Attributes:
        began, ended: Drill seconds.
        failures: What hindered each try that did not work.
        blocked: It was given up.
        place: File and line that say what could not be done.
        answer: It waited for what the app says, and not for something to do.
        lasting: Nothing that comes later undoes it.
        keyed: What was keyed in it.
    """

    name: str
    operation: str
    number: int
    began: float
    ended: float = 0.0
    failures: list[str] = field(default_factory=list)
    blocked: bool = False
    answer: bool = False
    lasting: bool = False
    place: str = ""
    seen: str = ""
    screenshot: str = ""
    keyed: Keyed = field(default_factory=Keyed)

    @property
    def tries(self) -> int:
        """How often it was tried."""
        return len(self.failures) + (not self.blocked)

    @property
    def state(self) -> StepState:
        """``passed``, ``struggled`` (more than one try) or ``blocked``."""
        if self.blocked:
            return "blocked"
        return "struggled" if self.failures else "passed"

    @property
    def detail(self) -> str:
        """What they met, in a few words."""
        return "; then ".join(dict.fromkeys([*self.failures, self.seen] if self.seen
                                            else self.failures))[:300]  # fmt: skip

    def line(self) -> dict[str, Any]:
        """As the journal has it."""
        return {
            "number": self.number,
            "operation": self.operation,
            "step": self.name,
            "began_drill": self.began,
            "ended_drill": self.ended,
            "state": self.state,
            "tries": self.tries,
            "detail": self.detail,
            "screenshot": self.screenshot,
            "keys": self.keyed.keys,
            "planned_seconds": self.keyed.planned,
            "keyed_seconds": self.keyed.taken,
            "lasting": self.lasting,
            "place": self.place,
        }
