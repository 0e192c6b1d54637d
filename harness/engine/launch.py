"""How our own processes are started, and what they are told about where our packages are."""

from __future__ import annotations

import sys


def launch_command(module: str) -> list[str]:
    """The command that runs one of our modules in this interpreter.

    ``-P`` keeps the working directory off the path: a vendor's own ``harness`` or ``reports``
    folder would shadow ours.
    """
    return [sys.executable, "-P", "-m", module]
