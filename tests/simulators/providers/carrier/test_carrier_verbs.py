"""Each verb in a call: what is heard, how long it takes, and how the call goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from carrier_stand import BASE, HELP, OFFICE, PERSON, STRIKE, Person, Stand, drill

from simulators.providers.carrier.transport import Reply


def heard(routes: dict[str, Any] | str, **changes: Any) -> tuple[Person, float]:
    """A call without a key pressed: the person, and how many drill seconds it took."""

    async def scene(stand: Stand) -> tuple[Person, float]:
        began = stand.carrier.clock.now()
        person, _ = stand.dial()
        await person.over
        return person, stand.carrier.clock.now() - began

    given = {"/voice": routes} if isinstance(routes, str) else routes
    return drill(given, scene, **changes)


def test_speech_takes_its_time_and_the_end_hangs_up() -> None:
    """Ten words at two and a half a second take four seconds; then the app has hung up."""
    person, took = heard("<Say>one two three four five six seven eight nine ten</Say>")
    assert took == pytest.approx(4)
    assert (person.words, person.cause) == (
        ["one two three four five six seven eight nine ten"],
        "app_hung_up",
    )


def test_recordings_are_heard_by_name() -> None:
    """Nobody fetches them; three seconds each, as often as they are looped."""
    person, took = heard('<Play loop="2">https://cdn.example.com/a/enter-your_code.mp3?v=2</Play>')
    assert person.words == ["enter your code", "enter your code"]
    assert took == pytest.approx(6)


def test_tones_are_played_not_heard_as_words() -> None:
    """Half a second each."""
    person, took = heard('<Play digits="12w3"/>')
    assert (person.words, took) == ([], pytest.approx(2))


def test_people_take_drill_time() -> None:
    """At 120 times the speed a pause of an hour takes half a wall minute."""

    async def scene(stand: Stand) -> float:
        loop_began = stand.carrier.clock.unix()
        await stand.hear_out()
        return stand.carrier.clock.unix() - loop_began

    assert drill({"/voice": '<Pause length="3600"/>'}, scene, speed=120) == pytest.approx(30)


def test_a_pause_at_the_top_lets_the_phone_ring() -> None:
    """The call is answered by what comes after; a caller may give up before."""

    async def scene(stand: Stand) -> Person:
        person, _ = stand.dial(within=8)
        await person.over
        return person

    late = drill({"/voice": '<Pause length="10"/><Say>Hi</Say>'}, scene)
    assert (late.picked_up, late.cause) == (False, "no answer")
    soon = drill({"/voice": '<Pause length="5"/><Say>Hi</Say>'}, scene)
    assert (soon.picked_up, soon.words) == (True, ["Hi"])


@pytest.mark.parametrize(("reason", "cause"), [('reason="busy"', "busy"), ("", "failed")])
def test_a_rejected_call_is_never_answered(reason: str, cause: str) -> None:
    """Busy, or not in service."""
    person, _ = heard(f"<Reject {reason}/>")
    assert (person.picked_up, person.cause) == (False, cause)


def test_hang_up_ends_the_call_there() -> None:
    """What follows is not heard."""
    assert heard("<Say>Bye</Say><Hangup/><Say>Not this</Say>")[0].words == ["Bye"]


def test_a_redirect_moves_for_good_and_relative() -> None:
    """The new document's URL is what later ones are relative to."""
    routes = {
        "/voice": "<Redirect>menu/one</Redirect><Say>Not this</Say>",
        "/menu/one": "<Redirect method='GET'>two</Redirect>",
        "/menu/two": "<Say>Two</Say>",
    }
    assert heard(routes)[0].words == ["Two"]


def test_documents_in_a_circle_are_cut_and_reported() -> None:
    """A redirect to itself ends the call after thirty documents in which nothing was heard."""

    async def scene(stand: Stand) -> tuple[Person, int, str]:
        person = await stand.hear_out()
        return person, len(stand.app.asked), stand.log.entries[-1].detail

    person, asked, detail = drill({"/voice": "<Redirect>/voice</Redirect>"}, scene)
    assert (person.code, asked) == (11215, 30)
    assert "circle" in detail


@pytest.mark.parametrize(
    "routes",
    [
        {"/voice": "<Redirect>http://[x/menu</Redirect>"},
        {"/voice": '<Gather action="http://[x/menu" actionOnEmptyResult="true"/>'},
        {"/voice": Reply(302, location="http://[x/menu")},
    ],
)
def test_an_address_that_is_none_is_an_error_of_the_app(routes: dict[str, Any]) -> None:
    """It is 11100 in the log, the caller hears the apology, and the carrier goes on."""

    async def scene(stand: Stand) -> tuple[Person, list[int], int]:
        person = await stand.hear_out()
        return person, stand.errors(), stand.carrier.tasks.crashes

    person, errors, crashes = drill(routes, scene)
    assert (person.code, errors, crashes) == (11100, [11100], 0)


def test_a_recording_whose_address_is_none_is_heard_by_name() -> None:
    """Nobody fetches it."""
    assert heard("<Play>http://[x/good-bye.mp3</Play>")[0].words == ["good bye"]


def test_nothing_is_played_more_than_a_thousand_times() -> None:
    """However often the app asks for it; what takes no time is played once."""
    assert len(heard('<Say loop="1e300">Again</Say>')[0].words) == 1000
    assert heard('<Say loop="1e300"></Say><Say>Bye</Say>')[0].words == ["Bye"]


def test_a_menu_that_repeats_itself_for_ever_is_cut_too() -> None:
    """However slowly it goes round."""

    async def scene(stand: Stand) -> tuple[str, int]:
        person = await stand.hear_out()
        return person.cause, len(stand.app.asked)

    routes = {"/voice": "<Say>Again</Say><Redirect>/voice</Redirect>"}
    assert drill(routes, scene, manners={"documents": 200}) == ("failed", 200)


def record(
    words: list[str], attributes: str = "", key: str = ""
) -> tuple[list[str], list[dict[str, str]]]:
    """A call in which these words are said after the beep, a second apart, and a key pressed."""

    async def scene(stand: Stand) -> tuple[list[str], list[dict[str, str]]]:
        person, call = stand.dial()

        def speak(heard: str) -> None:
            if heard == "(beep)":
                for index, each in enumerate(words):
                    stand.carrier.clock.later(index + 1, lambda each=each: call.say(each))
                if key:
                    stand.carrier.clock.later(len(words) + 1, lambda: call.press(key))

        person.on_words = speak
        await person.over
        await stand.carrier.tasks.settle()
        return person.words, [asked.params for asked in stand.app.to("/kept")]

    verb = f'<Record action="/kept" {attributes}/><Say>Nothing said</Say>'
    return drill({"/voice": verb, "/kept": "<Say>Kept</Say>"}, scene)


def test_a_recording_is_sent_with_its_length_and_key() -> None:
    """Silence ends it, or any key."""
    words, (sent,) = record(["gym is", "full"])
    assert words == ["(beep)", "Kept"]
    assert (sent["RecordingDuration"], sent["Digits"]) == ("7", "")
    assert "/Recordings/RE" in sent["RecordingUrl"]
    assert record(["gym is full"], key="5")[1][0]["Digits"] == "5"


def test_an_empty_recording_is_passed_over() -> None:
    """The action is not asked; the document goes on."""
    words, sent = record([])
    assert (words, sent) == (["(beep)", "Nothing said"], [])


def test_a_recording_has_a_longest_length() -> None:
    """It ends while the caller still speaks."""
    _, (sent,) = record([str(each) for each in range(9)], 'maxLength="4"')
    assert sent["RecordingDuration"] == "4"


def test_hanging_up_ends_a_recording() -> None:
    """The app still gets it, with ``hangup`` for a key."""

    async def scene(stand: Stand) -> list[str]:
        person, call = stand.dial()
        stand.carrier.clock.later(1, lambda: call.say("all is well"))
        stand.carrier.clock.later(2, call.hang_up)
        await person.over
        await stand.carrier.tasks.settle()
        return [asked.params["Digits"] for asked in stand.app.to("/kept")]

    assert drill({"/voice": '<Record action="/kept"/>', "/kept": ""}, scene) == ["hangup"]


class SentTexts:
    """Notes the texts that the app sends."""

    sid = "SM" + "1" * 32

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []

    async def send_in(self, **_: Any) -> Any:
        raise AssertionError("nobody texts here")

    def send_out(self, **message: str) -> SentTexts:
        self.sent.append(message)
        return self


@pytest.mark.parametrize("name", ["Sms", "Message"])
def test_a_text_in_a_call_goes_to_the_caller(name: str) -> None:
    """From the number that was called, unless the app says otherwise; the call goes on."""

    async def scene(stand: Stand) -> tuple[list[dict[str, str]], list[str], list[dict[str, str]]]:
        texts = SentTexts()
        stand.carrier.texts = texts
        person = await stand.hear_out()
        return texts.sent, person.words, [asked.params for asked in stand.app.to("/sent")]

    verb = f'<{name} action="/sent" statusCallback="/s">Your code was kept</{name}>'
    sent, words, told = drill({"/voice": verb, "/sent": "<Say>Sent</Say>"}, scene)
    assert sent == [
        {"from_": STRIKE, "to": PERSON, "body": "Your code was kept", "callback": f"{BASE}/s"}
    ]
    assert words == ["Sent"]
    assert told[0]["SmsSid"] == SentTexts.sid


def test_an_unknown_verb_is_reported_and_the_call_goes_on() -> None:
    """12200 in the log, beside the request that brought it."""

    async def scene(stand: Stand) -> tuple[list[str], int, int | None, str]:
        person = await stand.hear_out()
        (entry,) = stand.log.entries
        return person.words, entry.error, entry.status, entry.detail

    words, code, status, detail = drill({"/voice": "<Sing>La</Sing><Say>Hi</Say>"}, scene)
    assert (words, code, status) == (["Hi"], 12200, 200)
    assert "<Sing>" in detail


def test_rest_sends_a_live_call_elsewhere_or_ends_it() -> None:
    """In the middle of a prompt; what was left of it is not heard."""

    async def scene(stand: Stand) -> tuple[list[str], str]:
        person, call = stand.dial()
        clock = stand.carrier.clock
        clock.later(1, lambda: stand.carrier.modify(call, url=f"{BASE}/other"))
        clock.later(5, lambda: stand.carrier.modify(call, status="completed"))
        await person.over
        return person.words, person.cause

    routes = {"/voice": "<Say>a b c d e f</Say>", "/other": '<Say>Other</Say><Pause length="99"/>'}
    assert drill(routes, scene) == (["Other"], "app_hung_up")


def test_a_call_placed_by_the_app_is_answered_and_told_of() -> None:
    """Its four events are numbered from 0; whoever answers hangs up after a minute."""

    async def scene(stand: Stand) -> list[tuple[str, str, str]]:
        number = stand.carrier.numbers[HELP].voice
        assert number is not None
        hook = number.model_copy(
            update={"events": ("initiated", "ringing", "answered", "completed")}
        )
        call = stand.carrier.place(from_=HELP, to=PERSON, hook=hook)
        await stand.carrier.tasks.settle()
        assert call.seconds == 60
        assert stand.app.to("/voice")[0].params["Direction"] == "outbound-api"
        return [
            (told.params["CallStatus"], told.params["SequenceNumber"], told.params["CallSid"][:2])
            for told in stand.app.to("/status")
        ]

    told = drill({"/voice": '<Pause length="600"/>', "/status": ""}, scene)
    assert [status for status, _, _ in told] == ["ringing", "ringing", "in-progress", "completed"]
    assert [number for _, number, _ in told] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("answer", "status"), [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed")]
)
def test_a_call_that_nobody_answers_asks_for_no_document(answer: str, status: str) -> None:
    """The configuration says who would not answer."""

    async def scene(stand: Stand) -> tuple[str, list[str]]:
        call = stand.carrier.place(from_=OFFICE, to=PERSON, timeout=20)
        await stand.carrier.tasks.settle()
        return call.status, stand.app.paths()

    assert drill({}, scene, answers={PERSON: answer}) == (status, [])


def test_a_caller_who_hangs_up_is_gone_at_once() -> None:
    """Though the app has yet to answer; its answer goes nowhere."""

    async def late(asked: Any) -> Reply:
        await asyncio.sleep(3)
        return Reply(200, "text/xml", b"<Response><Say>Late</Say></Response>")

    async def scene(stand: Stand) -> tuple[list[str], str, float, float]:
        person, call = stand.dial()
        began = stand.carrier.clock.unix()
        stand.carrier.clock.later(1, call.hang_up)
        await person.over
        gone = stand.carrier.clock.unix() - began
        await stand.carrier.tasks.settle()
        return person.words, person.cause, gone, stand.log.entries[0].took

    assert drill({"/voice": late}, scene) == ([], "hung_up", pytest.approx(1), pytest.approx(3))
