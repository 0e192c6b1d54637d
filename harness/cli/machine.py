"""The command about this machine."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from harness import doctor
from harness.cli.console import err, out, print_json
from harness.cli.options import AsJson
from harness.injects.lease import left_behind
from reports.doctor import show_doctor


def doctor_command(
    undo: Annotated[
        bool, typer.Option("--undo", help="Undo what drills left that were killed.")
    ] = False,
    install: Annotated[
        bool, typer.Option("--install", help="Install with pip what is missing and pip can.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What this machine has of all that drills can use, and what killed drills left broken.

    Exits with 0 if nothing that is required is missing, and nothing is left broken.
    """
    console = err if as_json else out

    def tell(line: str) -> None:
        console.print(Text(line), soft_wrap=True)

    whole = doctor.mend(tell) if undo else True
    if install:
        whole = doctor.install(doctor.examine(), tell) and whole
    info = doctor.as_info(doctor.examine(), left_behind())
    print_json(info) if as_json else show_doctor(out, info)
    broken = any(not each["goes_on"] for each in info["leases"])
    raise typer.Exit(0 if whole and info["ready"] and not broken else 2)
