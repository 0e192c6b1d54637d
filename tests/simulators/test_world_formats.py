"""The world as files: OpenElections CSV, Parquet and a roster."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from simulators.formats.roster import write_roster
from simulators.formats.tables import openelections, wide, write_csv, write_parquet
from simulators.world import World, WorldSpec
from simulators.world.preferences import FIELDS

SMALL = WorldSpec(precincts=40, satellites=6, counties=5, county_delegates=250, state_delegates=50)


def test_openelections_rows_add_up() -> None:
    """The long table holds every count of every site, and nothing else."""
    world = World(SMALL, seed=3)
    table = openelections(world, source="truth")
    results = world.results()
    assert table.columns[:7] == [
        "county",
        "precinct",
        "office",
        "district",
        "candidate",
        "party",
        "votes",
    ]
    assert len(table) == 42 * world.sites
    sums = {
        (office, round_): votes
        for office, round_, votes in table.group_by("office", "round").agg(pl.sum("votes")).rows()
    }
    assert sums == {
        ("President", 1): results.first.sum(),
        ("President", 2): results.final.sum(),
        ("County Delegate", 2): 250,
    }
    one = table.filter(
        pl.col("precinct") == world.site(7).name,
        pl.col("county") == world.site(7).county,
        pl.col("candidate") == "Sanders",
    )
    assert one["votes"].to_list() == [
        results.values[7, FIELDS.index(f"{part}_sanders")]
        for part in ("first", "final", "delegates")
    ]


def test_csv_is_the_table(tmp_path: Path) -> None:
    """What is written block by block reads back as the table, under the OpenElections name."""
    world = World(SMALL, seed=3)
    path = write_csv(world, tmp_path)
    assert path.name == "20200203__ia__caucus__precinct.csv"
    read = pl.read_csv(path, schema_overrides={"votes": pl.Int32, "round": pl.Int32})
    assert read.with_columns(pl.col("district").cast(pl.String).fill_null("")).equals(
        openelections(world)
    )


def test_parquet_is_the_wide_table(tmp_path: Path) -> None:
    """Parquet keeps the 43 cells by name, worksheets or truth as asked."""
    world = World(SMALL, seed=3)
    read = pl.read_parquet(write_parquet(world, tmp_path / "world.parquet", source="truth"))
    assert read.equals(wide(world, source="truth"))
    assert (read.select(FIELDS).to_numpy() == world.results().values).all()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A file that is there is kept, and named, unless it may be replaced."""
    world = World(SMALL, seed=3)
    path = write_csv(world, tmp_path)
    with pytest.raises(FileExistsError, match="is there already"):
        write_csv(world, tmp_path)
    assert write_csv(world, tmp_path, replace=True) == path


def test_roster(tmp_path: Path) -> None:
    """A roster gives every person's codes a column, leading zeros kept, and every site its key."""
    world = World(SMALL, seed=3)
    people = pl.DataFrame(
        {"key": ["chair-0001", "operator-01"], "codes": [["001234", "5", "099999"], []]},
        schema={"key": pl.String, "codes": pl.List(pl.String)},
    )
    people_path, precincts_path = write_roster(tmp_path / "new", people, world.precinct_table())
    read = pl.read_csv(people_path, infer_schema=False)
    assert read.columns == ["key", "precinct_id", "pin", "security_code"]
    assert read.row(0) == ("chair-0001", "001234", "5", "099999")
    precincts = pl.read_csv(precincts_path)
    assert precincts["record"].to_list() == [world.record(at) for at in range(world.sites)]
    with pytest.raises(FileExistsError, match=r"people\.csv is there already"):
        write_roster(tmp_path / "new", people, world.precinct_table())
