"""The practice app driven and read back from its own description, as a drill does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import polars as pl
import pytest
from reporting_night import PRECINCTS, REPORT, SECRET, Practice, Start

from harness.target import Answered, Run, Session, Target, load_target
from harness.target.blocking import Driver
from harness.target.readback import read_back
from simulators.apps.reporting import app
from simulators.behaviours.protocol import AnswerClass
from simulators.people.person import Person
from simulators.stage import Operation
from simulators.world.preferences import FIELDS

VALUES = tuple(REPORT.values())
CODES = [("100000", "200000", "300000"), ("100001", "200001", "300001")]
CHAIRS = [
    Person(index, "chair", f"chair-{index}", str(PRECINCTS[index]["record"]), codes=codes)
    for index, codes in enumerate(CODES)
]
DESCRIPTION = Path(app.__file__).with_name("target.yaml")

Do = Callable[..., Answered]


@pytest.fixture
def target(practice: Practice) -> Target:
    return load_target(
        DESCRIPTION,
        environment={"REPORTING_SECRET": SECRET},
        run=Run("run-1", 7, FIELDS),
        base_url=f"http://127.0.0.1:{practice.http.port}",
    )


@pytest.fixture
def do(target: Target) -> Do:
    """Performs one operation of somebody's."""
    sessions: dict[str, Session] = {}

    def perform(kind: str, key: str, person: Person = CHAIRS[0], **more: object) -> Answered:
        session = sessions.setdefault(person.key, target.session(person))
        operation = Operation(
            kind=kind, key=key, attempt=1, actor=person, channel="api",
            record=str(more.get("record", person.record)), version=int(str(more.get("version", 1))),
            values=more.get("values"), codes=tuple(more.get("codes", ())),  # type: ignore[arg-type]
            intended=0.0, within=None,
        )  # fmt: skip
        with Driver(target) as driver:
            return driver.drive(target.perform(operation, session))

    return perform


def test_answers_are_sorted_into_their_classes(do: Do) -> None:
    """Every answer the app gives has a class; none is left to guess."""
    assert do("sign_in", "s", codes=("100000", "1", "2")).answer_class is AnswerClass.REFUSED
    assert do("sign_in", "s", codes=CODES[0]).answer_class is AnswerClass.ACCEPTED
    assert do("read_report", "r").answer_class is AnswerClass.ACCEPTED
    first = do("submit_report", "op-1", values=VALUES)
    assert (first.answer_class, first.stored_id) == (AnswerClass.ACCEPTED, "r1")
    again = do("submit_report", "op-1", values=VALUES)
    assert again.answer_class is AnswerClass.ALREADY_HAVE_IT
    other = do("submit_report", "op-1", values=VALUES[::-1])
    assert other.answer_class is AnswerClass.REFUSED
    foreign = do("submit_report", "op-9", values=VALUES, record="IA-0002")
    assert foreign.answer_class is AnswerClass.REFUSED
    amended = do("amend_report", "op-2", values=(120, *VALUES[1:]), version=2)
    assert (amended.answer_class, amended.stored_id) == (AnswerClass.ACCEPTED, "r2")
    assert do("send_photo", "photo-1").answer_class is AnswerClass.ACCEPTED
    assert do("read_results", "p").answer_class is AnswerClass.ACCEPTED


def test_a_locked_account_says_when_to_come_back(do: Do) -> None:
    """Five wrong codes are refused; the sixth answer is a lock-out with its wall seconds."""
    for _ in range(5):
        do("sign_in", "s", codes=("100001", "1", "2"), person=CHAIRS[1])
    locked = do("sign_in", "s", codes=CODES[1], person=CHAIRS[1])
    assert locked.answer_class is AnswerClass.LOCKED_OUT
    assert locked.retry_after == pytest.approx(7.5, abs=1)


def test_an_operator_signs_in_with_the_codes_of_the_roster(do: Do, practice: Practice) -> None:
    """Operators of a roster without passwords use PIN and security code joined."""
    codes = ("900000", "55", "66")
    person = {"key": "operator-7", "role": "operator", "codes": list(codes)}
    admin = {"Authorization": f"Bearer {SECRET}"}
    assert practice.http.post("/admin/roster", {"people": [person]}, admin).status == 200
    operator = Person(9, "operator", "operator-7", codes=codes)
    assert do("sign_in", "s", operator, codes=codes).answer_class is AnswerClass.ACCEPTED
    sent = do("submit_report", "op-1", operator, values=VALUES, record="IA-0004")
    assert sent.answer_class is AnswerClass.ACCEPTED


def test_everything_is_read_back(do: Do, target: Target) -> None:
    """Records, export and totals come back under our keys, with derived numbers."""
    do("submit_report", "op-1", values=VALUES)
    do("submit_report", "op-2", CHAIRS[1], values=VALUES)
    do("amend_report", "op-3", CHAIRS[1], values=(120, *VALUES[1:]), version=2)
    found = read_back(target, "again", FIELDS)
    for source in ("records", "export"):
        rows = found.filter(pl.col("source") == source).sort("record")
        assert rows["key"].to_list() == ["op-1", "op-3"]
        assert rows["record"].to_list() == ["IA-0001", "IA-0002"]
        assert [tuple(values) for values in rows["values"]] == [VALUES, (120, *VALUES[1:])]
        assert orjson.loads(rows["derived"][0])["sde_biden"] == pytest.approx(4 * 0.25)
    (totals,) = found.filter(pl.col("source") == "totals").iter_rows(named=True)
    assert totals["number"] == 2
    assert totals["values"][0] == 220
    assert orjson.loads(totals["derived"])["sde_warren"] == pytest.approx(2 * 3 * 0.25)


def test_a_partial_export_comes_back_with_gaps(start: Start, do: Do, target: Target) -> None:
    """Cells that the export drops are missing, not nought."""
    do("submit_report", "op-1", values=VALUES)
    partial = start("partial_export")
    where = f"http://127.0.0.1:{partial.http.port}"
    again = load_target(
        DESCRIPTION,
        environment={"REPORTING_SECRET": SECRET},
        run=target.run,
        base_url=where,
    )
    (row,) = read_back(again, "again", FIELDS, only=["export"]).iter_rows(named=True)
    missing = [name for name, value in zip(FIELDS, row["values"], strict=True) if value is None]
    assert missing == [name for name in FIELDS if name.startswith("final_")]
