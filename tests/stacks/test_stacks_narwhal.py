"""Narwhal's game day against two regions of the practice hub, for real.

The packaged scenario with its pauses shortened: the same five losses one by one, on PostgreSQL
with a replica, Redis and a load balancer. In Docker, or as processes where no engine answers.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from postgres_server import require_postgresql
from stack_setting import in_docker
from target_drills import Played, drill

from harness.document import read_document
from harness.injects.docker_host import engine
from harness.practice import secret_for
from harness.scenario import packaged

pytestmark = [pytest.mark.live, pytest.mark.slow]

LOSSES = {
    "the databases are killed": ("10:00:40", "10:01:00"),
    "the replicas have to be rebuilt": ("10:01:25", "10:01:45"),
    "the servers of the East Coast are lost": ("10:02:05", "10:02:25"),
    "the cache is killed": ("10:02:50", "10:03:10"),
    "packets are lost": ("10:03:30", "10:03:50"),
}
ENDS = "10:04:40"
RUN = f"narwhal-run-{os.getpid()}"  # others may drill beside us
VISITS = [[0, 1000], [20, 3000], [260, 3000], [280, 500]]
INTEGRITY = {
    "lost", "phantom", "duplicate", "altered", "misattributed", "stale", "mis_totalled", "merged",
    "names", "survived", "zero_report", "unstable", "late", "already_have_it",
}  # fmt: skip


def shortened(folder: Path) -> Path:
    """The packaged scenario, with less time between its losses and fewer who look."""
    scenario: dict[str, Any] = read_document(packaged()["narwhal-game-day"]).data
    scenario["clock"]["ends"] = ENDS
    scenario["phases"] = []
    scenario["traffic"]["visits"]["rate"] = VISITS
    scenario["world"]["people"] //= 2
    for inject in scenario["injects"]:
        inject["begins"], inject["ends"] = LOSSES[inject["name"]]
    path = folder / "narwhal.yaml"
    path.write_text(yaml.safe_dump(scenario, sort_keys=False), encoding="utf-8")
    return path


def left_over() -> list[str]:
    """What this file's drill has left in the engine: containers, volumes, networks."""
    found = engine()
    things = [*found.containers.list(all=True), *found.volumes.list(), *found.networks.list()]
    return [each.name for each in things if each.name.startswith(f"drillhall-{RUN}-")]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    target = "practice/hub-docker" if in_docker() else "practice/hub-processes"
    if target == "practice/hub-processes":
        require_postgresql()
        if shutil.which("redis-server") is None:
            pytest.skip("redis-server is not installed")
    secret_for("hub")
    folder = tmp_path_factory.mktemp("narwhal")
    return drill(shortened(folder), target=Path(target), folder=folder / RUN)


def test_the_five_losses_came_one_by_one_and_were_undone(played: Played) -> None:
    """Each touched what it names, and nothing stayed broken."""
    injects = pl.read_parquet(played.path / "injects.parquet")
    assert set(injects["name"]) == set(LOSSES), played.said
    assert injects["touched"].min() > 0  # type: ignore[operator]
    assert injects["undone"].all()
    spells = injects.sort("started_drill")
    assert (spells["ended_drill"].shift(1) < spells["started_drill"]).drop_nulls().all()


def test_no_loss_costs_a_contact_and_the_four_sources_agree(played: Played) -> None:
    """Every contact that was acknowledged is there, and each person is what they come to."""
    assert played.states("pass") >= INTEGRITY, played.said
    assert not played.states("fail") & INTEGRITY


def test_people_get_through_again_after_each_loss(played: Played) -> None:
    """Within a minute, and the report says how soon beside what was asked for."""
    assert "recovery" in played.states("pass"), played.said
    recovered = {each["subject"]: each for each in played.findings("recovery")}
    assert set(recovered) >= set(LOSSES)
    report = (played.path / "report.html").read_text(encoding="utf-8").lower()
    assert [name for name in LOSSES if name.lower() not in report] == []


def test_nothing_is_left_behind(played: Played) -> None:
    """Containers, volumes and networks of the drill are gone."""
    if in_docker():
        assert left_over() == []
