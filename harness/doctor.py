"""What of Drillhall's helpers this machine has, what each is for, and how to get what is missing.

Only Python and the libraries of a plain installation are required. Everything else is optional:
without it a drill says *not drilled* where it would have been needed.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.browser import find_browser
from harness.doctor_programs import docker_engine, faketime, postgres, program_version
from harness.injects.lease import Left, left_behind, undo_all
from harness.target.compose import find_compose

DISTRIBUTION = "drillhall"
PACKAGES = ("simulators", "harness", "reports", "scenarios")
PYTHON = ((3, 11), (3, 14))  # from, and below
_INSTALL_WITHIN = 900.0  # seconds that pip may take
_START = "start it: systemctl start docker, or dockerd"
_BREW = {"chromium-headless-shell": "--cask chromium", "docker.io": "--cask docker",
         "sip-tester": "sipp", "redis-server": "redis"}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One thing that Drillhall uses.

    Attributes:
        found: Its version, or where it is; empty if it is missing.
        used_for: What cannot be done without it.
        required: Whether nothing can be done without it.
        problem: What is wrong with it, if anything.
        get: How it is had; empty if it is there.
        pip: The requirement that pip can install; empty if it is no Python package.
    """

    name: str
    found: str
    used_for: str
    required: bool = False
    problem: str = ""
    get: str = ""
    pip: str = ""

    @property
    def missing(self) -> bool:
        """Whether it must be had, or put right, before it can be used."""
        return not self.found or bool(self.problem)


def examine() -> list[Part]:
    """Look at everything."""
    return [
        _python(),
        *(_ours(name) for name in PACKAGES),
        *_libraries(),
        *_helpers(),
        *_programs(),
    ]


def _python() -> Part:
    low, high = PYTHON
    fits = low <= sys.version_info[:2] < high
    return Part(
        "Python",
        platform.python_version(),
        "everything",
        required=True,
        problem=""
        if fits
        else f"Drillhall is for Python {low[0]}.{low[1]} up to {high[0]}.{high[1] - 1}",
        get="" if fits else f"make a venv with Python {low[0]}.{low[1]}",
    )


def _ours(name: str) -> Part:
    """Whether a package of this name is ours, and not one that lies nearer on the path."""
    here = Path(__file__).resolve().parents[1]
    spec = find_spec(name)
    place = Path(spec.origin).resolve().parent if spec and spec.origin else None
    if place is None and spec and spec.submodule_search_locations:
        place = Path(next(iter(spec.submodule_search_locations))).resolve()
    part = Part(f"package {name}", "" if place is None else str(place), "everything", required=True)
    if place is None:
        return replace(part, get=f"reinstall {DISTRIBUTION}")
    if place != here / name:
        said = f"not ours, which is {here / name}"
        return replace(part, problem=said, get="start from another folder, or with python -P")
    return part


def _libraries() -> Iterator[Part]:
    """What a plain installation brings along: told apart only where something is missing."""
    wanted = [each for each in _requirements() if "extra ==" not in each]
    missing = [each for each in wanted if not _version(_name(each))]
    there = ", ".join(f"{each} {_version(each)}" for each in ("locust", "polars", "uvloop"))
    yield Part("libraries", f"{len(wanted)} of them: {there}", "everything", required=True)
    for each in missing:
        spec = each.partition(";")[0].strip()
        yield Part(_name(each), "", "everything", required=True, get=_by_pip(spec), pip=spec)


def _helpers() -> Iterator[Part]:
    """Python packages that are asked for by name of an extra."""
    for name, used_for in (
        ("playwright", "personas that walk an app's pages, and reading pages back"),
        ("axe-playwright-python", "looking at pages for barriers"),
        ("docker", "breaking containers"),
        ("psycopg", "practice apps and readers on PostgreSQL"),
        ("redis", "the practice hub's queue in Redis"),
    ):
        spec = next((each for each in _requirements() if _name(each) == name), name)
        spec = spec.partition(";")[0].strip()
        found = _version(name)
        yield Part(name, found, used_for, get="" if found else _by_pip(spec), pip=spec)


def _programs() -> Iterator[Part]:
    """Programs of the system."""
    compose = find_compose()
    engine, trouble = docker_engine()
    for name, found, used_for, packages, problem in (
        ("Chromium", find_browser() or "", "pages, PDF reports", "chromium-headless-shell", ""),
        ("Docker engine", engine, "targets in containers", "docker.io", trouble),
        ("Compose", " ".join(compose or ()), "targets in containers", "docker-compose", ""),
        ("PostgreSQL", postgres(), "stacks of processes", "postgresql", ""),
        ("Redis", program_version("redis-server"), "stacks of processes", "redis-server", ""),
        ("SIPp", program_version("sipp", "-v"), "calls over SIP", "sip-tester", ""),
        ("libfaketime", faketime(), "clocks that go wrong", "libfaketime", ""),
        ("debootstrap", program_version("debootstrap"), "a base image", "debootstrap", ""),
    ):
        get = "" if found else f"apt-get install {packages}"
        if platform.system() == "Darwin" and get:
            get = f"brew install {_BREW.get(packages, packages)}"
        yield Part(name, found, used_for, problem=problem, get=(problem and _START) or get)


def _requirements() -> list[str]:
    try:
        return metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []


def _name(requirement: str) -> str:
    """The name alone.

    Example:
        >>> _name("psycopg[binary]>=3.2; extra == 'postgresql'")
        'psycopg'
    """
    return re.split(r"[\s\[<>=!~;(]", requirement.strip(), maxsplit=1)[0].lower()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _by_pip(spec: str) -> str:
    return f"drillhall doctor --install, or: pip install '{spec}'"


def install(parts: list[Part], tell: Callable[[str], None]) -> bool:
    """Install with pip what is missing and pip can; whether all of it came."""
    wanted = [each.pip for each in parts if each.missing and each.pip]
    if not wanted:
        tell("nothing that pip could install is missing")
        return True
    tell(f"pip install {' '.join(wanted)}")
    words = [sys.executable, "-m", "pip", "install", "-q", *wanted]
    done = subprocess.run(words, check=False, timeout=_INSTALL_WITHIN, stdin=subprocess.DEVNULL)
    return done.returncode == 0


def mend(tell: Callable[[str], None]) -> bool:
    """Undo what killed drills left; whether nothing is left."""
    whole = True
    for left in left_behind():
        if left.alive:
            tell(f"{left.run}: goes on (process {left.pid}), and undoes its own in the end")
            continue
        done, failed = undo_all(left.path)
        for each in done:
            tell(f"{left.run}: did {each}")
        for each in failed:
            tell(f"{left.run}: could not {each}")
        if not done and not failed:
            tell(f"{left.run}: nothing was left to undo")
        whole = whole and not failed
    return whole


def as_info(parts: list[Part], leases: list[Left]) -> dict[str, Any]:
    """What was found, as plain data for a table or JSON."""
    return {
        "ready": not any(each.required and each.missing for each in parts),
        "parts": [
            {
                "name": each.name,
                "found": each.found,
                "used_for": each.used_for,
                "required": each.required,
                "problem": each.problem,
                "get": each.get,
            }
            for each in parts
        ],
        "leases": [
            {
                "run": each.run,
                "process": each.pid,
                "goes_on": each.alive,
                "open": [undo.says for undo in each.open.values()],
                "file": str(each.path),
            }
            for each in leases
        ],
    }
