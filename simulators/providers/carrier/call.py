"""One phone call: what is known of it, what is heard and keyed in it, and how it ends.

What the app's documents make a call do is in ``interpreter.py``. Everything a person does takes
drill time; times kept for the app's eyes are seconds since 1970.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any, Protocol, TypeVar

from simulators.phones.trunks import Trunks
from simulators.providers.carrier.addresses import led_to
from simulators.providers.carrier.config import Hook
from simulators.providers.carrier.events import (
    Goto,
    Input,
    Interruption,
    Over,
    Redirected,
    TakenOut,
)
from simulators.providers.carrier.exchange import Ear, Premises
from simulators.providers.carrier.twiml import Document, read_document
from simulators.providers.carrier.webhook import Ask, Cookies, Reader, any_answer

__all__ = ["Exchange", "PhoneCall"]

T = TypeVar("T")
APOLOGY = "We are sorry. An application error has occurred. Goodbye."
LOOP = 11215
_STATUS = {
    "busy": "busy",
    "no answer": "no-answer",
    "failed": "failed",
    "canceled": "canceled",
}


class Exchange(Premises, Protocol):
    """The carrier, as a call sees it."""

    def connect(
        self,
        parent: PhoneCall,
        to: str,
        *,
        ear: Ear | None = None,
        hook: Hook | None = None,
        document: Document | None = None,
        caller_id: str = "",
        within: float = 30,
    ) -> PhoneCall:
        """Make the second leg of a call that dials; nothing happens until :meth:`put_through`.

        Args:
            ear: Hears an own number's app; someone who answers hears for themselves.
        """
        ...

    def put_through(self, call: PhoneCall) -> None:
        """Begin a call; it ends at once if no trunk is free."""
        ...

    def over(self, call: PhoneCall) -> None:
        """A call has ended."""
        ...

    def loop_found(self, call: PhoneCall, detail: str) -> None:
        """An app's documents lead round in a circle."""
        ...


class PhoneCall:
    """One leg of a call.

    Attributes:
        key: Its name; sid, tokens and luck are drawn from it.
        line: Name of the number that it is on.
        hook: Where the app answers for it.
        status: As the provider words it.
        cause: How it ended, in our words; empty while it lasts.
        webhooks: Requests made for it.
        document: Played first, where REST gave one instead of a URL.
        person_keys: Every key that the person pressed, in order, whatever the network made of it.
        garbled: Whether the network has made other keys of some.
    """

    perform: Callable[[PhoneCall, Document, frozenset[str]], Awaitable[Goto | None]]
    """Plays a document's verbs; set by the interpreter, whose verbs play documents themselves."""

    def __init__(
        self,
        exchange: Exchange,
        key: str,
        *,
        direction: str,
        from_: str,
        to: str,
        line: str,
        hook: Hook,
        ear: Ear,
        trunk: str | None = None,
        parent_sid: str = "",
        within: float | None = None,
        time_limit: float = 14_400,
    ) -> None:
        self.exchange = exchange
        self.key = key
        self.sid = exchange.ids.sid("CA", key)
        self.direction = direction
        self.from_ = from_
        self.to = to
        self.line = line
        self.hook = hook
        self.ear = ear
        self.trunk = trunk
        self.parent_sid = parent_sid
        self.within = within
        self.time_limit = time_limit
        self.status = "queued" if direction == "outbound-api" else "ringing"
        self.cause = ""
        self.code = 0
        self.created = exchange.clock.unix()
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.url = hook.url
        self.webhooks = 0
        self.person_keys = ""
        self.garbled = False
        self.cookies: Cookies = {}
        self.queue = ""
        self.document: Document | None = None
        self.trunk_taken: Trunks | None = None
        self._answered_drill = 0.0
        self._talked = 0.0
        self._documents = 0
        self._rush = 0
        self._sequence = 0
        self._gathers = 0
        self._collecting = 0
        self._inputs: deque[Input] = deque()
        self._why: Interruption | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._leaves: asyncio.TimerHandle | None = None
        self._ringing: asyncio.TimerHandle | None = None

    # What the person, the network and REST do to it.

    def press(self, key: str, arrives: str | None = None) -> None:
        """A key is pressed; ``arrives`` is what the network makes of it, if it errs.

        Keys that nothing asks for are heard by nobody, as on the provider's own lines.
        """
        self.person_keys += key
        self.garbled |= arrives is not None and arrives != key
        if self._collecting and not self.cause:
            self._inputs.extend(Input(key=each) for each in (key if arrives is None else arrives))
            self._wake()

    def say(self, words: str) -> None:
        """The person speaks; heard by a verb that listens, else lost."""
        if self._collecting and not self.cause:
            self._inputs.append(Input(speech=words))
            self._wake()

    def hang_up(self, cause: str = "hung_up", code: int = 0) -> None:
        """End the call from outside; nothing happens if it has ended."""
        self.interrupt(Over(cause, code))

    def redirect(self, goto: Goto | None, document: Document | None = None) -> None:
        """Send the call to another document, fetched or given."""
        self.interrupt(Redirected(goto, document))

    def bridge(self, taken: TakenOut) -> None:
        """Take the call out of the queue it waits in; if it is ending, they part at once."""
        self.interrupt(taken)
        if self._why is not taken:
            taken.part()

    def interrupt(self, why: Interruption) -> None:
        """Stop whatever plays; an end outranks everything."""
        if self.cause or (self._why is not None and not isinstance(why, Over)):
            return
        if isinstance(self._why, TakenOut):
            self._why.part()
        self._why = why
        self._wake()

    # What documents need.

    async def listen(
        self, seconds: float | None, other: asyncio.Future[None] | None = None
    ) -> Input | None:
        """Wait ``seconds`` of drill time; sooner if something is keyed or said where asked for.

        Args:
            other: Somebody else's doing that ends the wait too.

        Raises:
            Interruption: If the call is ended or taken elsewhere meanwhile.
        """
        self.check()
        waits = (seconds is None or seconds > 0) and not (other is not None and other.done())
        if not self._inputs and waits:
            timer = None
            if seconds is not None:
                timer = self.exchange.clock.later(seconds, self._wake)
            if other is not None:
                other.add_done_callback(lambda _: self._wake())
            try:
                await self._until_woken()
            finally:
                if timer is not None:
                    timer.cancel()
            self._rush = 0
            self.check()
        if not self._inputs:
            return None
        self._rush = 0
        return self._inputs.popleft()

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Take what is keyed or said within; what is left unread at the end is lost."""
        self._collecting += 1
        self._may_drop()
        try:
            yield
        finally:
            self._collecting -= 1
            if not self._collecting:
                self._inputs.clear()

    def put_back(self, heard: Input) -> None:
        """Something heard that another verb shall take."""
        self._inputs.appendleft(heard)

    def check(self) -> None:
        """Raise what has interrupted the call, if anything has."""
        if self._why is not None:
            why, self._why = self._why, None
            raise why

    async def until(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for work of protocol time; it goes on alone if the call is interrupted."""
        if self._why is not None:
            work.close()  # interrupted already: it is not even begun
        self.check()
        task = self.exchange.tasks.start(work)
        task.add_done_callback(lambda _: self._wake())
        while not task.done():
            await self._until_woken()
            self.check()
        return task.result()  # type: ignore[no-any-return]

    async def fetch(self, goto: Goto) -> Document:
        """Get a document from the app, or from its fallback; relative URLs are then relative to it.

        Raises:
            Over: If neither answers with a document, or documents lead round in a circle.
        """
        self._count_document()
        url = led_to(self.url, goto.url)
        if goto.params.get("Digits") or goto.params.get("SpeechResult"):
            self.ear.sent(self.exchange.clock.unix())
        ask = self.ask(goto.purpose, url, goto.method, goto.params)
        fetched = await self.until(self.exchange.web.ask(ask, read_document))
        if fetched.value is None:
            await self._apologise(fetched.first_error or fetched.error)
        assert fetched.value is not None
        moved = fetched.fallback or fetched.url != url.partition("#")[0]
        self.url = fetched.url if moved else url
        return fetched.value

    def send_aside(self, goto: Goto, read: Reader[Any] = any_answer) -> None:
        """Tell the app something whose answer the call does not wait for."""
        url = led_to(self.url, goto.url)
        ask = self.ask(goto.purpose, url, goto.method, goto.params)
        self.exchange.tasks.start(self.exchange.web.ask(ask, read))

    def ask(self, purpose: str, url: str, method: str, params: Mapping[str, str]) -> Ask:
        """A webhook about this call."""
        self.webhooks += 1
        return Ask(
            purpose,
            self.line,
            self.sid,
            url,
            method,
            {**self.facts(), **params},
            self.exchange.ids.token(f"{self.key}/{self.webhooks}"),
            self.hook.fallback,
            self.hook.fallback_method,
            self.cookies,
            params.get("Digits", "") if self.garbled else "",
        )

    def facts(self) -> dict[str, str]:
        """What every webhook tells of a call (docs: voice/twiml)."""
        facts = {
            "AccountSid": self.exchange.account,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": self.status,
            "Called": self.to,
            "Caller": self.from_,
            "Direction": self.direction,
            "From": self.from_,
            "To": self.to,
            "FromCountry": "US",
            "ToCountry": "US",
        }
        if self.parent_sid:
            facts["ParentCallSid"] = self.parent_sid
        return facts

    @property
    def seconds(self) -> int:
        """Length of the call, in drill seconds, as the app is told it."""
        return round(self._talked)

    def talked(self) -> float:
        """Drill seconds since the answer."""
        if self.answered_at is None:
            return 0.0
        return self.exchange.clock.now() - self._answered_drill

    # How it goes from state to state.

    def ring(self) -> None:
        """The phone rings, until the call is answered or whoever waits gives up."""
        if self.within is not None:
            give_up = self.exchange.clock.later(self.within, lambda: self.hang_up("no answer"))
            self._ringing = give_up

    def answer(self) -> None:
        """The call is connected, from now on."""
        if self.answered_at is None:
            if self._ringing is not None:
                self._ringing.cancel()
            self.answered_at = self.exchange.clock.unix()
            self._answered_drill = self.exchange.clock.now()
            self.status = "in-progress"
            self._timers.append(
                self.exchange.clock.later(self.time_limit, lambda: self.hang_up("app_hung_up"))
            )
            self.tell("answered")
            self.ear.answered()

    def stay(self, seconds: float | None) -> None:
        """The person at the far end hangs up after this much drill time; None: not by itself."""
        if self._leaves is not None:
            self._leaves.cancel()
        self._leaves = None if seconds is None else self.exchange.clock.later(seconds, self.hang_up)

    def tell(self, event: str, **more: str) -> None:
        """Send a status callback on the side, if the app asked for this event."""
        if not self.hook.status or event not in self.hook.events:
            return
        self.webhooks += 1
        number, self._sequence = self._sequence, self._sequence + 1
        params = {
            **self.facts(),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(number),
            "Timestamp": formatdate(self.exchange.clock.unix()),
            **more,
        }
        token = self.exchange.ids.token(f"{self.key}/status/{number}")
        method, url = self.hook.status_method, self.hook.status
        ask = Ask("status", self.line, self.sid, url, method, params, token)
        self.exchange.tasks.start(self._tell_later(ask))

    def finish(self, cause: str, code: int = 0, *, unheard_of: bool = False) -> None:
        """The call is over: tell everyone, once.

        Args:
            unheard_of: The app never learns that there was a call: it found no line free.
        """
        if self.cause:
            return
        self._talked = self.talked()
        self.cause, self.code = cause, code
        self.ended_at = self.exchange.clock.unix()
        self.status = _STATUS.get(cause, "completed")
        if self.answered_at is not None:
            self.status = "completed"
        elif self.status == "completed":
            self.status = "canceled" if self.direction.startswith("outbound") else "no-answer"
        self.stay(None)
        for timer in (*self._timers, self._ringing):
            if timer is not None:
                timer.cancel()
        self.exchange.over(self)
        self.ear.ended(cause, code)
        if unheard_of:
            return
        duration = str(self.seconds)
        more = {"CallDuration": duration, "Duration": str(-(-self.seconds // 60))}
        if self.status == "no-answer":
            more["SipResponseCode"] = "487"
        self.tell("completed", **more)

    async def _tell_later(self, ask: Ask) -> None:
        if self.exchange.faults.strikes("reordered", ask.token):
            draws = self.exchange.ids.draws("reordered", self.key, ask.params["SequenceNumber"])
            await asyncio.sleep(draws.uniform(0, 2))
        await self.exchange.web.ask(ask, any_answer)

    async def _apologise(self, code: int) -> None:
        """The app failed: a recorded sentence, if anybody listens, and the end."""
        if self.answered_at is not None:
            words = len(APOLOGY.split())
            await self.listen(words / self.exchange.manners.words_per_second)
            self.ear.heard(APOLOGY)
        raise Over("failed", code)

    def _count_document(self) -> None:
        self._documents += 1
        self._rush += 1
        manners = self.exchange.manners
        if self._documents > manners.documents or self._rush > manners.rush:
            self.exchange.loop_found(
                self,
                f"documents in a circle: {self._documents} in this call, {self._rush} of them in a "
                f"row in which nothing was heard or keyed; the last was {self.url}",
            )
            raise Over("failed", LOOP)

    def _may_drop(self) -> None:
        """The network may drop a call while something is asked for: at the first to third time."""
        self._gathers += 1
        faults = self.exchange.faults
        if faults.on("drop") is None:
            return
        draws = self.exchange.ids.draws("drop", self.key)
        if self._gathers == draws.randint(1, 3) and faults.strikes("drop", self.key):
            delay = draws.uniform(0, 8)
            self._timers.append(self.exchange.clock.later(delay, lambda: self.hang_up("dropped")))

    async def _until_woken(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
