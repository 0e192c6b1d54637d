"""A persona's evening: the app's pages in a browser, and the help line where they shut them out.

How long keys and looks take is whoever's who walks the pages. Durations are drill seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from simulators.behaviours.chair import AFTERWARDS, RETYPING, Chair
from simulators.behaviours.errand import Errand
from simulators.behaviours.protocol import (
    OK,
    Answer,
    AnswerClass,
    Behaviour,
    Keyed,
    Read,
    SignIn,
    Submit,
)
from simulators.behaviours.watch import Part
from simulators.people.codes import as_typed

STUCK = "stuck at "
"""Begins the detail of an answer to somebody who cannot get on; the step's name follows."""

NOT_DRILLED = "not drilled"
"""Detail of the answer where this machine has no browser, or the app no page for it."""


def persona(errand: Errand, rng: Random) -> Behaviour:
    """One persona's evening: sign in, send the report, look at the receipt.

    Whoever is stuck phones for help. Who is stuck again with help reports by phone, as others do
    for whom the app does not work: so bad pages cost lines.
    """
    return _Persona(errand, rng).evening()


class _Persona(Chair):
    """The state of one persona's evening."""

    def evening(self) -> Behaviour:
        """Everything the persona does."""
        yield from self.persist(self.sign_in_once)
        yield from self.wait(self.errand.ready - self.now)
        if not self.signed_in or not (yield from self.report()):
            yield from self.phone(self.rekeyed_by_voice())
            return
        yield from self.pause(AFTERWARDS)
        yield from self.do(Read("report", self.person.record, within=self.person.patience))

    def persist(self, attempt: Callable[[bool], Part[Answer]]) -> Part[Answer]:
        """Try one thing until it works or they are stuck; then once more, with help."""
        failed, helped = 0, False
        while True:
            answer = yield from attempt(helped)
            if answer.outcome is OK or answer.detail == NOT_DRILLED:
                return answer
            failed += 1
            if failed < self.person.tries and not answer.detail.startswith(STUCK):
                yield from self.before_next_try(answer, failed)
            elif helped or not (yield from self.phone(None)):
                return answer
            else:
                failed, helped = 0, True

    def before_next_try(self, answer: Answer, failed: int) -> Part[None]:
        """Look again, if the app said no; else give it time."""
        if answer.answer_class in (AnswerClass.REFUSED, AnswerClass.AUTH_EXPIRED):
            yield from self.pause(RETYPING)
        else:
            yield from self.wait(self.delay(answer, failed))

    def sign_in_once(self, helped: bool) -> Part[Answer]:
        """Type or paste the codes: as in :meth:`Chair.slip`, or right if somebody helps."""
        slip = "" if helped else self.slip()
        typed = as_typed(self.person.codes, slip, self.rng)
        answer = yield from self.do(SignIn(typed, within=self.person.patience, helped=helped))
        self.signed_in = answer.outcome is OK
        self.wrong_codes += not self.signed_in and not answer.detail.startswith(STUCK)
        return answer

    def report(self) -> Part[bool]:
        """Send the report, keyed again from the sheet if the app turns it down. True once in."""
        report = self.errand.first

        def send(helped: bool) -> Part[Answer]:
            nonlocal report
            if not self.signed_in:
                answer = yield from self.sign_in_once(helped)
                if not self.signed_in:
                    return answer
            submit = Submit(report, within=self.person.patience, helped=helped)
            answer = yield from self.do(submit)
            self.signed_in = answer.answer_class is not AnswerClass.AUTH_EXPIRED
            if self.turned_down(answer, report):
                report = self.next_version(self.errand.worksheet, "api")
            return answer

        answer = yield from self.persist(send)
        return answer.outcome is OK

    def turned_down(self, answer: Answer, report: Keyed) -> bool:
        """Whether the app says no to numbers that do not stand on the sheet."""
        no = answer.answer_class is AnswerClass.REFUSED and not answer.detail.startswith(STUCK)
        return no and report.values != self.errand.worksheet
