"""A switchable defect of a practice app, as it is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """One switchable defect.

    Attributes:
        name: As ``--defect`` takes it.
        history: What happened, and where; or what makes it happen, where no night is on record.
        source: Who published it; empty where it is common knowledge of the trade.
        does: What the app does differently when it is on.
        caught_by: The finding that is meant to catch it: a check, with what it is asked of where
            one matters (``lost:records``).
    """

    name: str
    history: str
    source: str
    does: str
    caught_by: str
