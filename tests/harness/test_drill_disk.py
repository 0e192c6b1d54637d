"""A disk without room: refused before the drill, and told of when it fills up on the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from harness.ledger import verify

pytestmark = [pytest.mark.live]


def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small tmpfs cannot be mounted here (it needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "tiny", 16)


@pytest.fixture
def modest(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "modest", 100)


def command(out: Path) -> list[str]:
    arguments = ["--scale", "0.05", "--speed", "1200", "--out", str(out)]
    return [sys.executable, "-P", "-m", "harness.cli", "run", "iowa-caucus-night", *arguments]


def test_too_little_room_is_refused_before_anything_is_sent(tiny: Path) -> None:
    """Exit 2, and the line says how much is there and how much is wanted."""
    done = subprocess.run(command(tiny / "run"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "no room to start" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_disk_is_named(tiny: Path) -> None:
    """Exit 2 and the folder's name; nothing is tried elsewhere."""
    subprocess.run(["mount", "-o", "remount,ro", str(tiny)], check=True)
    done = subprocess.run(command(tiny / "run"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert str(tiny / "run") in done.stderr
    assert "Read-only file system" in done.stderr


@pytest.mark.slow
def test_a_disk_that_fills_up_stops_the_drill_and_loses_nothing(modest: Path) -> None:
    """Exit 3; what was recorded can be read, and nothing was sent without an intent."""
    running = subprocess.Popen(
        command(modest / "run"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    ledger = modest / "run" / "ledger" / "engine-00.jsonl"
    until = time.monotonic() + 60
    while not ledger.exists() or ledger.stat().st_size < 50_000:
        assert time.monotonic() < until, "nothing was sent within a minute"
        time.sleep(0.05)
    filler = os.open(modest / "filler", os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 4096, 1):  # to the last byte
            while os.write(filler, b"x" * size) == size:
                pass
    except OSError:
        pass
    finally:
        os.close(filler)
    said, _ = running.communicate(timeout=120)
    assert running.returncode == 3, said
    assert "disk" in said
    assert "Traceback" not in said
    info = orjson.loads((modest / "run" / "run.json").read_bytes())
    assert info["state"] == "disk full"
    assert all("is not JSON" not in problem for problem in verify(ledger))
