"""The hub driven and read back from its own description."""

from __future__ import annotations

from pathlib import Path

import pytest
from hub_day import SECRET

from harness.target import Run, load_target
from harness.target.preflight import preflight
from simulators.apps.hub import app
from simulators.world.campaign import FIELDS

DESCRIPTION = Path(app.__file__).with_name("target.yaml")


@pytest.mark.live
def test_one_of_each_goes_through_the_whole_description(tmp_path: Path) -> None:
    """A sign-in, a contact, its repeat and its correction, a look, the readers, and what must be
    refused: all come out as declared, with the worker and the other region beside the app."""
    target = load_target(
        str(DESCRIPTION), environment={"HUB_SECRET": SECRET}, run=Run("run-1", 7, FIELDS)
    )
    probes = {each.name: each for each in preflight(target, folder=tmp_path)}
    assert {name: each.found for name, each in probes.items() if not each.ok} == {}
    assert {
        "sign_in", "good", "repeat", "no_sign_in", "bad", "amend_report", "read_report",
        "read_results", "read_back.records", "read_back.people", "read_back.totals",
    } <= set(probes)  # fmt: skip
