"""The switches of a practice app: which of its defects are on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    S = TypeVar("S", bound=DataclassInstance)


def switched_on(switches: type[S], names: Iterable[str], app: str) -> S:
    """An app's switches with the named ones on.

    Args:
        switches: A dataclass with a field for each defect, off unless set.
        app: The app's name, for the message.

    Raises:
        ValueError: If there is no such defect; the message lists those there are.
    """
    wanted = set(names)
    known = {each.name for each in fields(switches)}
    if unknown := sorted(wanted - known):
        raise ValueError(unknown_defect(unknown[0], known, app))
    return switches(**dict.fromkeys(wanted, True))


def unknown_defect(name: str, known: Iterable[str], app: str) -> str:
    """What is told about a defect that an app does not have."""
    return f"--defect {name}: the {app} app has no such defect. It has {', '.join(sorted(known))}."
