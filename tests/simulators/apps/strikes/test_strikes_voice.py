"""The spoken menu: precinct, PIN, codes; what is confirmed is stored."""

from __future__ import annotations

import asyncio
import threading

import pytest
from strikes_day import ADMIN, ANNE, LINE, Day, Open

from simulators.apps.strikes import office
from simulators.apps.strikes.voice import SILENCES, TRIES


def test_codes_are_confirmed_one_after_another(day: Day) -> None:
    """A watcher keys precinct, PIN and codes; each is read back, and is stored by then."""
    caller = day.call("CA1")
    assert "precinct number" in caller.heard
    assert "PIN" in caller.key("0012").heard
    assert "first code" in caller.key("4821").heard
    for count, code in enumerate(["4711", "4713"], start=1):
        caller.key(code)
        assert f"Thank you. Code {' '.join(code)} is recorded." in caller.heard
        assert len(day.struck()) == count
    (first, _) = day.get("/api/strikes")["strikes"]
    assert first | {"received": 0} == {
        "id": 1, "record": "WI-0012-4711", "precinct": "0012", "code": "4711", "voted": 1,
        "channel": "voice",
        "author": "w-1", "call": "CA1", "received": 0,
    }  # fmt: skip


def test_star_ends_the_call_with_a_count(day: Day) -> None:
    """A star says that this was all, however the carrier tells of it."""
    caller = day.call("CA1").signed_in().key("4711")
    caller.key("", FinishedOnKey="*")
    assert "1 code is recorded for precinct 0 0 1 2" in caller.heard
    assert caller.verbs[-1] == "Hangup"
    other = day.call("CA2").signed_in().key("4712").key("4713")
    assert "2 codes are recorded" in other.key("*").heard


def test_a_code_that_is_not_on_the_list_is_refused_aloud(day: Day) -> None:
    """It is named, the caller is told what to do, and the call goes on."""
    caller = day.call("CA1").signed_in().key("4799")
    assert "Code 4 7 9 9 is not on the list of precinct 0 0 1 2. Compare" in caller.heard
    assert day.struck() == []
    assert "is recorded" in caller.key("4711").heard


def test_a_code_again_is_known(day: Day) -> None:
    """The same voter twice is one strike, in one call or in two."""
    day.call("CA1").signed_in().key("4711")
    assert "was already recorded" in day.call("CA2").signed_in().key("4711").heard
    assert day.struck() == ["WI-0012-4711"]


def test_the_same_code_in_two_precincts_is_two_voters(day: Day) -> None:
    """Codes are counted within a precinct."""
    day.call("CA1").signed_in().key("4711")
    assert "is recorded" in day.call("CA2").signed_in("0031", "5555").key("4711").heard
    assert day.struck() == ["WI-0012-4711", "WI-0031-4711"]


def test_a_webhook_that_comes_twice_is_done_once(day: Day) -> None:
    """The same idempotency token gets the same words, and stores nothing more."""
    caller = day.call("CA1").signed_in()
    first = caller.key("4711", token="again").heard
    caller.action = "/voice/code"
    assert caller.key("4711", token="again").heard == first
    assert "Thank you" in first
    assert day.struck() == ["WI-0012-4711"]


def test_two_calls_from_one_number_do_not_mix(day: Day) -> None:
    """Watchers who share a phone, or withhold their numbers, keep to their own precincts."""
    one, two = day.call("CA1", "anonymous").signed_in(), day.call("CA2", "anonymous")
    two.signed_in("0031", "5555")
    one.key("4711")
    two.key("8080")
    assert day.struck() == ["WI-0012-4711", "WI-0031-8080"]


def test_slow_pressers_get_time_and_are_asked_again(day: Day) -> None:
    """Half a code is said back; silence is asked again some times; then the call ends."""
    caller = day.call("CA1").signed_in()
    assert int(caller.gather["timeout"]) >= 10
    assert "I heard 4 7, not four digits" in caller.key("47").heard
    for _ in range(SILENCES):
        assert "I heard no key" in caller.key("").heard
    assert "Goodbye" in caller.key("").heard


@pytest.mark.parametrize(
    ("number", "pin", "said"), [("0099", "", "not on our list"), ("0012", "0000", "do not know")]
)
def test_wrong_codes_are_told_and_begin_again(day: Day, number: str, pin: str, said: str) -> None:
    """An unknown precinct or a wrong PIN leads to the beginning, and at last out."""
    caller = day.call("CA1")
    for _ in range(TRIES):
        assert "precinct number" in caller.heard
        caller.key(number)
        if pin:
            caller.key(pin)
        assert said in caller.heard
    assert caller.verbs[-1] == "Hangup"
    assert "call headquarters" in caller.heard


def test_too_many_wrong_pins_lock_the_precinct(day: Day) -> None:
    """After ten in a row even the right one is turned down, by phone and on the web."""
    for index in range(5):
        caller = day.call(f"CA{index}")
        for _ in range(2):
            caller.key("0012").key("0000")
    assert "is locked" in day.call("CA9").key("0012").key("4821").heard
    answer = day.post("/api/sign-in", {"precinct": "0012", "pin": "4821"})
    assert answer.status == 423
    assert answer.json()["retry_after_seconds"] == pytest.approx(7.5, abs=1)
    day.call("CA10").signed_in("0031", "5555")


def test_a_restart_forgets_no_call(open_day: Open) -> None:
    """Who is in a call when the app restarts keys on as if nothing had been."""
    caller = open_day().call("CA1").signed_in().key("4711")
    caller.day = open_day()
    assert "is recorded" in caller.key("4712").heard
    assert caller.day.struck() == ["WI-0012-4711", "WI-0012-4712"]


def test_a_call_that_is_not_known_begins_anew(day: Day) -> None:
    """A code without a call is never stored; the caller is told to begin again."""
    caller = day.call("CA1").signed_in()
    caller.sid = "CA2"
    assert "I do not know this call any more" in caller.key("4711").heard
    assert caller.action == "/voice/precinct"
    assert day.struck() == []


def test_the_caller_is_sent_a_confirmation_once(day: Day) -> None:
    """When a call is over its caller gets one text with the count, however often that is said."""
    caller = day.call("CA1").signed_in().key("4711").key("4712")
    caller.hang_up()
    caller.hang_up()
    ((to, body),) = day.sent(1)
    assert to == ANNE
    assert body.startswith("Precinct 0012: 2 codes are recorded from your call.")
    (row,) = day.get("/api/messages")["messages"]
    assert (row["recipient"], row["sender"], row["about"]) == (ANNE, LINE, "CA1")
    assert row["status"] == "sent"
    assert row["sent"] >= row["asked"]


@pytest.mark.parametrize("caller", ["anonymous", ANNE])
def test_nobody_is_sent_a_text_about_nothing(day: Day, caller: str) -> None:
    """No text for a call without codes, nor to a number that is withheld."""
    call = day.call("CA1", caller).signed_in()
    if caller == "anonymous":
        call.key("4711")
    call.hang_up()
    assert day.sent() == []


def test_texts_that_could_not_be_sent_go_after_a_restart(open_day: Open) -> None:
    """What the carrier did not take is tried again, and kept over a restart."""
    day = open_day()
    day.carrier.statuses = [0, 429, 500]
    day.call("CA1").signed_in().key("4711").hang_up()
    assert day.sent(1) == [] or len(day.carrier.orders) >= 1
    again = open_day()
    assert [to for to, _ in again.sent(1)] == [ANNE]


def test_a_jammed_database_is_told_in_time_for_the_fallback(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the main handler cannot answer it says so before the carrier gives up on it, and the
    fallback still speaks."""
    monkeypatch.setattr(office, "DEADLINE", 0.05)
    jam = threading.Event()

    async def hold() -> None:
        task = asyncio.create_task(day.asgi.app.state.office.store.write(lambda each: jam.wait(5)))
        await asyncio.sleep(0)
        tasks.append(task)

    tasks: list[asyncio.Task[bool]] = []
    day.asgi.run(hold())
    values = {"CallSid": "CA1", "From": ANNE, "To": LINE}
    assert day.hook("/voice", **values).status == 503
    spoken = day.hook("/voice/sorry", ErrorCode="11200", **values)
    assert spoken.status == 200
    assert "text the others" in spoken.text
    jam.set()
    day.asgi.run(asyncio.wait_for(tasks[0], 5))
    assert day.hook("/voice", **values).status == 200


def test_the_page_says_what_this_is(day: Day) -> None:
    """The front page is plain about being practice, and says the ways to report."""
    day.call("CA1").signed_in().key("4711")
    page = day.asgi.send("GET", "/", ADMIN)
    assert page.headers["content-type"].startswith("text/html")
    for words in ("PRACTICE", 'lang="en"', "<strong>1</strong> of 5 voters", "Text it"):
        assert words in page.text
    assert day.asgi.send("GET", "/style.css").headers["content-type"].startswith("text/css")
