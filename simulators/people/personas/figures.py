"""The numbers that personas are made of, each with its source.

Times are drill seconds. What is published was measured on people who typed text, tapped targets or
did errands on the web, not on precinct chairs: a campaign puts its own volunteers' medians in their
place once it has them.
"""

from __future__ import annotations

from simulators.people.personas.persona import Knob, Mark


def published(value: float, source: str) -> Knob:
    """A number as it was printed, or worked out from one that was."""
    return Knob(value, Mark.PUBLISHED, source)


def assumed(value: float, why: str) -> Knob:
    """A number that nobody has published."""
    return Knob(value, Mark.ASSUMED, why)


# From one key to the next.
PHONE_KEY = published(0.33, "36.2 words a minute on a phone (Palin 2019; SOURCES.md S17)")
MIDDLE_AGED_KEY = published(0.41, "26 to 29 words a minute at 40 to 59 (SOURCES.md S17): the 29")
SLOW_PHONE_KEY = published(0.46, "26 to 29 words a minute at 40 to 59 (SOURCES.md S17): the 26")
NOVICE_KEY = published(1.2, "unfamiliar with a keyboard, keystroke-level model (SOURCES.md S17)")
DESK_KEY = published(0.28, "40 words a minute, keystroke-level model (SOURCES.md S17)")
UNTRAINED_KEY = assumed(0.43, "0.33 s times 1.3: they look for the keys; nothing is published")
SPREAD = assumed(
    0.4, "as between people (SOURCES.md S8); from key to key of one person nothing is published"
)

# To take in a page.
MINDFUL = published(1.35, "a mental step in the keystroke-level model (SOURCES.md S17)")
SLOW_LOOK = assumed(1.8, "1.35 s times 1.33, as slower as older people tap (SOURCES.md S18)")
MAGNIFIED_LOOK = published(4.3, "1.35 s times 3.2, reading magnified text (SOURCES.md S18)")
FOREIGN_LOOK = assumed(1.8, "1.35 s times 1.3; no reading time in Spanish was found in print")
UNTRAINED_LOOK = assumed(1.8, "1.35 s times 1.3: the page is new to them; nothing is published")

# Numbers that are keyed wrong.
NUMBER_ERRORS = published(0.01, "about 1 % of numbers entered once (SOURCES.md S7)")
OLD_NUMBER_ERRORS = assumed(0.03, "three times 1 %: characters go wrong far oftener (S17)")
MAGNIFIED_NUMBER_ERRORS = assumed(0.015, "half as many again as 1 %; nothing is published")
UNTRAINED_NUMBER_ERRORS = assumed(0.02, "twice 1 %, by a ratio of another skill (SOURCES.md S8)")

# Small buttons that are missed.
MISSES = published(0.249, "targets of 4.9 mm, some 31 pixels, under 65 (SOURCES.md S18)")
OLD_MISSES = published(0.624, "targets of 4.9 mm, some 31 pixels, at 67 to 81 (SOURCES.md S18)")
NO_MISSES = assumed(0.0, "a mouse or a keyboard hits what it points at")

# Before they phone for help.
PATIENCE = assumed(90.0, "seconds without getting on; no rate of help calls is in print")
LONG_PATIENCE = assumed(180.0, "twice the others': they do not expect it to be quick")
TRIES = assumed(3.0, "failed tries at one step; no rate of help calls is in print")

AWAY = assumed(1860.0, "a call of half an hour: longer than sessions of 30 minutes live")
