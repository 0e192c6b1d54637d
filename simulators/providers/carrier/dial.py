"""Dial: the caller is put through (docs: voice/twiml/dial). Nothing is ever dialled outside.

Another number of the app's is rung, and answered by the app. The longest-waiting caller of a queue
is taken out of it. Anybody else is data: the configuration says whether they would answer.
"""

from __future__ import annotations

import asyncio

from simulators.providers.carrier.addresses import led_to
from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.config import Hook
from simulators.providers.carrier.events import Goto, Over, TakenOut
from simulators.providers.carrier.listener import Listener
from simulators.providers.carrier.queues import CallQueue, Member
from simulators.providers.carrier.twiml import Document, Verb

__all__ = ["dial"]

_EVENTS = ("initiated", "ringing", "answered", "completed")
_RESULTS = {"busy": "busy", "no answer": "no-answer", "canceled": "canceled"}


async def dial(call: PhoneCall, verb: Verb) -> Goto | None:
    """Put the caller through; goes to the action with what came of it."""
    queue = next((each for each in verb.children if each.name == "Queue"), None)
    result = {"DialCallStatus": "failed"}
    try:
        if queue is not None:
            await _take_from_queue(call, verb, queue, result)
        else:
            await _ring(call, verb, result)
    except Over:
        # whoever dialled is gone: the app is told, and its answer comes too late
        if (goto := _action(verb, result | {"CallStatus": "completed"})) is not None:
            call.send_aside(goto)
        raise
    call.answer()
    return _action(verb, result)


def _action(verb: Verb, params: dict[str, str]) -> Goto | None:
    """Where the action is, if the app gave one."""
    if not (action := verb.get("action")):
        return None
    return Goto(action, verb.get("method", "POST").upper(), params, "action")


async def _ring(call: PhoneCall, verb: Verb, result: dict[str, str]) -> None:
    """Ring everybody named, one after another or all at once; talk to the first who answers.

    Args:
        result: What the app is told, filled in as it goes: the call may end at any moment.
    """
    legs = [Leg(call, verb, target) for target in _targets(verb)]
    if not legs:
        return
    result["DialCallStatus"] = "canceled"
    groups = [[leg] for leg in legs] if verb.get("sequential") == "true" else [legs]
    try:
        for group in groups:
            for leg in group:
                leg.begin()
            first = await _first_answered(call, group)
            if first is not None:
                call.answer()
                try:
                    await _talk(call, verb, first)
                finally:
                    result.update(first.result(bridged=True))
                return
        result.update(legs[-1].result(bridged=False))
    finally:
        for leg in legs:
            leg.end()


async def _first_answered(call: PhoneCall, legs: list[Leg]) -> Leg | None:
    """Whoever answers first, the others being left alone; None if nobody does."""
    while True:
        for leg in legs:
            if leg.connected.done():
                for other in legs:
                    if other is not leg:
                        other.end()
                return leg
        pending = [leg for leg in legs if not leg.over.done()]
        if not pending:
            return None
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for leg in pending:
            leg.on_change = changed
        await call.listen(None, changed)


async def _talk(call: PhoneCall, verb: Verb, leg: Leg) -> None:
    """Until one of them hangs up, the time limit, or the caller's star."""
    clock = call.exchange.clock
    ends = clock.now() + verb.number("timeLimit", 14_400, low=1)
    star = verb.get("hangupOnStar") == "true"
    with call.collecting():
        while not leg.over.done() and (left := ends - clock.now()) > 0:
            heard = await call.listen(left, leg.over)
            if heard is None:
                continue
            if heard.key == "*" and star:
                return
            leg.pass_on(heard.key, heard.speech)


class Leg:
    """The second leg of a dialled call, and what the caller hears of it."""

    def __init__(self, caller: PhoneCall, verb: Verb, target: Verb) -> None:
        loop = asyncio.get_running_loop()
        self.connected: asyncio.Future[None] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self.on_change: asyncio.Future[None] | None = None
        self._caller = caller
        self._begun = False
        to = target.text
        url = target.get("url")
        self._call = caller.exchange.connect(
            caller,
            to,
            ear=self,
            hook=_hook(caller, target),
            document=None if url else Document(()),
            caller_id=verb.get("callerId"),
            within=verb.number("timeout", 30, low=1),
        )
        if isinstance(self._call.ear, Listener):
            self._call.ear.told = self

    def begin(self) -> None:
        """Ring."""
        self._begun = True
        self._caller.exchange.put_through(self._call)

    def end(self) -> None:
        """Stop ringing, or hang up."""
        if self._begun:
            answered = self._call.answered_at is not None
            self._call.hang_up("app_hung_up" if answered else "canceled")

    def pass_on(self, key: str, speech: str) -> None:
        """What the caller keys or says reaches whoever answered."""
        if key:
            self._call.press(key)
        if speech:
            self._call.say(speech)

    def result(self, *, bridged: bool) -> dict[str, str]:
        """What the dialling app is told."""
        status = "completed" if bridged else _RESULTS.get(self._call.cause, "failed")
        return {
            "DialCallStatus": status,
            "DialCallSid": self._call.sid,
            "DialCallDuration": str(round(self._call.talked())) if bridged else "0",
            "DialBridged": "true" if bridged else "false",
        }

    def answered(self) -> None:
        """Somebody picked up."""
        if not self.connected.done():
            self.connected.set_result(None)
        self._changed()

    def heard(self, words: str) -> None:
        """The caller hears what the other leg hears of its app."""
        self._caller.ear.heard(words)

    def undecided(self) -> float:
        """As undecided as the caller is."""
        return self._caller.ear.undecided()

    def sent(self, at: float) -> None:
        """What the caller keyed went out."""
        self._caller.ear.sent(at)

    def ended(self, cause: str, code: int) -> None:
        """The other leg is over."""
        if not self.over.done():
            self.over.set_result(None)
        self._changed()

    def _changed(self) -> None:
        if self.on_change is not None and not self.on_change.done():
            self.on_change.set_result(None)


def _targets(verb: Verb) -> list[Verb]:
    return [*verb.children] or ([Verb("Number", {}, verb.text)] if verb.text else [])


def _hook(call: PhoneCall, target: Verb) -> Hook | None:
    """Where the app hears of the second leg, and what it plays to whoever answers."""
    url, status = target.get("url"), target.get("statusCallback")
    if not url and not status:
        return None
    wanted = set(target.get("statusCallbackEvent", "completed").split())
    return Hook.model_construct(
        url=led_to(call.url, url),
        method=target.get("method", "POST").upper(),
        fallback="",
        fallback_method="POST",
        status=led_to(call.url, status) if status else "",
        status_method=target.get("statusCallbackMethod", "POST").upper(),
        events=tuple(each for each in _EVENTS if each in wanted),
    )


async def _take_from_queue(
    call: PhoneCall, verb: Verb, target: Verb, result: dict[str, str]
) -> None:
    """Wait for a caller, take the one who has waited longest, and talk until one hangs up."""
    queue = call.exchange.queues.by_name.get(target.text)
    if queue is None:
        return
    call.answer()
    call.stay(None)
    result["DialCallStatus"] = "no-answer"
    member = await _next_caller(call, verb, queue)
    if member is None:
        return
    if isinstance(call.ear, Listener):
        call.stay(call.ear.far_end.talk)
    clock = call.exchange.clock
    began = clock.now()
    try:
        await _bridge(call, verb, member, _greeting(call, target, member))
    finally:
        result["DialCallStatus"] = "completed"
        result["DialCallSid"] = member.call.sid
        result["DialCallDuration"] = str(round(clock.now() - began))
        result["DialBridged"] = "true"


async def _next_caller(call: PhoneCall, verb: Verb, queue: CallQueue) -> Member | None:
    """Whoever has waited longest, taken out of the queue; None if nobody comes in time."""
    clock = call.exchange.clock
    ends = clock.now() + verb.number("timeout", 30, low=1)
    while (member := queue.front()) is None:
        if (left := ends - clock.now()) <= 0:
            return None
        await call.listen(left, queue.arrival())
    return queue.leave(member.call.sid, clock.now())


async def _bridge(call: PhoneCall, verb: Verb, member: Member, greeting: Goto | None) -> None:
    """Talk to a caller taken out of a queue."""
    parted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    taken = TakenOut(parted, greeting)
    member.call.bridge(taken)
    try:
        await call.listen(verb.number("timeLimit", 14_400, low=1), parted)
    finally:
        taken.part()


def _greeting(call: PhoneCall, target: Verb, member: Member) -> Goto | None:
    """What the waiting caller hears before being put through (docs: voice/twiml/queue)."""
    if not (url := target.get("url")):
        return None
    waited = (member.left or 0.0) - member.since
    params = {"QueueTime": str(round(waited)), "DequeingCallSid": call.sid}
    return Goto(led_to(call.url, url), target.get("method", "POST").upper(), params, "action")
