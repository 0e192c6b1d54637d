"""Credentials with a character changed: of what signing in gave, near its start and its end.

The very last characters are left alone: of base64, some of their bits say nothing.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial

from harness.hostile.attempt import Attempt
from harness.hostile.guest import Guest
from harness.hostile.raid import Raid

_PROOF = re.compile(rb"[A-Za-z0-9_\-]{8,}")  # a stretch of a header that may be a proof
_FROM_END = 4


def forge(line: bytes, *, at_end: bool) -> bytes:
    """A header's value with one character of its last proof changed, or of its first.

    Example:
        >>> forge(b"Bearer abcdefghijkl", at_end=True)
        b'Bearer abcdefgh0jkl'
    """
    proofs = list(_PROOF.finditer(line))
    if not proofs:
        return line
    place = proofs[-1].end() - _FROM_END if at_end else proofs[0].start() + 2
    other = b"1" if line[place : place + 1] == b"0" else b"0"
    return line[:place] + other + line[place + 1 :]


def forged(guest: Guest, copy: Guest, *, at_end: bool) -> bool:
    """Give a device the other's credentials, forged; whether there was anything to forge."""
    lines = []
    for line in guest.session.head.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        scheme, blank, proof = value.strip().rpartition(b" ")
        lines.append(name + b": " + scheme + blank + forge(proof, at_end=at_end) + b"\r\n")
    copy.session.head = b"".join(lines)
    copy.session.query, copy.session.found = guest.session.query, dict(guest.session.found)
    cookies = guest.session.jar.header(b"/").removeprefix(b"Cookie: ").strip()
    for pair in cookies.split(b"; ") if cookies else []:
        name, _, value = pair.partition(b"=")
        copy.session.jar.take(name + b"=" + forge(value, at_end=at_end))
    held = (guest.session.head, guest.session.jar.header(b"/"))
    return (copy.session.head, copy.session.jar.header(b"/")) != held


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Ask for one's own record with credentials that the app never gave."""
    own, record = raid.device(raid.own), raid.own.record
    if why := await raid.signed_in(own) or await raid.owner_reads(own):
        yield raid.cannot_tell(why, record)
        return
    for at_end in (True, False):
        copy = raid.device(raid.own)
        if not forged(own, copy, at_end=at_end):
            yield raid.cannot_tell("signing in gives nothing that could be forged", record)
            return
        where = "changed near its end" if at_end else "changed near its start"
        yield await raid.trying(
            copy,
            record,
            partial(raid.private, copy, record),
            where,
        )
    if why := await raid.still_in(own):
        yield raid.cannot_tell(why, record)
