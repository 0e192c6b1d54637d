"""A persona's evening: tries, the help line, and the hotline in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest

from simulators.behaviours.errand import LINE, Errand
from simulators.behaviours.persona import NOT_DRILLED, persona
from simulators.behaviours.protocol import (
    Action,
    Answer,
    AnswerClass,
    Dial,
    Keyed,
    Read,
    SignIn,
    Submit,
    Wait,
)
from simulators.people.cast import Cast
from simulators.people.person import Person

SHEET = (12, 30, 0, 7)
YES = Answer(AnswerClass.ACCEPTED.outcome, AnswerClass.ACCEPTED)
NO = Answer(AnswerClass.REFUSED.outcome, AnswerClass.REFUSED, detail="wrong codes")
STUCK = Answer(AnswerClass.REFUSED.outcome, AnswerClass.REFUSED, detail="stuck at send")
DOUBT = Answer(AnswerClass.NO_ANSWER.outcome, AnswerClass.NO_ANSWER)
EXPIRED = Answer(AnswerClass.AUTH_EXPIRED.outcome, AnswerClass.AUTH_EXPIRED)
NO_BROWSER = Answer(AnswerClass.UNREACHABLE.outcome, AnswerClass.UNREACHABLE, detail=NOT_DRILLED)
NO_LINE = Answer(AnswerClass.UNREACHABLE.outcome, AnswerClass.UNREACHABLE, detail="no such line")


def errand(*, keyed: tuple[int, ...] = SHEET, slip: str = "", tries: int = 3) -> Errand:
    person = Person(
        3, "chair", "chair-0003", "IA-0003",
        codes=("111111", "222222", "333333"), patience=90.0, tries=tries, persona="steady",
    )  # fmt: skip
    return Errand(
        person=person, cast=Cast(), tag="t", worksheet=SHEET,
        first=Keyed("IA-0003", 1, keyed, "t-IA-0003-1"),
        arrives=100.0, ready=160.0, uses_app=True, slip=slip,
    )  # fmt: skip


def play(answers: Callable[[Action], Answer], what: Errand, seed: int = 1) -> list[Action]:
    """What a persona does to these answers, without the waiting."""
    evening = persona(what, Random(seed))
    done: list[Action] = []
    answer: Answer | None = None
    while len(done) < 500:
        try:
            action = next(evening) if answer is None else evening.send(answer)
        except StopIteration:
            return [each for each in done if not isinstance(each, Wait)]
        done.append(action)
        answer = YES if isinstance(action, Wait) else answers(action)
    raise AssertionError("the evening has no end")


def scripted(**script: list[Answer]) -> Callable[[Action], Answer]:
    """Answers by kind of action, in order; yes where the script has run out."""
    left: dict[str, Iterator[Answer]] = {kind: iter(said) for kind, said in script.items()}

    def answer(action: Action) -> Answer:
        return next(left.get(type(action).__name__, iter(())), YES)

    return answer


def test_a_good_app_is_used_once_and_looked_at() -> None:
    """Sign in, send, look at the receipt."""
    done = play(scripted(), errand())
    assert done == [
        SignIn(("111111", "222222", "333333"), within=90.0),
        Submit(errand().first, within=90.0),
        Read("report", "IA-0003", within=90.0),
    ]


def test_swapped_codes_are_typed_right_in_the_end() -> None:
    """The precinct ID in the box of the PIN at first."""
    done = play(scripted(SignIn=[NO, NO]), errand(slip="swapped", tries=4))
    typed = [each.codes for each in done if isinstance(each, SignIn)]
    assert typed[0] == ("111111", "111111", "333333")
    assert typed[-1] == ("111111", "222222", "333333")
    assert not any(isinstance(each, Dial) for each in done)


@pytest.mark.parametrize("stuck", ["SignIn", "Submit"])
def test_who_is_stuck_phones_for_help_and_is_told_what_to_do(stuck: str) -> None:
    """At once: nobody tries three times what cannot be done. The next try is a helped one."""
    done = play(scripted(**{stuck: [STUCK]}), errand())
    kinds = [type(each).__name__ for each in done]
    at = kinds.index("Dial")
    assert kinds[at - 1 : at + 2] == [stuck, "Dial", stuck]
    assert done[at] == Dial(LINE)
    assert kinds.count("Dial") == 1
    helped = [each.helped for each in done if isinstance(each, (SignIn, Submit))]
    assert helped.count(True) == 1
    assert kinds[-1] == "Read"


@pytest.mark.parametrize("stuck", ["SignIn", "Submit"])
def test_who_is_stuck_with_help_phones_the_report_in(stuck: str) -> None:
    """Bad pages cost phone lines: one call for help and one that reports."""
    done = play(scripted(**{stuck: [STUCK, STUCK]}), errand())
    calls = [each for each in done if isinstance(each, Dial)]
    assert [each.report is None for each in calls] == [True, False]
    report = calls[1].report
    assert report is not None
    assert (report.record, report.version) == ("IA-0003", 2)
    assert report.operation == "t-IA-0003-2h"
    assert not any(isinstance(each, Read) for each in done)


def test_an_app_that_does_not_answer_is_tried_as_often_as_they_have_patience_for() -> None:
    """The same report under the same key; then help, then as often again, then the phone."""
    done = play(scripted(Submit=[DOUBT] * 6), errand(tries=3))
    kinds = [type(each).__name__ for each in done]
    assert kinds == ["SignIn", *["Submit"] * 3, "Dial", *["Submit"] * 3, "Dial"]
    assert len({each.report for each in done if isinstance(each, Submit)}) == 1


def test_nobody_is_helped_where_nobody_answers() -> None:
    """Without a line the persona gives up, and says so to nobody."""
    answers = scripted(Submit=[STUCK], Dial=[NO_LINE, NO_LINE])
    kinds = [type(each).__name__ for each in play(answers, errand())]
    assert kinds == ["SignIn", "Submit", "Dial", "Dial"]


def test_numbers_that_the_app_turns_down_are_keyed_from_the_sheet() -> None:
    """As a new version: what the app caught was the persona's slip."""
    done = play(scripted(Submit=[NO]), errand(keyed=(12, 31, 0, 7)))
    sent = [each.report for each in done if isinstance(each, Submit)]
    assert [each.version for each in sent] == [1, 2]
    assert sent[1].values == SHEET
    assert not any(isinstance(each, Dial) for each in done)


def test_who_was_signed_out_signs_in_again() -> None:
    """And sends the same report."""
    done = play(scripted(Submit=[EXPIRED]), errand())
    assert [type(each).__name__ for each in done] == [
        "SignIn",
        "Submit",
        "SignIn",
        "Submit",
        "Read",
    ]


def test_a_machine_without_a_browser_is_no_fault_of_the_app() -> None:
    """Nobody phones for help with a page that was never opened; the report goes in by phone."""
    done = play(scripted(SignIn=[NO_BROWSER]), errand())
    assert [type(each).__name__ for each in done] == ["SignIn", "Dial"]
    assert isinstance(done[1], Dial)
    assert done[1].report is not None
