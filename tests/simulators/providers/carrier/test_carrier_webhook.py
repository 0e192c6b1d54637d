"""Webhooks: time limits, retries, fallback, redirects, cookies; all on a clock that leaps."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from carrier_stand import ACCOUNT, BASE, HELP, STRIKE, TOKEN, Asked, Stand, drill, twiml
from twilio.request_validator import RequestValidator

from simulators.providers.carrier.overrides import read_overrides
from simulators.providers.carrier.transport import Reply, TransportError

BYE = "<Say>Bye</Say>"
SORRY = "<Say>Call the office</Say>"
REFUSED = TransportError(11202, "ct", "connection refused")


def call(routes: dict[str, Any], to: str = STRIKE, url: str = "", **changes: Any):
    """One call without a key pressed: (person, stand)."""

    async def scene(stand: Stand):
        if url:
            number = stand.carrier.numbers[to]
            assert number.voice is not None
            voice = number.voice.model_copy(update={"url": url})
            stand.carrier.numbers[to] = number.model_copy(update={"voice": voice})
        return await stand.hear_out(to=to), stand

    return drill({"/status": "", **routes}, scene, **changes)


async def slow(asked: Asked) -> str:
    await asyncio.sleep(60)
    return BYE


def test_a_call_begins_with_a_signed_form() -> None:
    """The official validator accepts it; it tells who calls whom, while it rings."""
    _, stand = call({"/voice": BYE})
    (asked,) = stand.app.asked
    assert asked.method == "POST"
    assert RequestValidator(TOKEN).validate(
        asked.url, asked.params, asked.headers["X-Twilio-Signature"]
    )
    assert asked.params["AccountSid"] == ACCOUNT
    assert asked.params["CallStatus"] == "ringing"
    assert asked.params["Direction"] == "inbound"
    assert len(asked.params["CallSid"]) == 34


def test_a_get_carries_its_parameters_in_a_signed_query() -> None:
    """The query that the app gave stays, and all of it is signed."""

    async def scene(stand: Stand) -> Asked:
        number = stand.carrier.numbers[STRIKE]
        assert number.voice is not None
        voice = number.voice.model_copy(update={"url": f"{BASE}/voice?lang=en", "method": "GET"})
        stand.carrier.numbers[STRIKE] = number.model_copy(update={"voice": voice})
        await stand.hear_out()
        return stand.app.asked[0]

    asked = drill({"/voice": BYE}, scene)
    assert (asked.method, asked.params["lang"], asked.params["To"]) == ("GET", "en", STRIKE)
    signature = asked.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(asked.url, {}, signature)


def test_an_app_has_fifteen_wall_seconds_at_any_speed() -> None:
    """A drill played 120 times as fast gives the app no less."""
    for speed in (1, 120):
        person, stand = call({"/voice": slow}, speed=speed)
        (entry,) = stand.entries("voice")
        assert entry.took == pytest.approx(15)
        assert (entry.error, entry.status) == (11205, None)
        assert (person.cause, person.code) == ("failed", 11205)


def test_an_app_may_shorten_its_limit() -> None:
    """``#tt=400`` ends after 0.4 s with 11203; nothing of the fragment is sent."""
    person, stand = call({"/voice": slow}, url=f"{BASE}/voice#tt=400")
    (entry,) = stand.entries("voice")
    assert (entry.took, entry.error, person.code) == (pytest.approx(0.4), 11203, 11203)
    assert stand.app.asked[0].url == f"{BASE}/voice"


def test_a_failed_connection_is_tried_again_once() -> None:
    """Both tries carry one token; the second reaches the app."""
    person, stand = call({"/voice": [REFUSED, BYE]})
    first, second = stand.app.asked
    token = "I-Twilio-Idempotency-Token"
    assert first.headers[token] == second.headers[token]
    assert [(entry.attempt, entry.error) for entry in stand.log.entries] == [(1, 11202), (2, 0)]
    assert person.words == ["Bye"]


@pytest.mark.parametrize("answer", [Reply(500), Reply(429), Reply(404), slow])
def test_nothing_else_is_tried_again_by_default(answer: Any) -> None:
    """Neither an error of the app, nor slowness: it may have handled the first try."""
    person, stand = call({"/voice": answer})
    assert len(stand.app.asked) == 1
    assert person.cause == "failed"


def test_an_app_may_ask_for_retries() -> None:
    """``rp`` names what is tried again, ``rc`` how often; all tries share the total time."""
    bad = [Reply(503), Reply(503), BYE]
    person, stand = call({"/voice": bad}, url=f"{BASE}/voice#rc=2&rp=5xx")
    assert person.words == ["Bye"]
    assert len({each.headers["I-Twilio-Idempotency-Token"] for each in stand.app.asked}) == 1

    person, stand = call({"/voice": slow}, url=f"{BASE}/voice#rc=5&rp=rt&tt=1000")
    assert person.cause == "failed"
    assert sum(entry.took for entry in stand.log.entries) == pytest.approx(1)


def test_overrides_out_of_range_mean_nothing() -> None:
    """They are reported, and the defaults stand."""
    rules = read_overrides("http://a/#ct=5&rc=9&rp=never&tt=99999&x=1")
    assert replace(rules, mistakes=()) == read_overrides("http://a/")
    assert rules.mistakes == ("ct=5", "rc=9", "rp=never", "tt=99999", "x=1")


def test_the_fallback_is_told_what_failed() -> None:
    """Its document goes on with the call; relative URLs are then relative to it."""
    routes = {"/voice": Reply(500), "/sorry": SORRY + "<Redirect>next</Redirect>", "/next": BYE}
    person, stand = call(routes, HELP)
    (asked,) = stand.app.to("/sorry")
    assert (asked.params["ErrorCode"], asked.params["ErrorUrl"]) == ("11200", f"{BASE}/voice")
    assert person.words == ["Call the office", "Bye"]
    assert [entry.fallback for entry in stand.log.entries[:3]] == [False, True, False]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Reply(200, "application/json", b"{}"), "12300"),
        (Reply(200, "text/xml", b"<Response>"), "12100"),
        (REFUSED, "11202"),
    ],
)
def test_every_failure_leads_to_the_fallback(answer: Any, code: str) -> None:
    """Documents that cannot be read as well as those that never came."""
    person, stand = call({"/voice": answer, "/sorry": SORRY}, HELP)
    assert stand.app.to("/sorry")[0].params["ErrorCode"] == code
    assert person.words == ["Call the office"]


def test_without_an_answer_the_caller_hears_an_apology() -> None:
    """In a call that was connected: then it ends, and the status callback says completed."""
    routes = {
        "/voice": "<Say>Hello</Say><Redirect>/x</Redirect>",
        "/x": Reply(500),
        "/sorry": REFUSED,
    }
    person, stand = call(routes, HELP)
    assert person.words[0] == "Hello"
    assert "application error" in person.words[1]
    assert (person.cause, person.code) == ("failed", 11200)
    assert stand.app.to("/status")[0].params["CallStatus"] == "completed"


def test_ten_redirects_are_followed_and_no_more() -> None:
    """The eleventh is 11215; a POST becomes a GET, whose signature is of its own URL."""

    def onward(last: int) -> dict[str, Any]:
        hops = {f"/r{n}": Reply(302, location=f"/r{n + 1}") for n in range(last)}
        return {"/voice": Reply(302, location="/r0"), **hops, f"/r{last}": BYE}

    person, stand = call(onward(9))
    assert person.words == ["Bye"]
    hop = stand.app.asked[-1]
    assert (hop.method, hop.params) == ("GET", {})
    assert RequestValidator(TOKEN).validate(hop.url, {}, hop.headers["X-Twilio-Signature"])
    person, stand = call(onward(10))
    assert person.code == 11215


def test_a_redirect_307_repeats_the_form() -> None:
    """And one that leads nowhere is 11216."""
    _, stand = call({"/voice": Reply(307, location="/b"), "/b": BYE})
    assert stand.app.asked[1].method == "POST"
    assert stand.app.asked[1].params == stand.app.asked[0].params
    assert call({"/voice": Reply(304)})[0].code == 11216


def test_cookies_last_as_long_as_the_call() -> None:
    """What the app sets it gets back, in this call and in no other."""

    async def scene(stand: Stand) -> list[str | None]:
        await stand.hear_out("c1-1")
        await stand.hear_out("c1-2")
        return [asked.headers.get("Cookie") for asked in stand.app.asked]

    first = replace(
        twiml("<Redirect>/b</Redirect>"), cookies=("s=abc; Path=/; HttpOnly", "gone=; Max-Age=0")
    )
    cookies = drill({"/voice": first, "/b": BYE}, scene)
    assert cookies == [None, "s=abc", None, "s=abc"]


def test_a_host_outside_the_drill_is_never_asked() -> None:
    """A document may name any URL; nothing is sent there."""
    person, stand = call({"/voice": "<Redirect>https://api.example.com/x</Redirect>"})
    assert {urlsplit(asked.url).hostname for asked in stand.app.asked} == {"app.example.org"}
    assert person.code == 11210
    assert "not part of this drill" in stand.log.entries[-1].detail


def test_another_port_of_a_server_of_the_drill_is_not_part_of_it() -> None:
    """A permit is for a host and a port; this machine's own ports need none."""
    elsewhere = BASE.replace("http://", "https://")
    person, stand = call({"/voice": f"<Redirect>{elsewhere}/voice</Redirect>"})
    assert (person.code, len(stand.app.asked)) == (11210, 1)
    person, stand = call({"/voice": f"<Redirect>{BASE}:80/b</Redirect>", "/b": BYE})
    assert (person.cause, stand.errors()) == ("app_hung_up", [])


def test_status_callbacks_follow_the_call() -> None:
    """A number hears of the end: how long it took, in drill time, and with which status."""
    person, stand = call(
        {"/voice": "<Pause length='1'/><Say>a b c d e</Say><Pause length='58'/>"}, HELP, speed=60
    )
    (told,) = stand.app.to("/status")
    assert (told.params["CallStatus"], told.params["CallDuration"]) == ("completed", "60")
    assert (told.params["Duration"], told.params["SequenceNumber"]) == ("1", "0")
    assert told.params["CallbackSource"] == "call-progress-events"
    assert person.cause == "app_hung_up"


def test_requests_name_the_run() -> None:
    """A header tells whose drill this is."""
    _, stand = call({"/voice": BYE}, run="r1")
    assert stand.app.asked[0].headers["X-Drillhall-Run"] == "r1"


def test_a_forgery_goes_to_where_keys_went() -> None:
    """An app that looks at who begins a call, and at nobody after that, is found out."""
    menu = '<Gather action="/code?try=1" numDigits="1"><Say>Press</Say></Gather>'

    async def scene(stand: Stand) -> tuple[list[str], list[str]]:
        await stand.press_on("Press", "1")
        asked = len(stand.app.asked)
        await stand.carrier.forge(STRIKE)
        told = [each.params.get("Digits", "") for each in stand.app.asked[asked:]]
        return stand.app.paths()[asked:], told

    assert drill({"/voice": menu, "/code": BYE}, scene) == (["/voice", "/code"], ["", ""])


def test_a_forgery_goes_to_each_url_of_a_number() -> None:
    """An app that checks signatures answers 403; one that does not gives itself away."""

    def check(asked: Asked) -> Reply:
        valid = RequestValidator(TOKEN).validate(
            asked.url, asked.params, asked.headers["X-Twilio-Signature"]
        )
        return twiml(BYE) if valid else Reply(403)

    async def scene(stand: Stand):
        return await stand.carrier.forge(STRIKE), stand.entries("forged")

    numbers = [
        {"name": "s", "number": STRIKE, "voice": {"url": f"{BASE}/v"}, "text": {"url": f"{BASE}/t"}}
    ]
    found, entries = drill({"/v": check, "/t": BYE}, scene, numbers=numbers)
    assert found == {"voice": 403, "text": 200}
    assert [entry.status for entry in entries] == [403, 200]
    assert entries[1].detail == "served at /t"
