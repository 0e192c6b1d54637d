"""One-time codes: the back office reads one out to a chair who has lost theirs.

Each signs one person in, once, within ten drill minutes. They are kept in memory: after a restart
another one is read out.
"""

from __future__ import annotations

import secrets

from simulators.apps.reporting.language import say
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal

GOOD_FOR = 10 * 60.0  # drill seconds
AT_LEAST = 30.0  # wall seconds: at high speed ten drill minutes are too short to type one
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that sounds or looks like another
LENGTH = 10  # 32 ** 10: a guess a microsecond finds one in 17 years


class OneTimeCodes:
    """Issues codes, and takes each once.

    Args:
        replayed: The defect ``replayed_code``: they are taken as often as they come.
    """

    def __init__(self, clock: Clock, *, replayed: bool = False) -> None:
        self._clock = clock
        self._replayed = replayed
        self._issued: dict[str, tuple[str, float]] = {}  # account and when it is over, by code

    def issue(self, account: str) -> str:
        """A new code for an account."""
        now = self._clock.now()
        self._issued = {code: each for code, each in self._issued.items() if each[1] > now}
        code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
        self._issued[code] = account, now + max(self._clock.wall(GOOD_FOR), AT_LEAST)
        return code

    def take(self, code: str) -> str:
        """The account that a code signs in.

        Raises:
            Refusal: 401 if there is no such code, or it was used, or its time is over.
        """
        account, until = self._issued.get(code, ("", 0.0))
        if until <= self._clock.now():
            raise Refusal(401, "wrong_codes", say("refused.wrong_codes"))
        if not self._replayed:
            del self._issued[code]
        return account
