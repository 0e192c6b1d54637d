"""Sign-in codes: how they are stored, compared, and how wrong ones lock an account.

A PIN has a million values, so whoever steals the table can try them all; what is stored is
scrypt (RFC 7914) of PIN and security code together, a million million values, with n = 2048,
r = 8, p = 1: 2 MiB and about 4 ms of one core a sign-in (measured on a 2020s server core),
so one core signs in about 250 people a second. Real apps were seen at 5 to 27 a second.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import zlib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from simulators.apps.reporting.language import say
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal

SCRYPT_N = 2048
TRIES = 5  # wrong codes in a row before an account is locked
LOCKED = 15 * 60.0  # drill seconds
STORM_COUNTERS = 8  # that counties share with it
STORM_LOCKED = 60 * 60.0  # drill seconds, with the defect pin_lockout_storm: for one wrong code


def digest(secret: Sequence[str], salt: bytes) -> bytes:
    """What is stored in place of the secret parts of somebody's codes."""
    joined = "\x1f".join(secret).encode()
    return hashlib.scrypt(joined, salt=salt, n=SCRYPT_N, r=8, p=1, dklen=32)


class CodeRoom:
    """Compares codes on threads of its own, so that hashing does not stop the answers."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="codes")
        self._nobody = os.urandom(16)

    async def match(self, secret: Sequence[str], salt: bytes | None, stored: bytes | None) -> bool:
        """Whether the secret is the stored one; as slow for accounts that do not exist."""
        given = await self._hash(secret, salt or self._nobody)
        return stored is not None and hmac.compare_digest(given, stored)

    async def store(self, secret: Sequence[str]) -> tuple[bytes, bytes]:
        """A new salt, and the digest to keep with it."""
        salt = os.urandom(16)
        return salt, await self._hash(secret, salt)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(cancel_futures=True)

    async def _hash(self, secret: Sequence[str], salt: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, digest, secret, salt)


@dataclass
class Lockouts:
    """Counts wrong codes and locks accounts. Kept in memory: a restart forgives everybody.

    Attributes:
        storm: The defect ``pin_lockout_storm``: one wrong code is enough, for an hour, and
            counties share a few counters, so that a whole county and some others are locked.
        unslowed: The defect ``guessing_unslowed``: nothing is counted.
    """

    clock: Clock
    storm: bool = False
    unslowed: bool = False
    _wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _until: dict[str, float] = field(default_factory=dict)

    def check(self, login: str, county: str, device: str = "") -> None:
        """Pass if the account is open, for this device.

        Args:
            device: Mark of a device on which this account has signed in; whoever guesses on
                others does not lock it out.

        Raises:
            Refusal: 423, with the wall seconds until it opens again.
        """
        names = (login, _shared(county)) if self.storm and county else (_on(login, device),)
        left = max(self._until.get(name, 0.0) for name in names) - self.clock.now()
        if left > 0:
            raise Refusal(
                423,
                "locked",
                say("refused.locked"),
                retry_after=left,
            )

    def wrong(self, login: str, county: str, device: str = "") -> None:
        """Count a wrong code, and lock what has had too many."""
        if self.unslowed:
            return
        if not self.storm:
            self._count(_on(login, device), TRIES, LOCKED)
            return
        for name in (login, _shared(county)) if county else (login,):
            self._count(name, 1, STORM_LOCKED)

    def right(self, login: str, device: str = "") -> None:
        """Forget an account's wrong codes, on this device."""
        self._wrong.pop(_on(login, device), None)

    def _count(self, name: str, tries: int, seconds: float) -> None:
        self._wrong[name] += 1
        if self._wrong[name] >= tries:
            del self._wrong[name]
            self._until[name] = self.clock.now() + self.clock.wall(seconds)


def _on(login: str, device: str) -> str:
    return f"{login}\x1f{device}" if device else login


def _shared(county: str) -> str:
    return f"counter {zlib.crc32(county.encode()) % STORM_COUNTERS}"
