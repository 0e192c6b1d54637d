"""Attempts, calls and stores of a night in virtual time as the tables of a run folder."""

from __future__ import annotations

from harness.record import CALLS, HISTORY
from harness.virtual_tables import calls_table, history_table, injects_table, readback_table
from simulators.behaviours.protocol import AnswerClass
from simulators.line_model import Group
from simulators.model import AppModel, Cut, Done, ModelApp, Outage, Reply
from simulators.people.person import Person
from simulators.phones.hotline import Call
from simulators.stage import Operation
from simulators.virtual import VirtualClock
from simulators.world import Site
from simulators.world.preferences import FIELDS

CHAIR = Person(3, "chair", "chair-0001", "IA-0001", codes=("1", "2", "3"))
VALUES = tuple(range(43))
SITES = {
    "IA-0001": Site(0, "IA-0001", "Precinct 1", "Adair", "precinct", 1, 0.5, ""),
    "IA-0002": Site(1, "IA-0002", "Precinct 2", "Adair", "precinct", 4, 0.5, ""),
}


def attempt(
    kind: str, at: float, *, key: str = "k1", values: tuple[int, ...] | None = None
) -> Operation:
    """An operation of the chair's."""
    return Operation(
        kind, key, 1, CHAIR, "api", "IA-0001", 1, values, CHAIR.codes, at, None
    )  # fmt: skip


def test_attempts_are_ordered_by_when_they_were_due() -> None:
    """A drill second is a wall second, and what was never sent has no time of sending."""
    table = history_table(
        [
            Done(
                attempt("submit_report", 20.0, values=VALUES),
                20.5,
                Reply(AnswerClass.ACCEPTED, 201, "r1"),
            ),
            Done(attempt("sign_in", 10.0), 10.0, Reply(AnswerClass.UNREACHABLE)),
        ]
    )
    assert table.schema == HISTORY
    first, second = table.to_dicts()
    assert (first["kind"], first["sent"], first["outcome"]) == ("sign_in", None, "refused")
    assert (second["sent"], second["done"]) == (20_000_000_000, 20_500_000_000)
    assert (second["values"], second["stored_id"]) == (list(VALUES), "r1")
    assert first["values_hash"] is None
    assert second["values_hash"] is not None


def test_calls_keep_their_caller_role_and_cause() -> None:
    """A busy caller was never answered and held no agent."""
    busy = Call(3, "results", "IA-0001", 5.0, ended=5.0, cause="busy")
    served = Call(4, "results", "", 1.0, answered=2.0, ended=9.0, agent=0, cause="served")
    table = calls_table([busy, served], {3: "chair", 4: "help_caller"})
    assert table.schema == CALLS
    first, second = table.to_dicts()
    assert (first["role"], first["answered_drill"], first["agent"]) == ("help_caller", 2.0, 0)
    assert (second["role"], second["answered_drill"], second["cause"]) == ("chair", None, "busy")


def test_an_inject_after_the_night_never_began() -> None:
    """What was planned for later than the end has no start and no end."""
    faults: list[Outage | Cut] = [
        Outage("early", 10.0, 20.0),
        Cut("late", 200.0, 300.0, Group(), 3),
    ]
    early, late = injects_table(faults, {"early": 1, "late": 0}, 100.0).to_dicts()
    assert (early["started_drill"], early["ended_drill"], early["touched"]) == (10.0, 20.0, 1)
    assert (late["started_drill"], late["ended_drill"], late["undone"]) == (None, None, True)


def held(*defects: str) -> list[dict[str, object]]:
    """What is read back of an app that took one report, amended once."""
    clock = VirtualClock()
    app = ModelApp(clock, AppModel(defects=frozenset(defects)), SITES, 1)
    app.perform(attempt("sign_in", 0.0), lambda answer: None)
    clock.run()
    app.perform(attempt("submit_report", 5.0, values=VALUES), lambda answer: None)
    clock.run()
    changed = (*VALUES[:15], 99, *VALUES[16:])
    app.perform(attempt("amend_report", 9.0, key="k2", values=changed), lambda answer: None)
    clock.run()
    return readback_table(app, SITES).to_dicts()


def cells(row: dict[str, object]) -> dict[str, int | None]:
    """The cells of a row by name."""
    values = row["values"]
    assert isinstance(values, list)
    return dict(zip(FIELDS, values, strict=True))


def test_the_report_that_counts_is_read_back_twice_and_nothing_before() -> None:
    """The baseline is an empty app; afterwards each round shows the amended report."""
    rows = held()
    baseline = [row for row in rows if row["round"] == "baseline"]
    assert [(row["source"], row["number"]) for row in baseline] == [("totals", 0.0)]
    assert not any(cells(baseline[0]).values())
    for name in ("settled", "again"):
        records = [row for row in rows if row["round"] == name and row["source"] == "records"]
        assert [(row["key"], cells(row)["final_bennet"]) for row in records] == [("k2", 99)]
        totals = next(row for row in rows if row["round"] == name and row["source"] == "totals")
        assert (totals["number"], cells(totals)["final_bennet"]) == (1.0, 99)


def test_defects_of_the_hand_over_and_the_totals_show_in_the_reading() -> None:
    """The partial export misses the final alignment, the stale totals the amendment."""
    export = next(row for row in held("partial_export") if row["source"] == "export")
    assert cells(export)["final_bennet"] is None
    assert cells(export)["first_biden"] == VALUES[2]
    assert export["values_hash"] is None
    totals = [row for row in held("stale_totals") if row["source"] == "totals"]
    assert cells(totals[-1])["final_bennet"] == VALUES[15]


def test_one_delegate_is_split_in_the_derived_numbers_only() -> None:
    """The defect changes what the app works out, not what it stores."""
    sound, spoilt = (
        next(row for row in held(*defects) if row["source"] == "records")
        for defects in ((), ("one_delegate_precincts",))
    )
    assert sound["values"] == spoilt["values"]
    assert sound["derived"] != spoilt["derived"]
