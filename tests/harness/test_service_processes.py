"""Services that are processes: each way of going wrong that they can bear, and what they cannot."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from pydantic import TypeAdapter

from harness.injects.identity import tree
from harness.injects.lease import Leases, read_leases
from harness.injects.model import InjectModel
from harness.injects.service import ServiceFault
from harness.injects.service_plan import fault_of
from harness.injects.ways.disk_full import why_too_large
from harness.target import TargetError, load_target
from harness.target.local_service import LocalService
from harness.target.services import Services, kept

# A service with a child of its own that leaves its process group, as PostgreSQL's do.
SERVER = """
import http.server, os, pathlib, subprocess, sys, time
data = pathlib.Path(sys.argv[2])
starts = data / "starts"
starts.write_text((starts.read_text() if starts.exists() else "") + "x")
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{len(starts.read_text())} {time.time()} {os.environ.get('UPSTREAM')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def described(tmp_path: Path, **process: Any) -> Any:
    """A target with a database beside it; the app asks it for nothing, but knows its port."""
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, str(tmp_path / "server.py"), "{{ port }}", "{{ data }}"]
    return load_target(
        {
            "name": "small",
            "base_url": "http://127.0.0.1:{{ services.web.port }}",
            "services": {
                "database": {"process": {"command": command, **process}},
                "web": {
                    "process": {
                        "command": command,
                        "env": {"UPSTREAM": "{{ services.database.port }}"},
                    }
                },
            },
            "classes": [{"class": "accepted", "status": 200}],
            "operations": {"read_results": {"request": {"path": "/"}}},
        },
        environment={"PATH": "/usr/bin:/bin"},
    )


@contextmanager
def standing(tmp_path: Path, **process: Any) -> Iterator[Services]:
    target, leases = described(tmp_path, **process), Leases("x", folder=tmp_path / "leases")
    with kept(leases), Services(target, tmp_path, leases).standing() as services:
        yield services
    assert not leases.path.exists()


def ask(services: Services, role: str, timeout: float = 2.0) -> list[str] | None:
    url = f"http://127.0.0.1:{services.target.ports[role]}/"
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return str(answer.read().decode()).split()
    except OSError:
        return None


def fault(services: Services, kind: str, role: Any, **settings: Any) -> ServiceFault | str:
    model: Any = TypeAdapter(InjectModel).validate_python(
        {"kind": kind, "name": "x", "begins": "19:00", "ends": "19:10", "service": role, **settings}
    )
    return fault_of(model, 0.0, 10.0, services.by_role)


def played(services: Services, kind: str, role: Any, **settings: Any) -> ServiceFault:
    found = fault(services, kind, role, **settings)
    assert isinstance(found, ServiceFault), found
    found.begin()
    return found


def test_services_know_each_other_and_end_with_the_drill(tmp_path: Path) -> None:
    """Ports are chosen before anything starts; what leaves its process group ends all the same."""
    with standing(tmp_path) as services:
        said = ask(services, "web")
        assert said is not None
        assert said[2] == str(services.target.ports["database"])
        web = services.by_role["web"]
        assert isinstance(web, LocalService)
        assert web.running.group.pid is not None
        family = tree(web.running.group.pid)
        assert len(family) == 2
        web.kill()
        gone, alive = psutil.wait_procs(family, timeout=5)
        assert (len(gone), len(alive)) == (2, 0)
        assert (tmp_path / "service-web.log").exists()


@pytest.mark.parametrize(
    ("kind", "starts"), [("service.kill", 2), ("service.stop", 2), ("service.rebuild", 1)]
)
def test_a_process_goes_away_and_comes_back(tmp_path: Path, kind: str, starts: int) -> None:
    """Killed and stopped it keeps its data and its port; rebuilt it begins with none."""
    prepared = [sys.executable, "-c", "print('made ready')"]
    with standing(tmp_path, before=[prepared]) as services:
        broken = played(services, kind, "database")
        assert ask(services, "database") is None
        assert ask(services, "web") is not None
        broken.finish()
        said = ask(services, "database")
        assert said is not None
        assert int(said[0]) == starts
        assert broken.touched == 1
    made_ready = (tmp_path / "service-database.log").read_text().count("made ready")
    assert made_ready == (2 if kind == "service.rebuild" else 1)


def test_several_go_at_once(tmp_path: Path) -> None:
    """A region is all its services, and each is told of."""
    with standing(tmp_path) as services:
        region = played(services, "service.kill", ["web", "database"])
        assert ask(services, "web") is ask(services, "database") is None
        region.finish()
        assert ask(services, "web") is not None
        assert ask(services, "database") is not None
        assert region.touched == 2
        assert region.detail == (
            "web killed, database killed, web started again, database started again"
        )


def test_a_frozen_process_freezes_with_all_it_started(tmp_path: Path) -> None:
    """Its connections stay open and nothing answers; its children stand still too."""
    with standing(tmp_path) as services:
        web = services.by_role["web"]
        assert isinstance(web, LocalService)
        assert web.running.group.pid is not None
        family = tree(web.running.group.pid)
        frozen = played(services, "service.pause", "web")
        assert ask(services, "web", timeout=0.3) is None
        assert {each.status() for each in family} == {psutil.STATUS_STOPPED}
        frozen.finish()
        assert ask(services, "web") is not None
        assert psutil.STATUS_STOPPED not in {each.status() for each in family}


def test_one_that_is_frozen_when_the_drill_ends_is_ended(tmp_path: Path) -> None:
    """A signal that nobody hears would leave it there for good."""
    with standing(tmp_path) as services:
        played(services, "service.pause", "web")
        web = services.by_role["web"]
        assert isinstance(web, LocalService)
        assert web.running.group.pid is not None
        family = tree(web.running.group.pid)
    assert psutil.wait_procs(family, timeout=5)[1] == []


@pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime is not installed")
def test_the_clock_of_a_process_goes_wrong_and_right_again(tmp_path: Path) -> None:
    """libfaketime reads the file that its environment names; the lease says how it is mended."""
    clock = tmp_path / "clock"
    environment = {
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "LD_PRELOAD": str(FAKETIME),
    }
    clock.write_text("+0\n")
    with standing(tmp_path, env=environment) as services:
        wrong = played(services, "service.clock", "database", by_seconds=-7200)
        said = ask(services, "database")
        assert said is not None
        assert float(said[1]) - time.time() == pytest.approx(-7200, abs=30)
        left = read_leases(services.leases.path).open.values()
        assert "file.write" in [each.do for each in left]
        wrong.finish()
        said = ask(services, "database")
        assert said is not None
        assert float(said[1]) == pytest.approx(time.time(), abs=30)


def test_what_a_process_cannot_do_is_not_drilled(tmp_path: Path) -> None:
    """Each reason names the service and what would help."""
    with standing(tmp_path) as services:
        for kind, settings, reason in (
            ("service.disconnect", {}, "web is a process, and only containers can be taken off"),
            ("service.squeeze", {"cpu": 0.1}, "web is a process, and only containers can be"),
            ("service.disk_full", {}, "the data of web is on the disk that this run is recorded"),
            ("service.clock", {"by_seconds": 60}, "web has no FAKETIME_TIMESTAMP_FILE"),
        ):
            said = fault(services, kind, "web", **settings)
            assert isinstance(said, str)
            assert reason in said


def test_a_small_disk_of_its_own_is_filled_and_freed(tmp_path: Path) -> None:
    """The balloon takes what there is to the last block, and gives it back."""
    with standing(tmp_path) as services, small_disk(tmp_path / "small") as disk:
        web = services.by_role["web"]
        assert isinstance(web, LocalService)
        web.data = disk
        full = played(services, "service.disk_full", "web")
        with pytest.raises(OSError, match="No space left"):
            (disk / "one more").write_bytes(b"x" * 4096)
        left = read_leases(services.leases.path).open.values()
        assert "file.remove" in [each.do for each in left]
        full.finish()
        (disk / "one more").write_bytes(b"x" * 4096)
        assert full.detail == "web has a full disk, 2.1 MB less, web has room again"


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A disk of 2 MiB; the test is skipped for whoever may mount none."""
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root alone")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_large_disk_is_not_filled() -> None:
    """Filling it would take long and hurt others; what would help is named."""
    assert why_too_large("web", 1 << 30) == ""
    assert "has 80 GiB free" in why_too_large("web", 80 << 30)
    assert "a small volume of its own" in why_too_large("web", 80 << 30)


def test_a_service_that_does_not_start_says_its_last_words(tmp_path: Path) -> None:
    """The drill does not begin, and the field is named."""
    failing = [sys.executable, "-c", "raise SystemExit('no such cluster')"]
    with (
        pytest.raises(TargetError, match=r"services.database.process.*ended with 1.*no such clus"),
        standing(tmp_path, command=failing, port=1),
    ):
        pass
    with (
        pytest.raises(TargetError, match="no-such-program cannot be started: No such file"),
        standing(tmp_path, command=["no-such-program"]),
    ):
        pass


def test_a_service_that_is_misspelt_is_an_error_of_the_file(tmp_path: Path) -> None:
    """The nearest right name is given while the description is read."""
    with pytest.raises(TargetError, match=r"services.databse, which does not exist; did you mean"):
        load_target(
            {
                "name": "small",
                "base_url": "http://127.0.0.1:{{ services.databse.port }}",
                "services": {"database": {"process": {"command": ["x"]}}},
                "operations": {"read_results": {"request": {"path": "/"}}},
                "classes": [{"class": "accepted", "status": 200}],
            }
        )


def test_data_outside_the_run_folder_is_never_wiped(tmp_path: Path) -> None:
    """It is somebody's own: a rebuild of that service is not drilled."""
    others = tmp_path / "others"
    others.mkdir()
    (others / "kept").touch()
    run = tmp_path / "run"
    run.mkdir()
    services = Services(described(tmp_path), run, Leases("x", folder=tmp_path / "leases"))
    running = services.processes["database"]
    for volume in (str(others), "../../../others"):
        service = LocalService("database", running, services.leases, volume=volume)
        services.by_role["database"] = service
        said = fault(services, "service.rebuild", "database")
        assert isinstance(said, str)
        assert "outside the run folder" in said
    assert isinstance(fault(services, "service.rebuild", "web"), ServiceFault)
