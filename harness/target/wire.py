"""Requests and responses as the wire client and the target adapters exchange them.

A target's operation is a generator that yields :class:`Request` and is sent :class:`Response`:
it neither opens sockets nor waits, so the engine, the read-back and ``target check`` can all
drive the same description.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from simulators.behaviours.protocol import AnswerClass
from simulators.quick import record


@dataclass(frozen=True, slots=True)
class Origin:
    """Where requests go: scheme, host and port."""

    host: str
    port: int
    tls: bool = False


def url_of(origin: Origin) -> str:
    """An origin as a URL, with its port.

    Example:
        >>> url_of(Origin("127.0.0.1", 8000)), url_of(Origin("::1", 443, tls=True))
        ('http://127.0.0.1:8000', 'https://[::1]:443')
    """
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return f"{'https' if origin.tls else 'http'}://{host}:{origin.port}"


@record(frozen=True, slots=True)
class Request:
    """One HTTP request, ready for the wire.

    Attributes:
        head: Request line and headers, each ended by CRLF, without ``Content-Length``,
            ``Connection`` and the closing blank line: the client adds those.
        timeout: Wall seconds for the whole answer.
        follow: Redirects to follow on the same origin; 0 treats a redirect as the answer.
        after: Wall seconds to wait before sending: a back-off that the target declares.
    """

    origin: Origin
    method: str
    head: bytes
    body: bytes = b""
    timeout: float = 30.0
    follow: int = 0
    after: float = 0.0


class Fault(StrEnum):
    """Why there is no whole response."""

    REFUSED = "refused"  # no connection: not one byte was sent
    TIMEOUT = "timeout"
    RESET = "reset"  # connection lost after bytes were sent, before an answer
    TRUNCATED = "truncated"  # part of an answer


@dataclass(slots=True)
class Response:
    """What came back. ``fault`` is None for a whole response; else status may be 0.

    Attributes:
        headers: Names in lower case, values as received, in order; names may repeat.
        body: Decoded (chunked, gzip) bytes.
        url: Path and query of the request that was answered, after redirects.
    """

    status: int
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    fault: Fault | None = None
    url: str = ""


@record(frozen=True, slots=True)
class Answered:
    """What the target's rules made of the deciding response."""

    answer_class: AnswerClass
    status: int = 0
    stored_id: str | None = None
    detail: str = ""
    retry_after: float | None = None
    captures: dict[str, Any] = field(default_factory=dict)


Exchange = Generator[Request, Response, Answered]
