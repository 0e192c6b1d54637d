"""The network of text messages: people text the app, and the app texts people.

A text from a person reaches the app as a signed webhook, whose answer may hold replies (docs:
messaging/guides/webhook-request, messaging/twiml). A text from the app waits its turn, a segment
a second for each number unless the profile says otherwise, and the app is told how it fares: never
of the first status, then ``sent``, then ``delivered`` (docs: messaging/guides/outbound-message-
status-in-status-callbacks). All times are wall time: they are the provider's and the network's.

A person who texts STOP is texted no more by an app that honours it. The network does not stop an
app that goes on: it marks such a text as unwanted, counts it and writes it to the log as 21610.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from simulators.providers.carrier import segments
from simulators.providers.carrier.config import Hook, Number
from simulators.providers.carrier.exchange import Premises, Texted
from simulators.providers.carrier.hearing import Rule
from simulators.providers.carrier.log import Entry, Log
from simulators.providers.carrier.mailbox import Mailbox, Waiting
from simulators.providers.carrier.message import (
    FINAL,
    Message,
    opts_in,
    opts_out,
    webhook_params,
)
from simulators.providers.carrier.pace import Pace
from simulators.providers.carrier.profile import Profile
from simulators.providers.carrier.text_answer import TextAnswer, read_answer
from simulators.providers.carrier.text_reports import TextReports
from simulators.providers.carrier.transport import Reply
from simulators.providers.carrier.webhook import Ask, Fetched, Reading

__all__ = ["TextNetwork", "UnknownNumberError"]

PATIENCE = 30.0
"""Wall seconds that somebody waits for a reply, unless they say."""
QUEUE_EXPIRED = 30001
AFTER_STOP = 21610
_REDIRECTS = 10
_APART = 0.2


class UnknownNumberError(ValueError):
    """Nobody in this drill has that number."""


class TextNetwork:
    """All texts of one account.

    Attributes:
        messages: By sid, in the order in which they were made.
        counts: ``received`` from people and ``sent`` to them, ``lost``, ``failed``, ``opted_out``
            (STOPs), ``unwanted`` (sent to a person after their STOP).
    """

    def __init__(self, exchange: Premises, log: Log, profile: Profile) -> None:
        self._exchange = exchange
        self._log = log
        self._profile = profile
        self._mailbox = Mailbox()
        self._reports = TextReports(exchange)
        self._paces: dict[str, Pace] = {}
        self._stopped: set[tuple[str, str]] = set()
        self.messages: dict[str, Message] = {}
        self.counts: Counter[str] = Counter()

    # From people to the app.

    async def send_in(
        self,
        *,
        key: str,
        from_: str,
        to: str,
        body: str,
        replies: Sequence[Rule] = (),
        within: float | None = None,
    ) -> Texted:
        """A person texts the app and waits for a reply.

        Args:
            key: Name of the text, from which its sid and its luck are drawn.
            replies: What a reply means: the first rule that matches decides.
            within: Wall seconds until this person stops waiting.

        Raises:
            UnknownNumberError: If ``to`` is not a number of the app.
        """
        number = self._number(to)
        bodies = self._on_the_way(key, body)
        waiting = Waiting(replies, len(bodies) if set(bodies) != {body} and bodies else 1)
        self._mailbox.wait(from_, to, waiting)
        try:
            self._exchange.tasks.start(self._arrive_in_turn(key, from_, number, bodies, waiting))
            async with asyncio.timeout(PATIENCE if within is None else within):
                await waiting.over.wait()
        except TimeoutError:
            pass  # what they make of it is in the verdict
        finally:
            self._mailbox.leave(from_, to, waiting)
        return Texted(waiting.verdict(), "\n".join(waiting.replies), segments.count(body))

    def _number(self, to: str) -> Number:
        number = self._exchange.numbers.get(to)
        if number is None:
            known = ", ".join(self._exchange.numbers)
            raise UnknownNumberError(f"{to} is not a number of the app; its numbers are {known}")
        return number

    def _parts(self, body: str) -> list[str]:
        """The messages that a text arrives as while the network splits."""
        fault = self._exchange.faults.on("sms_split")
        if fault is None:
            return [body]
        size = fault.characters
        if size is None:
            return segments.split(body)
        return [body[begin : begin + size] for begin in range(0, len(body), size)] or [body]

    def _on_the_way(self, key: str, body: str) -> list[str]:
        """What becomes of a text: nothing, itself, two of it, or its parts in another order."""
        faults = self._exchange.faults
        if faults.strikes("sms_loss", key):
            self.counts["lost"] += 1
            return []
        parts = self._parts(body)
        if len(parts) > 1:
            faults.strikes("sms_split", key)
            mixed = parts[:]
            self._exchange.ids.draws("sms_split", key).shuffle(mixed)
            return mixed if mixed != parts else [*parts[1:], parts[0]]
        return [body, body] if faults.strikes("sms_doubled", key) else [body]

    async def _arrive_in_turn(
        self, key: str, from_: str, number: Number, bodies: Sequence[str], waiting: Waiting
    ) -> None:
        """Several messages reach the provider one after the other, a moment apart at most."""
        for index, body in enumerate(bodies):
            name = f"{key}/{index}" if index else key
            arriving = self._exchange.tasks.start(self._arrive(name, from_, number, body, waiting))
            await asyncio.wait({arriving}, timeout=_APART)

    async def _arrive(
        self, key: str, from_: str, number: Number, body: str, waiting: Waiting | None
    ) -> None:
        """One message reaches the provider, and the app is asked."""
        await self._delay()
        now = self._exchange.clock.unix()
        sid = self._exchange.ids.sid("SM", f"text/{key}")
        message = Message(
            sid, from_, number.number, body, "inbound", "received", now, now, sent=now
        )
        self.messages[sid] = message
        self.counts["received"] += 1
        if opts_in(body):
            self._stopped.discard((from_, number.number))
        if number.text is not None:
            await self._ask_app(message, number, number.text, waiting)
        if opts_out(body):
            self.counts["opted_out"] += 1
            self._stopped.add((from_, number.number))

    async def _ask_app(
        self, message: Message, number: Number, hook: Hook, waiting: Waiting | None
    ) -> None:
        """The webhook of an inbound text; its redirects are followed and its replies sent."""
        url, method = hook.url, str(hook.method)
        for _ in range(_REDIRECTS):
            fetched = await self._fetch(message, number, hook, url, method)
            if fetched.value is None:
                return
            for reply in fetched.value.replies:
                self._send(
                    reply.from_ or message.to,
                    reply.to or message.from_,
                    reply.body,
                    direction="outbound-reply",
                    callback=reply.callback,
                    waiting=waiting,
                )
            if not fetched.value.redirect:
                return
            url, method = fetched.value.redirect, fetched.value.redirect_method

    async def _fetch(
        self, message: Message, number: Number, hook: Hook, url: str, method: str
    ) -> Fetched[TextAnswer]:
        """One webhook of an inbound text."""
        ask = Ask(
            purpose="text",
            line=number.name,
            sid=message.sid,
            url=url,
            method=method,
            params=webhook_params(message, self._exchange.account),
            token=self._exchange.ids.token(f"text/{message.sid}/{url}"),
            fallback=hook.fallback,
            fallback_method=hook.fallback_method,
        )
        where = url.partition("#")[0]
        longest = self._profile.text_characters
        return await self._exchange.web.ask(ask, lambda reply: _reading(reply, where, longest))

    # From the app to people.

    def send_out(self, *, from_: str, to: str, body: str, callback: str = "") -> Message:
        """The app texts a person. The message is queued and goes on its way by itself.

        Args:
            callback: URL that is told how it fares; empty for none.
        """
        return self._send(from_, to, body, direction="outbound-api", callback=callback)

    def cancel(self, message: Message) -> bool:
        """Take back a message that has not left; False if it is too late."""
        if message.status != "queued":
            return False
        self._become(message, "canceled")
        return True

    def _send(
        self,
        from_: str,
        to: str,
        body: str,
        *,
        direction: str,
        callback: str = "",
        waiting: Waiting | None = None,
    ) -> Message:
        now = self._exchange.clock.unix()
        sid = self._exchange.ids.sid("SM", self._exchange.ids.next("message"))
        message = Message(sid, from_, to, body, direction, "queued", now, now, callback=callback)
        message.unwanted = (to, from_) in self._stopped
        self.messages[sid] = message
        self.counts["sent"] += 1
        if message.unwanted:
            self.counts["unwanted"] += 1
            line = self._line(from_)
            detail = "sent to a person after their STOP"
            entry = Entry(now, 0.0, "unwanted", line, sid, error=AFTER_STOP, detail=detail)
            self._log.write(entry)
        self._exchange.tasks.start(self._carry(message, waiting))
        return message

    async def _carry(self, message: Message, waiting: Waiting | None) -> None:
        """A message's way from the queue to a phone."""
        turn = self._turn(message)
        await asyncio.sleep(min(turn, self._profile.texts_wait_seconds))
        if message.status in FINAL:
            return
        if turn > self._profile.texts_wait_seconds:
            message.error = QUEUE_EXPIRED
            self.counts["failed"] += 1
            self._become(message, "failed")
            self._reports.tell(message, ["failed"])
            return
        message.sent = self._exchange.clock.unix()
        self._become(message, "sent")
        held = bool(message.callback) and self._exchange.faults.strikes("reordered", message.sid)
        told = None if held else self._reports.tell(message, ["sent"])
        await self._delay()
        bodies = self._on_the_way(message.sid, message.body)
        if bodies:
            self._become(message, "delivered")
            self._reports.tell(message, ["delivered", "sent"] if held else ["delivered"], told)
        elif held:
            self._reports.tell(message, ["sent"])
        for body in bodies:
            self._mailbox.deliver(message.to, message.from_, body, waiting)

    def _turn(self, message: Message) -> float:
        """Wall seconds until it is a message's turn to leave."""
        pace = self._paces.get(message.from_)
        if pace is None:
            pace = self._paces[message.from_] = Pace(self._profile.segments_per_second)
        return pace.wait(asyncio.get_running_loop().time(), message.parts)

    def _become(self, message: Message, status: str) -> None:
        message.status = status
        message.updated = self._exchange.clock.unix()

    # Both ways.

    def _line(self, number: str) -> str:
        known = self._exchange.numbers.get(number)
        return known.name if known is not None else ""

    async def _delay(self) -> None:
        """A network that is late; wall seconds."""
        late = self._exchange.faults.on("sms_delay")
        if late is not None:
            self._exchange.faults.strikes("sms_delay")
            await asyncio.sleep(late.seconds)


def _reading(reply: Reply, url: str, longest: int) -> Reading[TextAnswer]:
    """An app's answer to a text; one that cannot be read at all has no value."""
    answer = read_answer(reply.content_type, reply.body, url, longest=longest)
    usable = answer.error not in (12100, 12300)
    return Reading(answer if usable else None, answer.error, answer.detail)
