"""What a drill notes of a container before it breaks it, on an engine that only pretends."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docker.errors
import pytest

from harness.injects import container_undo
from harness.injects.lease import Leases, read_leases
from harness.injects.service import ServiceFault
from harness.injects.undo import Undo
from harness.injects.ways import Kill, Rebuild
from harness.target.container import Container


class Pretended:
    """A container, and an engine that has no other."""

    id, name, labels = "0123456789abcdef", "database", dict[str, str]()
    image = SimpleNamespace(id="image")

    def __init__(self, leases: Leases) -> None:
        self.leases = leases
        self.running = True
        self.beside: list[tuple[dict[str, Any], list[Undo]]] = []
        self.containers = self

    @property
    def attrs(self) -> dict[str, Any]:
        mount = {"Destination": "/data", "Type": "tmpfs"}
        return {"State": {"Running": self.running, "Paused": False}, "Mounts": [mount]}

    @property
    def open(self) -> list[Undo]:
        """What the guardian would do if this process died now."""
        return list(read_leases(self.leases.path).open.values())

    def reload(self) -> None: ...

    def kill(self) -> None:
        self.running = False

    def wait(self, timeout: float) -> None: ...

    def start(self) -> None:
        self.running = True

    def get(self, name: str) -> Pretended:
        if name != self.id:
            raise docker.errors.NotFound("none of that name")
        return self

    def run(self, image: str, command: list[str], **settings: Any) -> bytes:
        """What is started beside it; the one that starts it may die before it ends."""
        self.beside.append((settings, self.open))
        return b""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretended:
    leases = Leases("run", folder=tmp_path)
    leases.begin()
    found = Pretended(leases)
    monkeypatch.setattr(container_undo, "engine", lambda: found)
    return found


def fault(found: Pretended, way: Kill) -> ServiceFault:
    service = Container("database", found, found.leases, volume="/data", ours=True)
    assert way.unable(service) == ""
    return ServiceFault("a loss", 10.0, 20.0, "service.kill", way, [service])


def test_nothing_is_left_to_undo_of_one_that_somebody_started_meanwhile(
    database: Pretended,
) -> None:
    """Whoever mends it by hand has done what the lease was for."""
    gone = fault(database, Kill())
    gone.begin()
    assert [each.do for each in database.open] == ["container.start"]
    database.start()
    gone.finish()
    assert database.open == []
    assert gone.detail == "database killed, database was running again already"


def test_what_is_started_beside_a_container_is_noted_first(database: Pretended) -> None:
    """A drill that is killed while data is thrown away leaves no container that nobody knows."""
    lost = fault(database, Rebuild())
    lost.begin()
    ((settings, noted),) = database.beside
    assert [each.do for each in noted] == ["container.start", "container.remove"]
    assert noted[1].needs == {"container": settings["name"]}
    assert settings["labels"] == {container_undo.BESIDE: "database"}
    assert [each.do for each in database.open] == ["container.start"]
    lost.finish()
    assert database.open == []
