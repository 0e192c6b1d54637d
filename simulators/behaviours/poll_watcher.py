"""A poll watcher, from the opening of the polls to the last sheet.

The watcher notes the codes of those who have voted, goes to the phone when the clock says so, and
keys them into the app's menu: precinct and PIN, then code by code. A busy line is dialled again;
a call that is cut off is made again with what is left. Who knows another way takes it when the
line stays dead: a web page, texts, or a call to headquarters. Durations are drill seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from simulators.behaviours.protocol import (
    OK,
    AnswerClass,
    Behaviour,
    Call,
    Dial,
    HangUp,
    SignIn,
    Submit,
    Text,
)
from simulators.behaviours.sheet import HEADQUARTERS, HELP, STRIKE, Beat, Line, Sheet
from simulators.behaviours.watch import OnWatch, Part
from simulators.people.codes import as_typed

TRIES = 3  # at one thing within a call, or on one page
AGAIN = (5.0, 20.0)  # seconds before the same thing is tried again where something answered
LATER = (30.0, 120.0)  # seconds before it is tried again where nothing did

_NOBODY_THERE = {AnswerClass.UNREACHABLE, AnswerClass.NO_ANSWER, AnswerClass.SERVER_ERROR}


def poll_watcher(beat: Beat, sheet: Sheet, rng: Random) -> Behaviour:
    """One poll watcher's day.

    Args:
        beat: What they have to report, when, and how they go about it.
        sheet: Their sheet, empty; who answers at headquarters strikes codes off it too.
        rng: Decides slips at sign-in, and how long they wait.
    """
    return _Watcher(beat, sheet, rng).day()


class _Watcher(OnWatch):
    """The state of one watcher's day, and its parts in the order in which they are played."""

    def __init__(self, beat: Beat, sheet: Sheet, rng: Random) -> None:
        super().__init__(beat.arrives, rng)
        self.beat = beat
        self.watching = beat.watching
        self.person = beat.person
        self.sheet = sheet

    def day(self) -> Behaviour:
        """A question first, for some; then every round, one after the other."""
        if self.beat.asks_for_help:
            yield from self.ask_for_help()
        for round_ in self.beat.rounds:
            yield from self.wait(round_.at - self.now)
            self.sheet.add(round_)
            if not self.sheet:
                continue
            if not (self.beat.stops_calling and self.knows_another_way):
                yield from self.phone_in()
            if self.sheet and self.knows_another_way:
                yield from self.another_way()

    def ask_for_help(self) -> Part[None]:
        """Phone the help line and stay on it for a while."""
        answer = yield from self.do(Call(HELP, within=self.watching.ring_seconds))
        if answer.outcome is OK:
            yield from self.wait(self.beat.asks_for_help)
            yield from self.do(HangUp())

    @property
    def knows_another_way(self) -> bool:
        knows_at = self.beat.knows_at
        return knows_at is not None and self.now >= knows_at

    # -- by phone ---------------------------------------------------------------------------

    def phone_in(self) -> Part[None]:
        """Phone until the sheet is in, tries run out, or somebody says not to."""
        for _ in range(self.watching.tries):
            answer = yield from self.do(Call(STRIKE, within=self.watching.ring_seconds))
            if answer.outcome is OK:
                yield from self.key_sheet()
                yield from self.do(HangUp())
                if not self.sheet:
                    return
            elif answer.answer_class is AnswerClass.UNREACHABLE:
                return  # there is no such line
            yield from self.wait(self.rng.expovariate(1.0 / self.watching.redial_seconds))
            if self.beat.stops_calling and self.knows_another_way:
                return

    def key_sheet(self) -> Part[None]:
        """Sign in and key code by code, as long as the call lasts."""
        if not (yield from self.sign_in(None)):
            return
        for line in self.sheet:
            if not (yield from self.key(line, None)):
                return

    def sign_in(self, within: float | None) -> Part[bool]:
        """Key precinct and PIN until they are taken. False where it leads nowhere."""
        for _ in range(TRIES):
            slip = "mistyped" if self.rng.random() < self.beat.mistyped else ""
            typed = as_typed(self.person.codes, slip, self.rng)
            answer = yield from self.do(SignIn(typed, within=within))
            if answer.outcome is OK:
                return True
            if answer.answer_class is not AnswerClass.REFUSED:
                return False
        return False

    def key(self, line: Line, within: float | None) -> Part[bool]:
        """Key one code until it is in or turned down. False if nobody is there any more."""
        for _ in range(TRIES):
            answer = yield from self.do(Submit(line.keyed, within=within))
            sort = answer.answer_class
            if answer.outcome is OK:
                self.sheet.strike(line)
                return True
            if sort is AnswerClass.REFUSED:
                if not self.sheet.look_again(line):
                    self.sheet.strike(line)
                    return True
            elif sort in _NOBODY_THERE:
                return False
            elif sort is AnswerClass.AUTH_EXPIRED:
                if not (yield from self.sign_in(within)):
                    return False
            else:
                yield from self.pause(AGAIN)
        return True  # it stays on the sheet; the others may fare better

    # -- other ways -------------------------------------------------------------------------

    def another_way(self) -> Part[None]:
        """Their own other way; where that fails too, headquarters."""
        ways: dict[str, Callable[[], Part[None]]] = {
            "web": self.by_web,
            "text": self.by_text,
            HEADQUARTERS: self.by_headquarters,
        }
        yield from ways.pop(self.beat.way)()
        if self.sheet and HEADQUARTERS in ways:
            yield from self.by_headquarters()

    def by_web(self) -> Part[None]:
        """Sign in on the app's page and key the codes there."""
        patience = self.person.patience
        for _ in range(self.watching.tries_a_way):
            if (yield from self.sign_in(patience)) and (yield from self.key_page(patience)):
                return
            yield from self.pause(LATER)

    def key_page(self, patience: float) -> Part[bool]:
        """Key everything on the sheet. False if nobody is there any more."""
        for line in self.sheet:
            yield from self.wait(self.rng.expovariate(1.0 / self.watching.web_seconds))
            if not (yield from self.key(line, patience)):
                return False
        return True

    def by_text(self) -> Part[None]:
        """Text the codes, some in each message; it is taken whole or not at all."""
        most, failed = self.watching.fallback.codes_a_text, 0
        while self.sheet and failed < self.watching.tries_a_way:
            lines = self.sheet.first(most)
            seconds = len(lines) * (self.person.think_seconds + 4 * self.person.press_seconds)
            yield from self.wait(seconds)
            reports = tuple(line.keyed for line in lines)
            answer = yield from self.do(Text(STRIKE, reports, within=self.person.patience))
            if answer.outcome is OK:
                self.sheet.strike(*lines)
            elif answer.answer_class is not AnswerClass.REFUSED:
                failed += 1
                yield from self.pause(LATER)
            elif not self.sheet.look_again(*lines):
                # All stand as on the sheet, and yet some code is not wanted: one by one, then.
                if len(lines) == 1:
                    self.sheet.strike(*lines)
                most = 1

    def by_headquarters(self) -> Part[None]:
        """Phone headquarters and read the sheet out; an agent strikes off what is keyed."""
        hold = self.watching.hold_minutes
        for _ in range(self.watching.tries_a_way):
            within = None if hold is None else self.rng.expovariate(1.0 / (60.0 * hold))
            answer = yield from self.do(Dial(HEADQUARTERS, within=within))
            if not self.sheet or answer.answer_class is AnswerClass.UNREACHABLE:
                return
            yield from self.wait(self.rng.expovariate(1.0 / self.watching.redial_seconds))
