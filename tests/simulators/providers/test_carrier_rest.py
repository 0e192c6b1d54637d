"""The official SDK finds the REST API that it knows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from carrier_front_stand import ACCOUNT, HELP, PERSON, STRIKE, Stand, stand
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

HOLD = '<Response><Enqueue waitUrl="/wait">help desk</Enqueue></Response>'
WAIT = "<Response><Pause length='3600'/></Response>"
LONG = "<Response><Say>hello</Say><Pause length='3600'/></Response>"


def drive(
    folder: Path, play: Callable[[Stand, Client], Awaitable[None]], **profile: object
) -> None:
    async def run() -> None:
        async with stand(folder, **profile) as here:
            await play(here, here.client())

    asyncio.run(run())


async def refusal(call: Callable[..., object], *args: object, **named: object) -> tuple[int, int]:
    """HTTP status and the provider's code of what the API turns down."""
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(call, *args, **named)
    assert caught.value.msg
    return caught.value.status, caught.value.code


def test_a_wrong_token_is_20003(tmp_path: Path) -> None:
    """Whoever does not know the token learns nothing."""

    async def play(here: Stand, client: Client) -> None:
        stranger = here.client(token="guessed")
        assert await refusal(stranger.messages.create, to=PERSON, from_=STRIKE, body="x") == (
            401,
            20003,
        )
        other = Client(ACCOUNT, "a token", account_sid="AC" + "f" * 32)
        other.http_client = client.http_client
        assert await refusal(other.messages.create, to=PERSON, from_=STRIKE, body="x") == (
            404,
            20404,
        )
        assert here.texts.counts["sent"] == 0

    drive(tmp_path, play)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"from_": STRIKE, "body": "x"}, 21604),
        ({"to": "5550142", "from_": STRIKE, "body": "x"}, 21211),
        ({"to": PERSON, "body": "x"}, 21603),
        ({"to": PERSON, "from_": "+15555550150", "body": "x"}, 21660),
        ({"to": STRIKE, "from_": STRIKE, "body": "x"}, 21266),
        ({"to": PERSON, "from_": STRIKE}, 21602),
        ({"to": PERSON, "from_": STRIKE, "body": "x" * 1601}, 21617),
        ({"to": PERSON, "from_": STRIKE, "body": "x", "status_callback": "/status"}, 21609),
    ],
)
def test_a_text_that_cannot_be_sent_says_why(
    tmp_path: Path, given: dict[str, str], code: int
) -> None:
    """Every mistake has the code that the SDK raises."""

    async def play(here: Stand, client: Client) -> None:
        arguments = {"to": "", **given}
        assert await refusal(client.messages.create, **arguments) == (400, code)
        (entry,) = here.logged("rest")
        assert (entry.status, entry.error) == (400, code)

    drive(tmp_path, play)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": "", "twiml": LONG}, 21201),
        ({"to": "nobody", "twiml": LONG}, 21211),
        ({"from_": "", "twiml": LONG}, 21213),
        ({"from_": "+15555550150", "twiml": LONG}, 21210),
        ({}, 21205),
        ({"url": "ftp://example.org"}, 21205),
        ({"twiml": f"<Response><Say>{'x' * 4000}</Say></Response>"}, 32018),
        ({"twiml": "<Response>"}, 12100),
        ({"twiml": LONG, "method": "PUT"}, 21200),
        ({"twiml": LONG, "timeout": 601}, 20001),
        ({"twiml": LONG, "send_digits": "x"}, 20001),
        ({"twiml": LONG, "status_callback_event": ["began"]}, 21626),
    ],
)
def test_a_call_that_cannot_be_placed_says_why(
    tmp_path: Path, given: dict[str, object], code: int
) -> None:
    """Every mistake has its code, and no call is made."""

    async def play(here: Stand, client: Client) -> None:
        arguments = {"to": PERSON, "from_": STRIKE, **given}
        assert await refusal(client.calls.create, **arguments) == (400, code)
        assert not here.carrier.calls

    drive(tmp_path, play)


def test_what_is_not_there_is_20404(tmp_path: Path) -> None:
    """Unknown calls, messages, queues and whole resources are named in the answer."""

    async def play(here: Stand, client: Client) -> None:
        nothing = (404, 20404)
        assert await refusal(client.calls("CA" + "0" * 32).fetch) == nothing
        assert await refusal(client.messages("SM" + "0" * 32).fetch) == nothing
        assert await refusal(client.queues("QU" + "0" * 32).members("Front").fetch) == nothing
        assert await refusal(client.conferences("CF" + "0" * 32).fetch) == nothing

    drive(tmp_path, play)


def test_the_sdk_places_lists_and_ends_calls(tmp_path: Path) -> None:
    """A call that the app places rings, is answered, plays its TwiML, and ends when told to."""

    async def play(here: Stand, client: Client) -> None:
        placed = await asyncio.to_thread(
            client.calls.create,
            to=PERSON,
            from_=STRIKE,
            twiml=LONG,
            status_callback=f"{here.app}/status",
            status_callback_event=["initiated", "answered", "completed"],
        )
        assert (placed.direction, placed.to, placed.duration) == ("outbound-api", PERSON, None)
        call = here.carrier.calls[placed.sid]
        await here.until(lambda: call.answered_at is not None)
        fetched = await asyncio.to_thread(client.calls(placed.sid).fetch)
        assert fetched.status == "in-progress"
        assert fetched.date_created.year >= 2024
        await asyncio.to_thread(client.calls(placed.sid).update, status="completed")
        await here.until(lambda: len(here.forms("/status")) == 3)
        ended = await asyncio.to_thread(client.calls.list, status="completed")
        assert [each.sid for each in ended] == [placed.sid]
        assert await asyncio.to_thread(client.calls.list, to=HELP) == []
        assert [form["CallStatus"] for form in here.forms("/status")][-1] == "completed"
        assert await refusal(client.calls(placed.sid).update, twiml=LONG) == (400, 21220)
        assert await asyncio.to_thread(client.calls(placed.sid).delete)
        assert await asyncio.to_thread(client.calls.list) == []

    drive(tmp_path, play)


def test_a_live_call_goes_where_it_is_sent(tmp_path: Path) -> None:
    """``Url`` sends a call to another document; ``Twiml`` gives the document itself."""

    async def play(here: Stand, client: Client) -> None:
        placed = await asyncio.to_thread(
            client.calls.create, to=PERSON, from_=STRIKE, url=f"{here.app}/first"
        )
        here.answers["/first"] = lambda form: LONG
        here.answers["/second"] = lambda form: LONG
        await here.until(lambda: bool(here.forms("/first")))
        await asyncio.to_thread(client.calls(placed.sid).update, url=f"{here.app}/second")
        await here.until(lambda: bool(here.forms("/second")))
        assert here.forms("/second")[0]["CallSid"] == placed.sid
        await asyncio.to_thread(
            client.calls(placed.sid).update, twiml="<Response><Hangup/></Response>"
        )
        call = here.carrier.calls[placed.sid]
        await here.until(lambda: bool(call.cause))
        assert call.cause == "app_hung_up"

    drive(tmp_path, play)


def test_calls_wait_for_their_second(tmp_path: Path) -> None:
    """An account places so many calls a second; the others are queued, and can be canceled."""

    async def play(here: Stand, client: Client) -> None:
        placed = [
            await asyncio.to_thread(client.calls.create, to=PERSON, from_=STRIKE, twiml=LONG)
            for _ in range(3)
        ]
        waits = [int(each.queue_time) for each in placed]
        assert waits[0] == 0
        assert 200 < waits[1] <= 500 < waits[2] <= 1000
        assert [each.status for each in placed[1:]] == ["queued", "queued"]
        await asyncio.to_thread(client.calls(placed[2].sid).update, status="canceled")
        calls = [here.carrier.calls[each.sid] for each in placed]
        await here.until(lambda: calls[1].answered_at is not None)
        assert calls[2].status == "canceled"
        await asyncio.sleep(0.6)
        assert calls[2].answered_at is None

    drive(tmp_path, play, outbound_per_second=2)


def test_limits_of_other_providers_turn_calls_down(tmp_path: Path) -> None:
    """A 429 beyond the rate, 22005 when too many wait, 10004 when too many are open."""

    async def play(here: Stand, client: Client, codes: list[int]) -> None:
        found: list[int] = []
        refused: list[int] = []
        for _ in range(4):
            try:
                await asyncio.to_thread(client.calls.create, to=PERSON, from_=STRIKE, twiml=LONG)
                found.append(0)
            except TwilioRestException as error:
                found.append(error.code)
                refused.append(error.status)
        assert found == codes
        assert set(refused) == {429}

    def limited(codes: list[int], **profile: object) -> None:
        drive(tmp_path, lambda here, client: play(here, client, codes), **profile)

    limited([0, 20429, 20429, 20429], outbound_per_second=0.1, over_rate="refused")
    limited([0, 0, 0, 22005], outbound_per_second=0.1, queued_calls=2)
    limited([0, 0, 10004, 10004], calls_at_once=2)


def test_limits_on_calls_from_people(tmp_path: Path) -> None:
    """Whoever phones beyond the provider's limits hears busy, and the app hears nothing."""

    async def play(here: Stand, client: Client) -> None:
        here.answers["/voice"] = lambda form: LONG
        people = [Silent() for _ in range(4)]
        for index, person in enumerate(people):
            here.carrier.dial(person, key=f"c{index}", from_=PERSON, to=STRIKE)
        await here.until(lambda: len(here.forms("/voice")) == 2)
        assert [person.cause for person in people] == ["", "", "busy", "busy"]
        assert [person.code for person in people[2:]] == [10004, 10004]

    drive(tmp_path, play, inbound_per_second=2)
    drive(tmp_path, play, calls_at_once=2)


class Silent:
    """A person who says nothing and notes how the call ended."""

    cause = ""
    code = 0

    def answered(self) -> None:
        pass

    def heard(self, words: str) -> None:
        pass

    def sent(self, at: float) -> None:
        pass

    def ended(self, cause: str, code: int) -> None:
        self.cause, self.code = cause, code


def test_the_sdk_reads_and_frees_queues(tmp_path: Path) -> None:
    """Callers on hold are listed in their order, and the first can be taken out of the queue."""

    async def play(here: Stand, client: Client) -> None:
        here.answers |= {"/hold": lambda form: HOLD, "/wait": lambda form: WAIT}
        here.answers["/desk"] = lambda form: LONG
        placed = []
        for _ in range(2):
            call = await asyncio.to_thread(
                client.calls.create, to=PERSON, from_=STRIKE, url=f"{here.app}/hold"
            )
            placed.append(call.sid)
            await here.until(lambda: _waiting(here) == len(placed))
        (queue,) = await asyncio.to_thread(client.queues.list)
        assert (queue.friendly_name, queue.current_size, queue.max_size) == ("help desk", 2, 1000)
        members = await asyncio.to_thread(client.queues(queue.sid).members.list)
        assert [(each.call_sid, each.position) for each in members] == [
            (placed[0], 1),
            (placed[1], 2),
        ]
        front = client.queues(queue.sid).members("Front")
        await asyncio.to_thread(front.update, url=f"{here.app}/desk")
        await here.until(lambda: _waiting(here) == 1)
        await here.until(lambda: bool(here.forms("/desk")))
        assert here.forms("/desk")[0]["CallSid"] == placed[0]
        assert await refusal(client.queues(queue.sid).delete) == (400, 22002)

    drive(tmp_path, play)


def _waiting(here: Stand) -> int:
    queue = here.carrier.queues.by_name.get("help desk")
    return len(queue.members) if queue is not None else 0


def test_queues_are_opened_resized_and_closed(tmp_path: Path) -> None:
    """An app may make its queues before anybody calls."""

    async def play(here: Stand, client: Client) -> None:
        made = await asyncio.to_thread(client.queues.create, friendly_name="front", max_size=5)
        assert (made.max_size, made.current_size) == (5, 0)
        assert await refusal(client.queues.create, friendly_name="front") == (400, 22003)
        await asyncio.to_thread(client.queues(made.sid).update, max_size=7, friendly_name="desk")
        assert here.carrier.queues.by_name["desk"].max_size == 7
        assert await refusal(client.queues(made.sid).update, max_size=5001) == (400, 20001)
        assert await asyncio.to_thread(client.queues(made.sid).delete)
        assert await asyncio.to_thread(client.queues.list) == []

    drive(tmp_path, play)


def test_lists_come_in_pages(tmp_path: Path) -> None:
    """The SDK follows the pages of a list to its end, newest first."""

    async def play(here: Stand, client: Client) -> None:
        sent = [here.texts.send_out(from_=STRIKE, to=PERSON, body=str(n)).sid for n in range(7)]
        here.texts.send_out(from_=HELP, to=PERSON, body="other")
        found = await asyncio.to_thread(client.messages.list, from_=STRIKE, page_size=3)
        assert [each.sid for each in found] == sent[::-1]
        assert len(here.logged("rest")) == 3

    drive(tmp_path, play)


def test_messages_are_emptied_forgotten_and_taken_back(tmp_path: Path) -> None:
    """What has left can be redacted and deleted; what has not can be canceled."""

    async def play(here: Stand, client: Client) -> None:
        first = await asyncio.to_thread(
            client.messages.create, to=PERSON, from_=STRIKE, body="é" * 161
        )
        assert (first.num_segments, first.direction) == ("2", "outbound-api")
        waits = await asyncio.to_thread(client.messages.create, to=PERSON, from_=STRIKE, body="x")
        canceled = await asyncio.to_thread(client.messages(waits.sid).update, status="canceled")
        assert canceled.status == "canceled"
        await here.until(lambda: here.texts.messages[first.sid].status == "delivered")
        redacted = await asyncio.to_thread(client.messages(first.sid).update, body="")
        assert redacted.body == ""
        assert await asyncio.to_thread(client.messages(first.sid).delete)
        assert await refusal(client.messages(first.sid).fetch) == (404, 20404)

    drive(tmp_path, play, segments_per_second=1)


def test_a_failing_api_strikes_a_share(tmp_path: Path) -> None:
    """The ``rest`` fault answers 429 or 500, and the log names it."""

    async def play(here: Stand, client: Client) -> None:
        here.carrier.switch_on("rest", {"status": 429, "share": 1.0})
        assert await refusal(client.messages.create, to=PERSON, from_=STRIKE, body="x") == (
            429,
            20429,
        )
        here.carrier.switch_on("rest", {"status": 500, "share": 1.0})
        assert await refusal(client.messages.create, to=PERSON, from_=STRIKE, body="x") == (
            500,
            20500,
        )
        here.carrier.faults.mend("rest")
        await asyncio.to_thread(client.messages.create, to=PERSON, from_=STRIKE, body="x")
        assert [entry.fault for entry in here.logged("rest")] == ["rest", "rest", ""]
        assert here.carrier.faults.touched["rest"] == 2

    drive(tmp_path, play)


def test_the_unmodified_sdk_comes_through_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two environment variables are all; nothing else reaches the world outside."""

    async def play(here: Stand, _: Client) -> None:
        monkeypatch.setenv("HTTPS_PROXY", here.front.proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.fspath(here.front.ca))
        client = Client(ACCOUNT, "a token")
        sent = await asyncio.to_thread(
            client.messages.create, to=PERSON, from_=STRIKE, body="hello"
        )
        assert here.texts.messages[sent.sid].body == "hello"
        with pytest.raises(OSError, match="403 Forbidden"):
            await asyncio.to_thread(client.intelligence.v2.services.list)
        refused = here.logged("rest")[-1]
        assert refused.status == 403
        assert "intelligence.twilio.com:443" in refused.detail
        client.http_client.session.close()

    drive(tmp_path, play)
