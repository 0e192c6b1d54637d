"""One small question to another part of the app over HTTP, in its own connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

LARGEST = 64 * 1024  # bytes of an answer


class NoAnswerError(Exception):
    """Nobody there, or not in time, or not in HTTP."""


async def ask(
    host: str,
    port: int,
    path: str,
    *,
    within: float,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Status and body of the answer.

    Args:
        within: Wall seconds for all of it.

    Raises:
        NoAnswerError: If none comes.
    """
    try:
        async with asyncio.timeout(within):
            return await _asked(host, port, path, method, headers or {})
    except (OSError, TimeoutError, ValueError, EOFError) as error:
        raise NoAnswerError(f"{host}:{port}{path}: {error or 'no answer in time'}") from error


async def _asked(
    host: str, port: int, path: str, method: str, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection(host, port, limit=LARGEST)
    try:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Content-Length: 0"] if method != "GET" else []
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]), await reader.read(LARGEST)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
