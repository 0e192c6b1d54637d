"""The proxy leads to the stand-in, and nowhere else."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from pathlib import Path

import pytest

from simulators.providers.carrier.certificate import issue
from simulators.providers.carrier.proxy import HOST, Proxy

NOW = datetime.datetime.now(datetime.UTC)


async def ask(proxy: str, request: bytes) -> bytes:
    """Everything that the proxy says to one request."""
    host, port = proxy.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "request_line",
    [
        "CONNECT example.org:443",
        "CONNECT api.twilio.com:80",
        "CONNECT api.twilio.com.example.org:443",
        "CONNECT video.twilio.com:443",
        "CONNECT 127.0.0.1:443",
        "GET http://api.twilio.com/",
        "GET http://example.org/",
        "nonsense",
    ],
)
def test_every_other_host_is_refused(request_line: str) -> None:
    """Only the provider's API over TLS is answered; no byte goes to anybody else."""
    refused: list[str] = []
    connected: list[bool] = []

    async def drill() -> bytes:
        inner = await asyncio.start_server(lambda r, w: connected.append(True), "127.0.0.1", 0)
        proxy = Proxy(inner.sockets[0].getsockname()[:2], refused.append)
        answer = await ask(await proxy.start(), f"{request_line} HTTP/1.1\r\n\r\n".encode())
        await proxy.close()
        inner.close()
        return answer

    answer = asyncio.run(drill())
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert len(refused) == 1
    assert not connected


def test_the_providers_name_leads_to_the_stand_in(tmp_path: Path) -> None:
    """A client that trusts the drill's authority speaks TLS with the stand-in through the proxy."""
    authority = issue(HOST, tmp_path / "drill", now=NOW)
    trusting = ssl.create_default_context(cafile=str(authority.pem))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        writer.close()

    async def drill() -> bytes:
        inner = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=authority.server)
        proxy = Proxy(inner.sockets[0].getsockname()[:2], lambda host: None)
        host, port = (await proxy.start()).removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        await writer.start_tls(trusting, server_hostname=HOST)
        writer.write(b"hello\n")
        said = await reader.read()
        writer.close()
        await proxy.close()
        inner.close()
        return said

    assert asyncio.run(drill()) == b"HELLO\n"


def test_who_does_not_trust_the_drill_is_not_deceived(tmp_path: Path) -> None:
    """Without the drill's ca.pem the stand-in cannot pass for the provider."""
    authority = issue(HOST, tmp_path, now=NOW)

    async def drill() -> None:
        inner = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0, ssl=authority.server)
        address = inner.sockets[0].getsockname()
        try:
            await asyncio.open_connection(
                *address[:2], ssl=ssl.create_default_context(), server_hostname=HOST
            )
        finally:
            inner.close()

    with pytest.raises(ssl.SSLCertVerificationError):
        asyncio.run(drill())


def test_the_folder_holds_no_private_key(tmp_path: Path) -> None:
    """Only the authority's certificate is written."""
    issue(HOST, tmp_path, now=NOW)
    assert [each.name for each in tmp_path.iterdir()] == ["ca.pem"]
    assert b"PRIVATE KEY" not in (tmp_path / "ca.pem").read_bytes()
