"""Practice apps as targets: found by name, in each way that they are set up."""

from __future__ import annotations

import os

import pytest

from harness.practice import (
    check_defects,
    practice_apps,
    practice_file,
    refuse_set_up,
    same_app,
    tell_parts,
)
from harness.target import TargetError


def test_an_app_is_found_in_each_way_that_it_is_set_up() -> None:
    """Its folder is the app; a folder in it with a description is a way to set it up."""
    assert {"hub", "hub-breakable", "hub-docker", "hub-processes", "reporting-postgresql"} <= set(
        practice_apps()
    )
    assert practice_file("hub-docker").parts[-3:] == ("hub", "docker", "target.yaml")
    assert practice_file("hub").parts[-2:] == ("hub", "target.yaml")
    with pytest.raises(TargetError, match="did you mean 'hub-docker'"):
        practice_file("hub-doker")


def test_a_way_to_set_it_up_has_the_apps_defects() -> None:
    """They are switched on by the same names."""
    check_defects("hub-docker", ["memory_queue"])
    with pytest.raises(TargetError, match="has no defect 'bad_weather'"):
        check_defects("hub-docker", ["bad_weather"])
    with pytest.raises(TargetError, match="no practice app 'hubb'; did you mean 'hub'"):
        check_defects("hubb", [])


def test_what_needs_services_is_not_served_alone() -> None:
    """A look at an app is at the app itself."""
    refuse_set_up("hub")
    with pytest.raises(TargetError, match="--target practice/hub-docker"):
        refuse_set_up("hub-docker")


def test_parts_are_told_what_the_drill_is_like(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anew for each drill: the defects of the one before are gone."""
    for name in ("HUB_SPEED", "HUB_DEFECTS", "HUB_ARGUMENTS"):
        monkeypatch.setenv(name, "of the drill before")
    tell_parts("hub-docker", speed=2, defects=["memory_queue", "wrong_tenant"])
    assert (os.environ["HUB_SPEED"], os.environ["HUB_DEFECTS"]) == (
        "2",
        "memory_queue,wrong_tenant",
    )
    tell_parts("hub-processes", speed=1, defects=[])
    assert os.environ["HUB_DEFECTS"] == ""
    assert os.environ["HUB_ARGUMENTS"] == "--speed 1"


def test_one_app_set_up_in_two_ways_is_one_app() -> None:
    """So its usual world is the same."""
    assert same_app("practice/hub-docker", "practice/hub")
    assert not same_app("practice/hub", "practice/reporting")
    assert not same_app("mine/target.yaml", "practice/hub")
