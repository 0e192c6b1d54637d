"""Who takes part: people, their devices, training and mistakes. Pure and seeded."""

from simulators.people.cast import Cast
from simulators.people.person import Person

__all__ = ["Cast", "Person"]
