"""Every look by the name that personas and reports call it."""

from __future__ import annotations

from harness.channels.web.looks import (
    axe,
    contrast,
    errors,
    focus,
    keyboard,
    labels,
    language,
    paste,
    reflow,
    soft_keyboard,
    targets,
)
from harness.channels.web.looks.barrier import Look

LOOKS: dict[str, Look] = {
    "axe": axe.look,
    "keyboard": keyboard.look,
    "focus": focus.look,
    "reflow": reflow.look,
    "targets": targets.look,
    "labels": labels.look,
    "errors": errors.look,
    "language": language.look,
    "soft_keyboard": soft_keyboard.look,
    "paste": paste.look,
    "contrast": contrast.look,
}
