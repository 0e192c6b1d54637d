"""Somebody who works for the campaign: signs in, and gets a list of things into its hub in order.

Who stands at a door, phones or loads a voter file goes about it alike: when a thing is due, or as
soon as the one before is done; again with the same key, after a growing delay with jitter, where
nothing came of it. Durations are drill seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from simulators.behaviours.persist import delay_after
from simulators.behaviours.protocol import (
    OK,
    Amend,
    Answer,
    AnswerClass,
    Behaviour,
    Keyed,
    Outcome,
    Read,
    SignIn,
    Submit,
)
from simulators.behaviours.watch import OnWatch, Part
from simulators.people.cast import Persistence
from simulators.people.codes import as_typed
from simulators.people.person import Person

RETYPING = (2.0, 6.0)  # seconds to look at the password again and type it


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do.

    Attributes:
        at: Drill second at which it is due.
        record: What it is about.
        report: What is written; None for a look at the person.
        amends: Whether it corrects a record that is there.
        taps: How often the button is tapped at the first try.
        own: Whether whoever corrects it has written it, too.
        looks: Whether it is looked at as soon as it is in.
    """

    at: float
    record: str
    report: Keyed | None = None
    amends: bool = False
    own: bool = True
    taps: int = 1
    looks: bool = False


@dataclass(frozen=True, slots=True)
class Stint:
    """One person's part of the day.

    Attributes:
        arrives: Drill second of their first action.
        tasks: What they have to do, in order of time.
        mistypes: Whether they mistype their password at first.
        signs_in: Whether they have an account; who signs up on the web has none.
    """

    person: Person
    persistence: Persistence
    arrives: float
    tasks: Sequence[Task]
    mistypes: bool = False
    signs_in: bool = True


def campaigner(stint: Stint, rng: Random) -> Behaviour:
    """One person's part of the day, from signing in to the end of their list."""
    return Campaigner(stint, rng).day()


class Campaigner(OnWatch):
    """The state of one person's day, and its parts in the order in which they are played."""

    def __init__(self, stint: Stint, rng: Random) -> None:
        super().__init__(stint.arrives, rng)
        self.stint = stint
        self.person = stint.person
        self.signed_in = not stint.signs_in
        self.slips = stint.mistypes
        self.written: set[str] = set()  # records that the app has said yes to

    def day(self) -> Behaviour:
        """Sign in, then do one thing after the other."""
        if not self.signed_in:
            yield from self.sign_in()
        for task in self.stint.tasks:
            yield from self.wait(task.at - self.now)
            if task.report is None:
                yield from self.look(task.record)
            else:
                yield from self.write(task, task.report)

    def delay(self, answer: Answer, failed: int) -> float:
        return delay_after(answer.answer_class, self.stint.persistence, failed, self.rng)

    # -- signing in -------------------------------------------------------------------------

    def sign_in(self) -> Part[bool]:
        """Type the password until it works or tries run out."""
        for failed in range(1, self.person.tries + 1):
            typed = as_typed(self.person.codes, "mistyped" if self.slips else "", self.rng)
            self.slips = False
            answer = yield from self.do(SignIn(typed, within=self.person.patience))
            self.signed_in = answer.outcome is OK
            if self.signed_in:
                return True
            if answer.answer_class is AnswerClass.REFUSED:
                yield from self.wait(self.rng.uniform(*RETYPING))
            else:
                yield from self.wait(self.delay(answer, failed))
        return False

    # -- the list ---------------------------------------------------------------------------

    def write(self, task: Task, report: Keyed) -> Part[None]:
        """Get a contact in; only what is in can be corrected, or looked at."""
        patience = self.person.patience
        if task.amends:
            # What another has written may be there or not: the app will say.
            if task.own and report.record not in self.written:
                return
            yield from self.deliver(Amend(report, within=patience))
            return
        outcome = yield from self.deliver(Submit(report, within=patience), taps=task.taps)
        if outcome is not OK:
            return
        self.written.add(report.record)
        if task.looks:
            yield from self.look(report.record)

    def look(self, record: str) -> Part[None]:
        """Look at the person of a record, once."""
        if not self.signed_in and not (yield from self.sign_in()):
            return
        answer = yield from self.do(Read("report", record, within=self.person.patience))
        self.signed_in = answer.answer_class is not AnswerClass.AUTH_EXPIRED

    def deliver(self, action: Submit | Amend, taps: int = 1) -> Part[Outcome]:
        """Send the same until the app says yes, says no for good, or tries run out."""
        once = action
        if taps > 1:
            action = Submit(action.report, taps, action.within)
        for failed in range(1, self.person.tries + 1):
            if not self.signed_in and not (yield from self.sign_in()):
                return Outcome.REFUSED
            answer = yield from self.do(action)
            action = once  # nobody taps twice again and again
            if answer.outcome is OK:
                return OK
            if answer.answer_class is AnswerClass.REFUSED:
                return Outcome.REFUSED
            if answer.answer_class is AnswerClass.AUTH_EXPIRED:
                self.signed_in = not self.stint.signs_in
            else:
                yield from self.wait(self.delay(answer, failed))
        return Outcome.UNKNOWN
