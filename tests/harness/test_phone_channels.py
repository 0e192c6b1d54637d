"""Calls and texts of an engine: noted before they are sent, answered by what the carrier says."""

from __future__ import annotations

import time
from pathlib import Path

from phone_stand import (
    FakeCarrier,
    Message,
    codes,
    ledger_of,
    play,
    report,
    says_yes,
    walked,
    watcher,
)

from harness.channels.voice import number_of
from simulators.behaviours.protocol import Call, HangUp, SignIn, Submit, Text, Wait
from simulators.people.person import Person

RIGHT = SignIn(("0012", "4321"))


def test_a_walk_is_in_the_ledger_before_the_carrier_hears_of_it(tmp_path: Path) -> None:
    """What a killed engine leaves behind covers everything that a menu may have taken."""
    seen: list[list[str]] = []

    def look(message: Message) -> None:
        if message["do"] in ("walk", "text"):
            seen.append([line["op"] for line in ledger_of(tmp_path) if line["k"] == "intent"])

    carrier = FakeCarrier(says_yes, before=look)
    played = play(
        tmp_path, carrier, Call("strike"), RIGHT, Submit(report("4711")), HangUp(),
        Text("strike", tuple(codes("1", "2"))),
    )  # fmt: skip
    assert seen == [
        ["watcher-7/sign-in"],
        ["watcher-7/sign-in", "s-4711"],
        ["watcher-7/sign-in", "s-4711", "s-1", "s-2"],
    ]
    assert [answer.outcome for answer in played.answers] == ["ok"] * 5


def test_what_is_keyed_is_what_the_menu_asks_for(tmp_path: Path) -> None:
    """A person keys codes as typed, at their own pace, from a number of their own."""
    carrier = FakeCarrier(says_yes)
    play(tmp_path, carrier, Call("strike"), SignIn(("0012", "4320")), Submit(report("4711")))
    dial, sign_in, submit, hang_up = carrier.told
    assert (dial["from"], dial["to"]) == ("+15552000007", "+15555550101")
    assert sign_in["steps"][0]["press"] == "4320"
    person = watcher()
    assert submit["steps"] == [
        {
            "expect": "code", "press": "4711", "gap": person.press_seconds,
            "think": person.think_seconds, "otherwise": [],
        }
    ]  # fmt: skip
    assert submit["limit"] == 300 + person.patience * 100
    assert hang_up == {"do": "hang_up", "call": "c7-1"}


def test_a_call_is_told_of_with_its_keys_and_the_carriers_name(tmp_path: Path) -> None:
    """Ledger lines of voice operations tell channel, outcome, and when the keys went out."""
    begun = time.time()
    played = play(
        tmp_path, FakeCarrier(says_yes), Call("strike"), RIGHT, Submit(report("4711")), HangUp()
    )
    (call,) = played.calls
    assert (call.sid, call.digits, call.cause) == ("CA77", 8, "hung_up")
    assert {line["channel"] for line in played.of("intent")} == {"voice"}
    for line in played.of("outcome"):
        assert (line["outcome"], line["answer_class"]) == ("ok", "accepted")
        assert 0 <= line["sent"] <= line["done"] <= (time.time() - begun) * 1e9
        assert line["detail"] == "thank you"
    assert played.counts == {"voice.sign_in": 1, "voice.submit_report": 1}


def test_a_call_that_drops_leaves_a_doubt_and_cuts_off_what_follows(tmp_path: Path) -> None:
    """The running operation is unknown; the next never left; another call has the same key."""

    def drops(message: Message) -> list[Message]:
        if message["do"] == "walk" and message["call"] == "c7-1":
            return [
                walked(message, "no_answer", heard=""),
                {"call": "c7-1", "event": "ended", "cause": "dropped"},
            ]
        return says_yes(message)

    again = Submit(report("4711"))
    played = play(
        tmp_path, FakeCarrier(drops), Call("strike"), again, Wait(5.0), again, HangUp(),
        Call("strike"), again,
    )  # fmt: skip
    said = [(answer.outcome, answer.detail) for answer in played.answers]
    assert said[1] == ("unknown", "")
    assert said[3] == ("refused", "cut off")
    assert said[6][0] == "ok"
    intents = [(line["op"], line["attempt"]) for line in played.of("intent")]
    assert intents == [("s-4711", 1), ("s-4711", 2)]
    assert [call.cause for call in played.calls] == ["dropped", "hung_up"]


def test_a_walk_that_crosses_the_end_of_its_call_never_left(tmp_path: Path) -> None:
    """Its intent is there, and its outcome is that nothing was keyed."""

    def ends(message: Message) -> list[Message]:
        if message["do"] == "walk":
            return [{"call": message["call"], "event": "ended", "cause": "app_hung_up"}]
        return says_yes(message)

    played = play(tmp_path, FakeCarrier(ends), Call("strike"), Submit(report("4711")))
    (outcome,) = played.of("outcome")
    assert (outcome["outcome"], outcome["answer_class"]) == ("refused", "unreachable")
    assert outcome["sent"] is None


def test_a_busy_line_and_a_silent_one_are_told_apart(tmp_path: Path) -> None:
    """Busy is a no for certain; nobody knows what a line that never answers did."""
    causes = iter(("busy", "no answer"))

    def turns_away(message: Message) -> list[Message]:
        return [{"call": message["call"], "event": "ended", "cause": next(causes)}]

    played = play(tmp_path, FakeCarrier(turns_away), Call("strike"), Call("strike"))
    said = [(answer.outcome, answer.detail) for answer in played.answers]
    assert said == [("refused", "busy"), ("unknown", "no answer")]


def test_a_double_tap_is_keyed_one_after_the_other(tmp_path: Path) -> None:
    """Nobody has two hands on one keypad."""
    carrier = FakeCarrier(says_yes)
    played = play(tmp_path, carrier, Call("strike"), Submit(report("4711"), taps=2))
    assert [message.get("walk") for message in carrier.told] == [None, 1, 2, None]
    assert len(played.of("outcome")) == 2


def test_a_double_tap_in_a_call_that_ends_leaves_nobody_waiting(tmp_path: Path) -> None:
    """What still waits for its turn at the keypad is told, too, that the call is over."""

    def cut(message: Message) -> list[Message]:
        if message["do"] == "walk" and message["walk"] == 2:
            return [{"call": message["call"], "event": "ended", "cause": "dropped"}]
        return says_yes(message)

    carrier = FakeCarrier(cut)
    tapped = Submit(report("4711"), taps=2)
    played = play(tmp_path, carrier, Call("strike"), RIGHT, tapped, HangUp())
    assert [line["answer_class"] for line in played.of("outcome")[1:]] == ["unreachable"] * 2
    assert played.answers[2].outcome == "refused"


def test_one_text_carries_several_reports_and_one_answer(tmp_path: Path) -> None:
    """Each report has its own intent and outcome."""
    carrier = FakeCarrier(says_yes)
    played = play(tmp_path, carrier, Text("strike", tuple(codes("11", "22", "33")), within=4.0))
    (message,) = carrier.told
    assert (message["body"], message["within"]) == ("11 22 33", 4.0)
    assert [line["op"] for line in played.of("intent")] == ["s-11", "s-22", "s-33"]
    assert [line["outcome"] for line in played.of("outcome")] == ["ok"] * 3
    assert {line["channel"] for line in played.of("intent")} == {"sms"}
    assert [answer.outcome for answer in played.answers] == ["ok"]
    assert played.counts == {"sms.submit_report": 3}


def test_what_no_menu_does_is_not_in_the_ledger(tmp_path: Path) -> None:
    """It is refused without anything sent; the code that no key says is a doubt, not a guess."""
    played = play(tmp_path, FakeCarrier(says_yes), Call("strike"), Submit(report("47X1")))
    assert played.answers[1].answer_class == "unmatched"
    assert "a phone has the keys" in played.of("outcome")[0]["detail"]


def test_without_a_carrier_there_is_no_such_line(tmp_path: Path) -> None:
    """Nobody is called, nothing is texted, and the ledger has no trace of it."""
    played = play(tmp_path, None, Call("strike"), Text("strike", (report("1"),)))
    assert [answer.answer_class for answer in played.answers] == ["unreachable"] * 2
    assert [line["k"] for line in played.lines] == ["header", "trailer"]


def test_a_carrier_that_dies_ends_the_drill(tmp_path: Path) -> None:
    """It is ours: what it would have done is not known of the app."""
    carrier = FakeCarrier(says_yes, hangs_up_after=2)
    played = play(tmp_path, carrier, Call("strike"), Submit(report("4711")))
    ((state, why),) = played.failed
    assert state == "crashed"
    assert "the phone carrier ended under the drill" in why
    assert played.of("outcome")[0]["outcome"] == "unknown"


def test_numbers_are_made_up_unless_a_person_has_one() -> None:
    """Area code 555 is nobody's."""
    assert number_of(Person(0, "chair", "c")) == "+15552000000"
    assert number_of(Person(0, "chair", "c", phone="+15555550123")) == "+15555550123"
