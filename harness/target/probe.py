"""What one probe of ``target check`` showed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Probe:
    """What one probe showed.

    Attributes:
        name: ``reachable``, ``sign_in``, ``wrong_codes``, ``good``, ``repeat``, ``no_sign_in``,
            ``bad``, an operation's kind, ``call.<line>``, ``voice.<kind>``, ``sms.<kind>``,
            ``forged.<line>.<voice or text>``, or ``read_back.<reader>``.
        ok: Whether it came out as declared.
        expected, found: In words, for people.
    """

    name: str
    ok: bool
    expected: str
    found: str

    def as_json(self) -> dict[str, Any]:
        """The probe as plain data."""
        return asdict(self)
