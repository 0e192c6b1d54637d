"""A model of an app that takes voters' codes: by phone, by text and on the web.

It behaves as a sound one should: precinct and PIN or no session, locked out after too many wrong
ones, only codes that are on the precinct's list, each code struck once, a text taken whole or not
at all. Faults of the process, the network and the phones are laid over it. In virtual time a
wall second is a drill second. All times are drill seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from simulators.behaviours.protocol import Answer, AnswerClass
from simulators.clock import Clock
from simulators.menu_model import ModelMenus
from simulators.stage import Operation
from simulators.wire_model import (
    Done,
    Outage,
    PhoneFault,
    Reply,
    Stored,
    WireModel,
    WireSettings,
)

DEFECTS: Mapping[str, str] = {
    "code_twice": "stores a code once more, and counts it, when a webhook or text comes twice",
    "state_lost_on_restart": "holds codes up to ten minutes, and a restart loses them",
}
COMMIT_EVERY = 600.0

_ANSWERS_LATER = Reply(AnswerClass.NO_ANSWER, detail="cut off")
_CUT_OFF = Reply(AnswerClass.UNREACHABLE, detail="cut off")


@dataclass(frozen=True, slots=True)
class StrikeModel(WireSettings):
    """How the modelled app performs.

    Attributes:
        wrong_codes: Wrong PINs in a row that lock a precinct.
        lock_seconds: How long it stays locked.
        says: Seconds in which the menu says that it has a code, or asks for the next thing.
        text_seconds: Seconds that a text takes, each way.
    """

    DEFECTS: ClassVar[Mapping[str, str]] = DEFECTS

    wrong_codes: int = 5
    lock_seconds: float = 900.0
    says: float = 2.0
    text_seconds: float = 2.0


@dataclass(slots=True)
class _Account:
    """What the app knows of one user."""

    signed_in: bool = False
    wrong: int = 0
    locked_until: float = 0.0


class StrikeApp(WireModel[StrikeModel]):
    """The modelled app, as ``simulators.stage`` wants it; ``menus`` answers its lines.

    Args:
        clock: Drill time.
        settings: How it performs.
        listed: Keys of the codes that are on a list.
        seed: Decides latencies, failures, and which calls a fault touches.
        record: Told of every finished attempt.

    Attributes:
        struck: Every row that it stored, in order.
        menus: The calls to its lines.
    """

    def __init__(
        self,
        clock: Clock,
        settings: StrikeModel,
        listed: Collection[str],
        seed: int,
        record: Callable[[Done], None] = lambda done: None,
    ) -> None:
        super().__init__(clock, settings, seed, record)
        faults = [each for each in settings.faults if isinstance(each, PhoneFault)]
        self.menus = ModelMenus(clock, faults, seed, self.is_down, self.touched)
        self.struck: list[Stored] = []
        self._listed = listed
        self._by_record: dict[str, Stored] = {}
        self._accounts: dict[str, _Account] = {}
        self._batch_from = -COMMIT_EVERY  # when the first code not yet committed came

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Begin the operation: over the web, inside a call, or in a text."""
        if operation.channel == "voice":
            self._key(operation, answered)
        elif operation.channel == "sms":
            self._text(operation, answered)
        else:
            super().perform(operation, answered)

    # -- on a phone -------------------------------------------------------------------------

    def _key(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """The caller finds the place on the sheet and presses the keys."""
        person, began = operation.actor, self.clock.now()
        boxes = operation.codes or ("code",)
        keys = sum(map(len, boxes))
        seconds = len(boxes) * person.think_seconds + keys * person.press_seconds
        seconds += (len(boxes) - 1) * self.settings.says
        self.clock.at(began + seconds, lambda: self._keyed(operation, answered, began, keys))

    def _keyed(
        self, operation: Operation, answered: Callable[[Answer], None], began: float, keys: int
    ) -> None:
        """The last key is pressed: the carrier asks the app."""
        now = self.clock.now()
        open_ = self.menus.live(operation.call)
        if open_ is None:
            self._finish(operation, answered, began, _CUT_OFF)
            return
        open_.call.digits += keys
        if self.is_down(now) or self.menus.fault("unreachable", open_.call.line, now):
            reply = Reply(AnswerClass.NO_ANSWER, detail="this line has a fault")
            self.menus.end(operation.call, "app_hung_up")
            self._finish(operation, answered, began, reply)
            return
        reply = self.handle(operation, now)
        if self.menus.fault("doubled", open_.call.line, now):
            self._again(operation, now)
        seconds = self._latency(operation, now) + self.settings.says
        self.clock.at(now + seconds, lambda: self._told(operation, answered, began, reply))

    def _told(
        self, operation: Operation, answered: Callable[[Answer], None], began: float, reply: Reply
    ) -> None:
        """The menu has said what it made of it, if the call still stands."""
        if self.menus.live(operation.call) is None:
            reply = _ANSWERS_LATER
        elif reply.answer_class is AnswerClass.SERVER_ERROR:
            self.menus.end(operation.call, "app_hung_up")
        self._finish(operation, answered, began, reply)

    def _again(self, operation: Operation, now: float) -> None:
        """The same webhook or text comes a second time; nobody waits for its answer."""
        stored = self._by_record.get(operation.record)
        if "code_twice" in self.settings.defects and stored and operation.kind == "submit_report":
            self._store(operation, now)
        else:
            self.serve(operation, now)

    # -- in a text --------------------------------------------------------------------------

    def _text(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """A text is on its way; its precinct and PIN are in it."""
        began = self.clock.now()
        arrives = began + self.settings.text_seconds
        self.clock.at(arrives, lambda: self._texted(operation, answered, began))

    def _texted(
        self, operation: Operation, answered: Callable[[Answer], None], began: float
    ) -> None:
        now, line = self.clock.now(), "strike"
        lost = self.menus.fault("sms_loss", line, now) or self.is_down(now)
        gives_up = began + (operation.within or 60.0)
        if lost:
            reply = Reply(AnswerClass.NO_ANSWER, detail="no reply")
            self.clock.at(gives_up, lambda: self._replied(operation, answered, began, reply))
            return
        reply = self._take_text(operation, now)
        done = now + self._latency(operation, now) + self.settings.text_seconds
        if done > gives_up:
            done, reply = max(now, gives_up), Reply(AnswerClass.NO_ANSWER, detail="no reply")
        self.clock.at(done, lambda: self._replied(operation, answered, began, reply))

    def _take_text(self, operation: Operation, now: float) -> Reply:
        """All codes of a message, or none."""
        every = (operation, *operation.together)
        wrong = [each.record for each in every if not self._may_strike(each)]
        if wrong:
            code = wrong[0].rpartition("-")[2]
            return Reply(AnswerClass.REFUSED, detail=f"{code} is not on the list")
        for each in every:
            self._take(each, now)
        return Reply(AnswerClass.ACCEPTED)

    def _replied(
        self, operation: Operation, answered: Callable[[Answer], None], began: float, reply: Reply
    ) -> None:
        for other in operation.together:
            self.record(Done(other, self.clock.now(), reply))
        self._finish(operation, answered, began, reply)

    # -- what the app does ------------------------------------------------------------------

    def serve(self, operation: Operation, now: float) -> Reply:
        """What the app makes of an operation that has arrived."""
        if operation.kind == "sign_in":
            return self._sign_in(operation, now)
        if operation.kind != "submit_report":
            return Reply(AnswerClass.REFUSED, 404, detail="no such thing")
        if not self._is_known(operation):
            return Reply(AnswerClass.AUTH_EXPIRED, 401, detail="sign in first")
        if not self._may_strike(operation):
            return Reply(AnswerClass.REFUSED, 404, detail="not on the list")
        return self._take(operation, now)

    def _is_known(self, operation: Operation) -> bool:
        if operation.channel == "voice":
            open_ = self.menus.live(operation.call)
            return open_ is not None and open_.signed_in
        return self._account(operation).signed_in

    def _may_strike(self, operation: Operation) -> bool:
        person = operation.actor
        own = person.role == "operator" or operation.record.startswith(f"{person.record}-")
        return own and operation.record in self._listed

    def _account(self, operation: Operation) -> _Account:
        return self._accounts.setdefault(operation.actor.key, _Account())

    def _sign_in(self, operation: Operation, now: float) -> Reply:
        account = self._account(operation)
        if now < account.locked_until:
            return Reply(AnswerClass.LOCKED_OUT, 423, detail="locked")
        if operation.codes != operation.actor.codes:
            account.wrong += 1
            if account.wrong >= self.settings.wrong_codes:
                account.locked_until, account.wrong = now + self.settings.lock_seconds, 0
            return Reply(AnswerClass.REFUSED, 401, detail="wrong PIN")
        account.wrong = 0
        open_ = self.menus.live(operation.call) if operation.channel == "voice" else None
        if open_ is not None:
            open_.signed_in = True
        elif operation.channel != "voice":
            account.signed_in = True
        return Reply(AnswerClass.ACCEPTED, 200)

    def _take(self, operation: Operation, now: float) -> Reply:
        before = self._by_record.get(operation.record)
        if before is not None:
            return Reply(AnswerClass.ALREADY_HAVE_IT, 200, before.id)
        return Reply(AnswerClass.ACCEPTED, 201, self._store(operation, now).id)

    def _store(self, operation: Operation, now: float) -> Stored:
        assert operation.values is not None
        stored = Stored(
            f"s{len(self.struck) + 1}", operation.key, operation.record, operation.version,
            operation.values, now,
        )  # fmt: skip
        if now >= self._batch_from + COMMIT_EVERY:
            self._batch_from = now
        self.struck.append(stored)
        self._by_record.setdefault(operation.record, stored)
        return stored

    def went_down(self, outage: Outage) -> None:
        """With the defect ``state_lost_on_restart``, what was not committed is gone."""
        if "state_lost_on_restart" not in self.settings.defects:
            return
        if outage.start < self._batch_from + COMMIT_EVERY:
            self.struck = [each for each in self.struck if each.at < self._batch_from]
            self._by_record = {each.record: each for each in reversed(self.struck)}
        self._batch_from = -COMMIT_EVERY
