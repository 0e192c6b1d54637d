"""Somebody whom the app calls: picks up, listens for a while, presses nothing, hangs up."""

from __future__ import annotations

from simulators.providers.carrier.exchange import Ear, FarEnd

__all__ = ["Listener"]


class Listener:
    """The far end of a call that the app placed. Keeps what it heard.

    Attributes:
        told: Whoever dialled, told of the answer and of the end.
    """

    def __init__(self, far_end: FarEnd) -> None:
        self.far_end = far_end
        self.words: list[str] = []
        self.cause = ""
        self.told: Ear | None = None

    def answered(self) -> None:
        """The call is connected."""
        if self.told is not None:
            self.told.answered()

    def heard(self, words: str) -> None:
        """Keep it."""
        self.words.append(words)

    def undecided(self) -> float:
        """Someone who presses nothing has decided."""
        return 0.0

    def sent(self, at: float) -> None:
        """Nothing is keyed by someone who presses nothing."""

    def ended(self, cause: str, code: int) -> None:
        """The call is over."""
        self.cause = cause
        if self.told is not None:
            self.told.ended(cause, code)
