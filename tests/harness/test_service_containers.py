"""Services in containers: each way of going wrong happens, is noted, and is undone."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker_stand import base_image, container, small_target
from pydantic import TypeAdapter

from harness.injects import container_undo
from harness.injects.docker_host import engine
from harness.injects.lease import Leases, read_leases
from harness.injects.model import InjectModel
from harness.injects.service import ServiceFault
from harness.injects.service_plan import fault_of
from harness.target import SafetyError, TargetError, load_target
from harness.target.container import Container
from harness.target.services import Services, kept

pytestmark = [pytest.mark.live, pytest.mark.slow]
NAMED = f"drillhall-test-named-{os.getpid()}"


class Stand:
    """A small target in a container, standing."""

    def __init__(self, services: Services, leases: Leases) -> None:
        self.services, self.leases = services, leases
        self.url = services.target.base_url

    def ask(self, timeout: float = 2.0) -> dict[str, Any] | None:
        """What it answers; None if nothing came."""
        try:
            with urllib.request.urlopen(self.url, timeout=timeout) as answer:
                said: dict[str, Any] = json.load(answer)
                return said
        except (OSError, urllib.error.URLError):
            return None

    def back(self) -> dict[str, Any]:
        """What it answers once it is back."""
        for _ in range(200):
            if (said := self.ask()) is not None:
                return said
            time.sleep(0.02)
        raise AssertionError("it never came back")

    def fault(self, kind: str, role: str = "web", **settings: Any) -> ServiceFault:
        """A fault of one of its services."""
        found = planned(self.services, kind, role, **settings)
        assert isinstance(found, ServiceFault), found
        return found

    @property
    def open(self) -> list[str]:
        """What would have to be undone if this process died now, but the project itself."""
        left = read_leases(self.leases.path).open.values()
        return [each.do for each in left if each.do != "compose.down"]


def planned(services: Services, kind: str, role: str, **settings: Any) -> ServiceFault | str:
    """What a scenario's inject comes to."""
    model: Any = TypeAdapter(InjectModel).validate_python(
        {"kind": kind, "name": "x", "begins": "19:00", "ends": "19:10", "service": role, **settings}
    )
    return fault_of(model, 0.0, 10.0, services.by_role)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("stand")
    path, environment = small_target(folder / "target")
    target = load_target(path, environment=environment)
    leases = Leases("stand", folder=folder / "leases")
    with kept(leases), Services(target, folder, leases).standing() as services:
        yield Stand(services, leases)
        name = services.project.name if services.project is not None else ""
    mine = {"label": f"{container_undo.PROJECT}={name}"}
    assert not engine().containers.list(all=True, filters=mine)
    assert not engine().networks.list(filters=mine)
    assert not engine().volumes.list(filters=mine)
    assert not leases.path.exists()


@pytest.mark.parametrize("kind", ["service.kill", "service.stop", "service.rebuild"])
def test_a_container_goes_away_and_comes_back(stand: Stand, kind: str) -> None:
    """Killed and stopped it keeps its data; rebuilt it begins with none."""
    before = stand.back()["starts"]
    fault = stand.fault(kind, "store")
    fault.begin()
    assert stand.ask() is None
    assert stand.open == ["container.start"]
    fault.finish()
    assert stand.back()["starts"] == (1 if kind == "service.rebuild" else before + 1)
    assert stand.open == []
    assert fault.touched == 1
    assert re.fullmatch(
        r"store (killed|stopped|killed and wiped), store started again", fault.detail
    )


def test_a_frozen_container_answers_nothing_and_goes_on(stand: Stand) -> None:
    """The connection is taken and nothing comes; thawed, it is the same process."""
    before = stand.back()["starts"]
    fault = stand.fault("service.pause")
    fault.begin()
    assert stand.ask(0.3) is None
    assert stand.open == ["container.unpause"]
    fault.finish()
    assert stand.back()["starts"] == before
    assert fault.detail == "web frozen, web thawed"


def test_a_container_off_its_network_comes_back_under_its_names(stand: Stand) -> None:
    """Its names there are as they were, so that others find it again."""
    assert stand.services.project is not None
    found = stand.services.project.container("web")
    assert found is not None

    def names() -> set[str]:
        found.reload()
        (network,) = found.attrs["NetworkSettings"]["Networks"].values()
        return set(network["Aliases"])

    before = names()
    fault = stand.fault("service.disconnect")
    fault.begin()
    found.reload()
    assert found.attrs["NetworkSettings"]["Networks"] == {}
    assert stand.ask(0.3) is None
    assert stand.open == ["container.connect"]
    fault.finish()
    stand.back()
    assert names() == before >= {"www", "web"}
    assert "connected again" in fault.detail


def test_a_squeezed_container_gets_its_share_back(stand: Stand) -> None:
    """The engine's own figures are changed, and then there is no limit below the machine's."""
    fault = stand.fault("service.squeeze", cpu=0.1, memory_mb=64)
    fault.begin()
    limits = host_config(stand)
    assert limits["CpuQuota"] / limits["CpuPeriod"] == pytest.approx(0.1)
    assert limits["Memory"] == 64 << 20
    fault.finish()
    limits = host_config(stand)
    assert limits["CpuQuota"] <= 0
    assert limits["Memory"] == engine().info()["MemTotal"]
    assert stand.open == []
    assert fault.detail == "web left with 0.1 cores and 64 MiB, web given it back"


def host_config(stand: Stand) -> dict[str, Any]:
    assert stand.services.project is not None
    found = stand.services.project.container("web")
    assert found is not None
    config: dict[str, Any] = found.attrs["HostConfig"]
    return config


def test_a_full_disk_has_room_again(stand: Stand) -> None:
    """Writes fail while the balloon is there, and succeed when it is gone."""
    assert stand.back()["room"]
    fault = stand.fault("service.disk_full")
    fault.begin()
    assert not stand.back()["room"]
    assert stand.open == ["container.remove_file"]
    fault.finish()
    assert stand.back()["room"]
    assert "web has a full disk" in fault.detail


def test_a_large_disk_is_not_filled(stand: Stand) -> None:
    """A volume on the machine's own disk is left alone, and the drill says why."""
    said = planned(stand.services, "service.disk_full", "store")
    assert said == "/kept of store is on the machine's own disk, which is not filled"


def test_a_clock_goes_wrong_and_right_again(stand: Stand) -> None:
    """The service itself sees another time, while it runs."""
    if abs(stand.back()["time"] - time.time()) > 60 or not has_faketime(stand):
        pytest.skip("the base image has no libfaketime")
    fault = stand.fault("service.clock", by_seconds=3600)
    fault.begin()
    assert stand.back()["time"] - time.time() == pytest.approx(3600, abs=30)
    fault.finish()
    assert stand.back()["time"] == pytest.approx(time.time(), abs=30)
    assert fault.detail == "web has a clock that is 3600 s fast, web has the right time again"


def has_faketime(stand: Stand) -> bool:
    assert stand.services.project is not None
    found = stand.services.project.container("web")
    try:
        container_undo.inside(found, ["sh", "-c", 'test -e "$LD_PRELOAD"'])
    except RuntimeError:
        return False
    return True


def test_one_that_is_down_already_is_not_broken(stand: Stand) -> None:
    """The inject has touched nothing, which its check then says."""
    first, second = stand.fault("service.stop"), stand.fault("service.pause")
    first.begin()
    second.begin()
    assert second.touched == 0
    assert second.detail == "web was down"
    second.finish()
    first.finish()
    assert stand.back()


def test_what_a_container_cannot_do_is_said_by_name(stand: Stand) -> None:
    """A role that is not described is not drilled, and neither is what could not be undone."""
    said = planned(stand.services, "service.kill", "cache")
    assert said == "the target's description has no service cache (it has: web, store)"


def test_a_container_that_others_keep_loses_no_data(tmp_path: Path) -> None:
    """One that the drill did not bring up is killed and started, but never wiped."""
    with container(NAMED, "sleep", "600"):
        target = load_target(named_target(NAMED), environment={})
        leases = Leases("named", folder=tmp_path)
        with kept(leases), Services(target, tmp_path, leases).standing() as services:
            said = planned(services, "service.rebuild", "database")
            assert "could not be brought back" in str(said)
            fault = planned(services, "service.kill", "database")
            assert isinstance(fault, ServiceFault)
            fault.begin()
            assert not services.by_role["database"].alive
            fault.finish()
        assert services.by_role["database"].alive  # it was there before, and stays


def test_a_container_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The drill does not begin."""
    small_target(tmp_path / "target")
    target = load_target(named_target("drillhall-no-such"), environment={})
    services = Services(target, tmp_path, Leases("named", folder=tmp_path))
    with (
        pytest.raises(TargetError, match=r"services.database.container: there is no container"),
        services.standing(),
    ):
        pass


def named_target(name: str) -> dict[str, Any]:
    return {
        "name": "small",
        "base_url": "http://127.0.0.1:9",
        "services": {"database": {"container": name, "volume": "/data"}},
        "classes": [{"class": "accepted", "status": 200}],
        "operations": {"read_results": {"request": {"path": "/"}}},
    }


def test_a_project_that_opens_a_port_to_others_is_refused(tmp_path: Path) -> None:
    """Nothing of it is started, and nothing of it is left."""
    path, environment = small_target(tmp_path / "target", place="")
    target = load_target(path, environment=environment)
    services = Services(target, tmp_path, Leases("open", folder=tmp_path))
    said = "web publishes its port 80/tcp to other"
    with (
        pytest.raises(SafetyError, match=said),
        services.standing(),
    ):
        pass
    assert services.project is not None
    assert services.project.containers() == []


def test_a_folder_of_this_machine_is_never_wiped(stand: Stand, tmp_path: Path) -> None:
    """Not even in a container that the drill made: what is bound into it is somebody's own."""
    binds = {str(tmp_path): {"bind": "/bound", "mode": "rw"}}
    found = engine().containers.create(base_image(), ["true"], volumes=binds)
    try:
        for volume, wiped in (("/bound", False), ("/", False), ("/bound/x", False), ("/tmp", True)):
            service = Container("x", found, stand.leases, volume=volume, ours=True)
            assert (service.why_not_wiped() == "") is wiped, volume
    finally:
        found.remove(force=True, v=True)
