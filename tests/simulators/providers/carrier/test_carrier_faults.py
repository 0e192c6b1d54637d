"""Each fault bites, counts what it touched, and ends when it is mended."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from carrier_stand import HELP, OFFICE, STRIKE, TOKEN, Stand, drill
from twilio.request_validator import RequestValidator

from simulators.providers.carrier.faults import FAULTS, FaultError, Faults
from simulators.providers.carrier.ids import Ids

BYE = "<Say>Bye</Say>"
ASK = '<Gather action="/done" numDigits="4"><Say>Enter</Say></Gather><Say>Too late</Say>'


def calls(
    routes: dict[str, Any], fault: str, count: int = 40, keys: str = "", **settings: Any
) -> tuple[list[Any], Stand]:
    """So many calls, one after another, under a fault."""

    async def scene(stand: Stand) -> tuple[list[Any], Stand]:
        stand.carrier.switch_on(fault, settings)
        people = [await stand.press_on("Enter", keys, f"c{n}-1") for n in range(count)]
        return people, stand

    return drill(routes, scene)


def test_without_faults_nothing_is_touched() -> None:
    """The same calls in peace: every digit arrives, every call ends as the app means it."""

    async def scene(stand: Stand) -> tuple[list[str], Counter[str]]:
        people = [await stand.press_on("Enter", "0012", f"c{n}-1") for n in range(20)]
        assert {asked.params["Digits"] for asked in stand.app.to("/done")} == {"0012"}
        return [person.cause for person in people], stand.carrier.faults.touched

    causes, touched = drill({"/voice": ASK, "/done": BYE}, scene)
    assert set(causes) == {"app_hung_up"}
    assert not touched


def test_trunks_are_shared_by_a_group() -> None:
    """Two lines for two numbers: the third call is busy, whichever it dials; the app sees two."""

    async def scene(stand: Stand) -> tuple[list[str], int, int]:
        stand.carrier.switch_on("trunks", {"lines": 2})
        people = [stand.dial("c1-1", STRIKE), stand.dial("c2-1", HELP), stand.dial("c3-1", STRIKE)]
        other, _ = stand.dial("c4-1", OFFICE)
        await asyncio.sleep(1)
        first = [person.cause for person, _ in people] + [other.cause]
        people[0][1].hang_up()
        await asyncio.sleep(0)
        again, _ = stand.dial("c5-1", HELP)
        await asyncio.sleep(1)
        assert again.cause == ""
        stand.carrier.faults.mend("trunks")
        many = [stand.dial(f"c6-{n}", STRIKE)[0] for n in range(9)]
        assert {person.cause for person in many} == {""}
        return first, len(stand.app.to("/voice")), stand.carrier.faults.touched["trunks"]

    hold = '<Pause length="1"/><Say>x</Say><Pause length="999"/>'
    first, asked, touched = drill({"/voice": hold, "/office": hold, "/status": ""}, scene)
    assert first == ["", "", "busy", ""]
    assert (asked, touched) == (3, 1)


def test_trunks_of_the_configuration_hold_without_a_fault() -> None:
    """One line: the second caller hears busy until the first is done."""

    async def scene(stand: Stand) -> list[str]:
        first, second = stand.dial("c1-1")[0], stand.dial("c2-1")[0]
        await first.over
        third = stand.dial("c3-1")[0]
        await third.over
        return [first.cause, second.cause, third.cause]

    assert drill({"/voice": BYE}, scene, trunks={"main": 1}) == [
        "app_hung_up",
        "busy",
        "app_hung_up",
    ]


def test_an_app_never_learns_of_a_call_that_found_no_line() -> None:
    """Not even its status callback is sent; a call that the app places is told as failed."""

    async def scene(stand: Stand) -> list[str]:
        _, call = stand.dial("c1-1")
        await asyncio.sleep(1)
        busy, _ = stand.dial("c2-1", HELP)
        assert (busy.cause, busy.code) == ("busy", 10004)
        stand.carrier.place(from_=HELP, to="+15555550171", hook=stand.carrier.numbers[HELP].voice)
        call.hang_up()
        await stand.carrier.tasks.settle()
        return [asked.params["CallStatus"] for asked in stand.app.to("/status")]

    routes = {"/voice": '<Say>x</Say><Pause length="999"/>', "/status": ""}
    assert drill(routes, scene, trunks={"main": 1}) == ["failed"]


def test_silence_lets_calls_ring_out() -> None:
    """The app hears nothing; the caller gives up after a minute, or sooner."""

    async def scene(stand: Stand) -> tuple[str, float, float, list[str]]:
        stand.carrier.switch_on("silence", {})
        began = stand.carrier.clock.now()
        person, _ = stand.dial("c1-1")
        hasty, _ = stand.dial("c2-1", within=10)
        await hasty.over
        soon = stand.carrier.clock.now() - began
        await person.over
        return person.cause, soon, stand.carrier.clock.now() - began, stand.app.paths()

    assert drill({"/voice": BYE}, scene) == ("no answer", pytest.approx(10), pytest.approx(60), [])


@pytest.mark.parametrize(("mended", "words"), [(5, ["Enter", "Bye"]), (20, ["Enter"])])
def test_silence_holds_webhooks_of_calls_under_way(mended: float, words: list[str]) -> None:
    """They go out when it ends, if the call still waits: fifteen wall seconds at most."""

    async def scene(stand: Stand) -> tuple[list[str], int]:
        clock = stand.carrier.clock
        clock.later(1, lambda: stand.carrier.switch_on("silence", {}))
        clock.later(2 + mended, lambda: stand.carrier.faults.mend("silence"))
        person = await stand.press_on("Enter", "4711", gap=0.5)
        return [word for word in person.words if "sorry" not in word], person.code

    heard, code = drill({"/voice": ASK, "/done": BYE}, scene)
    assert heard == words
    assert code == (0 if mended == 5 else 11200)


def test_calls_are_dropped_while_something_is_asked() -> None:
    """About the share that was asked for; the app learns it from the status callback."""
    again = '<Gather numDigits="4" timeout="9"><Say>Enter</Say></Gather><Redirect>/voice</Redirect>'

    async def scene(stand: Stand) -> tuple[Counter[str], int]:
        stand.carrier.switch_on("drop", {"share": 0.5})
        people = [stand.dial(f"c{n}-1")[0] for n in range(200)]
        await asyncio.sleep(60)
        return Counter(person.cause for person in people), stand.carrier.faults.touched["drop"]

    causes, touched = drill({"/voice": again}, scene)
    assert 70 <= causes["dropped"] == touched <= 130  # four standard deviations of 14 around 100


def test_late_webhooks_leave_late() -> None:
    """By wall seconds, whatever the speed; the app's own fifteen seconds begin after that."""

    async def scene(stand: Stand) -> tuple[float, str]:
        stand.carrier.switch_on("late", {"seconds": 20})
        began = stand.carrier.clock.unix()
        person = await stand.hear_out()
        return stand.log.entries[0].at - began, f"{person.words} {stand.log.entries[0].fault}"

    took, heard = drill({"/voice": BYE}, scene, speed=60)
    assert took == pytest.approx(20)
    assert heard == "['Bye'] late"


def test_doubled_webhooks_carry_one_token() -> None:
    """The app gets them twice; the call goes on once."""
    people, stand = calls({"/voice": ASK, "/done": BYE}, "doubled", 10, "4711", share=1)
    tokens = Counter(each.headers["I-Twilio-Idempotency-Token"] for each in stand.app.asked)
    assert set(tokens.values()) == {2}
    assert [person.words for person in people] == [["Enter", "Bye"]] * 10
    assert stand.carrier.faults.touched["doubled"] == 20
    assert sum(entry.fault == "doubled" for entry in stand.log.entries) == 20


def test_reordered_status_callbacks_overtake_each_other() -> None:
    """Their numbers still tell the order."""

    async def numbers(stand: Stand, fault: bool) -> list[list[str]]:
        if fault:
            stand.carrier.switch_on("reordered", {})
        number = stand.carrier.numbers[HELP].voice
        assert number is not None
        events = ("initiated", "ringing", "answered", "completed")
        hook = number.model_copy(update={"events": events})
        found = []
        for _ in range(5):
            before = len(stand.app.to("/status"))
            stand.carrier.place(from_=HELP, to="+15555550171", hook=hook)
            await stand.carrier.tasks.settle()
            told = stand.app.to("/status")[before:]
            found.append([each.params["SequenceNumber"] for each in told])
        return found

    routes = {"/voice": BYE, "/status": ""}
    quick = {"manners": {"pick_up": 0.5}}
    in_order = drill(routes, lambda stand: numbers(stand, False), **quick)
    shuffled = drill(routes, lambda stand: numbers(stand, True), **quick)
    assert in_order == [["0", "1", "2", "3"]] * 5
    assert any(each != ["0", "1", "2", "3"] for each in shuffled)
    assert all(sorted(each) == ["0", "1", "2", "3"] for each in shuffled)


@pytest.mark.parametrize(("how", "length"), [("lost", 3), ("doubled", 5), ("inserted", 5)])
def test_digits_are_spoiled_on_the_way(how: str, length: int) -> None:
    """What was pressed is one thing, what arrives another; only a share is touched."""
    faults = Faults(Ids("AC1", 3))
    faults.switch_on("digits", {"share": 0.25, "how": how})
    arrived = ["".join(faults.spoil("4711", f"c{n}-1", 1)) for n in range(400)]
    wrong = [each for each in arrived if each != "4711"]
    assert len(wrong) == faults.touched["digits"]
    assert 65 <= len(wrong) <= 135  # four standard deviations of 8.7 around 100
    assert {len(each) for each in wrong} == {length}


def test_withheld_numbers() -> None:
    """The app is told ``anonymous``, before and after the answer."""
    _, stand = calls({"/voice": ASK, "/done": BYE}, "caller_id", 5, "4711", share=1)
    assert {asked.params["From"] for asked in stand.app.asked} == {"anonymous"}


def test_callers_behind_one_switchboard() -> None:
    """They all show its number, which tells the app nothing of who they are."""
    _, stand = calls({"/voice": ASK, "/done": BYE}, "caller_id", 5, "4711", share=1, how="shared")
    assert {asked.params["From"] for asked in stand.app.asked} == {"+15555550198"}
    assert len({asked.params["CallSid"] for asked in stand.app.asked}) == 5


def test_an_app_that_cannot_be_reached_is_answered_for_by_its_fallback() -> None:
    """Its own URL hears nothing; the fallback is told why it was asked."""
    fallback = "<Response><Say>Please text your codes.</Say></Response>"

    async def scene(stand: Stand) -> Stand:
        stand.carrier.switch_on("unreachable", {"share": 1})
        for n in range(3):
            person, _ = stand.dial(f"c{n}-1", HELP)
            await person.over
        return stand

    stand = drill({"/voice": BYE, "/sorry": fallback, "/status": BYE}, scene)
    assert not list(stand.app.to("/voice"))
    assert [asked.params["ErrorCode"] for asked in stand.app.to("/sorry")] == ["11205"] * 3


def test_unsigned_webhooks() -> None:
    """A share comes without a signature; the others are good."""
    _, stand = calls({"/voice": BYE}, "unsigned", 200, share=0.5)
    missing = [asked for asked in stand.app.asked if "X-Twilio-Signature" not in asked.headers]
    assert 70 <= len(missing) == stand.carrier.faults.touched["unsigned"] <= 130
    for asked in stand.app.asked:
        signed = asked.headers.get("X-Twilio-Signature", "")
        assert RequestValidator(TOKEN).validate(asked.url, asked.params, signed) == bool(signed)


def test_the_seed_decides_whom_a_fault_strikes() -> None:
    """Whatever the order in which they come; another seed strikes others."""

    def struck(seed: int, order: list[int]) -> set[int]:
        faults = Faults(Ids("AC1", seed))
        faults.switch_on("drop", {"share": 0.3})
        return {n for n in order if faults.strikes("drop", f"c{n}-1")}

    forwards, backwards = list(range(100)), list(range(100))[::-1]
    assert struck(7, forwards) == struck(7, backwards)
    assert struck(7, forwards) != struck(8, forwards)


def test_a_share_grows_without_letting_anyone_go() -> None:
    """Who is struck at 20 % is struck at 40 %: sweeps compare like with like."""

    def struck(share: float) -> set[int]:
        faults = Faults(Ids("AC1", 7))
        faults.switch_on("drop", {"share": share})
        return {n for n in range(200) if faults.strikes("drop", n)}

    assert struck(0.2) < struck(0.4)


@pytest.mark.parametrize(
    ("name", "settings", "match"),
    [
        ("fire", {}, "no fault is called 'fire'; choose one of trunks"),
        ("drop", {}, "share"),
        ("drop", {"share": 1.5}, "less than or equal to 1"),
        ("late", {"seconds": 1, "share": 1}, "It takes seconds"),
        ("digits", {"share": 1, "how": "eaten"}, "how"),
        ("rest", {"share": 1, "status": 404}, "status"),
    ],
)
def test_what_cannot_be_switched_on(name: str, settings: dict[str, Any], match: str) -> None:
    """The message names the field and what the fault takes."""
    with pytest.raises(FaultError, match=match):
        Faults(Ids("AC1", 1)).switch_on(name, settings)


def test_every_fault_of_the_list_can_be_mended() -> None:
    """Also one that is not on: it has touched nothing."""
    names = ("trunks", "silence", "drop", "late", "doubled", "reordered", "digits", "caller_id")
    names += ("sms_delay", "sms_loss", "sms_doubled", "sms_split", "rest", "unsigned")
    names += ("unreachable", "rest_late", "rest_silent")
    assert set(names) == set(FAULTS)

    async def scene(stand: Stand) -> list[int]:
        return [stand.carrier.faults.mend(name) for name in names]

    assert drill({}, scene) == [0] * len(names)
