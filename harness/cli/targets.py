"""Commands about targets and practice apps."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from harness.bench import described_target, world_of
from harness.cli.console import out, print_json
from harness.cli.options import AsJson, Defects
from harness.practice import check_defects, practice_file, refuse_set_up
from harness.scenario import load_scenario
from harness.target import TargetError
from harness.target.preflight import preflight
from harness.target.recording import flow_of


def practice(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="APP", help="The practice app: reporting, strikes or hub.")
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1.")] = 8020,
    defect: Defects = None,
) -> None:
    """Serve a practice app, for a look at it or for drilling it by hand."""
    practice_file(name)
    refuse_set_up(name)
    check_defects(name, defect or ())
    command = [sys.executable, "-P", "-m", f"simulators.apps.{name}", "--port", str(port)]
    if "--database" not in context.args:  # a look leaves nothing behind in the working folder
        place = Path(tempfile.mkdtemp(prefix=f"drillhall-{name}-"))
        command += ["--database", f"sqlite:///{place / name}.db"]
    for each in defect or ():
        command += ["--defect", each]
    os.execv(command[0], [*command, *context.args])  # noqa: S606 - our own interpreter


def target_check(
    path: Annotated[str, typer.Argument(metavar="TARGET", help="A target.yaml, or practice/NAME.")],
    scenario: Annotated[
        str | None,
        typer.Option(
            help="Whose people and records are tried. Default: the scenario of a practice "
            "app, or else a caucus night."
        ),
    ] = None,
    lint_only: Annotated[
        bool, typer.Option("--lint", help="Read the description, send nothing: no probes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Lint a description with file and line, then try one of each operation."""
    found = load_scenario(scenario) if scenario is not None else None
    target = described_target(path, world=world_of(found) if found is not None else None)
    if lint_only:
        print_json([]) if as_json else out.print(Text(f"{path}: no mistakes found."))
        return
    probes = preflight(target)
    if as_json:
        print_json([each.as_json() for each in probes])
    else:
        table = Table(box=None, header_style="bold")
        for column in ("probe", "expected", "came back", ""):
            table.add_column(column)
        for each in probes:
            table.add_row(
                each.name, each.expected, each.found, "ok" if each.ok else "NOT AS DECLARED"
            )
        out.print(table)
    raise typer.Exit(0 if all(each.ok for each in probes) else 2)


def target_record(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="The Python file that codegen wrote.")
    ],
    operation: Annotated[
        str, typer.Option(help="What was recorded: sign_in, submit_report, amend_report, ...")
    ] = "submit_report",
    means: Annotated[
        list[str] | None,
        typer.Option(
            help="What something typed stands for, as '123456={{ codes[1] }}'. As often as needed."
        ),
    ] = None,
    seen: Annotated[
        str | None,
        typer.Option(help="A text that shows success, where the recording asserts nothing."),
    ] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="A new file. Default: printed.")
    ] = None,
) -> None:
    """Turn a recording of your clicks into a web flow for a target.yaml.

    Record with `playwright codegen --target python -o clicks.py http://127.0.0.1:8000/`: click
    through one operation, and at its end use “Assert visibility” on what shows success. Then put
    what this prints into your target.yaml, and see `drillhall target check`.
    """
    given = dict(_meaning(each) for each in means or ())
    flow = flow_of(recording, operation, means=given, seen=seen)
    if out_file is None:
        sys.stdout.write(flow)
        return
    try:
        with out_file.open("x", encoding="utf-8") as file:
            file.write(flow)
    except OSError as error:
        raise TargetError(f"{out_file}: cannot be written: {error.strerror}.") from error
    out.print(Text(str(out_file)))


def _meaning(text: str) -> tuple[str, str]:
    """What was typed, and the template it stands for.

    Raises:
        TargetError: If there is no ``=`` between them.

    Example:
        >>> _meaning("1234={{ codes[1] }}")
        ('1234', '{{ codes[1] }}')
    """
    typed, equals, template = text.partition("=")
    if not (typed and equals and template):
        raise TargetError(f"--means {text!r}: write what was typed, =, and what it stands for.")
    return typed, template
