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
    """Names of the practice apps that come with Drillhall, each as it may be set up.

    The app itself is ``hub``; a folder in it with a description of its own is another way to set
    it up, as ``hub-docker``.
    """
    folder = Path(str(files("simulators.apps")))
    found = [*folder.glob("*/target.yaml"), *folder.glob("*/*/target.yaml")]
    return sorted("-".join(path.parent.relative_to(folder).parts) for path in found)


def app_of(name: str) -> str:
    """The app that is set up so: its folder, whose defects it has.

    Example:
        >>> app_of("hub-docker")
        'hub'
    """
    return name.partition("-")[0]


def same_app(target: str, other: str) -> bool:
    """Whether two targets are one app, or one practice app set up in two ways."""
    if not (target.startswith(PREFIX) and other.startswith(PREFIX)):
        return target == other
    return app_of(target.removeprefix(PREFIX)) == app_of(other.removeprefix(PREFIX))


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
    app, _, setting = name.partition("-")
    return Path(str(files("simulators.apps") / app)) / setting / "target.yaml"


def refuse_set_up(name: str) -> None:
    """Refuse to serve alone what is an app set up with databases and caches beside it.

    Raises:
        TargetError: Says how it is drilled, and which app can be served.
    """
    if app_of(name) != name:
        raise TargetError(
            f"{name} is a way to set up {app_of(name)} with services of its own, which a drill "
            f"starts: drillhall run SCENARIO --target {PREFIX}{name}. For a look at the app: "
            f"drillhall practice {app_of(name)}."
        )


def check_defects(name: str, defects: Sequence[str]) -> None:
    """Refuse a defect that a practice app does not have.

    Raises:
        TargetError: If there is no such app, or no such defect; names the nearest right one and
            all there are.
    """
    practice_file(name)
    known = _defects(app_of(name))
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


def tell_parts(name: str, *, speed: float, defects: Sequence[str]) -> None:
    """Tell parts of a practice app that its command does not start what this drill is like.

    Its workers, and whatever Compose starts, read it from the environment.
    """
    app = app_of(name).upper()
    os.environ[f"{app}_SPEED"] = f"{speed:g}"
    os.environ[f"{app}_DEFECTS"] = ",".join(defects)
    os.environ[f"{app}_ARGUMENTS"] = " ".join(extra_arguments(speed=speed, defects=defects))


def secret_for(name: str) -> None:
    """Give a practice app and those who drive it a secret of this run, in the environment."""
    os.environ.setdefault(f"{app_of(name).upper()}_SECRET", secrets.token_urlsafe(24))
