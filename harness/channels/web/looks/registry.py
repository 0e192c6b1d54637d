"""Every look by the name that personas and reports call it."""

from __future__ import annotations

from harness.channels.web.looks import axe, reflow, targets
from harness.channels.web.looks.barrier import Look

LOOKS: dict[str, Look] = {
    "axe": axe.look,
    "reflow": reflow.look,
    "targets": targets.look,
}
