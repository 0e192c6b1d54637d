"""Tests of whoever works for the campaign: one key, longer and longer pauses, one list in order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest

from simulators.behaviours.campaigner import Stint, Task, campaigner
from simulators.behaviours.organizer import looks
from simulators.behaviours.protocol import (
    WAITED,
    Action,
    Amend,
    Answer,
    AnswerClass,
    Keyed,
    Read,
    SignIn,
    Submit,
    Wait,
)
from simulators.behaviours.supporter import supporter
from simulators.people.cast import Persistence
from simulators.people.person import Person

CODES = ("104217", "883120", "551902")
WHO = Person(7, "canvasser", "canvasser-oh-00001", record="OH", codes=CODES, tries=5)
PERSISTENCE = Persistence(first_delay=2.0, longest_delay=15.0)
YES = Answer(AnswerClass.ACCEPTED.outcome, AnswerClass.ACCEPTED)
Says = Callable[[Action], AnswerClass]


def contact(version: int = 1, number: int = 1) -> Keyed:
    record = f"OH-{number:06d}.field"
    return Keyed(record, version, (1, 0, version, 0), f"k-{record}-{version}")


def stint(*tasks: Task, **settings: bool) -> Stint:
    return Stint(WHO, PERSISTENCE, 10.0, tasks, **settings)


def played(plan: Stint, says: Says = lambda action: AnswerClass.ACCEPTED) -> list[Action]:
    """Everything they do, if the app answers so."""
    behaviour, done = campaigner(plan, Random(7)), []
    try:
        action = next(behaviour)
        while True:
            done.append(action)
            sort = says(action)
            answer = WAITED if isinstance(action, Wait) else Answer(sort.outcome, sort)
            action = behaviour.send(answer)
    except StopIteration:
        return done


def test_things_are_done_when_they_are_due() -> None:
    """Sign in, wait for the first, and then for the next."""
    one, two = Task(20.0, contact().record, contact()), Task(35.0, "OH-000002.field")
    done = played(stint(one, two))
    assert done == [
        SignIn(CODES, within=WHO.patience),
        Wait(10.0),
        Submit(contact(), within=WHO.patience),
        Wait(15.0),
        Read("report", "OH-000002.field", within=WHO.patience),
    ]


def test_a_retry_is_the_same_contact_after_a_longer_pause() -> None:
    """Means double; no two pauses are alike, so that people who failed together part."""
    tries = iter([AnswerClass.NO_ANSWER, AnswerClass.RETRY, AnswerClass.SERVER_ERROR])

    def says(action: Action) -> AnswerClass:
        return next(tries, AnswerClass.ACCEPTED) if isinstance(action, Submit) else YES.answer_class

    done = played(stint(Task(10.0, contact().record, contact())), says)
    assert [each for each in done if isinstance(each, Submit)] == [
        Submit(contact(), within=WHO.patience)
    ] * 4
    pauses = [each.seconds for each in done if isinstance(each, Wait)]
    for pause, mean in zip(pauses, (2.0, 4.0, 8.0), strict=True):
        assert 0.5 * mean <= pause <= 1.5 * mean


def test_nobody_taps_twice_again_and_again() -> None:
    """A double tap is one slip of the thumb; the retry is a single one."""
    tries = iter([AnswerClass.NO_ANSWER])

    def says(action: Action) -> AnswerClass:
        return next(tries, AnswerClass.ACCEPTED) if isinstance(action, Submit) else YES.answer_class

    done = played(stint(Task(10.0, contact().record, contact(), taps=2)), says)
    assert [each.taps for each in done if isinstance(each, Submit)] == [2, 1]


@pytest.mark.parametrize("own", [True, False])
def test_what_never_went_in_is_not_corrected_by_its_author(own: bool) -> None:
    """Another's contact may be there or not, and the app will say."""

    def says(action: Action) -> AnswerClass:
        return AnswerClass.REFUSED if isinstance(action, Submit) else AnswerClass.ACCEPTED

    wrong = contact(version=2)
    tasks = (
        Task(10.0, contact().record, contact(), looks=True),
        Task(20.0, wrong.record, wrong, amends=True, own=own),
    )
    done = played(stint(*tasks), says)
    assert [each for each in done if isinstance(each, Read)] == []
    assert len([each for each in done if isinstance(each, Amend)]) == (0 if own else 1)


def test_what_is_in_is_looked_at_and_corrected() -> None:
    """At once the one, when it is due the other, with a key of its own."""
    better = contact(version=2)
    tasks = (
        Task(10.0, contact().record, contact(), looks=True),
        Task(20.0, better.record, better, amends=True),
    )
    kinds = [type(each) for each in played(stint(*tasks))]
    assert kinds == [SignIn, Submit, Read, Wait, Amend]


def test_a_session_that_has_run_out_is_begun_anew() -> None:
    """And the same contact is sent again."""
    tries = iter([AnswerClass.AUTH_EXPIRED])

    def says(action: Action) -> AnswerClass:
        return next(tries, AnswerClass.ACCEPTED) if isinstance(action, Submit) else YES.answer_class

    kinds = [type(each) for each in played(stint(Task(10.0, contact().record, contact())), says)]
    assert kinds == [SignIn, Submit, SignIn, Submit]


def test_a_password_is_mistyped_once() -> None:
    """Then it is looked at and typed again."""

    def says(action: Action) -> AnswerClass:
        wrong = isinstance(action, SignIn) and action.codes != CODES
        return AnswerClass.REFUSED if wrong else AnswerClass.ACCEPTED

    done = played(stint(mistypes=True), says)
    assert [type(each) for each in done] == [SignIn, Wait, SignIn]
    assert done[-1] == SignIn(CODES, within=WHO.patience)


def test_who_signs_up_has_no_account() -> None:
    """One form, without a sign-in, also where the app asks for one."""
    form = Keyed("OH-000001.web", 1, (1, 0, 1, 1), "k-OH-000001.web-1")
    person = Person(9, "supporter", "supporter-000001", tries=3)
    behaviour = supporter(person, PERSISTENCE, 50.0, form, 1, Random(7))
    assert next(behaviour) == Submit(form, within=person.patience)
    expired = AnswerClass.AUTH_EXPIRED
    assert behaviour.send(Answer(expired.outcome, expired)) == Submit(form, within=person.patience)


def test_organizers_look_at_news_only() -> None:
    """What was written seconds before; where there is no news they look at nothing."""
    written = [(float(at), f"OH-{at:06d}.field") for at in range(100, 110)]
    found = list(looks(written, begins=0.0, until=400.0, mean=1.0, rng=Random(7)))
    assert found
    assert all(101.0 <= each.at <= 150.0 for each in found)
    assert all(one.at <= other.at for one, other in pairwise(found))
