"""The command that plays a drill again, ready to be pasted into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from reports.live import is_live

_WHAT_IF = {"talk_minutes": "talk-minutes", "app_ready": "ready"}  # options of `drillhall simulate`


def again_command(info: Mapping[str, Any]) -> str:
    """The command that plays the same drill again: same scenario, cast, seed, speed and size."""
    verb = "simulate" if info.get("virtual") else "live" if is_live(info) else "run"
    parts = ["drillhall", verb, shlex.quote(str(info.get("scenario") or "SCENARIO"))]
    file = str((info.get("target") or {}).get("file") or "")
    its_own = file.startswith("practice/") and file == info.get("declared_target", file)
    if file and not its_own and not info.get("virtual"):
        # A report is passed on: where the file lay on one machine is nobody's business.
        parts += ["--target", shlex.quote(PurePath(file).name if file.startswith("/") else file)]
    if is_live(info):
        return " ".join(parts)
    for option in ("cast", "seed"):
        if info.get(option) is not None:
            parts += [f"--{option}", shlex.quote(str(info[option]))]
    if info.get("speed") != info.get("declared_speed") and not info.get("virtual"):
        parts += ["--speed", f"{float(info['speed']):g}"]
    if float(info.get("scale") or 1) != float(info.get("declared_scale") or 1):
        parts += ["--scale", f"{float(info['scale']):g}"]
    for name, value in (info.get("what_if") or {}).items():
        parts += [f"--{_WHAT_IF.get(name, name)}", shlex.quote(f"{value:g}")]
    for defect in info.get("defects") or ():
        parts += ["--defect", shlex.quote(str(defect))]
    return " ".join(parts)
