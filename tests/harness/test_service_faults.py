"""Faults of services, on services that only pretend: what is told, and what is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from harness.checks import injects
from harness.document import DocumentError
from harness.injects.model import InjectModel
from harness.injects.network_plan import Around
from harness.injects.planning import plan_injects
from harness.injects.schedule import Schedule
from harness.injects.service import ServiceFault
from harness.injects.service_plan import fault_of
from harness.record import Status
from harness.scenario import load_scenario, packaged

NO_CLOCK = (
    "web has no FAKETIME_TIMESTAMP_FILE in its environment; start it under libfaketime "
    "(LD_PRELOAD, FAKETIME_TIMESTAMP_FILE, and FAKETIME_NO_CACHE=1)"
)


@dataclass
class Pretended:
    """A service that does what it is told, unless it is to fail at it."""

    role: str
    alive: bool = True
    fails_at: set[str] = field(default_factory=set)
    steps: list[str] = field(default_factory=list)

    def _do(self, what: str) -> None:
        if what in self.fails_at:
            raise RuntimeError(f"no {what} today")
        self.steps.append(what)

    def kill(self) -> None:
        self._do("kill")
        self.alive = False

    def stop(self) -> None:
        self._do("stop")
        self.alive = False

    def start(self) -> None:
        if not self.alive:
            self._do("start")
        self.alive = True

    def pause(self) -> None:
        self._do("pause")

    def resume(self) -> None:
        self._do("resume")


def model(kind: str, *roles: str, **settings: Any) -> Any:
    given = {"kind": kind, "name": "a loss", "begins": "19:00", "ends": "19:10", **settings}
    return TypeAdapter(InjectModel).validate_python({**given, "service": list(roles)})


def fault(kind: str, *services: Pretended) -> ServiceFault:
    names = [each.role for each in services]
    found = fault_of(model(kind, *names), 10.0, 20.0, {each.role: each for each in services})
    assert isinstance(found, ServiceFault)
    return found


def test_one_that_cannot_be_broken_does_not_spare_the_others() -> None:
    """A region goes as far as it can, the trouble is told, and all of it is mended."""
    east, west = Pretended("east", fails_at={"kill"}), Pretended("west")
    region = fault("service.kill", east, west)
    with pytest.raises(RuntimeError, match="east: no kill today"):
        region.begin()
    assert not west.alive
    assert region.touched == 1
    region.finish()
    assert west.alive
    assert region.detail == "west killed, east was running again already, west started again"


def test_half_a_fault_is_no_fault_that_happened(tmp_path: Path) -> None:
    """Where one of two could not be broken, whether the app bears the loss of both is unknown."""
    verdicts = {}
    for fails in (set[str](), {"kill"}):
        region = fault("service.kill", Pretended("east", fails_at=fails), Pretended("west"))
        schedule = Schedule([region], speed=1.0, journal=tmp_path / "injects.jsonl")
        with schedule.undone():
            schedule._begin(schedule._rows[0])
        (row,) = schedule.table().to_dicts()
        verdicts[row["touched"]] = injects._ask("a loss", row, "").status
    assert verdicts == {2: Status.PASS, 1: Status.UNKNOWN}


def test_what_could_not_be_mended_is_tried_again(tmp_path: Path) -> None:
    """The schedule says so at its end, tries once more when it is left, and the table tells."""
    web = Pretended("web", fails_at={"resume"})
    frozen = fault("service.pause", web)
    schedule = Schedule([frozen], speed=1.0, journal=tmp_path / "injects.jsonl")
    row = schedule._rows[0]
    with schedule.undone():
        schedule._begin(row)
        schedule._finish(row)
        assert row.trouble == "could not be undone: web: no resume today"
        assert not schedule.table()["undone"][0]
        web.fails_at = set()
    assert schedule.table()["undone"][0]
    assert web.steps == ["pause", "resume"]


def test_finishing_twice_is_harmless() -> None:
    """What is mended is left alone."""
    web = Pretended("web")
    gone = fault("service.stop", web)
    gone.begin()
    gone.finish()
    gone.finish()
    assert web.steps == ["stop", "start"]
    assert gone.detail == "web stopped, web started again"


def test_one_that_somebody_started_meanwhile_is_left_alone() -> None:
    """An engineer who mends it by hand is told of, not undone."""
    web = Pretended("web")
    gone = fault("service.kill", web)
    gone.begin()
    web.alive = True
    gone.finish()
    assert web.steps == ["kill"]
    assert gone.detail == "web killed, web was running again already"


def test_a_plan_tells_apart_what_is_played_and_what_cannot_be() -> None:
    """Each that cannot be played is named with its reason; nothing of it is on the schedule."""
    web = Pretended("web")
    planned = plan_injects(
        [
            model("service.kill", "web"),
            model("service.kill", "web", "database"),
            model("service.kill", "wep"),
            model("service.squeeze", "web", cpu=0.1),
            model("service.clock", "web", by_seconds=60),
            model("service.rebuild", "web"),
            model("service.disk_full", "web"),
        ],
        clock=load_scenario("iowa-caucus-night").clock,
        around=Around([], 1, 1.0, Path()),
        process=None,
        services={"web": web},
    )
    assert [each.kind for each in planned.injects] == ["service.kill"]
    assert planned.not_drilled == (
        "a loss: the target's description has no service database (it has: web)",
        "a loss: the target's description has no service wep (it has: web; did you mean 'web'?)",
        "a loss: web is a process, and only containers can be squeezed",
        f"a loss: {NO_CLOCK}",
        "a loss: nobody knows where web keeps its data",
        "a loss: nobody knows where web keeps its data",
    )


def test_a_fault_of_nothing_is_a_mistake() -> None:
    """It would touch nothing, and be called drilled."""
    with pytest.raises(ValidationError, match="needs cpu or memory_mb"):
        model("service.squeeze", "web")
    with pytest.raises(ValidationError, match="by how much is it wrong"):
        model("service.clock", "web", by_seconds=0)


@pytest.mark.parametrize(
    ("service", "begins", "said"),
    [
        (["web", "cache"], "19:05", "a and b are both service.pause at the same time"),
        (["web"], "19:20", "b: begins at 19:20 and ends at 19:20, but it must end after"),
        (["cache"], "19:05", ""),
        (["web"], "19:10", ""),
    ],
)
def test_a_service_has_each_fault_once_and_for_a_while(
    tmp_path: Path, service: list[str], begins: str, said: str
) -> None:
    """The end of one would mend the other, and what ends before it begins is never undone."""
    night = yaml.safe_load(packaged()["iowa-caucus-night"].read_text())
    first = {"kind": "service.pause", "name": "a", "service": "web"}
    night["injects"] = [
        {**first, "begins": "19:00", "ends": "19:10"},
        {**first, "name": "b", "service": service, "begins": begins, "ends": "19:20"},
    ]
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(night))
    if said:
        with pytest.raises(DocumentError, match=said):
            load_scenario(str(path))
    else:
        load_scenario(str(path))
