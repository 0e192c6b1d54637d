"""The strikes app driven and read back from its own description, through the stand-in carrier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from strikes_day import SECRET

from harness.target import Run, Target, load_target
from harness.target.preflight import preflight
from simulators.apps.strikes import app

DESCRIPTION = Path(app.__file__).with_name("target.yaml")


def described(*defects: str) -> Target:
    """The app's own description, with defects switched on in its command."""
    data: dict[str, Any] = yaml.safe_load(DESCRIPTION.read_text())
    data["process"]["command"] += [word for each in defects for word in ("--defect", each)]
    run = Run("run-1", 7, ("voted",))
    return load_target(data, environment={"STRIKES_SECRET": SECRET}, run=run)


@pytest.mark.live
def test_one_of_each_goes_through_the_whole_description(tmp_path: Path) -> None:
    """A sign-in, a code and its repeat on the web, one by phone and one by text, the readers, and
    requests that nobody signed: all come out as declared."""
    probes = {each.name: each for each in preflight(described(), folder=tmp_path)}
    assert {name: each.found for name, each in probes.items() if not each.ok} == {}
    assert {
        "voice.sign_in", "voice.submit_report", "sms.submit_report", "call.help",
        "forged.strike.voice", "forged.strike.text", "forged.help.voice",
        "read_back.strikes", "read_back.lists", "read_back.totals", "no_sign_in",
    } <= set(probes)  # fmt: skip
    assert "already recorded" in probes["voice.submit_report"].found


@pytest.mark.live
def test_forged_requests_that_are_believed_show_before_the_drill(tmp_path: Path) -> None:
    """An app that believes anybody fails the probes of forged requests, and only those."""
    found = preflight(described("no_signature_check"), folder=tmp_path)
    assert {each.name for each in found if not each.ok} == {
        "forged.strike.voice", "forged.strike.text", "forged.help.voice",
    }  # fmt: skip
