"""Where commands write: tables and words to one side, progress and mistakes to the other."""

from __future__ import annotations

import sys
from typing import Any

import orjson
import typer
from rich.console import Console

from harness.record import RunFolder
from harness.verdict import Verdict, exit_code
from reports import write_reports
from reports.terminal import show_verdict

out = Console()
err = Console(stderr=True)


def conclude(folder: RunFolder, verdict: Verdict, *, strict: bool, as_json: bool) -> None:
    """Write the reports, show the verdict, and exit with its code."""
    paths = write_reports(folder)
    if as_json:
        print_json(orjson.loads((folder.path / "verdict.json").read_bytes()))
    else:
        show_verdict(out, folder, verdict, paths)
    raise typer.Exit(exit_code(verdict, strict=strict))


def print_json(data: Any) -> None:
    sys.stdout.write(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() + "\n")
