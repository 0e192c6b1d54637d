"""SIP messages: parsed from a datagram, and written into one (RFC 3261 sections 7 and 25).

Headers are kept by their full lower-case name with every value in order; a value is the text
as it came, so that what must be copied into an answer is copied unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulators.quick import record

Headers = dict[str, list[str]]

MAGIC = "z9hG4bK"  # every branch by RFC 3261 begins so (section 8.1.1.7)
LARGEST = 65_507  # bytes in one UDP datagram over IPv4

_COMPACT = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length",
    "c": "content-type", "f": "from", "s": "subject", "k": "supported", "t": "to", "v": "via",
}  # fmt: skip
_NEEDED = ("via", "from", "to", "call-id", "cseq")


class MessageError(ValueError):
    """A datagram that is no SIP message; the text says what is wrong with it."""


@record(frozen=True, slots=True)
class Request:
    """A request, as received."""

    method: str
    uri: str
    headers: Headers
    body: bytes


@record(frozen=True, slots=True)
class Response:
    """An answer, as received."""

    status: int
    reason: str
    headers: Headers
    body: bytes


Message = Request | Response


def parse(data: bytes) -> Message:
    """Read one datagram.

    Raises:
        MessageError: If it is no whole SIP/2.0 message with the headers every one must have.
    """
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        raise MessageError("no empty line ends the headers")
    try:
        lines = head.decode("utf-8").lstrip("\r\n").split("\r\n")
    except UnicodeDecodeError as error:
        raise MessageError("the headers are not UTF-8") from error
    headers = _headers(lines)
    for name in _NEEDED:
        if name not in headers:
            raise MessageError(f"the header {name} is missing")
    if len(split_list(headers["via"][:1])[0].partition(";")[0].split()) < 2:
        raise MessageError(f"Via is {headers['via'][0][:80]!r}")
    body = _body(headers, body)
    first = lines[0].split(" ", 2)
    if len(first) != 3:
        raise MessageError(f"the first line is {lines[0][:80]!r}")
    if first[0] == "SIP/2.0":
        if not (first[1].isdecimal() and len(first[1]) == 3):
            raise MessageError(f"the status is {first[1][:20]!r}")
        return Response(int(first[1]), first[2], headers, body)
    if first[2] != "SIP/2.0":
        raise MessageError(f"the version is {first[2][:20]!r}")
    return Request(first[0], first[1], headers, body)


def _headers(lines: list[str]) -> Headers:
    headers: Headers = {}
    last: list[str] | None = None
    for line in lines[1:]:
        if line[:1] in (" ", "\t"):  # a folded line goes on with the value before it
            if last:
                last[-1] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise MessageError(f"a header without a colon: {line[:80]!r}")
        name = name.strip().lower()
        last = headers.setdefault(_COMPACT.get(name, name), [])
        last.append(value.strip())
    return headers


def _body(headers: Headers, body: bytes) -> bytes:
    """What Content-Length says; over UDP all of the rest where it says nothing (18.3)."""
    said = headers.get("content-length")
    if not said:
        return body
    whole = said[0].isdecimal() and len(said[0]) <= 6
    if not whole or int(said[0]) > len(body):
        raise MessageError(f"Content-Length is {said[0][:20]!r}, the body has {len(body)} bytes")
    return body[: int(said[0])]


# -- values -----------------------------------------------------------------------------------


def split_list(values: Iterable[str]) -> list[str]:
    """Every item of a header that may hold several in one line, in order.

    Commas within quotation marks or angle brackets do not part.

    Example:
        >>> split_list(['<sip:a;x=1,2>, "b, c" <sip:d>', "<sip:e>"])
        ['<sip:a;x=1,2>', '"b, c" <sip:d>', '<sip:e>']
    """
    items = []
    for value in values:
        if "," not in value:
            items.append(value)
            continue
        start, quoted, depth = 0, False, 0
        for at, sign in enumerate(value):
            if sign == '"' and value[at - 1 : at] != "\\":
                quoted = not quoted
            elif not quoted:
                depth += (sign == "<") - (sign == ">")
                if sign == "," and not depth:
                    items.append(value[start:at].strip())
                    start = at + 1
        items.append(value[start:].strip())
    return items


def parameter(value: str, name: str) -> str | None:
    """A parameter of a header value, "" if it has no value, None if it is not there.

    Parameters within angle brackets belong to the URI and are not looked at.

    Example:
        >>> parameter("<sip:a;tag=no>;tag=88a", "tag"), parameter("UDP h;rport", "rport")
        ('88a', '')
    """
    for part in value[value.rfind(">") + 1 :].split(";")[1:]:
        key, _, said = part.partition("=")
        if key.strip().lower() == name:
            return said.strip().strip('"')
    return None


def uri_of(value: str) -> str:
    """The URI of a From, To, Contact, Route or Record-Route value.

    Example:
        >>> uri_of('"Chair, 12" <sip:12@127.0.0.1:5060;lr>;tag=1'), uri_of("sip:a@b;tag=1")
        ('sip:12@127.0.0.1:5060;lr', 'sip:a@b')
    """
    if "<" in value:
        return value[value.index("<") + 1 :].partition(">")[0]
    return value.partition(";")[0].strip()


def user_of(uri: str) -> str:
    """The user part of a SIP URI, empty if it has none.

    Example:
        >>> user_of("sip:hotline@127.0.0.1:5060"), user_of("sip:127.0.0.1")
        ('hotline', '')
    """
    rest = uri.partition(":")[2]
    return rest.partition("@")[0].partition(";")[0] if "@" in rest else ""


def address_of(uri: str) -> tuple[str, int]:
    """Host and port of a SIP URI; port 5060 where it names none (19.1.2).

    Raises:
        MessageError: If the port is no number.

    Example:
        >>> address_of("sip:hotline@127.0.0.1:5080;lr"), address_of("sip:h")
        (('127.0.0.1', 5080), ('h', 5060))
    """
    host = uri.partition(":")[2].rpartition("@")[2]
    host = host.partition(";")[0].partition("?")[0]
    name, colon, port = host.rpartition(":")
    if not colon:
        return host, 5060
    if not (port.isdecimal() and len(port) <= 5):
        raise MessageError(f"the port in {uri[:80]!r} is no number")
    return name, int(port)


def sequence(headers: Headers) -> tuple[int, str]:
    """Number and method of CSeq.

    Raises:
        MessageError: If it is not a number and a method.
    """
    number, _, method = headers["cseq"][0].partition(" ")
    # Below 2**31, and in plain digits (RFC 3261, 8.1.1.5).
    plain = number.isascii() and number.isdecimal() and len(number) <= 10
    if not (plain and int(number) < 2**31 and method):
        raise MessageError(f"CSeq is {headers['cseq'][0][:40]!r}")
    return int(number), method.strip()


# -- writing ----------------------------------------------------------------------------------


def write(first: str, lines: Iterable[str], body: bytes = b"", kind: str = "") -> bytes:
    """A datagram: first line, headers, Content-Length, body."""
    type_ = f"Content-Type: {kind}\r\n" if body else ""
    head = f"{first}\r\n" + "\r\n".join(lines) + f"\r\n{type_}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answer(
    request: Request,
    status: int,
    reason: str,
    *,
    tag: str = "",
    source: tuple[str, int] | None = None,
    more: Iterable[str] = (),
    body: bytes = b"",
) -> bytes:
    """A response to a request: Via, From, To, Call-ID and CSeq are copied (8.2.6.2).

    Args:
        tag: Ours, put on To where the request had none there.
        source: Where the request came from: said in the topmost Via as RFC 3581 asks.
        more: Further header lines.
        body: A session description.
    """
    headers = request.headers
    to = headers["to"][0]
    if tag and parameter(to, "tag") is None:
        to = f"{to};tag={tag}"
    lines = [f"Via: {each}" for each in _seen_from(headers["via"], source)]
    if 100 < status < 300 and "record-route" in headers:
        lines += [f"Record-Route: {each}" for each in headers["record-route"]]
    lines += [
        f"From: {headers['from'][0]}", f"To: {to}",
        f"Call-ID: {headers['call-id'][0]}", f"CSeq: {headers['cseq'][0]}", *more,
    ]  # fmt: skip
    return write(f"SIP/2.0 {status} {reason}", lines, body, "application/sdp")


def _seen_from(values: list[str], source: tuple[str, int] | None) -> list[str]:
    if source is None:
        return values
    top, comma, rest = values[0].partition(",")
    if parameter(top, "rport") == "":
        parts = top.split(";")
        at = next(n for n, each in enumerate(parts) if each.strip().lower() == "rport")
        parts[at] = f"rport={source[1]}"
        top = ";".join(parts) + f";received={source[0]}"
    return [top + comma + rest, *values[1:]]
