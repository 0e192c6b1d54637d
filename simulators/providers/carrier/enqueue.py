"""Enqueue and Leave: a caller waits in a queue of the app's (docs: voice/twiml/enqueue).

While a caller waits, the app's waiting document is asked for again whenever it ends. A waiting
document that is no part of the drill, such as hold music on the provider's servers, is silence.
"""

from __future__ import annotations

from simulators.providers.carrier.addresses import led_to
from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.events import Goto, Left, Over, Redirected, TakenOut
from simulators.providers.carrier.queues import CallQueue, Member
from simulators.providers.carrier.twiml import Verb

__all__ = ["enqueue"]

WHILE_WAITING = frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
LARGEST_NAME = 64


async def enqueue(call: PhoneCall, verb: Verb) -> Goto | None:
    """Wait in the queue; goes to the action with what came of it."""
    clock, queues = call.exchange.clock, call.exchange.queues
    name = verb.text or "default"
    if len(name) > LARGEST_NAME:
        return _result(call, verb, {"QueueResult": "error"})
    queue = queues.open(name, clock.unix())
    limit = verb.number("maxQueueSize", queue.max_size, low=1)
    member = Member(call, clock.now(), clock.unix())
    if not queue.join(member, limit):
        return _result(call, verb, {"QueueResult": "queue-full", "QueueTime": "0"}, queue)
    call.queue = queue.name
    try:
        how = await _wait(call, verb, queue, member)
    except (Over, Redirected) as end:
        how = "redirected" if isinstance(end, Redirected) else "hangup"
        if (goto := _result(call, verb, _facts(call, queue, member, how), queue)) is not None:
            call.send_aside(goto)
        raise
    finally:
        queue.leave(call.sid, clock.now())
        call.queue = ""
    return _result(call, verb, _facts(call, queue, member, how), queue)


async def _wait(call: PhoneCall, verb: Verb, queue: CallQueue, member: Member) -> str:
    """Wait until taken out, or until the waiting document says otherwise."""
    back = call.url
    try:
        while True:
            await _wait_once(call, verb, queue, member)
            call.url = back
    except Left:
        return "leave"
    except TakenOut as taken:
        call.url = back
        await _talk(call, taken)
        return "bridged"
    finally:
        call.url = back


async def _wait_once(call: PhoneCall, verb: Verb, queue: CallQueue, member: Member) -> None:
    """The waiting document, once through."""
    url = verb.get("waitUrl")
    if not url or not call.exchange.web.may_ask(led_to(call.url, url)):
        await call.listen(None)
        return
    method = verb.get("waitUrlMethod", "POST").upper()
    following: Goto | None = Goto(url, method, {}, "wait")
    while following is not None:
        params = {**following.params, **_waiting(call, queue, member)}
        document = await call.fetch(Goto(following.url, following.method, params, "wait"))
        following = await call.perform(call, document, WHILE_WAITING)


async def _talk(call: PhoneCall, taken: TakenOut) -> None:
    """Hear the greeting, if there is one, then talk until they part."""
    try:
        if taken.greeting is not None:
            await call.perform(call, await call.fetch(taken.greeting), frozenset())
        await call.listen(None, taken.parted)
    finally:
        taken.part()


def _waiting(call: PhoneCall, queue: CallQueue, member: Member) -> dict[str, str]:
    """What a waiting document is asked with."""
    return {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.position(call.sid)),
        "QueueTime": str(round(call.exchange.clock.now() - member.since)),
        "AvgQueueTime": str(round(queue.average_wait)),
        "CurrentQueueSize": str(len(queue.members)),
        "MaxQueueSize": str(queue.max_size),
    }


def _facts(call: PhoneCall, queue: CallQueue, member: Member, how: str) -> dict[str, str]:
    """What the action is told; waiting ended when the call was taken out, if it was."""
    until = call.exchange.clock.now() if member.left is None else member.left
    facts = {
        "QueueResult": how,
        "QueueSid": queue.sid,
        "QueueTime": str(round(until - member.since)),
    }
    return facts | {"CallStatus": "completed"} if how == "hangup" else facts


def _result(
    call: PhoneCall, verb: Verb, params: dict[str, str], queue: CallQueue | None = None
) -> Goto | None:
    """Where the action is, if the app gave one."""
    if not (action := verb.get("action")):
        return None
    if queue is not None:
        params = {"QueueSid": queue.sid, **params}
    return Goto(action, verb.get("method", "POST").upper(), params, "action")
