"""Phone injects: said in a scenario, played on the carrier, always mended."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.document import DocumentError, parse_document
from harness.injects.model import PhoneInject
from harness.injects.network_plan import Around
from harness.injects.phone import CarrierFault
from harness.injects.planning import Planned, plan_injects
from harness.injects.schedule import Schedule
from harness.scenario import Scenario, packaged
from simulators.providers.carrier.faults import FAULTS, Faults
from simulators.providers.carrier.ids import Ids

KINDS: dict[str, dict[str, Any]] = {
    "phone.trunks": {"lines": 3},
    "phone.silence": {},
    "phone.drop": {"share": 0.2},
    "phone.late": {"seconds": 2.0},
    "phone.doubled": {"share": 0.2},
    "phone.reordered": {},
    "phone.digits": {"share": 0.2, "how": "doubled"},
    "phone.caller_id": {"share": 0.2},
    "phone.sms_delay": {"seconds": 2.0},
    "phone.sms_loss": {"share": 0.2},
    "phone.sms_doubled": {"share": 0.2},
    "phone.sms_split": {"characters": 160},
    "phone.unreachable": {"share": 0.5},
    "provider.rest": {"share": 0.5, "status": 429},
    "provider.late": {"share": 0.5, "seconds": 2.0},
    "provider.silent": {"share": 0.5},
}


class FakeCarrier:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.on: dict[str, dict[str, Any]] = {}
        self.touched = 5  # by an earlier fault of the same name

    def fault(self, name: str, **settings: Any) -> None:
        self.told.append(f"fault {name}")
        self.on[name] = settings
        self.touched += 4

    def mend(self, name: str) -> int:
        self.told.append(f"mend {name}")
        self.on.pop(name, None)
        return self.touched


def scenario(*injects: dict[str, Any]) -> Scenario:
    """The packaged night with other injects."""
    data = yaml.safe_load(packaged()["iowa-caucus-night"].read_text())
    data["injects"] = list(injects)
    return parse_document(yaml.safe_dump(data), "night.yaml").validate(Scenario)


def inject(kind: str, name: str = "x", **changes: Any) -> dict[str, Any]:
    return {
        "name": name, "kind": kind, "begins": "19:00", "ends": "19:30", **KINDS[kind], **changes,
    }  # fmt: skip


def planned(night: Scenario, carrier: FakeCarrier | None) -> Planned:
    return plan_injects(
        night.injects, clock=night.clock, around=Around([], 1, 1.0, Path()), process=None,
        carrier=carrier,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_scenarios_words_are_the_carriers_words(kind: str) -> None:
    """The carrier knows each fault by its name and takes its settings as they are."""
    (model,) = scenario(inject(kind)).injects
    assert model.kind == kind
    (fault,) = planned(scenario(inject(kind)), FakeCarrier()).injects
    assert isinstance(fault, CarrierFault)
    Faults(Ids("AC" + "0" * 32, 1)).switch_on(fault.fault, fault.settings)  # or it raises


def test_every_fault_of_the_carrier_can_be_put_in_a_scenario() -> None:
    """But for wrong signatures, which every drill sends by itself."""
    models = [scenario(inject(kind)).injects[0] for kind in KINDS]
    faults = {model.fault for model in models if isinstance(model, PhoneInject)}
    assert faults == set(FAULTS) - {"unsigned"}


def test_without_a_phone_it_is_not_drilled() -> None:
    """A target that describes no phone cannot have its carrier fail."""
    found = planned(scenario(inject("phone.drop", name="dropped")), None)
    assert found.injects == ()
    assert found.not_drilled == ("dropped: the target's description has no phone",)


def test_two_of_one_kind_may_not_overlap() -> None:
    """Mending the first would mend the second."""
    first, second = inject("phone.drop"), inject("phone.drop", name="y", begins="19:29")
    with pytest.raises(DocumentError, match=r"x and y are both phone\.drop at the same time"):
        scenario(first, {**second, "ends": "20:00"})
    scenario(first, {**second, "begins": "19:30", "ends": "20:00"})
    scenario(first, inject("phone.late", name="y"))
    scenario(inject("phone.late"), inject("provider.late", name="y"))


def test_it_is_switched_on_and_mended_on_the_drill_clock(tmp_path: Path) -> None:
    """What faults of its name touched before is not counted as its own."""
    carrier = FakeCarrier()
    fault = CarrierFault("x", 0.0, 6.0, "phone.drop", "drop", {"share": 0.2}, carrier)
    schedule = Schedule([fault], speed=100.0, journal=tmp_path / "injects.jsonl")
    with schedule.undone():
        schedule.begin(time.time())
        while not fault.touched:
            time.sleep(0.005)
    (row,) = schedule.table().rows(named=True)
    assert carrier.told == ["mend drop", "fault drop", "mend drop"]
    assert (row["touched"], row["undone"], row["detail"]) == (4, True, "share 0.2; mended")
    assert row["ended_drill"] >= 6.0


def test_it_is_mended_when_the_drill_is_stopped_under_it(tmp_path: Path) -> None:
    """A fault that was begun never outlives the drill."""
    carrier = FakeCarrier()
    fault = CarrierFault("x", 0.0, 1e6, "phone.silence", "silence", {}, carrier)
    schedule = Schedule([fault], speed=100.0, journal=tmp_path / "injects.jsonl")
    with schedule.undone():
        schedule.begin(time.time())
        while "silence" not in carrier.on:
            time.sleep(0.005)
    assert carrier.on == {}
    assert schedule.table()["undone"].to_list() == [True]
