"""Writing down what is so, before anybody acts: ``truth/`` of the run folder."""

from __future__ import annotations

import polars as pl

from harness.record import PEOPLE, PRECINCTS, REPORTS, VOTERS, RunFolder
from simulators.plans import ElectionPlan


def truth_of(plan: ElectionPlan) -> dict[str, pl.DataFrame]:
    """Precincts, reports, people and voters' lists of what is driven, by table."""
    voters = plan.voter_table()
    return {
        PRECINCTS: plan.precinct_table(),
        REPORTS: plan.report_table(),
        PEOPLE: plan.people_table(),
        **({} if voters is None else {VOTERS: voters}),
    }


def write_truth(folder: RunFolder, plan: ElectionPlan) -> None:
    """Write the truth tables of a plan."""
    for name, table in truth_of(plan).items():
        folder.write_table(f"truth/{name}", table)
