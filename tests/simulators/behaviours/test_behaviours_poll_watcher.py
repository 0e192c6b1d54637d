"""Tests of the poll watcher: what is keyed, what is tried again, and which way is taken."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from simulators.behaviours.poll_watcher import poll_watcher
from simulators.behaviours.protocol import (
    Action,
    Answer,
    AnswerClass,
    Call,
    Dial,
    HangUp,
    Keyed,
    SignIn,
    Submit,
    Text,
    Wait,
)
from simulators.behaviours.sheet import Beat, Round, Sheet
from simulators.people.person import Person
from simulators.people.watching import Fallback, Watching

TAG = "t"
CODES = ("WI-0012-0001", "WI-0012-0002", "WI-0012-0003")
PERSON = Person(3, "poll_watcher", "watcher-0012", "WI-0012", codes=("0012", "4821"))
OK, REFUSED, BUSY = AnswerClass.ACCEPTED, AnswerClass.REFUSED, AnswerClass.REFUSED


def said(sort: AnswerClass, detail: str = "") -> Answer:
    return Answer(sort.outcome, sort, 1.0, detail)


def beat(way: str = "web", knows_at: float | None = 0.0, **changes: object) -> Beat:
    keyed = tuple(Keyed(each, 1, (1,), f"{TAG}-{each}-1") for each in CODES)
    day = Beat(
        person=PERSON, watching=Watching(tries=2, rounds=(10.0,)), mistyped=0.0, tag=TAG,
        arrives=0.0, rounds=(Round(10.0, CODES, keyed),), knows_at=knows_at, stops_calling=False,
        way=way,
    )  # fmt: skip
    return replace(day, **changes)  # type: ignore[arg-type]


class Day:
    """Plays a watcher against a function that answers; waits are answered by themselves."""

    def __init__(self, day: Beat) -> None:
        self.sheet = Sheet(TAG)
        self.did: list[Action] = []
        self._behaviour = poll_watcher(day, self.sheet, Random(1))

    def play(self, answer: object) -> Day:
        """``answer(action, n)``, n being how many actions of that kind came before."""
        action: Action | None = next(self._behaviour)
        while action is not None:
            sent = Answer(OK.outcome, OK)
            if not isinstance(action, Wait):
                before = sum(type(each) is type(action) for each in self.did)
                self.did.append(action)
                sent = answer(action, before)  # type: ignore[operator]
            try:
                action = self._behaviour.send(sent)
            except StopIteration:
                action = None
        return self

    def keyed(self) -> list[str]:
        return [each.report.record for each in self.did if isinstance(each, Submit)]


def test_a_quiet_line_takes_the_whole_sheet() -> None:
    """One call: precinct and PIN, every code once, in order, and hanging up."""
    day = Day(beat()).play(lambda action, n: said(OK))
    assert [type(each) for each in day.did] == [Call, SignIn, Submit, Submit, Submit, HangUp]
    assert day.keyed() == list(CODES)
    assert len(day.sheet) == 0


def test_a_call_that_is_cut_off_is_made_again_with_what_is_left() -> None:
    """What was confirmed is not keyed twice; the code under way keeps its operation key."""

    def answer(action: Action, n: int) -> Answer:
        return said(AnswerClass.NO_ANSWER) if isinstance(action, Submit) and n == 1 else said(OK)

    day = Day(beat()).play(answer)
    assert day.keyed() == [CODES[0], CODES[1], CODES[1], CODES[2]]
    again = [each.report for each in day.did if isinstance(each, Submit)][1:3]
    assert again[0] == again[1]
    assert sum(isinstance(each, Call) for each in day.did) == 2


def test_a_slip_that_the_app_notices_is_keyed_right() -> None:
    """Told that a code is not on the list, the watcher looks at the sheet again."""
    rounds = beat().rounds[0]
    wrong = Keyed("WI-0012-0009", 1, (1,), f"{TAG}-WI-0012-0009-1")
    day = Day(beat(rounds=(replace(rounds, keyed=(wrong, *rounds.keyed[1:])),)))
    day.play(
        lambda action, n: said(
            REFUSED if isinstance(action, Submit) and action.report == wrong else OK
        )
    )
    assert day.keyed() == ["WI-0012-0009", *CODES]


def test_a_right_code_that_is_refused_is_given_up() -> None:
    """Who has keyed it as it stands does not key it for ever."""
    day = Day(beat()).play(lambda action, n: said(REFUSED if isinstance(action, Submit) else OK))
    assert day.keyed() == list(CODES)


def busy_then(other: AnswerClass = OK) -> object:
    def answer(action: Action, n: int) -> Answer:
        if isinstance(action, Call):
            return said(BUSY, "busy")
        return said(OK if isinstance(action, SignIn) else other)

    return answer


def test_who_knows_another_way_takes_it_when_the_line_stays_busy() -> None:
    """After as many calls as one makes in a round, and not before."""
    day = Day(beat("web")).play(busy_then())
    assert [type(each) for each in day.did[:3]] == [Call, Call, SignIn]
    assert day.keyed() == list(CODES)


def test_who_knows_none_keeps_the_sheet() -> None:
    """Their codes are reported by nobody."""
    day = Day(beat(knows_at=None)).play(busy_then())
    assert day.keyed() == []
    assert len(day.sheet) == 3


def test_who_was_told_to_stop_calling_does_not_call() -> None:
    """The advice of the day is followed from the next round on."""
    day = Day(beat("web", stops_calling=True)).play(lambda action, n: said(OK))
    assert not any(isinstance(each, Call) for each in day.did)


def test_texts_carry_several_codes_each() -> None:
    """As many as fit, all of them answered at once."""
    two = replace(Watching(tries=1, rounds=(10.0,)), fallback=Fallback(codes_a_text=2))
    day = Day(beat("text", watching=two)).play(busy_then())
    texts = [each for each in day.did if isinstance(each, Text)]
    assert [[report.record for report in text.reports] for text in texts] == [
        [CODES[0], CODES[1]], [CODES[2]],
    ]  # fmt: skip
    assert len(day.sheet) == 0


def test_texts_that_nobody_answers_end_at_headquarters() -> None:
    """The second way is a call to people."""

    def answer(action: Action, n: int) -> Answer:
        if isinstance(action, Call):
            return said(BUSY)
        return said(AnswerClass.NO_ANSWER if isinstance(action, Text) else OK)

    day = Day(beat("text")).play(answer)
    assert any(isinstance(each, Dial) and each.line == "headquarters" for each in day.did)


def test_one_wrong_code_does_not_hold_up_a_text_for_ever() -> None:
    """A message that is refused although it is right is sent code by code."""

    def answer(action: Action, n: int) -> Answer:
        if isinstance(action, Call):
            return said(BUSY)
        bad = isinstance(action, Text) and any(r.record == CODES[1] for r in action.reports)
        return said(REFUSED if bad else OK)

    day = Day(beat("text")).play(answer)
    assert [len(each.reports) for each in day.did if isinstance(each, Text)] == [3, 1, 1, 1]
    assert len(day.sheet) == 0


def test_a_help_line_is_tried_first_by_those_who_ask() -> None:
    """They stay on it for a while, hang up, and go on with their day."""
    day = Day(beat(asks_for_help=30.0)).play(lambda action, n: said(OK))
    assert isinstance(day.did[0], Call)
    assert day.did[0].line == "help"
    assert isinstance(day.did[1], HangUp)
    assert day.keyed() == list(CODES)
