"""The deck of personas: whom an app must not shut out, as a real browser can play them.

Imports the draws of ``simulators.people`` and nothing else of ours.
"""

from simulators.people.personas.deck import PERSONAS
from simulators.people.personas.persona import Habit, Knob, Mark, Persona

__all__ = ["PERSONAS", "Habit", "Knob", "Mark", "Persona"]
