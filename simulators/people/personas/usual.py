"""Whom the others are measured against, and what all of them have in common."""

from __future__ import annotations

from typing import Any

from simulators.people.personas import figures
from simulators.people.personas.persona import Persona, Screen

PHONE = Screen()
SMALL_PHONE = Screen(width=320, height=568, zoom=2.0)
DESK = Screen(width=1280, height=720, phone=False)


def on_a_phone(**differs: Any) -> Persona:
    """Somebody of the usual speed on a usual phone, but for what is named."""
    usual: dict[str, Any] = {
        "screen": PHONE,
        "hands": "touch",
        "key_seconds": figures.PHONE_KEY,
        "key_spread": figures.SPREAD,
        "look_seconds": figures.MINDFUL,
        "number_errors": figures.NUMBER_ERRORS,
        "tap_misses": figures.MISSES,
        "patience_seconds": figures.PATIENCE,
        "tries": figures.TRIES,
        "looks": ("axe",),
    }
    return Persona(**{**usual, **differs})


def at_a_desk(**differs: Any) -> Persona:
    """Somebody at a computer, but for what is named."""
    usual = {
        "screen": DESK,
        "hands": "mouse",
        "key_seconds": figures.DESK_KEY,
        "tap_misses": figures.NO_MISSES,
    }
    return on_a_phone(**{**usual, **differs})


STEADY = on_a_phone(
    name="steady",
    title="Steady regular, 48",
    who="Has reported before, has read the guide, and types at the usual speed on a usual phone.",
    asks="The whole errand must go through at the first try.",
    age=48,
    looks=("axe", "reflow", "labels"),
)
