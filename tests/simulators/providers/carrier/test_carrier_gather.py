"""Gather, as the provider documents it."""

from __future__ import annotations

import pytest
from carrier_stand import Stand, drill

ASK = '<Gather action="/done" {}><Say>Enter the code</Say></Gather><Say>Nothing heard</Say>'
DONE = "<Say>Thanks</Say>"


def digits(keys: str, attributes: str = "", gap: float = 0.5) -> str | None:
    """What the app is sent when these keys are pressed; None if the document went on."""

    async def scene(stand: Stand) -> str | None:
        person = await stand.press_on("Enter", keys, gap=gap)
        asked = stand.app.to("/done")
        assert person.words[-1] == ("Thanks" if asked else "Nothing heard")
        return asked[0].params["Digits"] if asked else None

    return drill({"/voice": ASK.format(attributes), "/done": DONE}, scene)


def test_digits_arrive_exactly_as_pressed() -> None:
    """Leading zeros, stars and repeated digits are kept; five seconds of silence end the string."""
    assert digits("0012") == "0012"
    assert digits("1122*0") == "1122*0"


def test_the_finishing_key_ends_and_is_not_sent() -> None:
    """``#`` by default, another key if one is named, none if it is empty."""
    assert digits("47#11") == "47"
    assert digits("47*11", 'finishOnKey="*"') == "47"
    assert digits("47#1", 'finishOnKey=""') == "47#1"


def test_the_finishing_key_alone_is_no_answer() -> None:
    """The document goes on as if nothing had been pressed."""
    assert digits("#") is None
    assert digits("") is None


def test_an_app_may_ask_to_be_told_of_silence() -> None:
    """With actionOnEmptyResult the action hears of no digits, also after the finishing key."""
    assert digits("", 'actionOnEmptyResult="true"') == ""
    assert digits("#", 'actionOnEmptyResult="true"') == ""


def test_enough_digits_end_at_once() -> None:
    """The rest is pressed into the void."""
    assert digits("471199", 'numDigits="4"') == "4711"


def test_each_key_begins_the_wait_anew() -> None:
    """Keys four seconds apart are one string of five-second gathers, and two of three-second."""
    assert digits("4711", gap=4) == "4711"
    assert digits("4711", 'timeout="3"', gap=4) is None
    assert digits("4711", 'timeout="3"', gap=2.9) == "4711"


def test_a_key_stops_the_prompts() -> None:
    """Who presses while the first prompt plays does not hear it to its end, nor the second."""

    async def scene(stand: Stand) -> tuple[list[str], float]:
        person, call = stand.dial()
        stand.carrier.clock.later(1, lambda: call.press("7"))
        await person.over
        return person.words, stand.app.to("/done")[0].at - stand.app.to("/voice")[0].at

    ask = (
        '<Gather action="/done" numDigits="1"><Say>{}</Say><Say>More</Say></Gather>'
        "<Say>Nothing heard</Say>"
    )
    words, took = drill({"/voice": ask.format("word " * 50), "/done": DONE}, scene)
    assert words == ["Thanks"]
    assert took == pytest.approx(1)


def test_keys_outside_a_gather_are_lost() -> None:
    """Nobody listens while the app only talks."""

    async def scene(stand: Stand) -> list[str]:
        person, call = stand.dial()
        stand.carrier.clock.later(1, lambda: call.press("9"))
        await person.over
        assert call.person_keys == "9"
        return person.words

    routes = {"/voice": "<Say>one two three four five</Say>" + ASK.format(""), "/done": DONE}
    assert drill(routes, scene)[-1] == "Nothing heard"


def test_without_an_action_the_same_document_is_asked() -> None:
    """The default action is the current document's URL, with the digits."""

    async def scene(stand: Stand) -> list[str]:
        await stand.press_on("Enter", "5#")
        return [asked.params.get("Digits", "-") for asked in stand.app.to("/voice")]

    ask = "<Gather><Say>Enter it</Say></Gather>"
    assert drill({"/voice": [ask, "<Hangup/>"]}, scene) == ["-", "5"]


def test_speech_is_sent_where_it_is_asked_for() -> None:
    """Words give SpeechResult; a gather for keys alone does not hear them."""

    async def scene(stand: Stand) -> list[dict[str, str]]:
        person, call = stand.dial()
        person.on_words = lambda words: stand.carrier.clock.later(1, lambda: call.say("yes please"))
        await person.over
        return [asked.params for asked in stand.app.to("/done")]

    both = ASK.format('input="dtmf speech"')
    (heard,) = drill({"/voice": both, "/done": "<Hangup/>"}, scene)
    assert (heard["SpeechResult"], heard["Confidence"]) == ("yes please", "0.9")
    assert drill({"/voice": ASK.format(""), "/done": "<Hangup/>"}, scene) == []


def test_an_impossible_finishing_key_is_warned_of() -> None:
    """13310: the call goes on with ``#``."""

    async def scene(stand: Stand) -> tuple[list[int], str]:
        await stand.press_on("Enter", "12#")
        return stand.errors(), stand.app.to("/done")[0].params["Digits"]

    routes = {"/voice": ASK.format('finishOnKey="##"'), "/done": DONE}
    assert drill(routes, scene) == ([13310], "12")
