"""The looks that personas name are those that there are."""

from __future__ import annotations

from harness.channels.web.looks.registry import LOOKS
from simulators.people.personas import PERSONAS


def test_every_look_is_made_by_somebody_and_every_one_named_is_known() -> None:
    """A look that nobody makes proves nothing, and one that is misspelt is never made."""
    named = {look for persona in PERSONAS.values() for look in persona.looks}
    assert named == set(LOOKS)
