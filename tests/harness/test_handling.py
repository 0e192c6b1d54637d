"""How faults with a runbook were handled is worked out from the record, as often as wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from build_run import clean_run

from harness.ledger import handling_log, health_log, seal
from harness.ledger.handling_log import Key
from harness.objective import Objective, evaluate
from harness.record import HANDLING, HEALTH, INJECTS, Finding, RunFolder, Status

RUNBOOK = {"step": "Start it again.", "owner": "on-call"}


def injects(**columns: Any) -> pl.DataFrame:
    row = {"name": "down", "kind": "process.restart", "planned_start_drill": 90.0,
           "planned_end_drill": 200.0, "started_drill": 100.0, "ended_drill": 200.0, "touched": 1,
           "undone": True, "detail": ""}  # fmt: skip
    return pl.DataFrame([row | columns], schema=INJECTS)


def polls(*said: tuple[float, str, str]) -> pl.DataFrame:
    """Rows of when, who and what."""
    return pl.DataFrame(
        [
            {"at_drill": at, "source": source, "said": what, "status": None, "took": 1,
             "detail": ""} for at, source, what in said
        ],
        schema=HEALTH,
    )  # fmt: skip


def handled(health: pl.DataFrame, **columns: Any) -> dict[str, Any]:
    planned: list[dict[str, Any]] = [
        {"name": "down", "runbook": RUNBOOK}, {"name": "nothing to do", "runbook": None}
    ]  # fmt: skip
    (row,) = handling_log.table(planned, injects(**columns), health, None).to_dicts()
    return row


def test_the_first_word_of_trouble_is_when_it_could_be_noticed() -> None:
    """Whatever was said before the fault does not count; whoever says it first is named."""
    told = handled(
        polls(
            (80, "health", "ill"), (90, "health", "well"), (110, "health", "well"),
            (118, "alarm", "ill"), (120, "health", "no_answer"), (190, "alarm", "ill"),
            (210, "alarm", "ill"), (220, "alarm", "well"), (205, "health", "well"),
        )
    )  # fmt: skip
    assert (told["by"], told["detected_drill"], told["fixed_drill"]) == ("alarm", 118, 220)
    assert (told["step"], told["owner"], told["began_drill"]) == ("Start it again.", "on-call", 100)


def test_it_is_fixed_from_when_all_is_well_for_good() -> None:
    """A hub that mends itself is fixed before the fault ends; one that flaps is not."""
    itself = [(110.0, "health", "ill"), (130.0, "health", "well"), (210.0, "health", "well")]
    assert handled(polls(*itself))["fixed_drill"] == 130
    flaps = [*itself[:2], (150.0, "health", "ill"), (180.0, "health", "well"), itself[2]]
    assert handled(polls(*flaps))["fixed_drill"] == 180
    never = [*itself[:2], (205.0, "health", "ill")]
    assert handled(polls(*never))["fixed_drill"] is None
    stopped = handled(polls(*itself), ended_drill=None)
    assert (stopped["detected_drill"], stopped["fixed_drill"]) == (110, None)


def test_a_page_that_is_ill_anyway_tells_of_no_fault() -> None:
    """It must have been well in between; until it was, another one may still tell."""
    stuck = [(90.0, "health", "ill"), (110.0, "health", "ill"), (210.0, "health", "ill")]
    told = handled(polls(*stuck))
    assert (told["by"], told["detected_drill"]) == ("nobody", None)
    assert told["detail"] == "it had said that it was ill since before"
    again = handled(polls(*stuck, (120.0, "health", "well"), (130.0, "health", "ill")))
    assert (again["by"], again["detected_drill"]) == ("health", 130)
    other = handled(polls(*stuck, (140.0, "alarm", "ill")))
    assert (other["by"], other["detected_drill"]) == ("alarm", 140)


@pytest.mark.parametrize(
    ("said", "columns"),
    [
        ([(110.0, "health", "well"), (205.0, "health", "ill")], {}),
        ([(110.0, "health", "ill")], {"started_drill": None}),
        ([], {}),
    ],
)
def test_what_nobody_tells_of_nobody_noticed(
    said: list[tuple[float, str, str]], columns: dict[str, Any]
) -> None:
    """A word that comes when all is over, or of a fault that never was, is none of this one."""
    told = handled(polls(*said), **columns)
    assert (told["by"], told["detected_drill"], told["fixed_drill"]) == ("nobody", None, None)


def test_a_run_is_sealed_as_often_as_wanted(tmp_path: Path) -> None:
    """Lines that were cut short are left out; the keys count where somebody attended."""
    run = clean_run(tmp_path / "run")
    run.info["injects"][0]["runbook"] = RUNBOOK
    folder = run.write()
    health = folder.path / "ledger" / health_log.NAME
    with health_log.Writer(health) as log:
        for at, said in ((1510.0, "ill"), (1500.0, "well"), (1900.0, "well")):
            log.write(at=at, source="health", said=said, status=200, took=0.01, detail="")
    keys = folder.path / "ledger" / handling_log.NAME
    keys.write_bytes(Key(1600.0, "noticed", "one restart").line())
    for log_file in (health, keys):
        with log_file.open("ab") as file:
            file.write(b'{"at": 1700.0, "pre')
    for attended, by in ((False, "health"), (True, "attended")):
        folder.write_info(folder.info | {"attended": attended})
        for _ in range(2):
            opened = RunFolder.open(folder.path)
            seal(opened)
            assert opened.health.collect()["at_drill"].to_list() == [1500, 1510, 1900]
            (row,) = opened.handling.collect().cast(HANDLING).to_dicts()
            assert row["by"] == by
    assert orjson.loads(keys.read_bytes().splitlines()[0])["inject"] == "one restart"


SOON = Objective(
    "soon", "recovery", "invariant", figure="seconds_to_normal", at_most=60.0, says="Back soon."
)


@pytest.mark.parametrize(
    ("found", "state", "told"),
    [
        ([59.0], Status.PASS, 0),
        ([2.0, 59.0, 3.0], Status.PASS, 1),
        ([59.0, 61.0, 62.0], Status.FAIL, 2),
        ([59.0, 61.0, None, 70.0], Status.FAIL, 2),  # it never came, and the check says so
    ],
)
def test_recovery_within_a_time_is_asked_of_every_fault(
    found: list[float | None], state: Status, told: int
) -> None:
    """The worst counts and is told; one after which it never was as before is too late."""
    findings = [
        Finding("recovery", Status.PASS if at is not None else Status.FAIL, "?", "!", f"fault {n}",
                {"seconds_to_normal": at}) for n, at in enumerate(found)
    ]  # fmt: skip
    result = evaluate(SOON, findings)
    assert (result.state, result.findings) == (state, (f"recovery:fault {told}",))
    assert SOON.asked == "at most 60 s"
