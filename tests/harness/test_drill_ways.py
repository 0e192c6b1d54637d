"""A whole drill of people on several networks: all suffer their own, and nobody else's."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest

from harness.record import RunFolder
from harness.scenario import packaged
from simulators.line_model import goes_through

pytestmark = [pytest.mark.live, pytest.mark.slow]

INJECTS = """
injects:
  - {kind: network.reset, name: dead, begins: "18:00", ends: "00:30", share: 0.3}
  - {kind: network.latency, name: slow, begins: "18:00", ends: "00:30", share: 0.3, latency_ms: 80,
     way: rural carrier}
  - {kind: network.cut_answers, name: county carrier, begins: "18:00", ends: "00:30",
     where: [Polk, Story], every: 1}
"""
SPEED = 4000.0
WINDOW = (2400.0, 25_200.0)  # drill seconds: the night opens at 17:30, the faults begin at 18:00
MS = 1_000_000


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("drill")
    text = packaged()["iowa-caucus-night"].read_text()
    start, end = text.index("\ninjects:"), text.index("\nobjectives:")
    path = folder / "ways.yaml"
    path.write_text(text[:start] + INJECTS + text[end:])
    arguments = ("--scale", "0.03", "--speed", str(SPEED), "--out", str(folder / "run"))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "harness.cli", "run", str(path), *arguments],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode in (0, 1, 3), done.stderr
    assert "Traceback" not in done.stderr
    return RunFolder.open(folder / "run")


def sent(run: RunFolder) -> pl.DataFrame:
    """What went over the network while the faults were on, and whose way it took."""
    county = run.table("truth/precincts").filter(pl.col("county").is_in(["Polk", "Story"]))
    people = run.table("truth/people").join(county, on="record", how="semi")
    there = people.collect()["who"].to_list()
    ways = {
        who: "county" if who in there
        else "dead" if goes_through(who, 0.3)
        else "slow" if goes_through(who, 0.3, 0.3)
        else "own"
        for who in run.history.select("who").unique().collect()["who"]
    }  # fmt: skip
    first, last = (each / SPEED * 1000 * MS for each in WINDOW)
    return (
        run.history.with_columns(pl.col("channel", "outcome").cast(pl.String))
        .filter(pl.col("channel") == "api", pl.col("sent").is_between(first, last))
        .collect()
        .with_columns(way=pl.col("who").replace_strict(ways, return_dtype=pl.String))
    )


def test_everybody_suffers_their_own_network_and_no_other(run: RunFolder) -> None:
    """On the dead way nothing gets through; on the slow one it takes its time; else all is well.

    Of two counties every answer to a write is lost, after the app had the request.
    """
    rows = sent(run)
    ways = ("dead", "slow", "own", "county")
    outcomes = {way: set(rows.filter(pl.col("way") == way)["outcome"]) for way in ways}
    assert outcomes["dead"] == {"unknown"}
    for way in ("slow", "own"):
        assert "ok" in outcomes[way]
        assert "unknown" not in outcomes[way]
    written = rows.filter(
        pl.col("way") == "county", pl.col("kind").cast(pl.String) == "submit_report"
    )
    assert written["record"].n_unique() > 1
    assert outcomes["county"] == {"unknown"}
    took = {
        way: rows.filter(pl.col("way") == way).select(pl.col("done") - pl.col("sent")).min().item()
        for way in ("slow", "own")
    }
    assert took["slow"] >= 158 * MS
    assert took["own"] < 158 * MS


def test_what_was_done_is_on_record_and_undone(run: RunFolder) -> None:
    """Each fault touched something, at its time, and is over."""
    rows = {row["name"]: row for row in run.injects.collect().to_dicts()}
    assert set(rows) == {"dead", "slow", "county carrier"}
    for row in rows.values():
        assert row["touched"] > 0
        assert row["undone"]
        assert row["started_drill"] < row["ended_drill"]
    assert "connections reset" in rows["dead"]["detail"]
    assert "after the request had arrived" in rows["county carrier"]["detail"]
    assert not run.info["target"]["not_drilled"]
