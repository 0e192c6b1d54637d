"""People who see or read the page in another way."""

from __future__ import annotations

from simulators.people.personas import figures
from simulators.people.personas.persona import Display, Habit, Screen
from simulators.people.personas.usual import DESK, at_a_desk, on_a_phone

ZOOMED_IN = at_a_desk(
    name="zoomed-in",
    title="Page at 200 %, 66",
    who="Has set the browser to 200 %, so that half the page is in view.",
    asks="The page must fit the width, and nothing may be cut off.",
    age=66,
    screen=Screen(width=640, height=360, zoom=2.0, phone=False),
    looks=("axe", "reflow", "labels"),
)

LOW_VISION = at_a_desk(
    name="low-vision",
    title="Low vision, 71",
    who="Reads at 400 % with more contrast, a few words at a time, and pastes the codes.",
    asks="Words must stand out, fit a narrow page, and codes must be accepted as pasted.",
    age=71,
    screen=Screen(width=320, height=256, zoom=4.0, phone=False),
    display=Display(more_contrast=True),
    key_seconds=figures.SLOW_PHONE_KEY,
    look_seconds=figures.MAGNIFIED_LOOK,
    number_errors=figures.MAGNIFIED_NUMBER_ERRORS,
    patience_seconds=figures.LONG_PATIENCE,
    habits=frozenset({Habit.PASTES_CODES}),
    looks=("axe", "reflow", "contrast", "paste"),
)

FORCED_COLOURS = at_a_desk(
    name="forced-colours",
    title="Own colours, dark, 44",
    who="Has the system draw every page in a few bright colours on black.",
    asks="Nothing may be invisible.",
    age=44,
    screen=DESK,
    display=Display(color_scheme="dark", forced_colors=True),
    looks=("axe", "contrast", "focus"),
)

SPANISH_SPEAKER = on_a_phone(
    name="spanish-speaker",
    title="Spanish speaker, 52",
    who="Reads Spanish, and no English.",
    asks="Every word of the path must be in Spanish, and numbers must be taken as typed.",
    age=52,
    language="es",
    locale="es-US",
    look_seconds=figures.FOREIGN_LOOK,
    looks=("axe", "language", "reflow"),
)

EYES = (ZOOMED_IN, LOW_VISION, FORCED_COLOURS, SPANISH_SPEAKER)
