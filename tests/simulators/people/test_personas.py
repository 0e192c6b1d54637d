"""The deck of personas: whole, told apart, and every number with its source."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from simulators.people.personas import PERSONAS, Habit, Knob, Mark, Persona
from simulators.people.roster import LANGUAGES

MOST = {
    "key_seconds": 3.0,
    "key_spread": 1.0,
    "look_seconds": 10.0,
    "number_errors": 0.1,
    "tap_misses": 1.0,
    "patience_seconds": 600.0,
    "tries": 10.0,
    "away_seconds": 3600.0,
}
"""No knob may be above this: it would be a slip of our own keys."""

ALL = pytest.mark.parametrize("persona", PERSONAS.values(), ids=list(PERSONAS))


def test_the_deck_has_everybody_an_app_shuts_out_by_oversight() -> None:
    """One each of those whom drills of this kind name, and nobody twice."""
    assert list(PERSONAS) == [each.name for each in PERSONAS.values()]
    assert len({each.title for each in PERSONAS.values()}) == len(PERSONAS) >= 14
    assert set().union(*(each.habits for each in PERSONAS.values())) == set(Habit)


@ALL
def test_each_is_told_in_plain_words(persona: Persona) -> None:
    """Who they are and what the app owes them, a sentence each."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", persona.name)
    assert re.search(r", \d\d$", persona.title)
    assert persona.title.endswith(f", {persona.age}")
    for sentence in (persona.who, persona.asks):
        assert re.fullmatch(r"[A-Z][^.]+\.", sentence)
    assert persona.language in LANGUAGES
    assert persona.locale.startswith(f"{persona.language}-")


@ALL
def test_each_number_is_possible_and_says_where_it_comes_from(persona: Persona) -> None:
    """Published ones name a section of the page of sources; assumed ones say why."""
    page = (files("simulators.data") / "SOURCES.md").read_text(encoding="utf-8")
    assert set(persona.knobs) >= set(MOST) - {"away_seconds"}
    for name, knob in persona.knobs.items():
        assert 0 <= knob.value <= MOST[name], name
        assert len(knob.source) > 10, name
        section = re.search(r"SOURCES\.md (S\d+)", knob.source)
        if knob.mark is Mark.PUBLISHED:
            assert section, name
            assert f"## {section.group(1)}. " in page
    assert persona.tries.value == int(persona.tries.value) >= 1


def test_a_knob_without_a_source_is_noticed() -> None:
    """The list of knobs is what the persona has, not a copy of it."""
    steady = PERSONAS["steady"]
    assert steady.knobs["key_seconds"] is steady.key_seconds
    assert all(isinstance(knob, Knob) for knob in steady.knobs.values())
    assert "away_seconds" not in steady.knobs
    assert "away_seconds" in PERSONAS["interrupted"].knobs


def test_the_automatic_rules_are_asked_in_everybodys_setting() -> None:
    """And no look twice of the same page."""
    for persona in PERSONAS.values():
        assert "axe" in persona.looks
        assert len(set(persona.looks)) == len(persona.looks)


def test_looks_are_made_in_a_setting_where_they_can_find_something() -> None:
    """Fingers on phones, a language that is not the first, a keyboard alone."""
    for persona in PERSONAS.values():
        if {"targets", "soft_keyboard"} & set(persona.looks):
            assert persona.screen.phone
            assert persona.hands == "touch"
        if "language" in persona.looks:
            assert persona.language != "en"
        if "keyboard" in persona.looks:
            assert persona.hands == "keyboard"
        assert persona.screen.phone == (persona.hands == "touch")
