"""People whose line, phone or evening gets in the way."""

from __future__ import annotations

from simulators.people.personas import figures
from simulators.people.personas.persona import Habit, Network
from simulators.people.personas.usual import on_a_phone

SLOW_3G = Network(latency_ms=2000.0, kbit_per_second=400.0)
"""As browsers' developer tools have it (SOURCES.md S18)."""

SLOW_LINE = on_a_phone(
    name="slow-line",
    title="Church basement, slow 3G, 58",
    who="Reports from a basement where a page takes eight seconds.",
    asks="The page must say that it is still at work, and take the report once.",
    age=58,
    key_seconds=figures.MIDDLE_AGED_KEY,
    patience_seconds=figures.LONG_PATIENCE,
    network=SLOW_3G,
)

CUT_OFF = on_a_phone(
    name="cut-off",
    title="Cut off while sending, 50",
    who="Loses the connection just when the report is on its way, and sends it again.",
    asks="There must be one report, and an honest word on whether it is in.",
    age=50,
    habits=frozenset({Habit.CUT_WHILE_SENDING}),
)

SWAPPED_CODES = on_a_phone(
    name="swapped-codes",
    title="Codes in the wrong boxes, 64",
    who="First types the precinct ID in the box of the PIN, as many did in 2020.",
    asks="The page must say which box is wrong, and not lock them out.",
    age=64,
    key_seconds=figures.MIDDLE_AGED_KEY,
    habits=frozenset({Habit.SWAPPED_CODES}),
    looks=("axe", "errors"),
)

SKIPPED_TRAINING = on_a_phone(
    name="skipped-training",
    title="Skipped the training, 34",
    who="Was never shown the app, leaves the form once, and has to find the way back.",
    asks="The page itself must show the way, and what was typed must still be there.",
    age=34,
    training="none",
    key_seconds=figures.UNTRAINED_KEY,
    look_seconds=figures.UNTRAINED_LOOK,
    number_errors=figures.UNTRAINED_NUMBER_ERRORS,
    habits=frozenset({Habit.SKIPPED_TRAINING}),
)

INTERRUPTED = on_a_phone(
    name="interrupted",
    title="Interrupted by a call, 57",
    who="Takes a phone call with the form half filled in, and comes back half an hour later.",
    asks="What was typed must still be there, or the page must say what to do.",
    age=57,
    key_seconds=figures.MIDDLE_AGED_KEY,
    away_seconds=figures.AWAY,
    habits=frozenset({Habit.INTERRUPTED}),
)

SHARED_PHONE = on_a_phone(
    name="shared-phone",
    title="Shares a phone, 69",
    who="Reports on the phone of another chair, who was signed in before.",
    asks="The report must go under their own precinct, and nobody's numbers may be shown to them.",
    age=69,
    key_seconds=figures.SLOW_PHONE_KEY,
    habits=frozenset({Habit.SHARED_PHONE}),
)

CIRCUMSTANCES = (
    SLOW_LINE, CUT_OFF, SWAPPED_CODES, SKIPPED_TRAINING, INTERRUPTED, SHARED_PHONE,
)  # fmt: skip
