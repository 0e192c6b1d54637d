"""Injects that were made and never played: what they hold is let go of, whatever comes between."""

from __future__ import annotations

import io
from pathlib import Path

import psutil
import pytest
from network_stand import app_up, injects
from rich.console import Console

from harness.bench import Bench
from harness.drill import Drill, run_drill
from harness.injects import network_plan, planning
from harness.injects.network_plan import MODULE, Around
from harness.injects.planning import plan_injects
from harness.progress import Progress
from harness.scenario import load_scenario

NIGHT = "iowa-caucus-night"


def proxies() -> list[psutil.Process]:
    """Processes of ours that stand between people and app."""
    return [each for each in psutil.Process().children() if MODULE in each.cmdline()]


@pytest.mark.parametrize("at", ["_planned", "_others"])
def test_a_plan_that_is_interrupted_leaves_no_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Ctrl-C while the plan is made, once its proxies are open."""
    seen: list[psutil.Process] = []

    def interrupted(*_: object) -> None:
        seen.extend(proxies())
        raise KeyboardInterrupt

    monkeypatch.setattr(planning if at == "_others" else network_plan, at, interrupted)
    with app_up() as app, pytest.raises(KeyboardInterrupt):
        plan_injects(
            injects({"kind": "network.black_hole"}),
            clock=load_scenario(NIGHT).clock,
            around=Around([app.line], 1, 60.0, tmp_path),
            process=None,
        )
    assert seen
    assert proxies() == []


@pytest.mark.live
def test_a_drill_that_fails_before_anybody_plays_leaves_no_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever plays drills one after another would collect them."""
    seen: list[psutil.Process] = []

    def fails(*_: object) -> None:
        seen.extend(proxies())
        raise RuntimeError("nobody is put on a way today")

    monkeypatch.setattr(Bench, "put_on_ways", fails)
    monkeypatch.setattr(Bench, "prepare", lambda *_: None)
    scenario = load_scenario(NIGHT)
    drill = Drill(scenario, scenario.target, "rehearsal", 1, 1200.0, 0.01, tmp_path / "run")
    with pytest.raises(RuntimeError, match="nobody is put on a way"):
        run_drill(drill, Progress(Console(file=io.StringIO()), quiet=True))
    assert seen
    assert proxies() == []
