"""Commands about runs that are over."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from harness.cli.console import conclude, out, print_json
from harness.cli.options import AsJson, RunPath, Strict
from harness.recheck import recheck as judge_again
from harness.record import RunFolder
from harness.replay import replay_record
from reports import write_reports


def replay(
    run_path: RunPath,
    record: Annotated[str, typer.Option(help="Key of the record, as the finding prints it.")],
    target: Annotated[str | None, typer.Option(help="Another target.yaml than the run's.")] = None,
    as_json: AsJson = False,
) -> None:
    """One record's operations again: what was sent, what the app then holds."""
    result = replay_record(RunFolder.open(run_path), record, target=target)
    if as_json:
        print_json(result.as_json())
    else:
        out.print(result.table())
    raise typer.Exit(0 if result.same else 1)


def report(run_path: RunPath) -> None:
    """Draw the reports of a judged run again."""
    folder = RunFolder.open(run_path)
    for path in write_reports(folder):
        out.print(Text(str(path)))


def recheck(run_path: RunPath, strict: Strict = False, as_json: AsJson = False) -> None:
    """Judge an old run with today's checks; seals what a crash left."""
    folder, verdict = judge_again(RunFolder.open(run_path))
    conclude(folder, verdict, strict=strict, as_json=as_json)
