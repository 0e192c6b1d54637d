"""Which build of a practice app runs: any change of its source is another."""

from __future__ import annotations

import hashlib
from pathlib import Path


def build_of(version: str, app: Path) -> str:
    """Version and a hash of an app's own source, and of what it is served with.

    Args:
        app: The app's folder.
    """
    found = hashlib.sha256()
    for here in (app, Path(__file__).parent):
        for path in sorted([*here.glob("*.py"), *here.glob("templates/*"), *here.glob("words/*")]):
            found.update(path.name.encode() + path.read_bytes())
    return f"{version}+{found.hexdigest()[:12]}"
