"""The chair, stepped by hand: every answer an app can give, and what the chair does next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from simulators.behaviours.chair import chair
from simulators.behaviours.errand import Errand, operation_key
from simulators.behaviours.persist import LOCKED_OUT, delay_after, retry_delay
from simulators.behaviours.protocol import (
    WAITED,
    Action,
    Amend,
    Answer,
    AnswerClass,
    Dial,
    Keyed,
    Read,
    Send,
    SignIn,
    Submit,
    Wait,
)
from simulators.people.cast import Cast, Codes, Habits, Keying, Persistence
from simulators.people.person import Person

YES, NO, RETRY, DOUBT = (
    AnswerClass.ACCEPTED,
    AnswerClass.REFUSED,
    AnswerClass.RETRY,
    AnswerClass.NO_ANSWER,
)
EXPIRED, LOCKED, AWAY = (
    AnswerClass.AUTH_EXPIRED,
    AnswerClass.LOCKED_OUT,
    AnswerClass.UNREACHABLE,
)
SHEET = (30, 20, 10, 0)
WRONG = (30, 2, 10, 0)
CODES = ("100001", "200002", "300003")
PERSON = Person(0, "chair", "chair-0012", "IA-0012", codes=CODES, patience=9.0, tries=4)
CAST = Cast(
    keying=Keying(voice=0.0),
    persistence=Persistence(tries=4, first_delay=40, longest_delay=100, redials=3),
)


def errand(**changes: Any) -> Errand:
    first = Keyed("IA-0012", 1, SHEET, operation_key("tag", "IA-0012", 1))
    plain = Errand(
        person=PERSON,
        cast=CAST,
        tag="tag",
        worksheet=SHEET,
        first=first,
        arrives=100.0,
        ready=7000.0,
        uses_app=True,
    )
    if "values" in changes:
        changes["first"] = replace(first, values=changes.pop("values"))
    return replace(plain, **changes)


def play(given: Errand, answers: Iterable[AnswerClass | Answer], seed: int = 1) -> list[Action]:
    """Everything but waits that the chair does; each gets the next answer, then only yes."""
    return [action for action in everything(given, answers, seed) if not isinstance(action, Wait)]


def everything(
    given: Errand, answers: Iterable[AnswerClass | Answer], seed: int = 1
) -> list[Action]:
    """Every action, waits too."""
    script = list(answers)
    behaviour = chair(given, Random(seed))
    actions = [next(behaviour)]
    while True:
        answer: AnswerClass | Answer = WAITED
        if not isinstance(actions[-1], Wait) and script:
            answer = script.pop(0)
        if isinstance(answer, AnswerClass):
            answer = Answer(answer.outcome, answer, 1.0)
        try:
            actions.append(behaviour.send(answer))
        except StopIteration:
            assert not script, "the chair ended before the script did"
            return actions


def kinds(actions: Iterable[Action]) -> str:
    """One letter an action: s sign-in, r report, a amendment, d dial, p photo, l look."""
    letters = {SignIn: "s", Submit: "r", Amend: "a", Dial: "d", Send: "p", Read: "l"}
    return "".join(letters[type(action)] for action in actions)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([YES, YES], "sr"),
        # Codes refused: look again, type again.
        ([NO, YES, YES], "ssr"),
        ([LOCKED, YES, YES], "ssr"),
        ([AWAY, RETRY, YES, YES], "sssr"),
        # No way in before the report is ready: try again then, and report.
        ([AWAY, AWAY, AWAY, AWAY, YES, YES], "sssssr"),
        # Never any way in: tries run out, and the phone is picked up.
        ([AWAY] * 8 + [YES], "ssss" + "ssss" + "d"),
        # The same report again until the app says yes.
        ([YES, DOUBT, YES], "srr"),
        ([YES, RETRY, AWAY, DOUBT, YES], "srrrr"),
        ([YES, AnswerClass.ALREADY_HAVE_IT], "sr"),
        ([YES, AnswerClass.SERVER_ERROR, AnswerClass.RATE_LIMITED, YES], "srrr"),
        ([YES, AnswerClass.SHED, AnswerClass.UNMATCHED, YES], "srrr"),
        # Signed out in between: sign in and go on.
        ([YES, EXPIRED, YES, YES], "srsr"),
        # Tries run out: the phone.
        ([YES, DOUBT, DOUBT, DOUBT, DOUBT, YES], "srrrrd"),
        # The app turns the report down, and it is what the sheet says: the phone.
        ([YES, NO, YES], "srd"),
        # Busy or cut off: dial again, up to the cast's redials.
        ([YES, NO, NO, NO, YES], "srddd"),
        ([YES, NO, NO, NO, NO], "srddd"),
        # There is no line to dial.
        ([YES, NO, AWAY], "srd"),
    ],
)
def test_what_a_chair_does_about_an_answer(answers: list[AnswerClass], expected: str) -> None:
    """A table of scripted answers and what is tried in which order."""
    assert kinds(play(errand(), answers)) == expected


def test_a_retry_is_the_same_report_under_the_same_key() -> None:
    """Neither values nor version nor key change from try to try."""
    _, *tries = play(errand(), [YES, DOUBT, RETRY, YES])
    assert {action.report for action in tries if isinstance(action, Submit)} == {errand().first}
    assert len(tries) == 3


def test_the_phoned_report_is_a_new_version_with_a_key_of_its_own() -> None:
    """An unknown first report may be in; the one read out is version 2."""
    *_, dial = play(errand(), [YES, DOUBT, DOUBT, DOUBT, DOUBT])
    assert isinstance(dial, Dial)
    assert dial.report == Keyed("IA-0012", 2, SHEET, "tag-IA-0012-2h")
    assert dial.line == "results"
    assert dial.within is None


def test_a_refused_report_is_keyed_again_from_the_sheet() -> None:
    """A chair whose typo the app catches sends what the sheet says, as version 2."""
    _, wrong, right = play(errand(values=WRONG), [YES, NO, YES])
    assert isinstance(wrong, Submit)
    assert isinstance(right, Submit)
    assert wrong.report.values == WRONG
    assert right.report == Keyed("IA-0012", 2, SHEET, "tag-IA-0012-2")


def test_a_twice_refused_report_is_phoned_in() -> None:
    """If the sheet itself is turned down, an operator must help; version 3."""
    *_, dial = play(errand(values=WRONG), [YES, NO, NO])
    assert isinstance(dial, Dial)
    assert dial.report is not None
    assert (dial.report.version, dial.report.operation) == (3, "tag-IA-0012-3h")


def test_the_report_is_sent_when_it_is_ready() -> None:
    """Signing in late or slowly does not move the moment of the report."""
    for slow in (1.0, 500.0):
        answer = Answer(YES.outcome, YES, slow)
        signed_in, wait, report = everything(errand(), [answer])
        assert isinstance(signed_in, SignIn)
        assert isinstance(wait, Wait)
        assert isinstance(report, Submit)
        assert wait.seconds == 7000.0 - 100.0 - slow


def test_people_wait_as_long_as_they_are_patient() -> None:
    """Every operation carries the person's patience with a spinner."""
    given = errand(photo=True, reads_back=True, corrects=True, values=WRONG)
    for action in play(given, []):
        assert not isinstance(action, Wait | Dial)
        assert action.within == PERSON.patience


def test_a_double_tap_taps_the_first_try_only() -> None:
    """Retries of a double tapper are single."""
    _, *tries = play(errand(double_tap=True), [YES, DOUBT, RETRY, YES])
    assert [action.taps for action in tries if isinstance(action, Submit)] == [2, 1, 1]
    assert {action.report for action in tries if isinstance(action, Submit)} == {errand().first}


@pytest.mark.parametrize(
    ("slip", "first"),
    [("", CODES), ("swapped", ("100001", "100001", "300003"))],
)
def test_codes_are_typed_as_the_slip_says(slip: str, first: tuple[str, ...]) -> None:
    """Who swaps codes does so at the first try."""
    action = play(errand(slip=slip), [])[0]
    assert isinstance(action, SignIn)
    assert action.codes == first


@pytest.mark.parametrize(("again", "wrong"), [(0.0, 1), (1.0, 2)])
@pytest.mark.parametrize("no", [NO, EXPIRED, LOCKED])
def test_the_third_typing_of_the_codes_is_right(again: float, wrong: int, no: AnswerClass) -> None:
    """The second may be wrong too, however the target says so; the third is not."""
    cast = replace(CAST, codes=Codes(wrong_again=again))
    given = errand(slip="mistyped", cast=cast)
    signs = [a for a in play(given, [no] * wrong) if isinstance(a, SignIn)]
    assert [sign.codes == CODES for sign in signs] == [False] * wrong + [True]


def test_codes_that_nobody_judged_are_typed_the_same() -> None:
    """A time-out says nothing about the codes, so the slip stays until it is refused."""
    signs = [a for a in play(errand(slip="swapped"), [DOUBT, NO]) if isinstance(a, SignIn)]
    assert [sign.codes == CODES for sign in signs][:2] == [False, False]
    assert signs[0].codes == signs[1].codes


@pytest.mark.parametrize("answer", [NO, YES])
def test_another_precincts_key_is_tried_and_then_corrected(answer: AnswerClass) -> None:
    """Whatever the app says to the wrong key, the right report follows under its own."""
    _, wrong, right = play(errand(wrong_record="IA-0013"), [YES, answer, YES])
    assert isinstance(wrong, Submit)
    assert isinstance(right, Submit)
    assert (wrong.report.record, wrong.report.values) == ("IA-0013", SHEET)
    assert right.report == errand().first
    assert wrong.report.operation != right.report.operation
    assert "IA-0013" in wrong.report.operation


def test_a_wrong_key_is_tried_until_the_app_has_judged_it() -> None:
    """Without an answer nobody learns that the key was wrong."""
    actions = play(errand(wrong_record="IA-0013"), [YES, DOUBT, NO, YES])
    assert kinds(actions) == "srrr"
    records = [a.report.record for a in actions if isinstance(a, Submit)]
    assert records == ["IA-0013", "IA-0013", "IA-0012"]


def test_a_noticed_error_is_amended_with_what_the_sheet_says() -> None:
    """The correction is version 2, and is tried like a report."""
    given = errand(values=WRONG, corrects=True)
    *_, one, two = play(given, [YES, YES, DOUBT, YES])
    assert isinstance(one, Amend)
    assert one == two
    assert one.report == Keyed("IA-0012", 2, SHEET, "tag-IA-0012-2")


def test_a_correction_that_the_app_will_not_have_is_phoned_in() -> None:
    """Tries run out, and the operator hears version 3."""
    *_, dial = play(errand(values=WRONG, corrects=True), [YES, YES, *[DOUBT] * 4, YES])
    assert isinstance(dial, Dial)
    assert dial.report is not None
    assert (dial.report.version, dial.report.values) == (3, SHEET)


def test_an_error_that_was_caught_is_not_amended() -> None:
    """Who has sent the sheet as it stands has nothing to correct."""
    assert kinds(play(errand(values=WRONG, corrects=True), [YES, NO, YES])) == "srr"


def test_photo_and_look_follow_the_report() -> None:
    """Both come once the report is in; their failure changes nothing."""
    given = errand(photo=True, reads_back=True)
    *_, photo, look = play(given, [YES, YES, DOUBT, NO])
    assert photo == Send("photo", "IA-0012", "tag-IA-0012-1-photo", within=9.0)
    assert look == Read("report", "IA-0012", within=9.0)


def test_who_is_signed_out_signs_in_for_the_photo() -> None:
    """A session that ended after the report costs one more sign-in, and the photo goes out."""
    given = errand(photo=True, reads_back=True)
    assert kinds(play(given, [YES, YES, EXPIRED, YES, YES, YES])) == "srpspl"


def test_no_photo_is_sent_of_a_report_that_was_phoned_in() -> None:
    """Who gave up on the app does not turn back to it."""
    assert kinds(play(errand(photo=True, reads_back=True), [YES, *[DOUBT] * 4, YES])) == "srrrrd"


@pytest.mark.parametrize("tries", [True, False])
def test_some_try_the_app_again_while_they_hold(tries: bool) -> None:
    """What they try is their first report, under its own key."""
    *_, dial = play(errand(tries_on_hold=tries), [YES, *[DOUBT] * 4])
    assert isinstance(dial, Dial)
    assert dial.meanwhile == (Submit(errand().first, within=9.0) if tries else None)


def test_a_chair_without_a_way_through_the_app_struggles_and_dials() -> None:
    """Such a chair never touches the app: waits until ready, fights it, phones the first report."""
    given = errand(uses_app=False)
    ready, struggle, dial = everything(given, [])
    assert ready == Wait(6900.0)
    assert isinstance(struggle, Wait)
    assert isinstance(dial, Dial)
    assert dial.report == given.first
    assert dial.meanwhile is None


def test_a_chair_who_phones_at_once_does_not_fight_the_app() -> None:
    """Ready, and on the phone."""
    given = errand(uses_app=False, struggles=False)
    ready, dial = everything(given, [])
    assert ready == Wait(6900.0)
    assert isinstance(dial, Dial)
    assert dial.report == given.first


def test_the_struggle_has_the_casts_mean() -> None:
    """Exponential with a mean of 8 minutes."""
    struggles = []
    for seed in range(2000):
        _, struggle, _ = everything(errand(uses_app=False), [], seed)
        assert isinstance(struggle, Wait)
        struggles.append(struggle.seconds)
    assert sum(struggles) / 2000 == pytest.approx(480.0, rel=0.08)


def test_patience_on_hold_is_drawn_if_the_cast_has_any() -> None:
    """With a mean patience each dial carries a limit of its own."""
    cast = replace(CAST, persistence=Persistence(hold_minutes=20.0, redials=3))
    dials = play(errand(uses_app=False, cast=cast), [NO, NO, YES])
    limits = [dial.within for dial in dials if isinstance(dial, Dial)]
    assert len({*limits}) == 3
    assert all(limit is not None and limit > 0 for limit in limits)


def test_what_an_operator_hears_has_the_errors_of_a_voice() -> None:
    """The re-keyed report errs at the voice rate, whatever the form's was."""
    wrong = 0
    for seed in range(400):
        cast = replace(CAST, keying=Keying(voice=0.1))
        *_, dial = play(errand(cast=cast), [YES, NO, YES], seed)
        assert isinstance(dial, Dial)
        assert dial.report is not None
        wrong += dial.report.values != SHEET
    # Three numbers at 10 % each: 27 % of reports, standard error 2.2 %.
    assert wrong / 400 == pytest.approx(1 - 0.9**3, abs=0.07)


def test_delays_double_up_to_the_longest_and_spread() -> None:
    """Means are 40, 80, then 100 s; each is spread over half to one and a half."""
    rng, persistence = Random(1), CAST.persistence
    for failed, mean in ((1, 40.0), (2, 80.0), (3, 100.0), (40, 100.0)):
        delays = [retry_delay(persistence, failed, rng) for _ in range(500)]
        assert min(delays) >= mean / 2
        assert max(delays) <= mean * 1.5
        assert sum(delays) / 500 == pytest.approx(mean, rel=0.05)


def test_locked_out_people_stay_away_longer() -> None:
    """Trying again at once would lock the account again."""
    rng = Random(1)
    assert delay_after(LOCKED, CAST.persistence, 1, rng) >= LOCKED_OUT
    assert delay_after(RETRY, CAST.persistence, 1, rng) < LOCKED_OUT


def test_every_chair_comes_to_an_end() -> None:
    """Whatever an app answers, in any order, nobody goes on for ever."""
    busy = errand(
        values=WRONG,
        slip="swapped",
        double_tap=True,
        wrong_record="IA-0013",
        photo=True,
        reads_back=True,
        tries_on_hold=True,
        corrects=True,
    )
    classes = list(AnswerClass)
    for seed in range(300):
        rng = Random(seed)
        behaviour = chair(busy, Random(seed))
        steps = 0
        next(behaviour)
        try:
            while True:
                steps += 1
                assert steps < 1000
                sort = rng.choice(classes)
                behaviour.send(Answer(sort.outcome, sort, 1.0))
        except StopIteration:
            pass


def test_the_same_draws_give_the_same_night() -> None:
    """A behaviour is a function of its errand, its draws and its answers."""
    script = [NO, YES, DOUBT, RETRY, YES]
    given = errand(slip="mistyped", photo=True)
    assert everything(given, script, 5) == everything(given, script, 5)
    assert everything(given, script, 5) != everything(given, script, 6)


def test_habits_have_no_say_in_behaviours() -> None:
    """Shares are dealt out in the plan: a chair's night depends on the errand alone."""
    none = replace(CAST, habits=Habits(double_tap=1.0, photo=1.0))
    assert everything(errand(cast=none), [], 1) == everything(errand(), [], 1)
