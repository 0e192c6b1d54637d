"""The packaged scenarios can be loaded, are told about, and have their schema published."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from fastjsonschema import compile as compile_schema

from harness.scenario import load_scenario, packaged, schema, schema_text

FOLDER = Path(__file__).parents[2] / "scenarios"


def test_the_published_schema_is_the_one_that_is_used() -> None:
    """Editors check a scenario by the same rules as the loader."""
    assert (FOLDER / "scenario.schema.json").read_text() == schema_text()


@pytest.mark.parametrize("name", packaged())
def test_each_is_valid_and_names_its_schema(name: str) -> None:
    """By the loader and by the schema; and its first line tells an editor where the schema is."""
    path = packaged()[name]
    assert load_scenario(name).scenario == name
    assert path.read_text().startswith("# yaml-language-server: $schema=scenario.schema.json")
    compile_schema({**schema(), "$schema": "http://json-schema.org/draft-07/schema#"})(
        yaml.safe_load(path.read_text())
    )


@pytest.mark.parametrize("name", packaged())
def test_each_has_its_story_and_its_sources(name: str) -> None:
    """In the file, and in the folder's README."""
    scenario = load_scenario(name)
    assert len(scenario.story.split()) > 50
    assert len(scenario.sources) >= 3
    assert f"## {name}" in (FOLDER / "README.md").read_text()


@pytest.mark.parametrize("name", packaged())
def test_objectives_say_what_they_ask(name: str) -> None:
    """Each in plain words of its own, under a name of its own."""
    objectives = load_scenario(name).objectives
    assert all(each.says for each in objectives)
    assert len({each.name for each in objectives}) == len(objectives)
