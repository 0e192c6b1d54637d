"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What a check found."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    NOT_DRILLED = "not_drilled"


@dataclass(frozen=True)
class Witness:
    """One offending record, as evidence.

    Attributes:
        record: Key of the record; empty where the offence has none.
        expected: What should be so, in words or figures.
        found: What is so.
        operations: Operation keys that bear on it.
    """

    record: str
    expected: str
    found: str
    operations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The answer of one check to one question.

    Attributes:
        check: Name of the check (``lost``, ``response_time``); with ``subject`` unique in a run.
        subject: What it was asked of: a read-back source, an operation kind, or empty.
        status: ``pass``, ``fail``, ``unknown``, ``not_applicable`` or ``not_drilled``.
        question: What was asked, in plain words.
        answer: What was found, in one plain sentence.
        figures: Numbers by name. Counts are whole; shares and seconds are floats. A share has
            ``k`` and ``n`` beside it. Order-statistic bounds are named ``p95_upper``.
        witnesses: At most 20 offending records.
        offenders: How many there are in all.
    """

    check: str
    status: Status
    question: str
    answer: str
    subject: str = ""
    figures: dict[str, float | int | None] = field(default_factory=dict)
    witnesses: tuple[Witness, ...] = ()
    offenders: int = 0

    @property
    def name(self) -> str:
        """The check, with its subject where it has one.

        Example:
            >>> Finding("lost", Status.PASS, "?", "none", subject="records").name
            'lost:records'
        """
        return f"{self.check}:{self.subject}" if self.subject else self.check
