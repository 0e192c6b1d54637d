"""Request heads: build them, refuse injected ones, and rewrite them for a redirect.

A head is the request line and the headers, each ended by CRLF. The client adds
``Content-Length`` and the closing blank line, so neither may be in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from harness.target.wire import Origin, Request, Response

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_PATH = re.compile(r"[!-~]+")  # no blank, no control character, nothing beyond ASCII
_OURS = frozenset({"content-length", "transfer-encoding", "connection"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OF_THE_BODY = (b"content-type", b"content-encoding", b"content-language", b"content-location")


class HeadError(ValueError):
    """A request head that must not go out; the message names the part."""


def request_head(method: str, path: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Write a request line and headers as bytes.

    Raises:
        HeadError: If a part holds line ends or other control characters, or a header belongs
            to the client.

    Example:
        >>> request_head("GET", "/results", [("Host", "127.0.0.1")])
        b'GET /results HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n'
    """
    if not _TOKEN.fullmatch(method):
        raise HeadError(f"method {method!r}: a method is one word, such as POST.")
    if not _PATH.fullmatch(path):
        raise HeadError(f"path {path!r}: percent-encode blanks, controls and non-ASCII characters.")
    lines = [f"{method} {path} HTTP/1.1\r\n"]
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise HeadError(f"header name {name!r}: letters, digits and dashes only.")
        if name.lower() in _OURS:
            raise HeadError(f"header {name}: the client sets it; remove it.")
        if any(ord(each) < 32 and each != "\t" for each in value) or "\x7f" in value:
            raise HeadError(f"header {name}: its value holds a line end or control character.")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("utf-8")


def refuse_injection(head: bytes) -> None:
    """Refuse a head that would not end where its writer thinks it does.

    Raises:
        HeadError: If it holds a blank line, a bare CR or LF, or does not end with CRLF.
    """
    ends = head.count(b"\r\n")
    if (
        not head.endswith(b"\r\n")
        or b"\r\n\r\n" in head
        or head.count(b"\n") != ends
        or head.count(b"\r") != ends
    ):
        raise HeadError(
            f"request head {head[:80]!r}: it holds a blank line or a bare line end, "
            "so part of it would pass for a body or another request. Nothing was sent."
        )


def path_of(head: bytes) -> str:
    """Path and query of a head's request line."""
    return head.split(b" ", 2)[1].decode("utf-8", "replace")


def header(response: Response, name: bytes) -> bytes | None:
    """The first header of that (lower-case) name, if there is one."""
    return next((value for key, value in response.headers if key == name), None)


def redirected(request: Request, response: Response) -> Request | None:
    """The request a redirect asks for, if it stays on the same origin.

    303 turns everything but HEAD into GET, and so do 301 and 302 for POST, as browsers do
    (RFC 9110, 15.4); 307 and 308 repeat method and body. Cookies that the redirect sets are
    sent along.

    Returns:
        The next request, or None where the response is no redirect, or leaves the origin.
    """
    location = header(response, b"location")
    if response.status not in _REDIRECTS or location is None:
        return None
    path = _path_on(request.origin, path_of(request.head), location.decode("utf-8", "replace"))
    if path is None:
        return None
    method, body = request.method, request.body
    lines = request.head.split(b"\r\n")[1:-1]
    if (response.status == 303 and method != "HEAD") or (
        response.status in (301, 302) and method == "POST"
    ):
        method, body = "GET", b""
        lines = [line for line in lines if not line.lower().startswith(_OF_THE_BODY)]
    lines = _with_cookies(lines, response)
    head = b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), *lines, b""])
    return replace(request, method=method, head=head, body=body)


def _path_on(origin: Origin, base: str, location: str) -> str | None:
    """Path and query of ``location``, or None if it is on another origin or malformed."""
    scheme, port = ("https", 443) if origin.tls else ("http", 80)
    here = f"{scheme}://{_bracketed(origin.host)}:{origin.port}{base}"
    try:
        there = urlsplit(urljoin(here, location.strip()))
        same = (there.scheme, there.hostname, there.port or port) == (
            scheme,
            origin.host.lower().strip("[]"),
            origin.port,
        )
    except ValueError:
        return None
    path = (there.path or "/") + (f"?{there.query}" if there.query else "")
    return path if same and _PATH.fullmatch(path) else None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _with_cookies(lines: list[bytes], response: Response) -> list[bytes]:
    """Header lines with the cookies that ``response`` sets put in, and those it ends left out."""
    settings = [value for name, value in response.headers if name == b"set-cookie"]
    if not settings:
        return lines
    jar: dict[bytes, bytes] = {}
    others = []
    for line in lines:
        if line.lower().startswith(b"cookie:"):
            pairs = (pair.strip() for pair in line[7:].split(b";"))
            jar.update((name, value) for name, _, value in (pair.partition(b"=") for pair in pairs))
        else:
            others.append(line)
    for setting in settings:
        pair, _, attributes = setting.partition(b";")
        name, _, value = pair.strip().partition(b"=")
        if b"max-age=0" in attributes.lower().replace(b" ", b""):
            jar.pop(name, None)
        else:
            jar[name] = value
    cookies = b"; ".join(name + b"=" + value for name, value in jar.items())
    return [*others, b"Cookie: " + cookies] if jar else others
