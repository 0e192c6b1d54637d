"""Gather: keys pressed or words spoken, sent to the app (docs: voice/twiml/gather).

The wait begins when the prompts in it have ended, or with the first key, which stops them; each
key begins it anew. A finishing key alone, like silence, is no answer: the document goes on, unless
the app asked to be told of that too.
"""

from __future__ import annotations

from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.events import Goto, Input
from simulators.providers.carrier.prompts import listen_to
from simulators.providers.carrier.twiml import Verb

__all__ = ["gather"]

CONFIDENCE = "0.9"
"""Told of words that were understood."""


async def gather(call: PhoneCall, verb: Verb) -> Goto | None:
    """Ask, take what is keyed or said, and go to the action with it."""
    with call.collecting():
        for child in verb.children:
            if not await listen_to(call, child):
                break
        taken = await _take(call, verb)
    if not any(taken.values()) and verb.get("actionOnEmptyResult") != "true":
        return None
    if not taken:
        taken = {"Digits": ""} if "dtmf" in verb.get("input", "dtmf") else {"SpeechResult": ""}
    method = verb.get("method", "POST").upper()
    return Goto(verb.get("action") or call.url, method, taken, "action")


async def _take(call: PhoneCall, verb: Verb) -> dict[str, str]:
    """What is keyed until the count, the finishing key or silence; or what is said."""
    kinds = verb.get("input", "dtmf").split()
    finish = _finish_key(verb)
    wanted = int(verb.number("numDigits", 0, low=1))
    timeout = verb.number("timeout", 5)
    digits = ""
    while True:
        heard = await _next(call, timeout)
        if heard is None:
            break
        if heard.speech:
            if "speech" in kinds and not digits:
                return {"SpeechResult": heard.speech, "Confidence": CONFIDENCE}
            continue
        if "dtmf" not in kinds:
            continue
        if _finishes(heard, finish):
            break
        digits += heard.key
        if wanted and len(digits) >= wanted:
            break
    return {"Digits": digits} if digits else {}


async def _next(call: PhoneCall, timeout: float) -> Input | None:
    """The next key or words; a person whom the drill has yet to tell what to do is waited for."""
    heard = await call.listen(timeout)
    while heard is None and (grace := call.ear.undecided()) > 0:
        heard = await call.listen(call.exchange.clock.drill(min(grace, 0.02)))
    return heard


def _finishes(heard: Input, finish: str) -> bool:
    return bool(finish) and heard.key == finish


def _finish_key(verb: Verb) -> str:
    """The finishing key: ``#`` unless another is named; empty for none."""
    key = verb.attributes.get("finishOnKey", "#").strip()
    return key if len(key) <= 1 and key in "0123456789#*" else "#"
