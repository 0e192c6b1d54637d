"""Commands that drive a target."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.console import conclude, err, out, print_json
from harness.cli.options import AsJson, CastName, Defects, Paper, Scale, ScenarioName, Seed, Strict
from harness.drill import Drill, describe_plan, run_drill
from harness.live.drill import LiveDrill, run_live
from harness.progress import Progress
from harness.record import default_path
from harness.scenario import load_scenario
from harness.verdict import judge
from reports.terminal import plan_table


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
        print_json(plan) if as_json else out.print(plan_table(plan))
        return
    progress = Progress(err if as_json else out)
    folder = run_drill(drill, progress)
    conclude(folder, judge(folder), strict=strict, as_json=as_json)


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
    conclude(folder, judge(folder), strict=strict, as_json=as_json)
