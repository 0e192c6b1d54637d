"""Whether enough people, of every kind, were watched: the count that voting systems are held to.

VVSG 2.0, requirement 8.3-A: at least 30 people complete the test, at least 8 of them blind, 8 with
low vision and 8 with limited dexterity, unaided, and each language is tried by somebody who grew
up with it; nobody who built the system, and nobody a second time (U.S. Election Assistance
Commission, 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PEOPLE = 30
GROUPS = {"blind": 8, "low vision": 8, "limited dexterity": 8}


@dataclass(frozen=True)
class Watched:
    """Who finished the task, insiders and those who had done it before left out.

    Attributes:
        people: How many.
        groups: How many of them were of each of :data:`GROUPS`; a group that nobody was asked
            about is missing.
        languages: How many did it in each language that they grew up with.
    """

    people: int
    groups: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)


def shortfalls(watched: Watched, offered: Sequence[str]) -> Iterator[str]:
    """What is short of the count, in words; nothing if nothing is.

    Args:
        watched: Who was there.
        offered: Languages that the app offers.

    Example:
        >>> list(shortfalls(Watched(30, dict(GROUPS), {"en": 28, "es": 2}), ["en", "es"]))
        []
        >>> list(shortfalls(Watched(12, {"blind": 8, "low vision": 3}, {"en": 12}), ["en", "es"]))
        ... # doctest: +NORMALIZE_WHITESPACE
        ['12 of 30 people', '3 of 8 with low vision', 'nobody counted with limited dexterity (8)',
         'no native speaker of es']
    """
    if watched.people < PEOPLE:
        yield f"{watched.people:,} of {PEOPLE} people"
    for name, needed in GROUPS.items():
        who = name if name == "blind" else f"with {name}"
        there = watched.groups.get(name)
        if there is None:
            yield f"nobody counted {who} ({needed})"
        elif there < needed:
            yield f"{there:,} of {needed} {who}"
    for language in offered:
        if not watched.languages.get(language):
            yield f"no native speaker of {language}"


def sample_size_line(watched: Watched, offered: Sequence[str]) -> str:
    """The sample-size line of a report.

    Example:
        >>> sample_size_line(Watched(30, dict(GROUPS), {"en": 30}), ["en"])
        'Large enough by the count for voting systems: 30 people, 8 of each group.'
    """
    short = list(shortfalls(watched, offered))
    if not short:
        return "Large enough by the count for voting systems: 30 people, 8 of each group."
    return f"Short of the count for voting systems: {'; '.join(short)}."
