"""Documents that an app answers with, read into verbs.

The app is not trusted: entities and document types are refused. What cannot be read has one of
the provider's codes (docs: api/errors): 12100 not well-formed (a blank before ``<?xml`` is enough),
12102 another root than ``<Response>``, 12300 a content type that cannot be played, 11750 too long.
What can be read but should not be there is 12200, a warning: the call goes on without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from simulators.providers.carrier.schema import ATTRIBUTES, CHILDREN, UNPLAYED, VERBS
from simulators.providers.carrier.transport import LARGEST, Reply
from simulators.providers.carrier.webhook import Reading
from simulators.quick import record

__all__ = ["Document", "Verb", "read_document", "read_twiml"]

_XML = ("text/xml", "application/xml", "text/html")
_FINISH_KEYS = frozenset("0123456789#*")


@record(frozen=True, slots=True)
class Verb:
    """One element: its text without surrounding blanks, and the elements in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: tuple[Verb, ...] = ()

    def get(self, attribute: str, default: str = "") -> str:
        """An attribute, without surrounding blanks."""
        value = self.attributes.get(attribute)
        return default if value is None else value.strip()

    def number(self, attribute: str, default: float, low: float = 0.0) -> float:
        """An attribute that is a number of at least ``low``; the default if it is not."""
        try:
            value = float(self.attributes[attribute])
        except (KeyError, ValueError):
            return default
        return value if low <= value < float("inf") else default


@record(frozen=True, slots=True)
class Document:
    """Verbs, from the top; ``warnings`` say what was passed over."""

    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...] = ()


def read_document(reply: Reply) -> Reading[Document]:
    """What an answer to a voice webhook makes the call do."""
    kind = reply.content_type.partition(";")[0].strip().lower()
    if kind.startswith("audio/"):
        return Reading(Document((Verb("Play", {}, "audio"),)))
    if reply.status == 204:
        return Reading(Document(()))
    if kind != "text/plain" and kind not in _XML:
        return Reading(None, 12300, f"content type {kind[:80]!r} cannot be played")
    if len(reply.body) > LARGEST:
        return Reading(None, 11750, f"the document has more than {LARGEST:,} bytes")
    reading = read_twiml(reply.body)
    if kind == "text/plain" and reading.value is None:
        text = " ".join(reply.body.decode("utf-8", "replace").split())
        return Reading(Document((Verb("Say", {}, text),)))
    return reading


@lru_cache(maxsize=512)
def read_twiml(body: bytes) -> Reading[Document]:
    """Read a document from its bytes; the same bytes are read once.

    Example:
        >>> read_twiml(b"<Response><Say>Hello</Say></Response>").value.verbs[0].text
        'Hello'
        >>> read_twiml(b" <?xml version='1.0'?><Response/>").error
        12100
    """
    if not body.strip():
        return Reading(None, 12100, "the document is empty")
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        return Reading(None, 12100, f"document types and entities are refused: {error!r:.200}")
    except (ParseError, ValueError, LookupError) as error:
        return Reading(None, 12100, f"not well-formed: {error}")
    if root.tag != "Response":
        return Reading(None, 12102, f"the root is <{root.tag[:80]}>, not <Response>")
    warnings: list[str] = []
    verbs = tuple(_verbs(root, warnings))
    code = _code(warnings)
    return Reading(Document(verbs, tuple(warnings)), code, "; ".join(warnings)[:400])


def _code(warnings: list[str]) -> int:
    if not warnings:
        return 0
    return 13310 if all("finishOnKey=" in each for each in warnings) else 12200


def _verbs(root: Element, warnings: list[str]) -> Iterator[Verb]:
    for element in root:
        if element.tag in VERBS:
            yield _verb(element, warnings)
        elif element.tag in UNPLAYED:
            warnings.append(f"<{element.tag}> is passed over: this carrier does not play it")
        else:
            warnings.append(f"<{element.tag[:80]}> is no verb{_nearly(element.tag)}")


def _verb(element: Element, warnings: list[str]) -> Verb:
    name = element.tag
    known = ATTRIBUTES[name]
    for attribute in element.attrib:
        if attribute not in known:
            warnings.append(f"<{name}> has no attribute {attribute[:80]!r}")
    finish = element.get("finishOnKey")
    if name == "Gather" and finish and (len(finish) != 1 or finish not in _FINISH_KEYS):
        warnings.append(f"<Gather finishOnKey={finish[:80]!r}>: one key, or nothing; taken as '#'")
    allowed = CHILDREN.get(name, frozenset())
    children = []
    for child in element:
        if child.tag in allowed:
            children.append(_verb(child, warnings))
        elif name not in ("Say", "Enqueue"):
            warnings.append(f"<{child.tag[:80]}> cannot be in <{name}>{_nearly(child.tag)}")
    text = "".join(element.itertext()) if name == "Say" else (element.text or "")
    return Verb(name, dict(element.attrib), " ".join(text.split()), tuple(children))


def _nearly(tag: str) -> str:
    """The verb that differs by case alone, if there is one."""
    for name in ATTRIBUTES:
        if name.lower() == tag.lower() and name != tag:
            return f" (names are case-sensitive: <{name}>)"
    return ""
