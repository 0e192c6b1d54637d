"""A supporter who signs up on the web: no account, one form, and sometimes a second tap."""

from __future__ import annotations

from random import Random

from simulators.behaviours.campaigner import Campaigner, Stint, Task
from simulators.behaviours.protocol import Behaviour, Keyed
from simulators.people.cast import Persistence
from simulators.people.person import Person


def supporter(
    person: Person, persistence: Persistence, at: float, form: Keyed, taps: int, rng: Random
) -> Behaviour:
    """Fill in the form and send it until it is taken, or they lose patience."""
    task = Task(at, form.record, form, taps=taps)
    return Campaigner(Stint(person, persistence, at, (task,), signs_in=False), rng).day()
