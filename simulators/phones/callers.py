"""Who phones a line in the queue model: when, how long they talk, hold, and dial again.

Callers of one kind are a column each, so that a night of any size is a few arrays. Times are
seconds since the beginning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Talk:
    """How long answered calls last, drawn once for each caller.

    Attributes:
        mean: Mean seconds.
        sigma: Standard deviation of the logarithm: log-normal, as talk times are (SOURCES.md
            S10). None for exponential, as the formulas of ``erlang`` have it.
    """

    mean: float
    sigma: float | None = None

    def __post_init__(self) -> None:
        """Refuse a talk that takes no time.

        Raises:
            ValueError: If the mean is not above 0, or sigma is below 0.
        """
        if not 0 < self.mean < math.inf:
            raise ValueError(f"mean={self.mean!r}, but a call takes more than 0 seconds.")
        if self.sigma is not None and self.sigma < 0:
            raise ValueError(f"sigma={self.sigma!r}, but a spread cannot be below 0.")

    def draw(self, draws: np.random.Generator, count: int) -> Times:
        """Seconds for ``count`` callers, shape (count,)."""
        if self.sigma is None:
            return draws.standard_exponential(count) * self.mean
        # A log-normal's median is lower than its mean by exp(sigma^2 / 2).
        median = self.mean * math.exp(-(self.sigma**2) / 2.0)
        return np.asarray(median * np.exp(self.sigma * draws.standard_normal(count)))


@dataclass(frozen=True)
class Redial:
    """Who dials again, and after how long.

    Attributes:
        busy: Chance after a busy tone or a full waiting room.
        abandoned: Chance after hanging up on hold.
        answered: Chance after having been answered, for callers who only want to block the line.
        cut_off: Share of answered calls that are cut off before they are any use; those dial
            again.
        delay: Mean seconds before dialling again, exponential.
        at_most: Calls that one caller makes in all; None for no limit.
    """

    busy: float = 0.0
    abandoned: float = 0.0
    answered: float = 0.0
    cut_off: float = 0.0
    delay: float = 180.0
    at_most: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no chance.

        Raises:
            ValueError: If a chance is not 0 to 1, the delay is not above 0, or nobody may call.
        """
        for name in ("busy", "abandoned", "answered", "cut_off"):
            chance = getattr(self, name)
            if not 0 <= chance <= 1:
                raise ValueError(f"{name}={chance!r}, but a chance is 0 to 1.")
        if not self.delay > 0:
            raise ValueError(f"delay={self.delay!r}, but dialling again takes some time.")
        if self.at_most is not None and self.at_most < 1:
            raise ValueError(f"at_most={self.at_most}, but each caller makes at least 1 call.")


ONCE = Redial()


@dataclass(frozen=True)
class Away:
    """Callers who have put the phone down when at last somebody answers. They dial again.

    Attributes:
        share: Share of those who have held for ``after`` seconds or more.
        after: Seconds on hold.
        silence: Seconds after which the agent hangs up.
    """

    share: float = 0.0
    after: float = 600.0
    silence: float = 10.0


HERE = Away()


@dataclass(frozen=True)
class Callers:
    """Callers of one kind.

    Attributes:
        kind: ``chair``, ``help``, ``nuisance``, ...
        arrives: Seconds at which each first dials, ascending, shape (n,): a trace, or drawn from
            ``simulators.traffic.Arrivals``, whose rate may change from piece to piece.
        talk: How long they talk, or the seconds of each one, shape (n,).
        patience: Mean seconds they hold before they hang up, exponential; None for as long as it
            takes.
        redial: Who dials again.
        reports: Whether an answered call brings a result in.
        urgent: Whether they are answered before those who are not.
        call_back_after: Seconds on hold after which they are offered to be phoned back; None for
            no offer.
        call_back_share: Share of them who take it.
        barred_after: Answered calls after which their number is turned away; None for never.
        away: Who is not at the phone when somebody answers.
    """

    kind: str
    arrives: Times
    talk: Talk | Times
    patience: float | None = None
    redial: Redial = ONCE
    reports: bool = True
    urgent: bool = False
    call_back_after: float | None = None
    call_back_share: float = 1.0
    barred_after: int | None = None
    away: Away = HERE

    def __post_init__(self) -> None:
        """Refuse callers out of order, or with a talk for others.

        Raises:
            ValueError: If arrivals do not ascend, there are not as many talks as callers, or
                patience is not above 0.
        """
        if np.any(np.diff(self.arrives) < 0):
            raise ValueError(f"{self.kind}: arrivals are out of order; sort them.")
        if not isinstance(self.talk, Talk) and len(self.talk) != len(self.arrives):
            raise ValueError(
                f"{self.kind}: {len(self.talk)} talk times for {len(self.arrives)} callers; "
                "give one each, or a Talk."
            )
        if self.patience is not None and not self.patience > 0:
            raise ValueError(f"{self.kind}: patience={self.patience!r}, but it must be above 0.")

    def __len__(self) -> int:
        """How many they are."""
        return len(self.arrives)
