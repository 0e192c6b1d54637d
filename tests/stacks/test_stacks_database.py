"""PostgreSQL is killed under the practice reporting app while reports come in.

With settings that keep their promise nothing that was acknowledged is lost. With ``fsync`` and
``synchronous_commit`` off the app says yes before anything is on disk: what the kill then takes is
found, and named record by record. In Docker, or as processes where no engine answers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from ledger_oracle import killed_at, reports_told, tries
from postgres_server import require_postgresql
from stack_setting import in_docker
from target_drills import Played, drill, found_lost

from harness.practice import practice_file, secret_for

pytestmark = [pytest.mark.live, pytest.mark.slow]

SCENARIO = Path(__file__).parent / "database-dies.yaml"
INTEGRITY = {"lost", "survived", "phantom", "duplicate", "altered", "zero_report"}


def careless(setting: str, folder: Path) -> Path:
    """The same app on a database that says yes before anything is on disk."""
    original = practice_file(f"reporting-{setting}")
    description: dict[str, Any] = yaml.safe_load(original.read_text(encoding="utf-8"))
    description["like"] = str(original.parent / description["like"])
    if setting == "docker":
        description["compose"]["file"] = str(original.parent / "compose.yaml")
        description["compose"]["env"]["DATABASE"] = "--careless"
    else:
        description["services"]["database"]["process"]["command"].append("--careless")
    path = folder / "careless.yaml"
    path.write_text(yaml.safe_dump(description, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Played]:
    """The drill on the careful and on the careless database, side by side."""
    setting = "docker" if in_docker() else "postgresql"
    if setting == "postgresql":
        require_postgresql()
    secret_for("reporting")
    folder = tmp_path_factory.mktemp("database-dies")
    targets = Path(f"practice/reporting-{setting}"), careless(setting, folder)

    def play(target: Path) -> Played:
        run = folder / target.stem
        return drill(SCENARIO, "--scale", "0.15", target=target, folder=run)

    with ThreadPoolExecutor(2) as pool:
        careful, careless_one = pool.map(play, targets)
    return careful, careless_one


def held(run: Path) -> set[str]:
    """Operation keys that the app showed when everything was over."""
    shown = pl.read_parquet(run / "readback.parquet")
    rows = shown.filter(pl.col("source").cast(pl.String) == "records", pl.col("round") == "settled")
    return set(rows["key"].drop_nulls())


def acknowledged(run: Path) -> set[str]:
    return {key for key, told in reports_told(run).items() if told.accepted}


def test_a_durable_database_loses_nothing(both: tuple[Played, Played]) -> None:
    """Killed with reports on their way, it comes back with each that was acknowledged."""
    careful, _ = both
    assert careful.states("pass") >= INTEGRITY | {"injects"}, careful.said
    assert acknowledged(careful.path) == held(careful.path)
    at = killed_at(careful.path)
    done = [each["done"] for each in tries(careful.path, kind="submit_report", outcome="ok")]
    assert sum(each < at for each in done) > 20, "the kill came before there was much to lose"
    assert sum(each > at for each in done) > 20, "the app did not find its database again"


def test_the_app_turns_people_away_while_its_database_is_gone(
    both: tuple[Played, Played],
) -> None:
    """A certain no, at once, which people's own retries make up for."""
    careful, _ = both
    away = tries(careful.path, kind="submit_report", answer_class="retry")
    assert len(away) > 5, "hardly anybody came while it was away"
    assert {(each["outcome"], each["status"]) for each in away} == {("refused", 503)}


def test_a_careless_database_is_named_report_by_report(both: tuple[Played, Played]) -> None:
    """Exactly what was acknowledged and is not there: NO-GO, and for nothing else."""
    _, careless_one = both
    missing = acknowledged(careless_one.path) - held(careless_one.path)
    assert missing, "the kill took nothing: is the window open?"
    assert found_lost(careless_one.path) == missing
    assert (careless_one.word, careless_one.code) == ("NO-GO", 1)
    assert careless_one.states("fail") - {"completeness"} == {"lost", "survived"}
    assert careless_one.finding("survived")["offenders"] == len(missing)
