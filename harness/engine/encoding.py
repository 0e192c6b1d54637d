"""Content codings of a response body: gzip and deflate, with a bound on what they unfold to."""

from __future__ import annotations

import zlib


class CodingError(Exception):
    """A body that does not decode, or unfolds beyond the bound."""


def decode(body: bytes, codings: bytes, *, limit: int) -> bytes:
    """Undo the codings of a ``Content-Encoding`` header, the last first.

    A coding we never asked for (``br``) is left as it is, with everything below it.

    Raises:
        CodingError: If a coding does not decode whole, or gives more than ``limit`` bytes.

    Example:
        >>> import gzip
        >>> decode(gzip.compress(b"IA-0001"), b"gzip", limit=100)
        b'IA-0001'
    """
    for coding in reversed([each.strip().lower() for each in codings.split(b",")]):
        if coding in (b"gzip", b"x-gzip"):
            body = _inflate(body, 31, limit)
        elif coding == b"deflate":
            # Meant to be zlib's form (RFC 9110, 8.4.1.2); some servers send the bare stream.
            body = _inflate(body, 15 if _is_zlib(body) else -15, limit)
        elif coding not in (b"", b"identity"):
            return body
    return body


def _is_zlib(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0


def _inflate(body: bytes, window_bits: int, limit: int) -> bytes:
    if not body:
        return body
    stream = zlib.decompressobj(window_bits)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise CodingError(f"the body does not decode: {error}") from error
    if len(plain) > limit:
        raise CodingError(f"the body unfolds to more than {limit} bytes")
    if not stream.eof:
        raise CodingError("the body ends before its coding does")
    return plain
