"""The options that several commands take, and how lists of numbers are read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.scenario import ScenarioError


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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Strict = Annotated[bool, typer.Option(help="GO WITH CONDITIONS exits with 1.")]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Defects = Annotated[
    list[str] | None, typer.Option("--defect", help="Switch on a defect of the practice app.")
]


def numbers(option: str, text: str) -> list[int | None]:
    """Whole numbers above 0 with commas between them; ``none`` is no limit.

    Raises:
        ScenarioError: If something else stands there.

    Example:
        >>> numbers("--trunks", "none, 85")
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


def shares(option: str, text: str) -> list[float]:
    """Shares from 0 to 1 with commas between them.

    Raises:
        ScenarioError: If something else stands there.

    Example:
        >>> shares("--training-reach", "0.25, 1")
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
