"""The world and its people as files: a roster to load accounts from, results to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.record import RecordError
from harness.scenario import plan_for
from simulators.formats.roster import write_roster
from simulators.formats.tables import write_csv, write_parquet
from simulators.night import Night
from simulators.world import World

FORMATS = ("csv", "parquet")


def write_world(
    night: Night, *, roster: Path | None, out: Path | None, file_format: str
) -> Iterator[Path]:
    """Write the files that were asked for; yields each one's path.

    Args:
        roster: Folder for people.csv, precincts.csv and lists of voters, or None.
        out: Folder for the world's results, or None.
        file_format: ``csv`` (OpenElections) or ``parquet`` (one row a site).

    Raises:
        RecordError: If nothing was asked for, the format is not known, a file is there already, or
            the world has no results.
    """
    if roster is None and out is None:
        raise RecordError("nothing to write: name a folder with --roster, --out, or both.")
    if file_format not in FORMATS:
        raise RecordError(f"--format {file_format}: it is one of {', '.join(FORMATS)}.")
    plan = plan_for(night)
    if out is not None and not isinstance(plan.world, World):
        raise RecordError(
            f"{night.name} has no results to write: only a caucus has. Write its people and lists "
            "with --roster."
        )
    try:
        if roster is not None:
            people, precincts = plan.people_table(), plan.precinct_table()
            yield from write_roster(roster, people, precincts, voters=plan.voter_table())
        if out is not None and isinstance(plan.world, World):
            out.mkdir(parents=True, exist_ok=True)
            if file_format == "csv":
                yield write_csv(plan.world, out)
            else:
                yield write_parquet(plan.world, out / f"{night.name}-{night.seed}.parquet")
    except OSError as error:
        raise RecordError(str(error)) from error
