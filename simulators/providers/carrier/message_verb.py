"""Sms: a text sent in the middle of a call (docs: voice/twiml/sms)."""

from __future__ import annotations

from simulators.providers.carrier.addresses import led_to
from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.events import Goto
from simulators.providers.carrier.twiml import Verb

__all__ = ["send_text"]


async def send_text(call: PhoneCall, verb: Verb) -> Goto | None:
    """Send the text to the caller, or to whom the app says; the call goes on at once."""
    texts = call.exchange.texts
    if texts is None:
        return None
    callback = verb.get("statusCallback")
    message = texts.send_out(
        from_=verb.get("from") or call.to,
        to=verb.get("to") or call.from_,
        body=verb.text,
        callback=led_to(call.url, callback) if callback else "",
    )
    if not (action := verb.get("action")):
        return None
    params = {"SmsSid": message.sid, "MessageSid": message.sid, "SmsStatus": "sent"}
    return Goto(action, verb.get("method", "POST").upper(), params, "action")
