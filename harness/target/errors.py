"""What can be wrong with a target. Every text is one line that says what to do."""

from __future__ import annotations

from harness.document import DocumentError


class TargetError(DocumentError):
    """A description that cannot be used, or a target that does not do what it describes."""

    exit_code = 2


class SafetyError(Exception):
    """Refused for safety: a host without permit, no proof of control, a production system."""

    exit_code = 4


class ReadBackError(Exception):
    """What the target holds could not be read back whole, so nothing can be said of it.

    Attributes:
        wait: Seconds of patience that the target asked for, 0 if it did not.
    """

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class UnfilledError(Exception):
    """A template could not be filled in: a capture that an earlier step did not leave."""
