"""Commands about scenarios that send nothing: what there is, and nights in virtual time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from harness.cli.console import out, print_json
from harness.cli.options import AsJson, CastName, Scale, ScenarioName, Seed, numbers, shares
from harness.record import default_path
from harness.scenario import ScenarioError, load_scenario, packaged
from harness.simulate import WhatIf
from harness.simulate import simulate as play_virtually
from harness.training_reach import training_what_if
from harness.verdict import judge
from harness.what_if import what_if_of
from harness.world_files import write_world
from reports import write_reports
from reports.terminal import show_simulation
from reports.training_reach import show_training_reach, write_training_reach
from reports.what_if import show_what_if, write_what_if
from simulators.sizing.what_if import Goal


def list_scenarios(as_json: AsJson = False) -> None:
    """The packaged scenarios."""
    rows = [(name, load_scenario(name)) for name in packaged()]
    if as_json:
        print_json([{"scenario": name, "title": each.title} for name, each in rows])
        return
    table = Table(box=None, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("what it rehearses")
    for name, scenario in rows:
        table.add_row(name, scenario.title)
    out.print(table)


def show(scenario: ScenarioName, as_json: AsJson = False) -> None:
    """The story of a scenario, its objectives and its sources."""
    found = load_scenario(scenario)
    if as_json:
        print_json(found.model_dump(mode="json"))
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
            found, shares("--training-reach", training_reach), seed=seed, scale=scale
        ).as_info()
        folder_of_it = out_folder or default_path(f"{found.scenario}-reach", reached["seeds"][0])
        written = write_training_reach(folder_of_it, reached)
        print_json(reached) if as_json else show_training_reach(out, reached, written)
        return
    people, lines = numbers("--agents", agents), numbers("--trunks", trunks)
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
        print_json(sized) if as_json else show_what_if(out, sized, written)
        return
    if lines == [None]:
        raise ScenarioError(
            "--trunks none alone changes nothing of one night. Set numbers beside it, as none,85, "
            "or size the phones with --what-if."
        )
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
        print_json({"run": str(folder.path), **folder.info.get("simulation", {})})
        return
    show_simulation(out, folder, verdict, paths)


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
