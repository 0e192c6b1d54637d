"""How often something may be tried, so that guessing is hopeless and a full room is not shut out.

Buckets: each begins full, a try takes one out, and it fills again at its own pace. What goes
right costs nothing where guessing is the danger. All of it is in memory, under keys that say
nothing: no address is kept anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from simulators.apps.serving.refusal import Refusal

MOST = 50_000  # buckets kept


@dataclass(frozen=True)
class Limit:
    """One kind of try.

    Attributes:
        burst: Tries at once.
        every: Seconds until one more may be made.
    """

    burst: int
    every: float


LIMITS = {
    # A hall of 300 behind one address mistypes a few dozen codes; at one a second it takes
    # centuries to find one of 2,000 codes of eight letters out of 31.
    "card_code": Limit(60, 1.0),
    # Links in the wrong hands are 192 bits long; this keeps guessers off the log and the processor.
    "link": Limit(120, 0.5),
    # One account from one address, then one account from anywhere, then one address.
    "sign_in": Limit(8, 30.0),
    "sign_in_account": Limit(100, 10.0),
    "sign_in_address": Limit(40, 5.0),
    # One volunteer's own presses, and answers from one address: a hall of 2,000 that
    # finishes together.
    "press": Limit(40, 1.0),
    "survey": Limit(10, 10.0),
    "survey_address": Limit(3000, 0.1),
    # One staff account.
    "staff": Limit(120, 0.5),
}


class Limits:
    """Every bucket of a server.

    Args:
        now: Monotonic seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._key = secrets.token_bytes(32)
        # A bucket is kept as the moment at which it will be full again.
        self._full_at: dict[tuple[str, bytes], float] = {}

    def require(self, kind: str, who: str) -> None:
        """Refuse whoever has no try left; takes none out.

        Raises:
            Refusal: 429, with the seconds to wait.
        """
        wait = self._wait(kind, who)
        if wait > 0:
            raise Refusal(429, "too_often", "Too many tries. Please wait.", retry_after=wait)

    def spend(self, kind: str, who: str) -> None:
        """Take one try out, or refuse.

        Raises:
            Refusal: 429.
        """
        self.require(kind, who)
        limit, key = LIMITS[kind], self._name(kind, who)
        full_at = max(self._full_at.get(key, 0.0), self._now())
        if len(self._full_at) >= MOST:
            self._forget()
        self._full_at[key] = full_at + limit.every

    def give_back(self, kind: str, who: str) -> None:
        """Put one try back: it was no guess."""
        key = self._name(kind, who)
        if key in self._full_at:
            self._full_at[key] -= LIMITS[kind].every

    def _wait(self, kind: str, who: str) -> float:
        limit = LIMITS[kind]
        full_in = self._full_at.get(self._name(kind, who), 0.0) - self._now()
        return full_in - (limit.burst - 1) * limit.every

    def _forget(self) -> None:
        """Drop buckets that are full; if that is not enough, those that are fullest."""
        now = self._now()
        kept = {key: at for key, at in self._full_at.items() if at > now}
        if len(kept) >= MOST:
            kept = dict(sorted(kept.items(), key=lambda each: each[1])[-MOST // 2 :])
        self._full_at = kept

    def _name(self, kind: str, who: str) -> tuple[str, bytes]:
        return kind, hmac.digest(self._key, who.encode(errors="replace"), hashlib.sha256)


def address_of(request: Request) -> str:
    """Where a request comes from, for counting tries and for nothing else: never stored.

    Of IPv6 it is the network, since one phone has as many addresses as it likes.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))
