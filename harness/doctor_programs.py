"""Which programs of the system are there, and in which version."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from pathlib import Path

from harness.injects.docker_host import DockerError, engine, told

_ASK_WITHIN = 10.0  # seconds that a program may take to say its version
_POSTGRES = ("/usr/lib/postgresql/*/bin/postgres", "/opt/homebrew/opt/postgresql*/bin/postgres")
_FAKETIME = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1",
    "/opt/homebrew/lib/faketime/libfaketimeMT.1.dylib",
)


def program_version(name: str, ask: str = "--version") -> str:
    """The version of a program on the path, or where it is; empty if there is none."""
    place = shutil.which(name)
    if place is None:
        return ""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run(
            [place, ask], stdin=subprocess.DEVNULL, capture_output=True, check=False,
            timeout=_ASK_WITHIN,
        )  # fmt: skip
        text = (said.stdout + said.stderr).decode("utf-8", "replace")
        if found := re.search(r"\d+(\.\d+)+", text):
            return found.group()
    return place


def docker_engine() -> tuple[str, str]:
    """The engine's version; and why it cannot be used, though Docker is installed."""
    try:
        with told():
            return str(engine().version()["Version"]), ""
    except ImportError:
        return "", ""
    except DockerError as error:
        there = shutil.which("dockerd") or shutil.which("docker") or ""
        return there, str(error) if there else ""


def postgres() -> str:
    """The newest PostgreSQL server: where it is."""
    return shutil.which("postgres") or _newest(_POSTGRES)


def faketime() -> str:
    """Where libfaketime is."""
    return _newest(_FAKETIME)


def _newest(patterns: tuple[str, ...]) -> str:
    found = [each for pattern in patterns for each in Path("/").glob(pattern.lstrip("/"))]
    return str(max(found, key=_numbers)) if found else ""


def _numbers(path: Path) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", str(path))]
