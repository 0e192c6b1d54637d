"""Texts reach the app and come back, late, doubled, in parts, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from carrier_front_stand import HELP, PERSON, STRIKE, Stand, stand

from simulators.providers.carrier.hearing import Rule
from simulators.providers.carrier.segments import split
from simulators.providers.carrier.texts import UnknownNumberError

RULES = [
    Rule.of("^OK", "accepted"),
    Rule.of("already", "already_have_it"),
    Rule.of("no", "refused"),
]


def message(body: str) -> str:
    return f"<Response><Message>{body}</Message></Response>"


def drive(folder: Path, play: Callable[[Stand], Awaitable[None]], **profile: object) -> None:
    async def run() -> None:
        async with stand(folder, **profile) as here:
            await play(here)

    asyncio.run(run())


def test_a_text_is_a_signed_webhook_and_its_answer_a_reply(tmp_path: Path) -> None:
    """The app is told who texted what, in how many segments; the person reads its reply."""

    async def play(here: Stand) -> None:
        here.answers["/sms"] = lambda form: message("OK, 2 codes noted.")
        body = "0012 4711 " * 20
        told = await here.texts.send_in(key="t1", from_=PERSON, to=STRIKE, body=body, replies=RULES)
        assert (told.answer_class, told.reply) == ("accepted", "OK, 2 codes noted.")
        assert told.segments == 2
        (form,) = here.forms("/sms")
        assert form["Body"] == body
        assert form["From"], form["To"] == (PERSON, STRIKE)
        assert form["NumSegments"] == "2"
        assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"]
        assert form["MessageSid"].startswith("SM")

    drive(tmp_path, play)


def test_a_reply_through_rest_is_read_too(tmp_path: Path) -> None:
    """An app may answer nothing at once and text back later."""

    async def play(here: Stand) -> None:
        client = here.client()
        texting = asyncio.create_task(
            here.texts.send_in(key="t1", from_=PERSON, to=STRIKE, body="4711", replies=RULES)
        )
        await here.until(lambda: bool(here.forms("/sms")))
        sent = await asyncio.to_thread(
            client.messages.create, to=PERSON, from_=STRIKE, body="already have it"
        )
        assert sent.status == "queued"
        assert (await texting).answer_class == "already_have_it"

    drive(tmp_path, play)


def test_without_a_reply_there_is_no_answer(tmp_path: Path) -> None:
    """An app that fails leaves the person without a word; one that babbles is not understood."""

    async def play(here: Stand) -> None:
        here.answers["/sms"] = lambda form: (500, "oops")
        told = await here.texts.send_in(
            key="t1", from_=PERSON, to=STRIKE, body="4711", replies=RULES, within=0.2
        )
        assert told.answer_class == "no_answer"
        assert [entry.error for entry in here.logged("text")] == [11200, 0]
        assert here.forms("/sms/sorry")[0]["ErrorCode"] == "11200"
        here.answers["/sms"] = lambda form: message("Hello!")
        told = await here.texts.send_in(
            key="t2", from_=PERSON, to=STRIKE, body="4711", replies=RULES, within=0.2
        )
        assert (told.answer_class, told.reply) == ("unmatched", "Hello!")

    drive(tmp_path, play)


def test_a_late_answer_to_one_text_is_no_answer_to_the_next(tmp_path: Path) -> None:
    """Else a text that the app never saw would count as taken."""

    async def play(here: Stand) -> None:
        here.answers["/sms"] = lambda form: "<Response><Message>Thank you</Message></Response>"
        here.carrier.switch_on("sms_delay", {"seconds": 0.15})
        first = await here.texts.send_in(
            key="t1", from_=PERSON, to=STRIKE, body="4711", replies=RULES, within=0.2
        )
        assert first.answer_class == "no_answer"
        here.answers["/sms"] = lambda form: "<Response/>"
        second = await here.texts.send_in(
            key="t2", from_=PERSON, to=STRIKE, body="4712", replies=RULES, within=0.4
        )
        assert (second.answer_class, second.reply) == ("no_answer", "")

    drive(tmp_path, play)


def test_a_number_of_nobodys_is_refused(tmp_path: Path) -> None:
    """A drill that texts a number it did not declare is told which there are."""

    async def play(here: Stand) -> None:
        with pytest.raises(UnknownNumberError, match=f"numbers are \\{STRIKE}, \\{HELP}"):
            await here.texts.send_in(key="t1", from_=PERSON, to="+15555550199", body="x")

    drive(tmp_path, play)


def test_an_app_that_sends_after_stop_is_seen(tmp_path: Path) -> None:
    """The confirmation of a STOP is allowed; what follows is unwanted, until START."""

    async def play(here: Stand) -> None:
        here.answers["/sms"] = lambda form: message("You will hear no more from us.")
        await here.texts.send_in(key="t1", from_=PERSON, to=STRIKE, body=" stop ", within=0.3)
        assert here.texts.counts["unwanted"] == 0
        here.texts.send_out(from_=STRIKE, to=PERSON, body="Polls close at 7")
        here.texts.send_out(from_=HELP, to=PERSON, body="from another number")
        assert here.texts.counts["unwanted"] == 1
        (entry,) = here.logged("unwanted")
        assert (entry.line, entry.error) == ("strike", 21610)
        assert here.texts.counts["opted_out"] == 1
        await here.texts.send_in(key="t2", from_=PERSON, to=STRIKE, body="START", within=0.3)
        here.texts.send_out(from_=STRIKE, to=PERSON, body="Welcome back")
        assert here.texts.counts["unwanted"] == 1

    drive(tmp_path, play)


def statuses(here: Stand) -> list[str]:
    return [form["MessageStatus"] for form in here.forms("/status")]


def test_the_app_hears_sent_and_delivered_but_not_queued(tmp_path: Path) -> None:
    """No callback tells of a message's first status."""

    async def play(here: Stand) -> None:
        sent = here.texts.send_out(
            from_=STRIKE, to=PERSON, body="hello", callback=f"{here.app}/status"
        )
        await here.until(lambda: len(statuses(here)) == 2)
        assert statuses(here) == ["sent", "delivered"]
        assert {form["MessageSid"] for form in here.forms("/status")} == {sent.sid}
        assert here.texts.messages[sent.sid].status == "delivered"

    drive(tmp_path, play)


def test_reordered_callbacks_tell_the_end_first(tmp_path: Path) -> None:
    """With the fault an app that believes the last callback ends on the wrong status."""

    async def play(here: Stand) -> None:
        here.carrier.switch_on("reordered", {})
        here.texts.send_out(from_=STRIKE, to=PERSON, body="hi", callback=f"{here.app}/status")
        await here.until(lambda: len(statuses(here)) == 2)
        assert statuses(here) == ["delivered", "sent"]
        assert here.carrier.faults.touched["reordered"] == 1

    drive(tmp_path, play)


def test_a_lost_text_reaches_nobody(tmp_path: Path) -> None:
    """Lost on the way in, the app hears nothing; on the way out, it hears ``sent`` for ever."""

    async def play(here: Stand) -> None:
        here.carrier.switch_on("sms_loss", {"share": 1.0})
        told = await here.texts.send_in(
            key="t1", from_=PERSON, to=STRIKE, body="4711", replies=RULES, within=0.1
        )
        assert told.answer_class == "no_answer"
        assert not here.heard
        here.texts.send_out(from_=STRIKE, to=PERSON, body="hi", callback=f"{here.app}/status")
        await here.carrier.tasks.settle()
        assert statuses(here) == ["sent"]
        assert here.carrier.faults.touched["sms_loss"] == 2

    drive(tmp_path, play)


def test_a_doubled_text_is_two_messages(tmp_path: Path) -> None:
    """The app gets the same words twice, under two sids: only its own care keeps one."""

    async def play(here: Stand) -> None:
        here.carrier.switch_on("sms_doubled", {"share": 1.0})
        await here.texts.send_in(key="t1", from_=PERSON, to=STRIKE, body="4711", within=0.2)
        forms = here.forms("/sms")
        assert [form["Body"] for form in forms] == ["4711", "4711"]
        assert len({form["MessageSid"] for form in forms}) == 2

    drive(tmp_path, play)


def test_a_split_text_arrives_in_parts_out_of_order(tmp_path: Path) -> None:
    """Every part is a message of its own; put in order they are the text."""
    body = "".join(f"{number:04d} " for number in range(100))

    async def play(here: Stand) -> None:
        here.answers["/sms"] = lambda form: message("OK")
        here.carrier.switch_on("sms_split", {})
        told = await here.texts.send_in(key="t1", from_=PERSON, to=STRIKE, body=body, replies=RULES)
        bodies = [form["Body"] for form in here.forms("/sms")]
        assert sorted(bodies) == sorted(split(body))
        assert bodies != split(body)
        assert told.answer_class == "accepted"

    drive(tmp_path, play)


def test_a_phone_that_sends_short_parts_splits_any_text(tmp_path: Path) -> None:
    """A text of a few codes can be split too, wherever a part is full."""

    async def play(here: Stand) -> None:
        here.carrier.switch_on("sms_split", {"characters": 6})
        await here.texts.send_in(
            key="t1", from_=PERSON, to=STRIKE, body="0012 4711 4712", within=0.3
        )
        bodies = [form["Body"] for form in here.forms("/sms")]
        assert sorted(bodies) == sorted(["0012 4", "711 47", "12"])
        assert bodies != ["0012 4", "711 47", "12"]
        assert here.carrier.faults.touched["sms_split"] == 1

    drive(tmp_path, play)


def test_parts_answered_differently_are_no_clear_answer(tmp_path: Path) -> None:
    """Whoever reads an OK and a no cannot tell what the app took."""

    async def play(here: Stand) -> None:
        here.answers["/sms"] = lambda form: message("OK" if "0000" in form["Body"] else "no")
        here.carrier.switch_on("sms_split", {})
        body = "".join(f"{number:04d} " for number in range(60))
        told = await here.texts.send_in(
            key="t1", from_=PERSON, to=STRIKE, body=body, replies=RULES, within=2
        )
        assert told.answer_class == "unmatched"

    drive(tmp_path, play)


def test_a_number_sends_a_segment_a_second(tmp_path: Path) -> None:
    """Long texts hold up the ones behind them; another number has a pace of its own."""

    async def play(here: Stand) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        sent = [
            here.texts.send_out(from_=STRIKE, to=PERSON, body="x" * 300),
            here.texts.send_out(from_=STRIKE, to=PERSON, body="second"),
            here.texts.send_out(from_=HELP, to=PERSON, body="elsewhere"),
        ]
        assert {each.status for each in sent} == {"queued"}
        await here.until(lambda: sent[2].status == "delivered", within=0.1)
        await here.until(lambda: sent[1].status == "delivered")
        assert loop.time() - began == pytest.approx(0.2, abs=0.1)

    drive(tmp_path, play, segments_per_second=10)


def test_a_text_that_waits_too_long_fails(tmp_path: Path) -> None:
    """What the queue cannot send in time is failed with 30001, and the app is told."""

    async def play(here: Stand) -> None:
        here.texts.send_out(from_=STRIKE, to=PERSON, body="x" * 300)
        late = here.texts.send_out(
            from_=STRIKE, to=PERSON, body="late", callback=f"{here.app}/status"
        )
        await here.until(lambda: bool(statuses(here)))
        assert late.status == "failed"
        (form,) = here.forms("/status")
        assert (form["MessageStatus"], form["ErrorCode"]) == ("failed", "30001")

    drive(tmp_path, play, segments_per_second=10, texts_wait_seconds=0.05)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("<Response><Message>half", 12100),
        ("<Nothing/>", 12100),
        ('<!DOCTYPE x [<!ENTITY e "x">]><Response><Message>&e;</Message></Response>', 12100),
        ("<Response><Say>hi</Say></Response>", 12200),
        ("<Response><Message/></Response>", 14103),
        (f"<Response><Message>{'x' * 1601}</Message></Response>", 14103),
    ],
)
def test_a_bad_answer_is_in_the_log(tmp_path: Path, answer: str, error: int) -> None:
    """What cannot be parsed, sent or understood has the provider's code, and sends nothing."""

    async def play(here: Stand) -> None:
        here.answers["/sms"] = lambda form: answer
        await here.texts.send_in(key="t1", from_=PERSON, to=STRIKE, body="x", within=0.1)
        assert here.logged("text")[0].error == error
        assert here.texts.counts["sent"] == 0

    drive(tmp_path, play)
