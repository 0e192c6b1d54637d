"""How bytes reach the app: one exchange, no retries, no redirects, no cookies of its own."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Mapping
from typing import Protocol

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from simulators.quick import record

__all__ = ["HttpTransport", "Reply", "Transport", "TransportError"]

LARGEST = 65_536
"""Bytes of a document that the provider reads (docs: api/errors/11750)."""


@record(frozen=True, slots=True)
class Reply:
    """A whole answer.

    Attributes:
        content_type: As sent, parameters included; empty if there was none.
        location: Where a redirect leads.
        cookies: Values of ``Set-Cookie``.
        body: At most :data:`LARGEST` + 1 bytes; nothing of an audio file.
    """

    status: int
    content_type: str = ""
    body: bytes = b""
    location: str = ""
    cookies: tuple[str, ...] = ()


class TransportError(Exception):
    """No whole answer.

    Attributes:
        code: The provider's error code.
        kind: ``ct`` (no connection: nothing was sent), ``rt`` (no answer in time) or ``other``.
    """

    def __init__(self, code: int, kind: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.kind = kind


class Transport(Protocol):
    """Sends one request."""

    async def send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        *,
        connect: float,
        read: float,
    ) -> Reply:
        """Send it; whoever waits for the answer may stop waiting at any moment.

        Args:
            connect: Wall seconds for connecting.
            read: Wall seconds for each wait for bytes.

        Raises:
            TransportError: If there is no whole answer.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class _Pinned(AbstractResolver):
    """Knows the names that it was given, and asks nobody for another."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = {"localhost": "127.0.0.1", **addresses}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self._addresses.get(host.lower())
        if address is None:
            raise OSError(None, f"{host[:200]!r} is no name of this drill")
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        flags = socket.AI_NUMERICHOST
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=flags)
        ]

    async def close(self) -> None:
        """Nothing is open."""


class HttpTransport:
    """Over aiohttp: as many connections as calls need, kept for the next webhook.

    A connection idles for 1.5 s at most: servers close theirs after 2 s or more, and a request
    that crosses with such a close would look like a failure of the app.

    Args:
        addresses: The address of each host's name. No other name but ``localhost`` is resolved:
            a name's owner could lead a drill to a machine that nobody has agreed to.
    """

    def __init__(self, addresses: Mapping[str, str] | None = None) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_Pinned(addresses or {}),
                limit=0,
                keepalive_timeout=1.5,
                ttl_dns_cache=None,
                happy_eyeballs_delay=None,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            skip_auto_headers=("User-Agent", "Accept-Encoding"),
        )

    async def send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        *,
        connect: float,
        read: float,
    ) -> Reply:
        """One exchange."""
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                headers=headers,
                data=body,
                allow_redirects=False,
                # aiohttp would round times above five seconds up to whole ones
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=connect, sock_read=read, ceil_threshold=60
                ),
            ) as response:
                content_type = response.headers.get("Content-Type", "")
                kept = b"" if content_type.startswith("audio/") else await _read(response)
                return Reply(
                    response.status,
                    content_type,
                    kept,
                    response.headers.get("Location", ""),
                    tuple(response.headers.getall("Set-Cookie", ())),
                )
        except (TimeoutError, aiohttp.ClientError, ValueError, OSError) as error:
            raise _told(error) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()
        await asyncio.sleep(0)  # lets the loop run the connections' own closing


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST:
            response.close()
            return bytes(body[: LARGEST + 1])
    return bytes(body)


def _told(error: Exception) -> TransportError:
    """What the provider calls it; the codes are in its error dictionary (docs: api/errors)."""
    text = str(error) or type(error).__name__
    match error:
        case aiohttp.ConnectionTimeoutError():
            return TransportError(11205, "ct", f"no connection in time: {text}")
        case aiohttp.ServerTimeoutError():
            return TransportError(11203, "rt", f"no answer in time: {text}")
        case TimeoutError():
            return TransportError(11203, "rt", "no whole answer in time")
        case aiohttp.ClientConnectorDNSError() | aiohttp.InvalidURL():
            return TransportError(11210, "ct", f"no such host: {text}")
        case aiohttp.ClientConnectorCertificateError():
            return TransportError(11237, "ct", f"certificate not trusted: {text}")
        case aiohttp.ClientSSLError():
            return TransportError(11220, "ct", f"TLS failed: {text}")
        case aiohttp.ClientConnectorError() if error.errno == errno.ECONNREFUSED:
            return TransportError(11202, "ct", "connection refused")
        case aiohttp.ClientConnectorError():
            return TransportError(11205, "ct", f"no connection: {text}")
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError() | ValueError():
            return TransportError(11206, "other", f"not HTTP: {text}")
        case _:
            return TransportError(11200, "other", f"the connection broke: {text}")
