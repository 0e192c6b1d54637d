"""The wheels that practice apps need, fetched by this machine's pip for the image's Python."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# What the apps and their server import; the practice image runs the versions that are here.
NEEDED = (
    "jinja2", "httptools", "markupsafe", "orjson", "psycopg", "psycopg-binary", "python-multipart",
    "pyyaml", "redis", "sqlalchemy", "starlette", "uvicorn", "uvloop",
)  # fmt: skip
# What these need under some Pythons alone: pip asks the Python that runs it, not the image's.
NEEDED_BY_SOME = "async-timeout", "greenlet", "typing-extensions"


class ImageError(Exception):
    """An image that cannot be made; the message says what is missing."""


def requirements() -> tuple[str, ...]:
    """The packages, each in the version that is installed here, if one is."""
    return tuple(_pinned(name) for name in (*NEEDED, *NEEDED_BY_SOME))


def _pinned(name: str) -> str:
    try:
        return f"{name}=={version(name)}"
    except PackageNotFoundError:
        return name


def wheels_for(python: str, wanted: Sequence[str]) -> Path:
    """A folder with the wheels of these packages, and of what they need.

    It is kept in the user's cache, so that a second image fetches nothing.

    Args:
        python: Version of the Python that they are for, as ``3.11``.
        wanted: Requirements as pip takes them.

    Raises:
        ImageError: If they cannot be had.
    """
    machine = platform.machine()
    key = hashlib.sha256("\n".join([python, machine, *wanted]).encode()).hexdigest()[:16]
    kept = _cache() / "drillhall" / "wheels" / key
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        part = Path(folder) / "wheels"
        _fetch(part, python, machine, wanted)
        try:
            part.rename(kept)
        except OSError:  # somebody else was quicker
            if not kept.is_dir():
                raise
    return kept


def _fetch(folder: Path, python: str, machine: str, wanted: Sequence[str]) -> None:
    arch = {"arm64": "aarch64", "AMD64": "x86_64"}.get(machine, machine)
    platforms = [f"manylinux{kind}_{arch}" for kind in ("2014", "_2_17", "_2_28", "_2_34")]
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
    command += ["--only-binary=:all:", "--python-version", python, "--dest", str(folder)]
    command += [word for each in platforms for word in ("--platform", each)]
    done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ImageError(f"pip cannot fetch wheels for Python {python} on {arch}: {last}")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
