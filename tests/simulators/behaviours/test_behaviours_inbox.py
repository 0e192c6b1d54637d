"""What chairs send to inboxes when the phone is in vain, and how readers key it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from statistics import fmean, median
from typing import Any

import pytest

from simulators.behaviours.chair import chair
from simulators.behaviours.errand import Errand, operation_key
from simulators.behaviours.protocol import (
    WAITED,
    Action,
    Answer,
    AnswerClass,
    Dial,
    Keyed,
    Leave,
    Outcome,
    SignIn,
    Submit,
    Wait,
)
from simulators.behaviours.reader import ReadingRoom
from simulators.people.cast import Cast, Inbox, Keying, Persistence
from simulators.people.person import Person
from simulators.phones.hotline import Call

SHEET = (30, 20, 10, 0)
PERSON = Person(7, "chair", "chair-0012", "IA-0012", codes=("1", "2", "3"), patience=9.0)
CAST = Cast(
    keying=Keying(voice=0.0, paper=0.0, form=0.0),
    persistence=Persistence(redials=6, inbox_after=3),
)
BUSY = Answer(Outcome.REFUSED, AnswerClass.REFUSED, 0.0, "busy")
SERVED = Answer(Outcome.OK, AnswerClass.ACCEPTED, 300.0, "served")
SENT = Answer(Outcome.OK, AnswerClass.ACCEPTED, 0.0, "sent")


def errand(**changes: Any) -> Errand:
    first = Keyed("IA-0012", 1, SHEET, operation_key("tag", "IA-0012", 1, "hotline"))
    plain = Errand(PERSON, CAST, "tag", SHEET, first, arrives=0.0, ready=100.0, uses_app=False)
    return replace(plain, **changes)


def play(given: Errand, answers: Iterable[Answer]) -> list[Action]:
    """Everything but waits that the chair does, answered in turn."""
    script, actions = list(answers), list[Action]()
    behaviour = chair(given, Random(1))
    action = next(behaviour)
    while True:
        answer = WAITED
        if not isinstance(action, Wait):
            actions.append(action)
            answer = script.pop(0)
        try:
            action = behaviour.send(answer)
        except StopIteration:
            assert not script, "the chair ended before the script did"
            return actions


@pytest.mark.parametrize("way", ["photo", "text"])
def test_who_phones_in_vain_sends_something_and_leaves_it_at_that(way: str) -> None:
    """After three busy calls the sheet goes to the inbox, as a version of its own."""
    actions = play(errand(gives_way_to=way), [BUSY, BUSY, BUSY, SENT])
    assert [type(each) for each in actions] == [Dial, Dial, Dial, Leave]
    left = actions[-1]
    assert isinstance(left, Leave)
    assert left == Leave(
        f"{way}s", Keyed("IA-0012", 2, SHEET, operation_key("tag", "IA-0012", 2, way))
    )


def test_who_gets_through_sends_nothing() -> None:
    """The third call is answered: there is nothing to give way to."""
    actions = play(errand(gives_way_to="photo"), [BUSY, BUSY, SERVED])
    assert [type(each) for each in actions] == [Dial, Dial, Dial]


def test_who_knows_no_other_way_goes_on_phoning() -> None:
    """Six redials, and that is the end of it."""
    assert [type(each) for each in play(errand(), [BUSY] * 6)] == [Dial] * 6


def test_a_photo_sent_at_once_is_all_that_this_chair_does() -> None:
    """It is the report as planned, and nobody is phoned."""
    first = Keyed("IA-0012", 1, SHEET, operation_key("tag", "IA-0012", 1, "photo"))
    actions = play(errand(photo_at_once=True, first=first), [SENT])
    assert actions == [Leave("photos", first)]


def test_a_photo_mailed_beside_the_call_takes_nothing_off_the_phone() -> None:
    """They send it and then dial all the same."""
    actions = play(errand(mails_photo=True), [SENT, BUSY, SERVED])
    assert [type(each) for each in actions] == [Leave, Dial, Dial]


def test_a_reader_errs_with_photos_and_a_sender_with_texts() -> None:
    """Keyed from paper next to nothing goes wrong, typed on a phone one number in 24 does."""
    cast = replace(CAST, keying=Keying(), persistence=Persistence(inbox_after=1))
    wrong = {"photo": 0, "text": 0}
    for way in wrong:
        for seed in range(2000):
            behaviour = chair(errand(cast=cast, gives_way_to=way), Random(seed))
            action = next(behaviour)
            while not isinstance(action, Leave):
                action = behaviour.send(WAITED if isinstance(action, Wait) else BUSY)
            wrong[way] += action.report.values != SHEET
    # Three numbers of the sheet are not zero: 1 - 0.958^3 of texts, 1 - 0.99963^3 of photos.
    assert wrong["text"] / 2000 == pytest.approx(0.12, abs=0.025)
    assert wrong["photo"] <= 8


READER = Person(900, "operator", "operator-900", codes=("9", "8", "7"), patience=9.0)
REPORT = Keyed("IA-0012", 2, SHEET, "tag-IA-0012-2p")


def read(room: ReadingRoom, report: Keyed = REPORT) -> list[Action]:
    """What the reader does with one report, if the app says yes."""
    call = Call(7, "photos", report.record, 0.0)
    person, conversation, wrap_up = room.take(0, call, report)
    assert (person, wrap_up) == (READER, 0.0)
    actions = [next(conversation)]
    while True:
        try:
            actions.append(conversation.send(WAITED))
        except StopIteration:
            return actions


def test_a_reader_reads_and_keys_with_an_account_of_their_own() -> None:
    """They sign in for the first one only."""
    room = ReadingRoom([READER], Inbox(readers=1), seed=3)
    _, sign_in, submit = read(room)
    assert sign_in == SignIn(READER.codes, within=9.0)
    assert submit == Submit(REPORT, within=9.0)
    assert [type(each) for each in read(room)] == [Wait, Submit]


def test_reading_takes_a_log_normal_time_that_belongs_to_the_report() -> None:
    """Of the given mean, and the same whoever reads it when."""
    room = ReadingRoom([READER], Inbox(readers=1, read_minutes=5.0, read_sigma=0.4), seed=3)
    reports = [replace(REPORT, operation=f"t-{n}") for n in range(3000)]
    waits = [read(room, report)[0] for report in reports]
    seconds = [wait.seconds for wait in waits if isinstance(wait, Wait)]
    assert fmean(seconds) == pytest.approx(300.0, rel=0.03)
    assert median(seconds) == pytest.approx(300.0 / 1.0833, rel=0.03)
    assert read(room, reports[5])[0] == waits[5]
