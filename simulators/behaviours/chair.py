"""A precinct chair, from sign-in to a recorded result.

The chair signs in before the meeting, waits for the report to be ready, keys and sends it, tries
again with growing delays, and in the end phones it in. Who has no way through the app fights it
for a while and phones; some phone at once. Durations are drill seconds.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from simulators.behaviours.errand import INBOXES, LINE, Errand, operation_key
from simulators.behaviours.persist import delay_after
from simulators.behaviours.protocol import (
    OK,
    Amend,
    Answer,
    AnswerClass,
    Behaviour,
    Dial,
    Keyed,
    Leave,
    Outcome,
    Read,
    Send,
    SignIn,
    Submit,
)
from simulators.behaviours.watch import OnWatch, Part
from simulators.people.codes import as_typed
from simulators.people.keying import FORM_ERRORS, VOICE_ERRORS, as_keyed

RETYPING = (15.0, 45.0)  # drill seconds to look at the codes again and type them
CORRECTING = (180.0, 900.0)  # until an entry error is noticed and keyed right
AFTERWARDS = (10.0, 60.0)  # between a report that is in and what people do next


def chair(errand: Errand, rng: Random) -> Behaviour:
    """One precinct chair's night."""
    return Chair(errand, rng).night()


class Chair(OnWatch):
    """The state of one chair's night, and its parts in the order in which they are played."""

    def __init__(self, errand: Errand, rng: Random) -> None:
        super().__init__(errand.arrives, rng)
        self.errand = errand
        self.person = errand.person
        self.signed_in = False
        self.wrong_codes = 0  # sign-ins refused so far
        self.version = errand.first.version

    def night(self) -> Behaviour:
        """Everything the chair does."""
        if not self.errand.uses_app:
            yield from self.wait(self.errand.ready - self.now)
            if self.errand.photo_at_once:
                yield from self.do(Leave(INBOXES["photo"], self.errand.first))
                return
            if self.errand.struggles:
                minutes = self.rng.expovariate(1.0) * self.errand.cast.struggle_minutes
                yield from self.wait(minutes * 60.0)
            if self.errand.mails_photo:
                yield from self.send_to_inbox("photo")
            yield from self.phone(self.errand.first)
            return
        yield from self.sign_in(until=self.errand.ready)
        yield from self.wait(self.errand.ready - self.now)
        if self.errand.wrong_record:
            yield from self.try_wrong_precinct()
        reported = yield from self.send_first()
        if reported is None:
            yield from self.phone(self.rekeyed_by_voice(), again=self.errand.first)
            return
        yield from self.afterwards(reported)

    # -- signing in -------------------------------------------------------------------------

    def sign_in(self, until: float) -> Part[bool]:
        """Type the codes until they work, tries run out, or it is time for something else."""
        for failed in range(1, self.person.tries + 1):
            typed = as_typed(self.person.codes, self.slip(), self.rng)
            answer = yield from self.do(SignIn(typed, within=self.person.patience))
            self.signed_in = answer.outcome is OK
            if self.signed_in or failed == self.person.tries:
                break
            yield from self.before_next_sign_in(answer, failed)
            if self.now >= until:
                break
        return self.signed_in

    def before_next_sign_in(self, answer: Answer, failed: int) -> Part[None]:
        self.wrong_codes += answer.answer_class in _WRONG_CODES
        if answer.answer_class is AnswerClass.REFUSED:
            yield from self.pause(RETYPING)
        else:
            yield from self.wait(self.delay(answer, failed))

    def slip(self) -> str:
        """How the codes are typed now: wrong at first, perhaps once more, then right."""
        slip = self.errand.slip
        if not slip or self.wrong_codes == 0:
            return slip
        again = self.wrong_codes == 1 and self.rng.random() < self.errand.cast.codes.wrong_again
        return "mistyped" if again else ""

    # -- reporting --------------------------------------------------------------------------

    def try_wrong_precinct(self) -> Part[None]:
        """Key the report under another precinct's key, see that it is wrong, and start over."""
        first, other = self.errand.first, self.errand.wrong_record
        wrong = Keyed(other, 1, first.values, f"{first.operation}-for-{other}")
        yield from self.deliver(Submit(wrong, within=self.person.patience))
        yield from self.pause(RETYPING)

    def send_first(self) -> Part[Keyed | None]:
        """Send the first report by the app: the report that is in, or None."""
        report = self.errand.first
        taps = 2 if self.errand.double_tap else 1
        outcome = yield from self.deliver(Submit(report, taps, self.person.patience))
        if outcome is OK:
            return report
        if outcome is not Outcome.REFUSED or report.values == self.errand.worksheet:
            return None
        # The app says no to what was keyed: look at the sheet again and key it as it stands.
        yield from self.pause(RETYPING)
        report = self.next_version(self.errand.worksheet, "api")
        outcome = yield from self.deliver(Submit(report, within=self.person.patience))
        return report if outcome is OK else None

    def deliver(self, action: Submit | Amend) -> Part[Outcome]:
        """Send the same report until the app says yes, says no for good, or tries run out.

        Returns:
            ``ok``; ``refused`` if the app turned the report itself down; else ``unknown``.
        """
        failed = 0
        while failed < self.person.tries:
            if not self.signed_in and not (yield from self.sign_in(until=self.now)):
                failed += 1
                answer = _NOT_SIGNED_IN
            else:
                answer = yield from self.do(action)
                if isinstance(action, Submit) and action.taps > 1:
                    action = replace(action, taps=1)  # nobody taps twice again and again
                if answer.outcome is OK:
                    return OK
                if answer.answer_class is AnswerClass.REFUSED:
                    return Outcome.REFUSED
                failed += 1
                self.signed_in = answer.answer_class is not AnswerClass.AUTH_EXPIRED
                if not self.signed_in:
                    continue
            if failed < self.person.tries:
                yield from self.wait(self.delay(answer, failed))
        return Outcome.UNKNOWN

    def delay(self, answer: Answer, failed: int) -> float:
        return delay_after(answer.answer_class, self.errand.cast.persistence, failed, self.rng)

    def afterwards(self, reported: Keyed) -> Part[None]:
        """What people do once the report is in: a photo, a look, a correction."""
        record, patience = self.person.record, self.person.patience
        if self.errand.photo:
            yield from self.pause(AFTERWARDS)
            operation = f"{self.errand.first.operation}-photo"
            yield from self.signed_in_do(Send("photo", record, operation, within=patience))
        if self.errand.reads_back:
            yield from self.pause(AFTERWARDS)
            yield from self.signed_in_do(Read("report", record, within=patience))
        if self.errand.corrects and reported is self.errand.first:
            yield from self.pause(CORRECTING)
            yield from self.correct()

    def signed_in_do(self, action: Send | Read) -> Part[None]:
        """Do it once; if that finds the chair signed out, sign in and do it once more."""
        answer = yield from self.do(action)
        self.signed_in = answer.answer_class is not AnswerClass.AUTH_EXPIRED
        if not self.signed_in and (yield from self.sign_in(until=self.now)):
            yield from self.do(action)

    def correct(self) -> Part[None]:
        """Send the sheet as it stands as a new version; phone it in if the app will not have it."""
        report = self.next_version(self.errand.worksheet, "api")
        outcome = yield from self.deliver(Amend(report, within=self.person.patience))
        if outcome is not OK:
            yield from self.phone(self.rekeyed_by_voice())

    # -- the phone --------------------------------------------------------------------------

    def phone(self, report: Keyed | None, again: Keyed | None = None) -> Part[bool]:
        """Dial until somebody has taken the report, or the app has after all.

        Without a report they ask for help, until somebody has told them what to do.

        Who gives way to a photo or a text sends it after some calls in vain, and leaves it at that.
        """
        persistence = self.errand.cast.persistence
        meanwhile = None
        if again is not None and self.errand.tries_on_hold:
            meanwhile = Submit(again, within=self.person.patience)
        gives_way_to = self.errand.gives_way_to
        for failed in range(1, persistence.redials + 1):
            answer = yield from self.do(Dial(LINE, report, meanwhile, self.patience_on_hold()))
            if answer.outcome is OK:
                return True
            if gives_way_to and failed >= persistence.inbox_after:
                return (yield from self.send_to_inbox(gives_way_to))
            if answer.answer_class is AnswerClass.UNREACHABLE:
                return False
            yield from self.wait(self.rng.expovariate(1.0 / persistence.redial_delay))
        return False

    def send_to_inbox(self, channel: str) -> Part[bool]:
        """Send a photo of the sheet, or text its numbers, for somebody to read and key."""
        keying, sheet = self.errand.cast.keying, self.errand.worksheet
        # A reader errs in keying a photo; of a text it is the sender's thumbs that err.
        chance = keying.paper if channel == "photo" else keying.form
        values = as_keyed(sheet, chance, FORM_ERRORS, self.rng)
        left = Leave(INBOXES[channel], self.next_version(values, channel))
        answer = yield from self.do(left)
        return answer.outcome is OK

    def patience_on_hold(self) -> float | None:
        mean = self.errand.cast.persistence.hold_minutes
        return None if mean is None else self.rng.expovariate(1.0 / (mean * 60.0))

    def rekeyed_by_voice(self) -> Keyed:
        chance = self.errand.cast.keying.voice
        heard = as_keyed(self.errand.worksheet, chance, VOICE_ERRORS, self.rng)
        return self.next_version(heard, "hotline")

    def next_version(self, values: tuple[int, ...], channel: str) -> Keyed:
        self.version += 1
        record = self.person.record
        operation = operation_key(self.errand.tag, record, self.version, channel)
        return Keyed(record, self.version, values, operation)


# However a target says that the codes are wrong, people look at them again.
_WRONG_CODES = {AnswerClass.REFUSED, AnswerClass.AUTH_EXPIRED, AnswerClass.LOCKED_OUT}
_NOT_SIGNED_IN = Answer(Outcome.REFUSED, AnswerClass.AUTH_EXPIRED)
