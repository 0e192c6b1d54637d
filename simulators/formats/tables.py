"""The world as tables: OpenElections CSV and Parquet.

OpenElections writes one row for each candidate of each precinct, with lower-case headers and
whole, never negative votes, in files named ``YYYYMMDD__st__type__precinct.csv``
(docs.openelections.net). A caucus has two counts: ``round`` is 1 for the first and 2 for the
final alignment, as in NIST SP 1500-100. Delegates are an office of their own.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from simulators.world.preferences import DELEGATES, FIELDS, FINAL, FIRST, GROUPS, PREFERENCES
from simulators.world.world import Reports, World

Source = Literal["worksheets", "truth"]
"""What the paper says, errors included, or what happened."""

OFFICES = (("President", 1, FIRST), ("President", 2, FINAL), ("County Delegate", 2, DELEGATES))
PARTY = "DEM"
CAUCUS_DAY = date(2020, 2, 3)

_CANDIDATES = [name.capitalize() for name in PREFERENCES]


def openelections(
    world: World, start: int = 0, stop: int | None = None, *, source: Source = "worksheets"
) -> pl.DataFrame:
    """The sites from ``start`` to ``stop`` in the columns of OpenElections, and ``round``.

    42 rows a site: fourteen preferences at each alignment, and their delegates.
    """
    parts = [_long(world, reports, source) for reports in world.blocks(start, stop)]
    return pl.concat(parts) if parts else _empty()


def wide(
    world: World, start: int = 0, stop: int | None = None, *, source: Source = "worksheets"
) -> pl.DataFrame:
    """One row a site: its key, name, county, kind and delegates, then the 43 cells by name."""
    parts = [
        pl.concat(
            [
                world.precinct_table(part.start, part.stop).drop("pool", "sde_per_delegate"),
                pl.DataFrame(_cells(part, source), schema=list(FIELDS)),
            ],
            how="horizontal",
        )
        for part in world.blocks(start, stop)
    ]
    return pl.concat(parts)


def file_name(world: World, day: date = CAUCUS_DAY) -> str:
    """Name of the world's OpenElections file.

    Example:
        >>> from simulators.world import WorldSpec
        >>> file_name(World(WorldSpec(), seed=1))
        '20200203__ia__caucus__precinct.csv'
    """
    return f"{day:%Y%m%d}__{world.spec.state.lower()}__{world.spec.kind}__precinct.csv"


def write_csv(
    world: World,
    folder: Path,
    *,
    day: date = CAUCUS_DAY,
    source: Source = "worksheets",
    replace: bool = False,
) -> Path:
    """Write the OpenElections file of a world into a folder, block by block.

    Raises:
        FileExistsError: The file is there and ``replace`` was not asked for.
    """
    path = _free(folder / file_name(world, day), replace)
    with path.open("wb") as file:
        file.write((",".join(_empty().columns) + "\n").encode())
        for reports in world.blocks():
            _long(world, reports, source).write_csv(file, include_header=False)
    return path


def write_parquet(
    world: World, path: Path, *, source: Source = "worksheets", replace: bool = False
) -> Path:
    """Write the wide table of a world as Parquet.

    Raises:
        FileExistsError: The file is there and ``replace`` was not asked for.
    """
    path = _free(path, replace)
    wide(world, source=source).write_parquet(path)
    return path


def _free(path: Path, replace: bool) -> Path:
    if path.exists() and not replace:
        raise FileExistsError(f"{path} is there already. Name another place, or remove the file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _cells(reports: Reports, source: Source) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return reports.truth if source == "truth" else reports.worksheets


def _long(world: World, reports: Reports, source: Source) -> pl.DataFrame:
    sites = world.precinct_table(reports.start, reports.stop)
    values = _cells(reports, source)
    parts = []
    for office, round_, cells in OFFICES:
        keys = sites.select("county", pl.col("name").alias("precinct"))
        repeated = keys.select(pl.all().repeat_by(GROUPS).explode())
        parts.append(
            repeated.with_columns(
                pl.lit(office).alias("office"),
                pl.lit("").alias("district"),
                pl.Series("candidate", _CANDIDATES * len(sites)),
                pl.lit(PARTY).alias("party"),
                pl.Series("votes", values[:, cells].ravel(), dtype=pl.Int32),
                pl.lit(round_, dtype=pl.Int32).alias("round"),
            )
        )
    return pl.concat(parts)


def _empty() -> pl.DataFrame:
    text = ("county", "precinct", "office", "district", "candidate", "party")
    return pl.DataFrame(
        schema=[*((name, pl.String) for name in text), ("votes", pl.Int32), ("round", pl.Int32)]
    )
