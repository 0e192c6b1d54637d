"""Writing down what is so, before anybody acts: ``truth/`` of the run folder."""

from __future__ import annotations

import polars as pl

from harness.record import PEOPLE, PRECINCTS, REPORTS, RunFolder
from simulators.plan import Plan


def truth_of(plan: Plan) -> dict[str, pl.DataFrame]:
    """Precincts, reports and people of the sites that are driven, by table."""
    driven = pl.DataFrame({"record": plan.records})
    return {
        PRECINCTS: plan.world.precinct_table().join(driven, on="record", how="semi"),
        REPORTS: plan.world.report_table().join(driven, on="record", how="semi"),
        PEOPLE: plan.people_table(),
    }


def write_truth(folder: RunFolder, plan: Plan) -> None:
    """Write the truth tables of a plan."""
    for name, table in truth_of(plan).items():
        folder.write_table(f"truth/{name}", table)
