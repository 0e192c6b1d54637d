"""One text message, as the provider keeps it. Times are Unix seconds."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate

from simulators.providers.carrier import segments

__all__ = ["FINAL", "Message", "opts_in", "opts_out", "status_params", "webhook_params"]

# What a message can still become is none of these.
FINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "received"})

# Words that opt out, alone in a message and in any case (SOURCES.md S15), and back in.
_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
_START = frozenset({"start", "yes", "unstop"})


@dataclass(slots=True)
class Message:
    """A text on its way from ``from_`` to ``to``.

    Attributes:
        status: As the provider words it: ``queued``, ``sent``, ``delivered``, ``received``, ...
        callback: Where the app wants to hear of changes of status, or "".
        error: The provider's code when it failed, or 0.
        unwanted: Whether the app sent it to a person who had texted STOP.
    """

    sid: str
    from_: str
    to: str
    body: str
    direction: str
    status: str
    created: float
    updated: float
    sent: float | None = None
    callback: str = ""
    error: int = 0
    unwanted: bool = False

    @property
    def parts(self) -> int:
        """Segments that it takes on the network."""
        return segments.count(self.body)

    @property
    def inbound(self) -> bool:
        """Whether a person sent it to the app."""
        return self.direction == "inbound"


def opts_out(body: str) -> bool:
    """Whether a text says that its sender wants no more.

    Example:
        >>> opts_out(" Stop "), opts_out("stop by the office")
        (True, False)
    """
    return body.strip().casefold() in _STOP


def opts_in(body: str) -> bool:
    """Whether a text takes an opt-out back."""
    return body.strip().casefold() in _START


def webhook_params(message: Message, account: str) -> dict[str, str]:
    """What the app is told of a text from a person (docs: messaging/guides/webhook-request)."""
    return {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": account,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": "0",
        "NumSegments": str(message.parts),
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "FromCountry": "US",
        "ToCountry": "US",
    }


def status_params(message: Message, account: str, status: str) -> dict[str, str]:
    """What the app is told of a status that its message had."""
    params = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "AccountSid": account,
        "From": message.from_,
        "To": message.to,
        "MessageStatus": status,
        "SmsStatus": status,
        "ApiVersion": "2010-04-01",
    }
    if message.error:
        params["ErrorCode"] = str(message.error)
    if status == "delivered":
        params["RawDlrDoneDate"] = formatdate(message.updated)
    return params
