"""Every kind of inject in a case where it touches something: on which app, when and how hard.

A night of cases has no other injects, and none of the objectives that measure: what a fault of
this size costs in time and in calls is the fault's doing. What is left may not fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from harness.checks import MEASURES
from harness.injects.model import InjectModel
from harness.prove.proof import Proof, shortened
from harness.scenario import Scenario


@dataclass(frozen=True)
class Case:
    """One kind of inject.

    Attributes:
        begins, ends: Times of day in the app's proof drill.
        settings: Fields of the inject beside kind, name and hours.
    """

    kind: str
    begins: str
    ends: str
    settings: tuple[tuple[str, Any], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The inject as a scenario says it."""
        said = {"kind": self.kind, "name": self.kind, "begins": self.begins, "ends": self.ends}
        return said | dict(self.settings)


@dataclass(frozen=True)
class CaseNight:
    """Cases that are drilled in one night, on one app.

    Attributes:
        target: The app set up in another way than in its proof drill; empty for the same way.
    """

    app: str
    cases: tuple[Case, ...]
    target: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds it has."""
        return tuple(each.kind for each in self.cases)

    def night(self, proof: Proof) -> Scenario:
        """The app's proof drill with these injects in the place of its own."""
        usual = proof.first.night()
        objectives = usual.model_dump(mode="json")["objectives"]
        return shortened(
            usual,
            target=self.target or usual.target,
            injects=[each.as_data() for each in self.cases],
            objectives=[each for each in objectives if each["check"] not in MEASURES],
        )


def _case(kind: str, begins: str, ends: str, **settings: Any) -> Case:
    return Case(kind, begins, ends, tuple(settings.items()))


WAY = "a bad carrier"  # the same people, one fault after the other
OWNER = "operations engineer"  # of the runbook's step that nobody can take meanwhile

NIGHTS = (
    CaseNight(
        "reporting",
        (
            _case(
                "network.latency", "19:02", "19:14", way=WAY, share=0.4, latency_ms=40, jitter_ms=10
            ),
            _case("network.loss", "19:14", "19:28", way=WAY, share=0.4, loss=0.05),
            _case("network.bandwidth", "19:28", "19:42", way=WAY, share=0.4, kb_per_second=64),
            _case("network.slow_close", "19:42", "20:30", way=WAY, share=0.4, delay_ms=50),
        ),
    ),
    CaseNight(
        "reporting",
        (
            _case("network.reset", "19:04", "19:14", way=WAY, share=0.4),
            _case("network.black_hole", "19:18", "19:26", way=WAY, share=0.4),
            _case("network.cut_after", "19:30", "19:50", way=WAY, share=0.4, bytes=400),
            _case("people.walk_out", "19:10", "19:50", share=0.5),
            _case("people.untrained", "18:40", "20:30", share=0.3),
        ),
    ),
    CaseNight(
        "strikes",
        (
            _case("phone.trunks", "08:00", "08:08", lines=6),
            _case("phone.drop", "08:08", "09:00", share=0.3),
            _case("phone.late", "08:30", "08:36", seconds=0.3),
            _case("phone.reordered", "08:00", "09:00"),
            _case("phone.digits", "08:30", "08:50", share=0.3, how="doubled"),
        ),
    ),
    CaseNight(
        "strikes",
        (
            _case("phone.sms_delay", "08:00", "08:12", seconds=0.3),
            _case("phone.sms_doubled", "08:00", "09:10", share=1.0),
            _case("phone.sms_split", "08:00", "09:00", characters=60),
            _case("phone.sms_loss", "08:30", "08:50", share=0.3),
            _case("provider.rest", "08:00", "08:20", share=1.0),
            _case("provider.late", "08:20", "08:40", share=1.0, seconds=0.3),
            _case("provider.silent", "08:40", "08:55", share=1.0),
        ),
    ),
    CaseNight(
        "hub",
        (
            _case("service.kill", "10:00:20", "10:00:26", service="worker-east"),
            _case(
                "service.stop",
                "10:00:36",
                "10:00:42",
                service="web-west",
                runbook={"step": "Start it again.", "owner": OWNER},
            ),
            _case("service.pause", "10:00:52", "10:00:58", service="cache"),
            _case("service.rebuild", "10:01:08", "10:01:14", service="replica"),
            _case("people.unreachable", "10:00:20", "10:01:30", owner=OWNER),
        ),
        target="practice/hub-processes",
    ),
    CaseNight(
        "hub",
        (
            _case("service.disconnect", "10:00:20", "10:00:28", service="web-west"),
            _case("service.squeeze", "10:00:36", "10:00:44", service="worker-west", cpu=0.2),
            _case("service.disk_full", "10:00:52", "10:01:00", service="cache"),
            _case("service.clock", "10:01:08", "10:01:16", service="web-east", by_seconds=3600),
        ),
        target="practice/hub-breakable",
    ),
)


def kinds() -> tuple[str, ...]:
    """Every kind of inject that a scenario may name, in the order of the schema."""
    found: list[str] = []

    def visit(model: Any) -> None:
        if isinstance(model, type):
            found.extend(get_args(model.model_fields["kind"].annotation))  # type: ignore[attr-defined]
            return
        for each in get_args(model):
            if isinstance(each, type) or get_args(each):
                visit(each)

    visit(get_args(InjectModel)[0])
    return tuple(found)
