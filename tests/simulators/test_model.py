"""The modelled app: what a sound one does, its faults, and each defect it can be given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from simulators.behaviours.protocol import Answer, AnswerClass, Outcome
from simulators.line_model import Group
from simulators.model import DEFECTS, AppModel, Cut, ModelApp, Outage
from simulators.people.person import Person
from simulators.stage import Operation
from simulators.virtual import VirtualClock

CHAIR = Person(1, "chair", "chair-1", "IA-0001", codes=("11", "22", "33"))
OTHER = Person(2, "chair", "chair-2", "IA-0002", codes=("44", "55", "66"))
OPERATOR = Person(9, "operator", "operator-1", codes=("7", "8", "9"))
VALUES = tuple(range(43))


@dataclass(frozen=True)
class Precinct:
    """A place the app knows."""

    county: str
    delegates: int


class Bench:
    """An app on a virtual clock, and a way to ask it things one after another."""

    def __init__(self, **settings: object) -> None:
        self.clock = VirtualClock()
        model = replace(AppModel(), **settings)  # type: ignore[arg-type]
        places = {"IA-0001": Precinct("Adair", 1), "IA-0002": Precinct("Adair", 5)}
        self.app = ModelApp(self.clock, model, places, seed=1)

    def ask(self, kind: str, person: Person = CHAIR, **changes: object) -> AnswerClass:
        """Perform one operation now and run until it is answered."""
        answers = self.ask_together(kind, person, 1, **changes)
        return answers[0].answer_class

    def ask_together(
        self, kind: str, person: Person, times: int, **changes: object
    ) -> list[Answer]:
        """Perform the same operation several times at the same instant."""
        operation = Operation(
            kind, "k1", 1, person, "api", person.record, 1,
            VALUES if kind in ("submit_report", "amend_report") else None,
            person.codes, self.clock.now(), None,
        )  # fmt: skip
        operation = replace(operation, **changes)  # type: ignore[arg-type]
        answers: list[Answer] = []
        for _ in range(times):
            self.app.perform(operation, answers.append)
        while len(answers) < times:
            self.clock.run(self.clock.now() + 1.0)
        return answers

    def stored(self) -> list[tuple[str, tuple[int, ...]]]:
        """Every report in the store, oldest first."""
        return [(each.record, each.values) for each in self.app.reports]


def test_a_report_needs_a_session() -> None:
    """Nobody submits before signing in with the true codes."""
    bench = Bench()
    assert bench.ask("submit_report") is AnswerClass.AUTH_EXPIRED
    assert bench.ask("sign_in", codes=("11", "22", "34")) is AnswerClass.REFUSED
    assert bench.ask("submit_report") is AnswerClass.AUTH_EXPIRED
    assert bench.ask("sign_in") is AnswerClass.ACCEPTED
    assert bench.ask("submit_report") is AnswerClass.ACCEPTED
    assert bench.stored() == [("IA-0001", VALUES)]


def test_wrong_codes_lock_the_account_and_time_opens_it() -> None:
    """The fifth wrong sign-in locks the account, true codes or not, until the time is over."""
    bench = Bench(wrong_codes=5, lock_seconds=600.0)
    for _ in range(5):
        assert bench.ask("sign_in", codes=("no",)) is AnswerClass.REFUSED
    assert bench.ask("sign_in") is AnswerClass.LOCKED_OUT
    assert bench.ask("sign_in", OTHER) is AnswerClass.ACCEPTED
    bench.clock.run(bench.clock.now() + 600)
    assert bench.ask("sign_in") is AnswerClass.ACCEPTED


def test_the_same_operation_is_stored_once() -> None:
    """A retry and a double tap with the same key are one report; new values need a new key."""
    bench = Bench()
    bench.ask("sign_in")
    answers = bench.ask_together("submit_report", CHAIR, 2)
    assert sorted(answer.answer_class for answer in answers) == ["accepted", "already_have_it"]
    assert bench.ask("submit_report") is AnswerClass.ALREADY_HAVE_IT
    changed = (1, *VALUES[1:])
    assert bench.ask("submit_report", values=changed) is AnswerClass.REFUSED
    assert bench.ask("amend_report", values=changed, key="k2") is AnswerClass.ACCEPTED
    assert bench.stored() == [("IA-0001", VALUES), ("IA-0001", changed)]
    assert [each.values for each in bench.app.counting()] == [changed]


def test_a_chair_reports_for_their_own_precinct_and_an_operator_for_any() -> None:
    """Another chair's precinct and a precinct that does not exist are refused."""
    bench = Bench()
    bench.ask("sign_in")
    bench.ask("sign_in", OPERATOR)
    assert bench.ask("submit_report", record="IA-0002") is AnswerClass.REFUSED
    assert bench.ask("submit_report", OPERATOR, record="IA-0002") is AnswerClass.ACCEPTED
    assert bench.ask("submit_report", OPERATOR, record="IA-9999") is AnswerClass.REFUSED


def test_an_outage_refuses_connections_and_resets_open_ones() -> None:
    """Down means unreachable; what was on its way when it went down nobody can tell."""
    bench = Bench(latency=10.0, latency_sigma=0.0, faults=(Outage("restart", 100.0, 200.0),))
    bench.ask("sign_in")
    bench.clock.run(95.0)
    assert bench.ask("submit_report") is AnswerClass.NO_ANSWER
    assert bench.stored() == []
    assert bench.ask("submit_report") is AnswerClass.UNREACHABLE
    bench.clock.run(200.0)
    assert bench.ask("submit_report") is AnswerClass.ACCEPTED
    assert bench.app.touched == {"restart": 1}


def test_a_request_handled_just_before_the_outage_is_stored_without_an_answer() -> None:
    """The app may have stored what it never answered."""
    bench = Bench(latency=10.0, latency_sigma=0.0, faults=(Outage("restart", 100.0, 200.0),))
    bench.ask("sign_in")
    bench.clock.run(91.0)
    assert bench.ask("submit_report") is AnswerClass.NO_ANSWER
    assert bench.stored() == [("IA-0001", VALUES)]


def test_a_cut_answer_leaves_the_report_stored() -> None:
    """Every second answer to a write is lost after the app has acted; reads are untouched."""
    bench = Bench(faults=(Cut("cut", 50.0, 99.0, Group(), every=2),))
    bench.ask("sign_in")
    bench.clock.run(60.0)
    assert bench.ask("submit_report", key="a") is AnswerClass.ACCEPTED
    assert bench.ask("read_results") is AnswerClass.ACCEPTED
    assert bench.ask("submit_report", key="b") is AnswerClass.NO_ANSWER
    assert bench.ask("submit_report", key="b") is AnswerClass.ALREADY_HAVE_IT
    bench.clock.run(120.0)
    assert bench.ask("submit_report", key="c") is AnswerClass.ACCEPTED
    assert len(bench.stored()) == 3
    assert bench.app.touched == {"cut": 1}


def test_an_impatient_person_does_not_learn_of_a_slow_answer() -> None:
    """Whoever stops looking at the spinner has no answer, yet the report is stored."""
    bench = Bench(latency=10.0, latency_sigma=0.0)
    bench.ask("sign_in")
    answer = bench.ask_together("submit_report", CHAIR, 1, within=8.0)[0]
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.waited == pytest.approx(8.0)
    assert len(bench.stored()) == 1


def test_a_server_error_may_or_may_not_have_been_stored() -> None:
    """At a failure share of one nothing is acknowledged, and about half is stored."""
    bench = Bench(failure_share=0.0)
    bench.ask("sign_in")
    bench.app.settings = replace(bench.app.settings, failure_share=1.0)
    answers = [bench.ask("submit_report", key=f"k{each}") for each in range(200)]
    assert set(answers) == {AnswerClass.SERVER_ERROR}
    assert 70 < len(bench.stored()) < 130


def test_capacity_puts_operations_in_line() -> None:
    """Beyond its capacity an app answers one after another."""
    bench = Bench(latency=0.01, latency_sigma=0.0, per_second=10.0)
    answers = bench.ask_together("read_results", CHAIR, 50)
    assert answers[-1].waited == pytest.approx(5.01)


def test_unknown_defects_and_impossible_settings_are_named() -> None:
    """A defect nobody knows and a share above one are refused when the model is made."""
    with pytest.raises(ValueError, match=r"no_idempotence.*Known: .*no_idempotency"):
        AppModel(defects=frozenset({"no_idempotence"}))
    with pytest.raises(ValueError, match=r"failure_share=1\.5"):
        AppModel(failure_share=1.5)
    with pytest.raises(ValueError, match="per_second=0"):
        AppModel(per_second=0)


def signed_in(*defects: str, **settings: object) -> Bench:
    """A bench with defects switched on, a chair and an operator signed in."""
    assert set(defects) <= set(DEFECTS)
    bench = Bench(defects=frozenset(defects), **settings)
    bench.ask("sign_in")
    bench.ask("sign_in", OPERATOR)
    return bench


def test_defect_no_idempotency_stores_a_retry_again() -> None:
    """The repeated operation is there twice, and both count."""
    bench = signed_in("no_idempotency")
    assert bench.ask("submit_report") is AnswerClass.ACCEPTED
    assert bench.ask("submit_report") is AnswerClass.ACCEPTED
    assert len(bench.app.counting()) == 2


def test_defect_last_cell_dropped_stores_a_zero() -> None:
    """The last cell that was filled in is 0, and a retry is still recognised."""
    bench = signed_in("last_cell_dropped")
    filled = (5, 4, 3, *([0] * 40))
    bench.ask("submit_report", values=filled)
    assert bench.stored() == [("IA-0001", (5, 4, *([0] * 41)))]
    assert bench.ask("submit_report", values=filled) is AnswerClass.ALREADY_HAVE_IT


def test_defect_cross_precinct_write_takes_anybodys_report() -> None:
    """A chair writes for a precinct that is not theirs."""
    bench = signed_in("cross_precinct_write")
    assert bench.ask("submit_report", record="IA-0002") is AnswerClass.ACCEPTED


def test_defect_lost_on_restart_forgets_what_was_not_committed() -> None:
    """Reports held less than ten minutes are gone, and older ones count again."""
    bench = signed_in("lost_on_restart", faults=(Outage("restart", 800.0, 810.0),))
    bench.ask("submit_report", key="old")
    bench.clock.run(650.0)
    bench.ask("submit_report", key="young")
    assert [each.operation for each in bench.app.counting()] == ["young"]
    bench.clock.run(820.0)
    assert [each.operation for each in bench.app.counting()] == ["old"]
    assert bench.ask("submit_report", key="young") is AnswerClass.ACCEPTED


def test_defect_lost_on_restart_keeps_what_was_committed() -> None:
    """Reports of more than ten minutes ago survive the restart."""
    bench = signed_in("lost_on_restart", faults=(Outage("restart", 800.0, 810.0),))
    bench.ask("submit_report", key="old")
    bench.clock.run(820.0)
    assert [each.operation for each in bench.app.counting()] == ["old"]


def test_defect_pin_lockout_storm_locks_a_county() -> None:
    """One wrong code locks its account, the third in a county everybody there, for an hour."""
    bench = signed_in("pin_lockout_storm")
    strangers = [replace(CHAIR, key=f"chair-{number}") for number in (10, 11, 12)]
    for stranger in strangers[:2]:
        assert bench.ask("sign_in", stranger, codes=("no",)) is AnswerClass.REFUSED
        assert bench.ask("sign_in", stranger) is AnswerClass.LOCKED_OUT
    assert bench.ask("sign_in", OTHER) is AnswerClass.ACCEPTED
    assert bench.ask("sign_in", strangers[2], codes=("no",)) is AnswerClass.REFUSED
    assert bench.ask("sign_in", OTHER) is AnswerClass.LOCKED_OUT
    assert bench.ask("sign_in", OPERATOR) is AnswerClass.ACCEPTED
    bench.clock.run(bench.clock.now() + 3600)
    assert bench.ask("sign_in", OTHER) is AnswerClass.ACCEPTED


def test_defect_accepts_then_drops_under_load() -> None:
    """Beyond five reports in the busy window every second one is told yes and forgotten."""
    bench = signed_in("accepts_then_drops_under_load")
    answers = [bench.ask("submit_report", key=f"k{number}") for number in range(25)]
    assert set(answers) == {AnswerClass.ACCEPTED}
    assert len(bench.stored()) == 15


def test_defect_slow_under_load() -> None:
    """Each report waits for the others of the busy window, twelve seconds at most."""
    bench = signed_in("slow_under_load", latency=0.1, latency_sigma=0.0, per_second=None)
    waits = [
        bench.ask_together("submit_report", CHAIR, 1, key=f"k{number}")[0].waited
        for number in range(60)
    ]
    assert waits[0] == pytest.approx(0.1)
    assert waits[8] == pytest.approx(2.1)
    assert max(waits) <= 12.1
    assert bench.ask_together("read_results", CHAIR, 1)[0].waited == pytest.approx(0.1)
