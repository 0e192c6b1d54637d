"""The doctor: what the machine has and lacks, told alike in a table, in JSON and by exit code."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from harness import doctor
from harness.cli import main
from harness.doctor import Part, as_info
from harness.injects.lease import Leases
from harness.injects.undo import Undo
from harness.target import TargetError
from harness.target.services import kept
from reports.doctor import show_doctor


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def named(parts: list[Part], name: str) -> Part:
    (found,) = [each for each in parts if each.name == name]
    return found


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def table(info: dict[str, object]) -> str:
    text = io.StringIO()
    show_doctor(Console(file=text, width=160), info)
    return text.getvalue()


def test_this_machine_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    """What runs these tests has all that is required, and the doctor says so."""
    assert code_of("doctor", "--json") == 0
    said = orjson.loads(capsys.readouterr().out)
    assert said["ready"]
    assert said["leases"] == []
    assert all(each["found"] for each in said["parts"] if each["required"])


def test_a_package_of_ours_that_is_shadowed_is_told(tmp_path: Path) -> None:
    """A vendor's own reports folder would be taken for ours without -P."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "__init__.py").touch()
    asking = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from harness.doctor import examine\n"
        "print([each.problem for each in examine() if each.name == 'package reports'])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", asking], capture_output=True, text=True, check=True
    )
    assert "not ours, which is" in done.stdout


def test_what_is_missing_comes_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pip can install says so; for what it cannot, the system's own command is named."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(doctor, "_version", lambda name: "" if name == "redis" else "1.0")
    parts = doctor.examine()
    assert named(parts, "SIPp").missing
    assert named(parts, "SIPp").get.endswith(("sip-tester", "sipp"))
    assert named(parts, "redis").pip.startswith("redis")
    assert "doctor --install" in named(parts, "redis").get
    info = as_info(parts, [])
    assert info["ready"]  # all of that is optional
    assert "not there" in table(info)


def test_what_is_required_and_missing_is_not_ready() -> None:
    """It is told in red words and by name, and the command fails."""
    lost = Part("polars", "", "everything", required=True, get="pip install polars", pip="polars")
    info = as_info([lost], [])
    assert not info["ready"]
    assert "Not ready: polars." in table(info)


def test_install_asks_pip_for_what_is_missing_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is there is touched, and a failure is told."""
    asked: list[list[str]] = []

    def run(words: list[str], **more: object) -> subprocess.CompletedProcess[str]:
        asked.append(words)
        return subprocess.CompletedProcess(words, 1)

    monkeypatch.setattr(doctor.subprocess, "run", run)
    there = Part("docker", "7.2", "containers", pip="docker>=7.1")
    lost = Part("redis", "", "a queue", pip="redis>=5")
    said: list[str] = []
    assert doctor.install([there], said.append)
    assert not doctor.install([there, lost], said.append)
    assert [each[-1] for each in asked] == ["redis>=5"]
    assert said == ["nothing that pip could install is missing", "pip install redis>=5"]


def test_what_a_killed_drill_left_is_shown_and_undone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table names it, the exit code tells, and --undo mends it."""
    leases = Leases("lost [run]")
    leases.begin()
    balloon = tmp_path / "balloon"
    balloon.touch()
    leases.take(Undo("file.remove", "free the disk of web", {"path": str(balloon)}))
    lines = leases.path.read_bytes().splitlines()
    whose = orjson.loads(lines[0]) | {"born": "another start of the machine"}
    leases.path.write_bytes(b"\n".join([orjson.dumps(whose), *lines[1:]]) + b"\n")
    assert code_of("doctor") == 2
    said = capsys.readouterr().out
    assert "drill lost [run]" in said
    assert "free the disk of web" in said
    assert code_of("doctor", "--undo") == 0
    assert "lost [run]: did free the disk of web" in capsys.readouterr().out
    assert not balloon.exists()


def test_a_drill_does_not_begin_where_leases_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing may be broken that nobody could mend."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with (
        pytest.raises(TargetError, match=r"cannot be written: .*set XDG_STATE_HOME"),
        kept(Leases("run")),
    ):
        pass
