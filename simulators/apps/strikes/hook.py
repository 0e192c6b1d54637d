"""What the carrier asks: one webhook, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of the carrier's.

    Attributes:
        path: Which of our addresses it came to.
        base: How the carrier calls us, ``http://host:port``.
        token: The same for every try of one webhook; empty where the carrier gives none.
        values: All parameters.
    """

    path: str
    base: str
    token: str
    values: Mapping[str, str]

    @property
    def sid(self) -> str:
        """The call's or text's name at the carrier."""
        return self.values.get("CallSid") or self.values.get("MessageSid", "")

    @property
    def caller(self) -> str:
        """Who calls or texts us; a word without digits where the number is withheld."""
        return self.values.get("From", "")

    @property
    def line(self) -> str:
        """Our number that was called or texted."""
        return self.values.get("To", "")

    @property
    def digits(self) -> str:
        """Keys pressed, without the one that ended them."""
        return self.values.get("Digits", "").strip("#*")

    @property
    def star(self) -> bool:
        """Whether ``*`` was pressed to say that this is all."""
        keys = self.values.get("FinishedOnKey", "") + self.values.get("Digits", "")
        return "*" in keys and not self.digits


def can_be_called(number: str) -> bool:
    """Whether a number is one, and not a word for a withheld one.

    Example:
        >>> can_be_called("+15555550142"), can_be_called("anonymous")
        (True, False)
    """
    return number.startswith("+") and number[1:].isdecimal()
