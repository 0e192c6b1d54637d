"""Tests of the modelled strike app: calls, codes, texts, and what goes wrong on the phones."""

from __future__ import annotations

from simulators.behaviours.protocol import Answer, AnswerClass
from simulators.people.person import Person
from simulators.phones.hotline import Call
from simulators.stage import Operation
from simulators.strike_model import StrikeApp, StrikeModel
from simulators.virtual import VirtualClock
from simulators.wire_model import Done, Outage, PhoneFault

LISTED = {"WI-0012-0001", "WI-0012-0002", "WI-0013-0001"}
WATCHER = Person(3, "poll_watcher", "watcher-0012", "WI-0012", codes=("0012", "4821"))


class Bench:
    """One watcher at a telephone."""

    def __init__(self, **settings: object) -> None:
        self.clock = VirtualClock()
        self.done: list[Done] = []
        model = StrikeModel(**settings)  # type: ignore[arg-type]
        self.app = StrikeApp(self.clock, model, LISTED, 1, self.done.append)
        self.heard: list[str] = []
        self.call = Call(3, "strike", "WI-0012", 0.0, id="c3-1")

    def dial(self, at: float = 0.0) -> None:
        def answered(connected: bool, why: str) -> None:
            self.heard.append("connected" if connected else why)

        self.clock.at(
            at, lambda: self.app.menus.dial(self.call, WATCHER, answered, self.heard.append)
        )
        self.clock.run(at + 10.0)

    def ask(self, kind: str = "submit_report", **changes: object) -> Answer:
        base: dict[str, object] = {
            "kind": kind, "key": "k", "attempt": 1, "actor": WATCHER, "channel": "voice",
            "record": "WI-0012-0001", "version": 1, "values": (1,), "codes": (),
            "intended": self.clock.now(), "within": None, "call": "c3-1",
        }  # fmt: skip
        if kind == "sign_in":
            base["codes"] = WATCHER.codes
        answers: list[Answer] = []
        self.app.perform(Operation(**(base | changes)), answers.append)  # type: ignore[arg-type]
        self.clock.run(self.clock.now() + 100.0)
        (answer,) = answers
        return answer

    def signed_in(self) -> Bench:
        self.dial()
        assert self.ask("sign_in").answer_class is AnswerClass.ACCEPTED
        return self


def test_a_code_is_struck_once() -> None:
    """The second time the menu says that it has it."""
    bench = Bench().signed_in()
    assert bench.ask().answer_class is AnswerClass.ACCEPTED
    assert bench.ask(attempt=2).answer_class is AnswerClass.ALREADY_HAVE_IT
    assert [each.record for each in bench.app.struck] == ["WI-0012-0001"]


def test_only_codes_of_ones_own_list_are_taken() -> None:
    """Neither a code that is on no list, nor one of another precinct."""
    bench = Bench().signed_in()
    for record in ("WI-0012-0009", "WI-0013-0001"):
        assert bench.ask(record=record).answer_class is AnswerClass.REFUSED
    assert bench.app.struck == []


def test_a_session_is_one_calls_own() -> None:
    """Who calls again signs in again."""
    bench = Bench().signed_in()
    bench.app.menus.hang_up(bench.call)
    bench.call = Call(3, "strike", "WI-0012", 0.0, id="c3-2")
    bench.dial(bench.clock.now())
    assert bench.ask(call="c3-2").answer_class is AnswerClass.AUTH_EXPIRED


def test_keys_take_the_time_of_the_person_who_presses_them() -> None:
    """Four keys and a moment to think, and then the menu speaks."""
    slow = Person(3, "poll_watcher", "watcher-0012", "WI-0012", codes=WATCHER.codes,
                  press_seconds=2.0, think_seconds=5.0)  # fmt: skip
    bench = Bench().signed_in()
    quick = bench.ask().waited
    # Two boxes of time: 5 + 4 x 2 instead of 1.5 + 4 x 0.6; the rest is the app's.
    assert 13.0 - 3.9 - 1.0 < bench.ask(actor=slow).waited - quick < 13.0 - 3.9 + 1.0
    assert bench.call.digits == 8 + 4 + 4


def test_wrong_pins_lock_a_precinct() -> None:
    """After so many in a row, and for a while."""
    bench = Bench(wrong_codes=2)
    bench.dial()
    for expected in ("refused", "refused", "locked_out"):
        assert bench.ask("sign_in", codes=("0012", "0000")).answer_class == expected


def test_an_app_that_is_killed_ends_its_calls() -> None:
    """Nobody knows what became of the code; what comes after the call is cut off."""
    bench = Bench(faults=(Outage("killed", 112.0, 300.0),)).signed_in()
    assert bench.ask().answer_class is AnswerClass.NO_ANSWER
    assert bench.heard == ["connected", "app_hung_up"]
    assert bench.ask().answer_class is AnswerClass.UNREACHABLE


def test_an_app_that_cannot_be_reached_takes_nothing() -> None:
    """The fallback says so, and ends the call; nothing of the code has arrived."""
    bench = Bench(faults=(PhoneFault("cut", "unreachable", 100.0, 300.0),)).signed_in()
    bench.clock.run(100.0)
    assert bench.ask().answer_class is AnswerClass.NO_ANSWER
    assert bench.heard == ["connected", "app_hung_up"]
    assert bench.app.struck == []
    assert bench.app.touched == {"cut": 1}


def test_withheld_numbers_are_nothing_to_a_sound_app() -> None:
    """It knows calls by their own names, so the call goes on as any other."""
    bench = Bench(faults=(PhoneFault("withheld", "caller_id", 0.0, 300.0),)).signed_in()
    assert bench.ask().answer_class is AnswerClass.ACCEPTED
    assert bench.app.touched == {"withheld": 1}


def test_a_silent_carrier_lets_calls_ring_out() -> None:
    """No webhook, no answer."""
    bench = Bench(faults=(PhoneFault("silent", "silence", 0.0, 50.0),))
    bench.dial()
    bench.clock.run(100.0)
    assert bench.heard == ["no answer"]
    assert bench.app.touched == {"silent": 1}


def test_lines_that_are_lost_are_busy() -> None:
    """A line that still carries one call has no place for a second."""
    bench = Bench(faults=(PhoneFault("few", "trunks", 0.0, 999.0, lines=1),))
    bench.dial()
    bench.call = Call(4, "strike", "WI-0013", 0.0, id="c4-1")
    bench.dial(20.0)
    assert bench.heard == ["connected", "busy"]


def test_a_call_that_is_dropped_ends() -> None:
    """The person hears nothing more, and neither does the app."""
    bench = Bench(faults=(PhoneFault("drops", "drop", 0.0, 50.0),))
    bench.dial()
    bench.clock.run(2000.0)
    assert bench.heard == ["connected", "dropped"]


def test_a_webhook_that_comes_twice_strikes_once() -> None:
    """Unless the app has the defect that stores each delivery."""
    twice = (PhoneFault("twice", "doubled", 0.0, 9999.0),)
    for defects, rows in ((frozenset(), 1), (frozenset({"code_twice"}), 2)):
        bench = Bench(faults=twice, defects=defects).signed_in()
        bench.ask()
        assert len(bench.app.struck) == rows


def text(bench: Bench, *records: str, within: float = 30.0) -> Answer:
    others = tuple(
        Operation("submit_report", record, 1, WATCHER, "sms", record, 1, (1,), (), 0.0, within)
        for record in records[1:]
    )
    return bench.ask(channel="sms", record=records[0], within=within, call="", together=others)


def test_a_text_is_taken_whole_or_not_at_all() -> None:
    """One code that is not on the list keeps out the others; every code has its own outcome."""
    bench = Bench()
    assert text(bench, "WI-0012-0001", "WI-0012-0009").answer_class is AnswerClass.REFUSED
    assert bench.app.struck == []
    assert text(bench, "WI-0012-0001", "WI-0012-0002").answer_class is AnswerClass.ACCEPTED
    assert len(bench.app.struck) == 2
    assert [each.reply.answer_class for each in bench.done[-2:]] == [AnswerClass.ACCEPTED] * 2


def test_a_lost_text_is_answered_by_nobody() -> None:
    """The person waits as long as they wait, and nothing is struck."""
    bench = Bench(faults=(PhoneFault("lost", "sms_loss", 0.0, 9999.0),))
    answer = text(bench, "WI-0012-0001", within=12.0)
    assert (answer.answer_class, answer.waited) == (AnswerClass.NO_ANSWER, 12.0)
    assert bench.app.struck == []


def test_a_restart_loses_what_was_only_in_memory() -> None:
    """With the defect; a sound app keeps what it has confirmed."""
    for defects, kept in ((frozenset(), 1), (frozenset({"state_lost_on_restart"}), 0)):
        bench = Bench(faults=(Outage("killed", 400.0, 410.0),), defects=defects).signed_in()
        assert bench.ask().answer_class is AnswerClass.ACCEPTED
        bench.clock.run(500.0)
        assert len(bench.app.struck) == kept
