"""A call from its first ring to its end: documents fetched, and played verb by verb.

What each verb does is in the file of its name. Verbs run from the top; the end of a document is
the end of the call, unless a verb led to another document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.dial import dial
from simulators.providers.carrier.enqueue import enqueue
from simulators.providers.carrier.events import Goto, Left, Over, Redirected
from simulators.providers.carrier.gather import gather
from simulators.providers.carrier.listener import Listener
from simulators.providers.carrier.message_verb import send_text
from simulators.providers.carrier.prompts import prompt
from simulators.providers.carrier.recording import take_recording
from simulators.providers.carrier.twiml import Document, Verb

__all__ = ["carry", "perform"]


async def carry(call: PhoneCall) -> None:
    """Carry a call to its end, whatever that is."""
    over = Over("failed")
    call.perform = perform
    try:
        await _begin(call)
        await _play(call)
    except Over as end:
        over = end
    finally:
        call.finish(over.cause, over.code)


async def _begin(call: PhoneCall) -> None:
    """Until the first document is asked for: ringing, and for a call out, the answer.

    Raises:
        Over: If nobody answers, or the carrier is silent.
    """
    if call.direction != "inbound":
        call.status = "ringing"
        call.tell("initiated")
    call.tell("ringing")
    call.ring()
    if call.exchange.faults.strikes("silence"):
        await _ring_out(call)
    if isinstance(call.ear, Listener):
        await _far_end(call, call.ear)


async def _far_end(call: PhoneCall, listener: Listener) -> None:
    """Whoever the app calls picks up, or does not."""
    far_end = listener.far_end
    if far_end.result == "busy":
        raise Over("busy")
    if far_end.result == "failed":
        raise Over("failed")
    if far_end.result == "no-answer":
        await _ring_out(call)
    await call.listen(far_end.pick_up)
    call.answer()
    call.stay(far_end.talk)


async def _ring_out(call: PhoneCall) -> None:
    await call.listen(call.exchange.manners.ring)
    raise Over("no answer")


async def _play(call: PhoneCall) -> None:
    """Documents, one after another, until one ends.

    Raises:
        Over: Always: so ends every call.
    """
    following: Goto | Document | None = call.document or Goto(
        call.hook.url, call.hook.method, {}, "voice"
    )
    while following is not None:
        try:
            if isinstance(following, Goto):
                following = await call.fetch(following)
            following = await perform(call, following)
        except Redirected as away:
            following = away.document or away.goto
    if call.direction == "outbound-dial":
        await call.listen(None)  # who was dialled has heard what was to be heard, and talks
    raise Over("app_hung_up")


async def perform(
    call: PhoneCall, document: Document, only: frozenset[str] = frozenset()
) -> Goto | None:
    """Play a document's verbs; returns the document that one of them led to.

    Args:
        only: Verbs that may be played here; none names them all. Others are passed over.
    """
    for verb in document.verbs:
        if only and verb.name not in only:
            continue
        if verb.name not in ("Reject", "Redirect") and not _rings_on(call, verb):
            call.answer()
        goto = await _VERBS[verb.name](call, verb)
        if goto is not None:
            return goto
    call.answer()
    return None


def _rings_on(call: PhoneCall, verb: Verb) -> bool:
    """A pause at the top lets the phone ring; so does a bridge that answers when it is made."""
    return call.answered_at is None and (
        verb.name == "Pause" or (verb.name == "Dial" and verb.get("answerOnBridge") == "true")
    )


async def _redirect(call: PhoneCall, verb: Verb) -> Goto:
    return Goto(verb.text or call.url, verb.get("method", "POST").upper(), {}, "menu")


async def _reject(call: PhoneCall, verb: Verb) -> None:
    raise Over("busy" if verb.get("reason") == "busy" else "failed")


async def _hang_up(call: PhoneCall, verb: Verb) -> None:
    raise Over("app_hung_up")


async def _leave(call: PhoneCall, verb: Verb) -> None:
    """Outside a queue there is nothing to leave."""
    if call.queue:
        raise Left("left the queue")


_VERBS: dict[str, Callable[[PhoneCall, Verb], Awaitable[Goto | None]]] = {
    "Say": prompt,
    "Play": prompt,
    "Pause": prompt,
    "Gather": gather,
    "Record": take_recording,
    "Dial": dial,
    "Enqueue": enqueue,
    "Leave": _leave,
    "Redirect": _redirect,
    "Reject": _reject,
    "Hangup": _hang_up,
    "Sms": send_text,
    "Message": send_text,
}
