"""The command line.

Exit codes: 0 GO (and GO WITH CONDITIONS unless --strict), 1 NO-GO, 2 wrong usage, scenario or
target, 3 NOT ENOUGH EVIDENCE (also a disk full on the way), 4 refused for safety, 5 Drillhall
itself failed.
"""

from harness.cli.commands import app, main

__all__ = ["app", "main"]
