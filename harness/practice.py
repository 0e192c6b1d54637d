"""Practice apps as targets: found by name, started with the drill's speed and defects."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from harness.document import nearest
from harness.target import TargetError

PREFIX = "practice/"


def practice_apps() -> list[str]:
    """Names of the practice apps that come with Drillhall."""
    folder = Path(str(files("simulators.apps")))
    return sorted(path.parent.name for path in folder.glob("*/target.yaml"))


def practice_file(name: str) -> Path:
    """The description of a practice app.

    Raises:
        TargetError: If there is no such app; the nearest right name is given.
    """
    if name not in practice_apps():
        raise TargetError(
            f"no practice app {name!r}{nearest(name, practice_apps()) or '.'} "
            f"There is: {', '.join(practice_apps())}."
        )
    return Path(str(files("simulators.apps") / name / "target.yaml"))


def check_defects(name: str, defects: Sequence[str]) -> None:
    """Refuse a defect that a practice app does not have.

    Raises:
        TargetError: Names the nearest right one and all there are.
    """
    known = _defects(name)
    for defect in defects:
        if defect not in known:
            raise TargetError(
                f"the practice app {name} has no defect {defect!r}{nearest(defect, known) or '.'} "
                f"It has: {', '.join(known)}."
            )


def _defects(name: str) -> list[str]:
    """Names of an app's defects: of its data, and of its pages where it has such."""
    known = [each.name for each in import_module(f"simulators.apps.{name}.defects").DEFECTS]
    if find_spec(f"simulators.apps.{name}.barriers"):
        pages = import_module(f"simulators.apps.{name}.barriers")
        known += [each.name for each in pages.BARRIERS]
    return known


def extra_arguments(*, speed: float, defects: Sequence[str]) -> tuple[str, ...]:
    """What a drill adds to the command that starts a practice app."""
    switched = [word for defect in defects for word in ("--defect", defect)]
    return ("--speed", f"{speed:g}", *switched)


def secret_for(name: str) -> None:
    """Give a practice app and those who drive it a secret of this run, in the environment."""
    os.environ.setdefault(f"{name.upper()}_SECRET", secrets.token_urlsafe(24))
