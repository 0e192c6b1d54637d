"""The deck of personas: whom an app must not shut out, as a real browser can play them.

Imports nothing of ours but this package.
"""

from simulators.people.personas.circumstances import CIRCUMSTANCES
from simulators.people.personas.eyes import EYES
from simulators.people.personas.hands import HANDS
from simulators.people.personas.persona import Habit, Knob, Mark, Persona
from simulators.people.personas.usual import STEADY

__all__ = ["PERSONAS", "Habit", "Knob", "Mark", "Persona"]

PERSONAS: dict[str, Persona] = {each.name: each for each in (STEADY, *HANDS, *EYES, *CIRCUMSTANCES)}
"""Every persona by name, in the order of reports."""
