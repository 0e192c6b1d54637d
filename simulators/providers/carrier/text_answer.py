"""What an app answers to a text: the messages in its TwiML, or a line of plain text.

The app under test is not trusted: entities and external references are refused by defusedxml.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from simulators.providers.carrier.addresses import led_to

__all__ = ["Reply", "TextAnswer", "read_answer"]

PARSE_FAILURE = 12100
SCHEMA_WARNING = 12200
CONTENT_TYPE = 12300
INVALID_BODY = 14103

_XML = ("text/xml", "application/xml", "text/html", "")


@dataclass(frozen=True, slots=True)
class Reply:
    """One message that the app wants sent; ``to`` and ``from_`` are empty when it left them out."""

    body: str
    to: str = ""
    from_: str = ""
    callback: str = ""


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """An answer read: its replies, where it redirects (or ""), and the code of what is wrong."""

    replies: tuple[Reply, ...] = ()
    redirect: str = ""
    redirect_method: str = "POST"
    error: int = 0
    detail: str = ""


def read_answer(content_type: str, body: bytes, url: str, *, longest: int = 1600) -> TextAnswer:
    """Read an app's answer to a text.

    Args:
        content_type: As the app sent it, with or without parameters.
        body: The answer's bytes; none at all is an answer without a reply.
        url: Where the answer came from: relative addresses are relative to it.
        longest: Characters that a reply may have.

    Example:
        >>> read_answer("text/plain", b"OK", "http://app/sms").replies[0].body
        'OK'
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return TextAnswer()
    if kind == "text/plain" and not body.lstrip().startswith(b"<"):
        return TextAnswer((Reply(body.decode("utf-8", "replace")),))
    if kind not in _XML and kind != "text/plain":
        return TextAnswer(error=CONTENT_TYPE, detail=f"content type {kind!r}")
    try:
        root: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        return TextAnswer(error=PARSE_FAILURE, detail=str(error)[:200])
    if root.tag != "Response":
        return TextAnswer(error=PARSE_FAILURE, detail=f"root is <{root.tag}>, not <Response>")
    return _read_verbs(root, url, longest)


def _read_verbs(root: Element, url: str, longest: int) -> TextAnswer:
    replies: list[Reply] = []
    error, detail = 0, ""
    for verb in root:
        if verb.tag in ("Message", "Sms"):
            reply = _read_message(verb, url)
            if reply.body and len(reply.body) <= longest:
                replies.append(reply)
            else:
                error = INVALID_BODY
                detail = f"<{verb.tag}> of {len(reply.body)} characters; 1 to {longest} can be sent"
        elif verb.tag == "Redirect":
            there = led_to(url, (verb.text or "").strip())
            method = verb.get("method", "POST").upper()
            return TextAnswer(tuple(replies), there, method, error, detail)
        else:
            error, detail = SCHEMA_WARNING, f"<{verb.tag}> means nothing in an answer to a text"
    return TextAnswer(tuple(replies), error=error, detail=detail)


def _read_message(verb: Element, url: str) -> Reply:
    bodies = [child.text or "" for child in verb if child.tag == "Body"]
    callback = verb.get("statusCallback") or verb.get("action") or ""
    return Reply(
        "".join(bodies) if bodies else (verb.text or "").strip(),
        verb.get("to", ""),
        verb.get("from", ""),
        led_to(url, callback) if callback else "",
    )
