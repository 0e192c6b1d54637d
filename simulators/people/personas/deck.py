"""The deck: every persona by name, in the order of reports."""

from __future__ import annotations

from simulators.people.personas.circumstances import CIRCUMSTANCES
from simulators.people.personas.eyes import EYES
from simulators.people.personas.hands import HANDS
from simulators.people.personas.persona import Persona
from simulators.people.personas.usual import STEADY

PERSONAS: dict[str, Persona] = {each.name: each for each in (STEADY, *HANDS, *EYES, *CIRCUMSTANCES)}
