"""Queues: waiting, leaving, being taken out, and being turned away; and calls put through."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from carrier_stand import OFFICE, Person, Stand, drill

from simulators.providers.carrier.ids import Ids
from simulators.providers.carrier.queues import Queues

QUEUE = '<Enqueue action="/after" {}>help</Enqueue><Say>Not this</Say>'
AGENT = '<Dial action="/dialled"><Queue>help</Queue></Dial>'


def enqueue(
    attributes: str = "", *, hang_up: float | None = None, agent: float | None = None, **routes: Any
) -> tuple[Person, list[dict[str, str]], list[Any]]:
    """One caller; after so many seconds they hang up, or an agent phones in."""

    async def scene(stand: Stand) -> tuple[Person, list[dict[str, str]], list[Any]]:
        person, call = stand.dial()
        if hang_up is not None:
            stand.carrier.clock.later(hang_up, call.hang_up)
        if agent is not None:
            await asyncio.sleep(agent)
            other, agents_call = stand.dial("c2-1", OFFICE)
            await asyncio.sleep(30)
            agents_call.hang_up()
            await other.over
        await person.over
        await stand.carrier.tasks.settle()
        assert not stand.carrier.queues.by_name["help"].members
        return person, [asked.params for asked in stand.app.to("/after")], stand.app.asked

    given = {"/voice": QUEUE.format(attributes), "/after": "<Say>After</Say>", "/dialled": ""}
    return drill(given | {"/office": AGENT} | {f"/{k}": v for k, v in routes.items()}, scene)


def test_waiting_asks_again_and_again() -> None:
    """The waiting document is asked for when it ends, with the caller's place in the queue."""
    _, _, asked = enqueue('waitUrl="/wait"', hang_up=30.5, wait='<Pause length="10"/>')
    waits = [each.params for each in asked if each.path == "/wait"]
    assert [wait["QueueTime"] for wait in waits] == ["0", "10", "20", "30"]
    assert {wait["QueuePosition"] for wait in waits} == {"1"}
    assert {wait["MaxQueueSize"] for wait in waits} == {"1000"}


def test_a_caller_who_gives_up_is_reported() -> None:
    """QueueResult=hangup, with how long they waited; the answer goes nowhere."""
    person, (after,), _ = enqueue(hang_up=42)
    assert (after["QueueResult"], after["QueueTime"]) == ("hangup", "42")
    assert after["CallStatus"] == "completed"
    assert (person.words, person.cause) == ([], "hung_up")


def test_the_waiting_document_may_leave() -> None:
    """What comes before Leave is played; then the action goes on with the call."""
    wait = "<Say>We will call back</Say><Leave/><Say>Not this</Say>"
    person, (after,), _ = enqueue('waitUrl="/wait"', wait=wait)
    assert after["QueueResult"] == "leave"
    assert person.words == ["We will call back", "After"]


def test_a_key_in_the_waiting_document_leads_out() -> None:
    """A gather there may answer with Leave."""
    wait = '<Gather action="/key" numDigits="1"><Say>Press 1 to leave</Say></Gather>'

    async def scene(stand: Stand) -> list[str]:
        person = await stand.press_on("Press", "1")
        return person.words

    routes = {"/voice": QUEUE.format('waitUrl="/wait"'), "/wait": wait, "/key": "<Leave/>"}
    assert drill(routes | {"/after": "<Say>After</Say>"}, scene)[-1] == "After"


def test_a_waiting_document_may_hang_up() -> None:
    """That is a hangup too."""
    person, (after,), _ = enqueue('waitUrl="/wait"', wait="<Say>Closed</Say><Hangup/>")
    assert (after["QueueResult"], person.cause) == ("hangup", "app_hung_up")


def test_hold_music_from_elsewhere_is_not_fetched() -> None:
    """The provider's own music is no part of the drill: the caller hears nothing, and waits."""
    person, (after,), asked = enqueue('waitUrl="http://com.twilio.music.example/x"', hang_up=9)
    assert after["QueueTime"] == "9"
    assert person.words == []
    assert {each.path for each in asked} == {"/voice", "/after"}


def test_an_agent_takes_the_longest_waiting_caller() -> None:
    """They talk until one hangs up; each side's action is then told of it."""
    person, (after,), asked = enqueue(agent=20)
    (dialled,) = [each.params for each in asked if each.path == "/dialled"]
    assert (after["QueueResult"], after["QueueTime"]) == ("bridged", "20")
    assert after["CallSid"] == dialled.get("DialCallSid")
    assert (dialled["DialCallStatus"], dialled["DialBridged"]) == ("completed", "true")
    assert person.words == ["After"]


def test_the_waiting_caller_may_be_greeted() -> None:
    """The queue's own URL is played to the caller before they talk."""
    greeting = '<Dial action="/dialled"><Queue url="/greet">help</Queue></Dial>'
    person, _, asked = enqueue(agent=20, office=greeting, greet="<Say>An agent comes</Say>")
    assert person.words == ["An agent comes", "After"]
    assert [each.params["QueueTime"] for each in asked if each.path == "/greet"] == ["20"]


def test_a_full_queue_turns_away() -> None:
    """QueueResult=queue-full, and the call goes on at once."""

    async def scene(stand: Stand) -> tuple[list[str], dict[str, str], int]:
        stand.carrier.queues.open("help", 0.0, 1)
        first, call = stand.dial("c1-1")
        await asyncio.sleep(1)
        second, _ = stand.dial("c1-2")
        await second.over
        call.hang_up()
        await first.over
        asked = stand.app.to("/after")[0].params
        return second.words, asked, stand.carrier.queues.by_name["help"].turned_away

    routes = {"/voice": QUEUE.format(""), "/after": "<Say>Full</Say>"}
    words, asked, turned_away = drill(routes, scene)
    assert (words, asked["QueueResult"], turned_away) == (["Full"], "queue-full", 1)


def test_an_agent_waits_for_a_caller_to_come() -> None:
    """Thirty seconds, unless the app says otherwise; then nobody answered."""

    async def scene(stand: Stand) -> list[str]:
        stand.carrier.queues.open("help", 0.0)
        await stand.hear_out(to=OFFICE)
        began = stand.carrier.clock.now()
        agent, _ = stand.dial("c2-1", OFFICE)
        await asyncio.sleep(10)
        _, call = stand.dial("c1-1")
        await asyncio.sleep(5)
        assert stand.carrier.clock.now() - began == pytest.approx(15)
        call.hang_up()
        await agent.over
        await stand.carrier.tasks.settle()
        return [each.params["DialCallStatus"] for each in stand.app.to("/dialled")]

    routes = {"/voice": QUEUE.format(""), "/office": AGENT, "/dialled": "", "/after": ""}
    assert drill(routes, scene) == ["no-answer", "completed"]


def test_a_queue_that_is_not_there_cannot_be_dialled() -> None:
    """DialCallStatus=failed."""

    async def scene(stand: Stand) -> str:
        await stand.hear_out(to=OFFICE)
        return stand.app.to("/dialled")[0].params["DialCallStatus"]

    assert drill({"/office": AGENT, "/dialled": ""}, scene) == "failed"


def test_callers_leave_a_queue_in_order_of_arrival() -> None:
    """Positions move up as those before leave; the mean wait is of those who left."""

    async def scene(stand: Stand) -> list[str]:
        people = []
        for index in range(3):
            people.append(stand.dial(f"c{index}-1"))
            await asyncio.sleep(10)
        queue = stand.carrier.queues.by_name["help"]
        found = [str(queue.position(call.sid)) for _, call in people]
        people[0][1].hang_up()
        await people[0][0].over
        await asyncio.sleep(0)
        found += [str(queue.position(call.sid)) for _, call in people]
        return [*found, f"{queue.average_wait:.0f}"]

    routes = {"/voice": QUEUE.format(""), "/after": ""}
    assert drill(routes, scene) == ["1", "2", "3", "0", "1", "2", "30"]


def dialled(
    inner: str, attributes: str = "", answers: dict[str, str] | None = None, **routes: Any
) -> tuple[dict[str, str], Person, float, list[Any]]:
    """One caller who is put through: what the action is told, and how long it took."""

    async def scene(stand: Stand) -> tuple[dict[str, str], Person, float, list[Any]]:
        began = stand.carrier.clock.now()
        person = await stand.hear_out()
        (told,) = stand.app.to("/dialled")
        return told.params, person, stand.carrier.clock.now() - began, stand.app.asked

    given = {"/voice": f'<Dial action="/dialled" {attributes}>{inner}</Dial>', "/dialled": ""}
    return drill(given | {f"/{k}": v for k, v in routes.items()}, scene, answers=answers or {})


@pytest.mark.parametrize(
    "inner",
    [
        "+19005550100",
        "<Number>+19005550100</Number>",
        "<Client>alice</Client>",
        "<Sip>sip:alice@example.com</Sip>",
        "<Conference>war room</Conference>",
    ],
)
def test_whoever_is_dialled_outside_is_data(inner: str) -> None:
    """Nothing is sent anywhere: somebody picks up after six seconds and talks for a minute."""
    told, _, took, asked = dialled(inner)
    assert (told["DialCallStatus"], told["DialCallDuration"]) == ("completed", "60")
    assert took == pytest.approx(66)
    assert {each.path for each in asked} == {"/voice", "/dialled"}


@pytest.mark.parametrize(
    ("answer", "status", "took"),
    [("busy", "busy", 0), ("no-answer", "no-answer", 30), ("failed", "failed", 0)],
)
def test_somebody_who_does_not_answer(answer: str, status: str, took: float) -> None:
    """The configuration says so; ringing ends after the dial's thirty seconds."""
    told, _, lasted, _ = dialled("+19005550100", answers={"+19005550100": answer})
    assert (told["DialCallStatus"], told["DialBridged"]) == (status, "false")
    assert lasted == pytest.approx(took)


def test_dialling_one_after_another() -> None:
    """The second is rung when the first is busy; without ``sequential`` both at once."""
    inner = "<Number>+19005550100</Number><Number>+19005550101</Number>"
    busy = {"+19005550100": "no-answer"}
    assert dialled(inner, 'sequential="true"', busy)[2] == pytest.approx(30 + 66)
    assert dialled(inner, "", busy)[2] == pytest.approx(66)


def test_a_time_limit_and_a_star_end_the_talk() -> None:
    """The limit is the app's; the star is the caller's, where the app allows it."""
    assert dialled("+19005550100", 'timeLimit="10"')[0]["DialCallDuration"] == "10"

    async def scene(stand: Stand) -> str:
        person, call = stand.dial()
        stand.carrier.clock.later(26, lambda: call.press("*"))
        await person.over
        return stand.app.to("/dialled")[0].params["DialCallDuration"]

    verb = '<Dial action="/dialled" hangupOnStar="true">+19005550100</Dial>'
    assert drill({"/voice": verb, "/dialled": ""}, scene) == "20"


def test_dialling_another_number_of_the_app_connects_to_it() -> None:
    """The caller hears that number's menu, and what they key arrives there."""

    async def scene(stand: Stand) -> tuple[list[str], list[str], str]:
        person = await stand.press_on("Office", "42#")
        keyed = [asked.params["Digits"] for asked in stand.app.to("/keyed")]
        return person.words, keyed, stand.app.to("/dialled")[0].params["DialCallStatus"]

    routes = {
        "/voice": f'<Dial action="/dialled">{OFFICE}</Dial>',
        "/office": '<Gather action="/keyed"><Say>Office here</Say></Gather>',
        "/keyed": "<Say>Got it</Say>",
        "/dialled": "",
    }
    assert drill(routes, scene) == (["Office here", "Got it"], ["42"], "completed")


def test_second_legs_tell_of_themselves() -> None:
    """The events that the app asked for, of a call whose parent is the caller's."""
    inner = (
        '<Number statusCallback="/leg" statusCallbackEvent="initiated answered completed">'
        "+19005550100</Number>"
    )
    told, _, _, asked = dialled(inner, leg="")
    legs = [each.params for each in asked if each.path == "/leg"]
    assert [leg["CallStatus"] for leg in legs] == ["ringing", "in-progress", "completed"]
    assert {leg["ParentCallSid"] for leg in legs} == {told["CallSid"]}
    assert {leg["Direction"] for leg in legs} == {"outbound-dial"}


def test_whoever_answers_may_hear_a_word_first() -> None:
    """The number's own document is asked for on the second leg, and played before they talk."""
    inner = '<Number url="/whisper">+19005550100</Number>'
    told, _, _, asked = dialled(inner, whisper="<Say>A caller from precinct 12</Say>")
    assert [each.params["CallSid"] for each in asked if each.path == "/whisper"] == [
        told["DialCallSid"]
    ]
    assert told["DialCallStatus"] == "completed"


def test_queues_have_bounds() -> None:
    """A name of 64 characters, a size of 5,000; one that holds callers cannot be closed."""
    queues = Queues(Ids("AC1", 1))
    queue = queues.open("help", 0.0)
    assert queues.open("help", 9.0) is queue
    with pytest.raises(ValueError, match="64"):
        queues.open("x" * 65, 0.0)
    with pytest.raises(ValueError, match="max_size=5001"):
        queues.open("big", 0.0, 5001)
    assert queues.close(queue.sid)
    assert not queues.by_name
