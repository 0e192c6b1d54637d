"""The switches of a practice app: which of its defects are on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True)
class DefectSwitches:
    """Which defects of an app are on; each app adds a field for each of its own, off unless set.

    Attributes:
        APP: The app's name, for messages.
    """

    APP: ClassVar[str]

    @classmethod
    def on(cls, names: Iterable[str]) -> Self:
        """Switch the named defects on.

        Raises:
            ValueError: If there is no such defect; the message lists those there are.
        """
        wanted = set(names)
        known = {each.name for each in fields(cls)}
        if unknown := sorted(wanted - known):
            raise ValueError(unknown_defect(unknown[0], known, cls.APP))
        return replace(cls(), **dict.fromkeys(wanted, True))


def unknown_defect(name: str, known: Iterable[str], app: str) -> str:
    """What is told about a defect that an app does not have."""
    return f"--defect {name}: the {app} app has no such defect. It has {', '.join(sorted(known))}."
