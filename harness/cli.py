"""The command line.

Exit codes: 0 GO (and GO WITH CONDITIONS unless --strict), 1 NO-GO, 2 wrong usage, scenario or
target, 3 NOT ENOUGH EVIDENCE (also a disk full on the way), 4 refused for safety, 5 Drillhall
itself failed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import doctor
from harness.attended import AttendError
from harness.bench import described_target, world_of
from harness.document import DocumentError
from harness.drill import Drill, DrillError, describe_plan, run_drill
from harness.injects.lease import left_behind
from harness.ledger import LedgerError
from harness.live.deck import DeckError
from harness.live.drill import LiveDrill, run_live
from harness.live.host import LiveServerError
from harness.live.rehearsal import RehearsalError
from harness.logbook import DiskFull
from harness.practice import check_defects, practice_file, refuse_set_up
from harness.progress import Progress
from harness.prove.asking import asked_of
from harness.prove.catalogue import ProveError
from harness.prove.job import Played
from harness.prove.matrix import CleanRow, Matrix, as_info
from harness.prove.proving import Told
from harness.prove.proving import prove as prove_them
from harness.recheck import recheck as judge_again
from harness.record import RecordError, RunFolder, default_path
from harness.replay import replay_record
from harness.scenario import ScenarioError, load_scenario, packaged
from harness.simulate import WhatIf
from harness.simulate import simulate as play_virtually
from harness.target import SafetyError, TargetError
from harness.target.preflight import preflight
from harness.target.recording import flow_of
from harness.training_reach import training_what_if
from harness.verdict import Verdict, exit_code, judge
from harness.what_if import what_if_of
from harness.world_files import write_world
from reports import write_reports
from reports.doctor import show_doctor
from reports.prove import ProofLines, show_matrix, write_matrix
from reports.terminal import plan_table, show_simulation, show_verdict
from reports.training_reach import show_training_reach, write_training_reach
from reports.what_if import show_what_if, write_what_if
from simulators.apps.serving.store import StoreError
from simulators.sizing.what_if import Goal

app = typer.Typer(
    name="drillhall",
    help="Rehearse election night before it comes. Drillhall drives your app, your phones and "
    "your people through the night, breaks things on the way, compares what the app holds with "
    "what was sent, and says GO or NO-GO.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
target_app = typer.Typer(help="The app under test: check its description.", no_args_is_help=True)
app.add_typer(target_app, name="target")

out = Console()
err = Console(stderr=True)

MISTAKES = (
    ScenarioError, DocumentError, TargetError, RecordError, DrillError, DeckError,
    LiveServerError, ProveError, RehearsalError, StoreError, AttendError,
)  # fmt: skip
"""What a user can put right: told in one line, exit code 2."""


class Paper(StrEnum):
    """Paper that cards are printed on."""

    A4 = "a4"
    LETTER = "letter"


ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A packaged name (`drillhall list`) or a path.")
]
CastName = Annotated[str | None, typer.Option("--cast", help="Who plays: a cast of the scenario.")]
Seed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, help="Decides the world and the plan.")
]
Scale = Annotated[
    float | None,
    typer.Option(
        max=1000,
        help="Size of the night: 0.05 drives one site in twenty. Default: the scenario's.",
    ),
]
Out = Annotated[Path | None, typer.Option(help="A new or empty run folder.", show_default="runs/…")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Strict = Annotated[bool, typer.Option(help="GO WITH CONDITIONS exits with 1.")]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Defects = Annotated[
    list[str] | None, typer.Option("--defect", help="Switch on a defect of the practice app.")
]


@app.command("list")
def list_scenarios(as_json: AsJson = False) -> None:
    """The packaged scenarios."""
    rows = [(name, load_scenario(name)) for name in packaged()]
    if as_json:
        _print_json([{"scenario": name, "title": each.title} for name, each in rows])
        return
    table = Table(box=None, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("what it rehearses")
    for name, scenario in rows:
        table.add_row(name, scenario.title)
    out.print(table)


@app.command()
def show(scenario: ScenarioName, as_json: AsJson = False) -> None:
    """The story of a scenario, its objectives and its sources."""
    found = load_scenario(scenario)
    if as_json:
        _print_json(found.model_dump(mode="json"))
        return
    out.print(Text(found.title, style="bold"))
    out.print(Text("\n" + found.story))
    out.print(Text("What it asks", style="bold"))
    for objective in found.objectives:
        mark = "required" if objective.required else "optional"
        out.print(Text(f"  {objective.says or objective.name}: {objective.asked} ({mark})"))
    out.print(Text("\nCasts: " + ", ".join(found.casts)))
    out.print(Text("Sources", style="bold"))
    for source in found.sources:
        out.print(Text(f"  {source}"))


@app.command()
def run(
    scenario: ScenarioName,
    target: Annotated[
        str | None,
        typer.Option(help="A target.yaml, or practice/NAME. Default: the scenario's practice app."),
    ] = None,
    defect: Defects = None,
    cast: CastName = None,
    seed: Seed = None,
    speed: Annotated[
        float | None,
        typer.Option(max=100_000, help="Drill seconds a second. Default: the scenario's."),
    ] = None,
    scale: Scale = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Load processes.")] = 1,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="A new or empty run folder. Default: runs/...")
    ] = None,
    locustfile: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A locustfile of your own that joins as background load.",
        ),
    ] = None,
    attended: Annotated[
        bool,
        typer.Option(
            "--attended",
            help="You keep the app alive: press d when you notice a fault, f when it is fixed.",
        ),
    ] = False,
    plan_only: Annotated[
        bool, typer.Option("--plan-only", help="Say what would be sent, and send nothing.")
    ] = False,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Run a drill against a live target and judge it.

    Ctrl-C stops the drill within a second; what was recorded is still judged.
    """
    found = load_scenario(scenario)
    seed = found.seed if seed is None else seed
    drill = Drill(
        scenario=found,
        target=target or found.target,
        defects=tuple(defect or ()),
        cast=cast or found.default_cast.run,
        seed=seed,
        speed=found.speed if speed is None else speed,
        scale=found.scale if scale is None else scale,
        workers=workers,
        folder=out_folder or default_path(found.scenario, seed),
        locustfile=locustfile,
        attended=attended and not plan_only,
    )
    if plan_only:
        plan = describe_plan(drill)
        _print_json(plan) if as_json else out.print(plan_table(plan))
        return
    progress = Progress(err if as_json else out)
    folder = run_drill(drill, progress)
    _conclude(folder, judge(folder), strict=strict, as_json=as_json)


@app.command()
def live(
    scenario: ScenarioName,
    target: Annotated[
        str | None,
        typer.Option(help="A target.yaml, or practice/NAME. Default: the scenario's practice app."),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            help="Your list of volunteers (CSV): id, county, precinct, language, age_band, device, "
            "training, insider, first_time; all may be missing. Names and contacts are not read."
        ),
    ] = None,
    volunteers: Annotated[
        int | None, typer.Option(min=1, max=20_000, help="Without a list: make this many cards.")
    ] = None,
    cards: Annotated[
        Path | None, typer.Option(help="Print cards and invitations.csv into this folder.")
    ] = None,
    paper: Annotated[Paper, typer.Option(help="Paper of the cards.")] = Paper.A4,
    rehearse: Annotated[
        int | None,
        typer.Option(
            min=1, max=20_000, help="Play this many simulated volunteers, then close and judge."
        ),
    ] = None,
    arrive: Annotated[
        float, typer.Option(min=0, help="With --rehearse: seconds over which they arrive.")
    ] = 15.0,
    pause: Annotated[
        float, typer.Option(min=0, help="With --rehearse: mean seconds between two steps.")
    ] = 0.5,
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 for everybody on the network.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port; 0 takes one that is free and keeps it.")
    ] = 0,
    public: Annotated[
        str,
        typer.Option(
            help="The address people reach it by, as https://drill.example.org, if other."
        ),
    ] = "",
    app_address: Annotated[
        str, typer.Option(help="The address volunteers open the app by, if not the target's own.")
    ] = "",
    after_close: Annotated[
        float,
        typer.Option(min=0, help="Seconds after closing in which questions may be answered."),
    ] = 120.0,
    defect: Defects = None,
    cast: CastName = None,
    seed: Seed = None,
    scale: Scale = None,
    out_folder: Annotated[
        Path | None,
        typer.Option("--out", help="A new run folder, or one to go on with. Default: runs/..."),
    ] = None,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Hold a drill with real volunteers, and judge what they sent.

    First look, with 50 robots: drillhall live iowa-caucus-training --rehearse 50

    On your own network: --roster people.csv --cards cards/ --host 0.0.0.0 --port 8030, and
    --public with the address that phones reach it by. Beyond it, put a proxy with HTTPS in front.

    It serves volunteers' pages, the organizer's pages and the board for the room, until the
    organizer closes the drill or you press Ctrl-C. Then it reads the target back, scores every
    report against its card, and exits like `drillhall run`.

    The organizer's password is told once, or taken from DRILLHALL_ORGANIZER_PASSWORD.

    After a crash, give the same command with the --out it had: it goes on where it was.
    """
    found = load_scenario(scenario)
    seed = found.seed if seed is None else seed
    drill = Drill(
        scenario=found,
        target=target or found.target,
        defects=tuple(defect or ()),
        cast=cast or found.default_cast.run,
        seed=seed,
        speed=1.0,
        scale=found.scale if scale is None else scale,
        folder=out_folder or default_path(f"{found.scenario}-live", seed),
    )
    progress = Progress(err if as_json else out)
    folder = run_live(
        LiveDrill(
            drill, host=host, port=port, public=public, app_address=app_address, roster=roster,
            volunteers=volunteers, cards=cards, paper=paper.value, rehearse=rehearse,
            seconds=arrive, pause=pause, after_close=after_close,
        ),
        progress,
    )  # fmt: skip
    _conclude(folder, judge(folder), strict=strict, as_json=as_json)


@app.command()
def simulate(
    scenario: ScenarioName,
    cast: CastName = None,
    seed: Seed = None,
    scale: Scale = None,
    agents: Annotated[
        str, typer.Option(help="What if: people who answer. Several, as 25,50,100, side by side.")
    ] = "",
    trunks: Annotated[
        str, typer.Option(help="What if: lines, held or not; none for no limit. Several likewise.")
    ] = "",
    talk_minutes: Annotated[
        float | None, typer.Option(help="What if: mean length of a call.")
    ] = None,
    ready: Annotated[
        float | None, typer.Option(min=0, max=1, help="What if: share of chairs with the app.")
    ] = None,
    what_if: Annotated[
        bool,
        typer.Option(
            "--what-if", help="Size the phones: how many people and lines does the night need?"
        ),
    ] = False,
    answered: Annotated[
        float, typer.Option(min=0.01, max=1, help="With --what-if: share of callers answered ...")
    ] = 0.9,
    within: Annotated[float, typer.Option(min=0, help="... within so many seconds.")] = 300.0,
    training_reach: Annotated[
        str, typer.Option(help="What if: shares of chairs who take part in training, as 0.25,0.9.")
    ] = "",
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="A new or empty run folder. Default: runs/...")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play the night in virtual time, in seconds, and set it beside history.

    With --what-if, or several numbers in --agents or --trunks, its phones are sized instead. With
    --training-reach, the night that a scenario is practice for is played after such training.
    """
    found = load_scenario(scenario)
    scale = found.scale if scale is None else scale
    if training_reach:
        if cast or agents or trunks or what_if or talk_minutes is not None or ready is not None:
            raise ScenarioError(
                "--training-reach changes who is ready, and nothing else: leave out --cast, "
                "--agents, --trunks, --talk-minutes, --ready and --what-if."
            )
        reached = training_what_if(
            found, _shares("--training-reach", training_reach), seed=seed, scale=scale
        ).as_info()
        folder_of_it = out_folder or default_path(f"{found.scenario}-reach", reached["seeds"][0])
        written = write_training_reach(folder_of_it, reached)
        _print_json(reached) if as_json else show_training_reach(out, reached, written)
        return
    people, lines = _numbers("--agents", agents), _numbers("--trunks", trunks)
    seed = found.seed if seed is None else seed
    if what_if or len(people) > 1 or len(lines) > 1:
        if talk_minutes is not None or ready is not None:
            raise ScenarioError("--talk-minutes and --ready play one night: leave out --what-if.")
        tried = [each for each in people if each is not None]
        goal = Goal(answered, within)
        sized = what_if_of(
            found, cast, agents=tried, trunks=lines, goal=goal, seed=seed, scale=scale
        ).as_info()
        written = write_what_if(out_folder or default_path(f"{found.scenario}-phones", seed), sized)
        _print_json(sized) if as_json else show_what_if(out, sized, written)
        return
    folder = play_virtually(
        found,
        cast=cast or found.default_cast.simulate,
        seed=seed,
        scale=scale,
        out=out_folder or default_path(f"{found.scenario}-virtual", seed),
        what_if=WhatIf(
            people[0] if people else None, talk_minutes, lines[0] if lines else None, ready
        ),
    )
    verdict = judge(folder)
    paths = write_reports(folder)
    if as_json:
        _print_json({"run": str(folder.path), **folder.info.get("simulation", {})})
        return
    show_simulation(out, folder, verdict, paths)


@app.command()
def world(
    scenario: ScenarioName,
    seed: Seed = None,
    cast: CastName = None,
    scale: Scale = None,
    roster: Annotated[
        Path | None, typer.Option(help="Write people.csv and precincts.csv into this folder.")
    ] = None,
    file_format: Annotated[
        str, typer.Option("--format", help="csv or parquet, for the world's results.")
    ] = "csv",
    out_folder: Annotated[Path | None, typer.Option("--out", help="Where results go.")] = None,
) -> None:
    """The synthetic world and its people as files, for loading accounts into a target."""
    found = load_scenario(scenario)
    night = found.night(
        cast or found.default_cast.run,
        seed=found.seed if seed is None else seed,
        scale=found.scale if scale is None else scale,
    )
    for path in write_world(night, roster=roster, out=out_folder, file_format=file_format):
        out.print(Text(str(path)))


@app.command()
def replay(
    run_path: RunPath,
    record: Annotated[str, typer.Option(help="Key of the record, as the finding prints it.")],
    target: Annotated[str | None, typer.Option(help="Another target.yaml than the run's.")] = None,
    as_json: AsJson = False,
) -> None:
    """One record's operations again: what was sent, what the app then holds."""
    result = replay_record(RunFolder.open(run_path), record, target=target)
    if as_json:
        _print_json(result.as_json())
    else:
        out.print(result.table())
    raise typer.Exit(0 if result.same else 1)


@app.command()
def report(run_path: RunPath) -> None:
    """Draw the reports of a judged run again."""
    folder = RunFolder.open(run_path)
    for path in write_reports(folder):
        out.print(Text(str(path)))


@app.command()
def recheck(run_path: RunPath, strict: Strict = False, as_json: AsJson = False) -> None:
    """Judge an old run with today's checks; seals what a crash left."""
    folder, verdict = judge_again(RunFolder.open(run_path))
    _conclude(folder, verdict, strict=strict, as_json=as_json)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
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


@app.command("doctor")
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
    _print_json(info) if as_json else show_doctor(out, info)
    broken = any(not each["goes_on"] for each in info["leases"])
    raise typer.Exit(0 if whole and info["ready"] and not broken else 2)


@app.command()
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
    _print_json(info) if as_json else show_matrix(out, info, page)
    raise typer.Exit(matrix.code)


@target_app.command("check")
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
        bool, typer.Option("--lint", help="Read the description, send nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Lint a description with file and line, then try one of each operation."""
    found = load_scenario(scenario) if scenario is not None else None
    target = described_target(path, world=world_of(found) if found is not None else None)
    if lint_only:
        out.print(Text(f"{path}: no mistakes found."))
        return
    probes = preflight(target)
    if as_json:
        _print_json([each.as_json() for each in probes])
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


@target_app.command("record")
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


def _conclude(folder: RunFolder, verdict: Verdict, *, strict: bool, as_json: bool) -> None:
    """Write the reports, show the verdict, and exit with its code."""
    paths = write_reports(folder)
    if as_json:
        _print_json(orjson.loads((folder.path / "verdict.json").read_bytes()))
    else:
        show_verdict(out, folder, verdict, paths)
    raise typer.Exit(exit_code(verdict, strict=strict))


def _numbers(option: str, text: str) -> list[int | None]:
    """Whole numbers above 0 with commas between them; ``none`` is no limit.

    Raises:
        ScenarioError: If something else stands there.

    Example:
        >>> _numbers("--trunks", "none, 85")
        [None, 85]
    """
    numbers: list[int | None] = []
    for word in filter(None, (each.strip() for each in text.split(","))):
        if word == "none" and option == "--trunks":
            numbers.append(None)
        elif word.isascii() and word.isdigit() and int(word):
            numbers.append(int(word))
        else:
            allowed = "whole numbers above 0" + (", or none" if option == "--trunks" else "")
            raise ScenarioError(f"{option}: {word!r} is not among what is allowed: {allowed}.")
    return numbers


def _shares(option: str, text: str) -> list[float]:
    """Shares from 0 to 1 with commas between them.

    Raises:
        ScenarioError: If something else stands there.

    Example:
        >>> _shares("--training-reach", "0.25, 1")
        [0.25, 1.0]
    """
    shares: list[float] = []
    for word in filter(None, (each.strip() for each in text.split(","))):
        try:
            share = float(word)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            raise ScenarioError(f"{option}: {word!r} is not a share from 0 to 1, such as 0.25.")
        shares.append(share)
    if not shares:
        raise ScenarioError(f"{option}: {text!r} names no share; write some, as 0.25,0.9.")
    return shares


def _print_json(data: Any) -> None:
    sys.stdout.write(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; every user's mistake is one line and its exit code."""
    try:
        app(args=list(arguments) if arguments is not None else None)
    except MISTAKES as error:
        code, text = 2, str(error)
    except SafetyError as error:
        code, text = 4, str(error)
    except (LedgerError, DiskFull) as error:
        code, text = 3, str(error)
    except KeyboardInterrupt:
        code, text = 130, "stopped"
    except Exception as error:  # the last layer: whatever is left is our own failure
        traceback.print_exc()
        code, text = (
            5,
            f"Drillhall itself failed: {error!r}. The run folder keeps what was recorded.",
        )
    err.print(Text(f"drillhall: {text}"), soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
