"""The command that proves the checks."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.console import err, out, print_json
from harness.cli.options import AsJson
from harness.prove.asking import asked_of
from harness.prove.job import Played
from harness.prove.matrix import CleanRow, Matrix, as_info
from harness.prove.proving import Told
from harness.prove.proving import prove as prove_them
from harness.record import RunFolder, default_path
from reports import write_reports
from reports.prove import ProofLines, show_matrix, write_matrix


def prove(
    apps: Annotated[
        list[str] | None, typer.Option("--app", help="A practice app; all of them by default.")
    ] = None,
    defect: Annotated[
        list[str] | None,
        typer.Option("--defect", help="A seeded defect, and nothing else; all by default."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Leave a check out, to see what is missed without it."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Drills at once.")] = 2,
    seeds: Annotated[
        int | None, typer.Option(min=0, help="Clean apps in virtual time: how many seeds. [200]")
    ] = None,
    live_seeds: Annotated[
        int | None, typer.Option(min=0, help="Clean apps over loopback: how many seeds. [5]")
    ] = None,
    injects: Annotated[
        bool | None, typer.Option(help="Drill every kind of inject on clean apps.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few clean seeds, and no injects.")
    ] = False,
    alone: Annotated[
        bool, typer.Option("--alone", help="A drill of its own for each defect.")
    ] = False,
    out_folder: Annotated[
        Path | None,
        typer.Option("--out", help="A new folder, or one to go on with. Default: runs/..."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove that the checks notice: every seeded defect of the practice apps against every check.

    Exits with 1 if a defect was missed, or caught only by another check than the one that is
    meant for it, or if a check fired where nothing is wrong; with 3 if something was not drilled.

    Ctrl-C keeps what is done. Given the same --out again, it goes on from there; drills that are
    done are judged again and not played.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    asking = asked_of(
        apps or (), defect or (), without or (), jobs=jobs, seeds=seeds, live_seeds=live_seeds,
        injects=injects, quick=quick, alone=alone,
        folder=out_folder or default_path("prove", 0),
    )  # fmt: skip
    lines = ProofLines(err if as_json else out)

    def drilled(played: Played, matrix: Matrix) -> None:
        if played.judged:
            write_reports(RunFolder.open(played.job.folder), pdf=False)
        lines.drill(played.job.title, played.state, played.why, played.seconds, as_info(matrix))

    def simulated(row: CleanRow) -> None:
        lines.clean(row.app, row.seeds, len(row.alarms))

    matrix = prove_them(asking, Told(lines.plan, drilled, simulated))
    info = as_info(matrix)
    page = write_matrix(asking.folder, info)
    print_json(info) if as_json else show_matrix(out, info, page)
    raise typer.Exit(matrix.code)
