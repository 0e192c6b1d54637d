"""What the carrier is told to do, in TwiML."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

HANG_UP = "<Hangup/>"


def response(*verbs: str) -> str:
    """A whole document.

    Example:
        >>> response(say("2 < 3"))
        '<?xml version="1.0" encoding="UTF-8"?><Response><Say>2 &lt; 3</Say></Response>'
    """
    body = "".join(verbs)
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{body}</Response>'


def say(text: str) -> str:
    """Words read aloud."""
    return f"<Say>{escape(text)}</Say>"


def message(text: str) -> str:
    """A text sent in reply."""
    return f"<Message>{escape(text)}</Message>"


def gather(text: str, *, action: str, digits: int, timeout: int) -> str:
    """Read words aloud and wait for keys; who knows what to press need not hear them out.

    Whatever comes of it goes to ``action``: the digits, none after a silence, and ``*`` as the
    key that ended it.

    Args:
        digits: How many keys make it complete.
        timeout: Seconds from the last word or key until it is over.
    """
    return (
        f'<Gather action={quoteattr(action)} method="POST" input="dtmf" numDigits="{digits}" '
        f'timeout="{timeout}" finishOnKey="*" actionOnEmptyResult="true">{say(text)}</Gather>'
    )


def enqueue(queue: str, *, wait: str, left: str) -> str:
    """Put the caller in a queue; ``wait`` is asked what they hear, ``left`` when it is over."""
    return (
        f'<Enqueue waitUrl={quoteattr(wait)} waitUrlMethod="POST" action={quoteattr(left)} '
        f'method="POST">{escape(queue)}</Enqueue>'
    )


def dial_queue(queue: str) -> str:
    """Connect the caller with whoever has waited longest."""
    return f"<Dial><Queue>{escape(queue)}</Queue></Dial>"


def spoken(code: str) -> str:
    """Digits one by one, as they are read aloud.

    Example:
        >>> spoken("4711")
        '4 7 1 1'
    """
    return " ".join(code)
