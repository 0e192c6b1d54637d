"""Record: what a caller says after the beep (docs: voice/twiml/record)."""

from __future__ import annotations

from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.events import Goto, Over
from simulators.providers.carrier.exchange import Recording
from simulators.providers.carrier.twiml import Verb
from simulators.providers.carrier.webhook import any_answer

__all__ = ["BEEP", "take_recording"]

BEEP = "(beep)"
"""What a caller hears before speaking."""
EVERY_KEY = "1234567890*#"


async def take_recording(call: PhoneCall, verb: Verb) -> Goto | None:
    """Record until a key, silence or the longest length; an empty recording is passed over."""
    if verb.get("playBeep", "true") != "false":
        call.ear.heard(BEEP)
    words: list[str] = []
    began = call.exchange.clock.now()
    try:
        with call.collecting():
            key = await _listen(call, verb, words)
    except Over:
        if words:
            _ended_by_hanging_up(call, verb, words, began)
        raise
    if not words and not key:
        return None
    params = _keep(call, words, began) | {"Digits": key}
    _tell(call, verb, params)
    method = verb.get("method", "POST").upper()
    return Goto(verb.get("action") or call.url, method, params, "action")


async def _listen(call: PhoneCall, verb: Verb, words: list[str]) -> str:
    """Add what is said to ``words``; returns the key that ended it, if one did."""
    clock = call.exchange.clock
    silence = verb.number("timeout", 5, low=1)
    finish = verb.attributes.get("finishOnKey", EVERY_KEY)
    ends = clock.now() + verb.number("maxLength", 3600, low=1)
    while (left := ends - clock.now()) > 0:
        heard = await call.listen(min(silence, left))
        if heard is None:
            break
        if heard.speech:
            words.append(heard.speech)
        elif heard.key in finish:
            return heard.key
    return ""


def _keep(call: PhoneCall, words: list[str], began: float) -> dict[str, str]:
    """Keep a recording; returns what the app is told of it."""
    exchange = call.exchange
    said = " ".join(words)
    spoken = len(said.split()) / exchange.manners.words_per_second
    seconds = max(1, round(max(spoken, exchange.clock.now() - began)))
    sid = exchange.ids.sid("RE", exchange.ids.next(f"{call.key}/recording"))
    exchange.recordings[sid] = Recording(sid, call.sid, seconds, said, exchange.clock.unix())
    base = exchange.rest or "https://api.twilio.com"
    return {
        "RecordingSid": sid,
        "RecordingUrl": f"{base}/2010-04-01/Accounts/{exchange.account}/Recordings/{sid}",
        "RecordingDuration": str(seconds),
    }


def _ended_by_hanging_up(call: PhoneCall, verb: Verb, words: list[str], began: float) -> None:
    """The app hears of the recording; its answer comes too late for the call."""
    params = _keep(call, words, began) | {"Digits": "hangup", "CallStatus": "completed"}
    _tell(call, verb, params)
    goto = Goto(verb.get("action") or call.url, verb.get("method", "POST"), params, "action")
    call.send_aside(goto)


def _tell(call: PhoneCall, verb: Verb, params: dict[str, str]) -> None:
    """The recording's own status callback, on the side."""
    if url := verb.get("recordingStatusCallback"):
        method = verb.get("recordingStatusCallbackMethod", "POST").upper()
        call.send_aside(
            Goto(url, method, params | {"RecordingStatus": "completed"}, "recording"), any_answer
        )
