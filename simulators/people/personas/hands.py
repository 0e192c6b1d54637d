"""People whose hands make it hard: slow, unsure of small buttons, without a mouse, or too quick."""

from __future__ import annotations

from simulators.people.personas import figures
from simulators.people.personas.persona import Habit
from simulators.people.personas.usual import SMALL_PHONE, at_a_desk, on_a_phone

SLOW_TYPIST = on_a_phone(
    name="slow-typist",
    title="Slow typist, 76",
    who="Looks for every key, misses small buttons, and once types a letter among the digits.",
    asks="Nothing may run out while they type, and no entry may be lost.",
    age=76,
    key_seconds=figures.NOVICE_KEY,
    look_seconds=figures.SLOW_LOOK,
    number_errors=figures.OLD_NUMBER_ERRORS,
    tap_misses=figures.OLD_MISSES,
    patience_seconds=figures.LONG_PATIENCE,
    habits=frozenset({Habit.LETTER_SLIP}),
    looks=("axe", "targets", "errors"),
)

SMALL_PHONE_USER = on_a_phone(
    name="small-phone",
    title="Small phone, 55",
    who="Has a phone of 320 by 568 pixels, half of it covered by the keyboard while they type.",
    asks="Every button must be within reach, and nothing may need scrolling sideways.",
    age=55,
    screen=SMALL_PHONE,
    key_seconds=figures.MIDDLE_AGED_KEY,
    looks=("axe", "reflow", "targets", "soft_keyboard"),
)

KEYBOARD_ONLY = at_a_desk(
    name="keyboard-only",
    title="Keyboard only, 39",
    who="Cannot use a mouse: gets about with Tab, Enter, Space and the arrow keys.",
    asks="Every step must be reached with the keyboard, and one must see where one is.",
    age=39,
    hands="keyboard",
    looks=("axe", "keyboard", "focus"),
)

DOUBLE_TAPPER = on_a_phone(
    name="double-tapper",
    title="Double tapper, 62",
    who="Taps every button twice, as on a computer's desktop, and goes back after sending.",
    asks="There must be one report, and the page must say that it is in.",
    age=62,
    key_seconds=figures.MIDDLE_AGED_KEY,
    habits=frozenset({Habit.DOUBLE_TAP}),
)

HANDS = (SLOW_TYPIST, SMALL_PHONE_USER, KEYBOARD_ONLY, DOUBLE_TAPPER)
