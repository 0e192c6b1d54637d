"""What a drill says of its phones: lines it cannot dial, and a carrier that was late itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.bench import Bench, open_bench
from harness.logbook import Logbook
from harness.record import RunFolder
from harness.scenario import load_scenario
from simulators.plans import plan_of

TARGET = """
name: another app
base_url: http://127.0.0.1:9
phone:
  lines: {hotline: {number: "+15555550199", voice: {url: /v}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


def bench_of(target: str, folder: Path) -> tuple[Bench, tuple[str, ...]]:
    plan = plan_of(load_scenario("houdini-election-day").night("rehearsal", seed=1, scale=0.02))
    bench = open_bench(target, folder=folder, run="r", plan=plan, speed=120.0)
    return bench, bench.undriven(plan)


def test_a_line_that_the_target_does_not_describe_is_not_drilled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People of the plan would dial it, so the report must say that nobody did."""
    monkeypatch.setenv("CARRIER_ACCOUNT", "AC" + "0" * 32)
    monkeypatch.setenv("CARRIER_TOKEN", "secret-token")
    file = tmp_path / "target.yaml"
    file.write_text(TARGET, encoding="utf-8")
    bench, undriven = bench_of(str(file), tmp_path / "run")
    assert undriven
    assert all("has no phone line of that name" in each for each in undriven)
    assert any("line strike" in each for each in undriven)
    assert bench.carrier is not None


def test_a_target_without_a_phone_gets_no_carrier(tmp_path: Path) -> None:
    """And none of the plan's lines to the app is drilled."""
    bench, undriven = bench_of("practice/reporting", tmp_path / "run")
    assert bench.carrier is None
    assert any("line strike" in each for each in undriven)


def test_every_line_of_the_practice_app_is_drilled(tmp_path: Path) -> None:
    """Whatever people of the plan dial, the strikes app answers."""
    bench, undriven = bench_of("practice/strikes", tmp_path / "run")
    assert undriven == ()
    assert bench.carrier is not None


def logged(folder: RunFolder, lateness: float | None, counts: dict[str, Any] | None) -> Any:
    info = {"participants": 1, "reasons": [], "generator": {"lateness_p99": lateness}}
    with Logbook(folder, info) as log:
        log.note_carried(counts)
    return RunFolder.open(folder.path).info


def test_a_carrier_that_stalls_makes_the_generator_late(folder: RunFolder) -> None:
    """Its lateness is ours and not the app's, so it counts where timings are judged."""
    counts = {"event": "counts", "calls": 3, "lag": {"p99": 0.3, "worst": 0.4}}
    info = logged(folder, 0.004, counts)
    assert info["generator"]["lateness_p99"] == 0.3
    assert info["generator"]["carrier_lag_p99"] == 0.3
    assert info["carrier"] == {"calls": 3, "lag": {"p99": 0.3, "worst": 0.4}}


def test_a_punctual_carrier_hides_no_late_engine(folder: RunFolder) -> None:
    """The worse of the two counts."""
    info = logged(folder, 0.05, {"lag": {"p99": 0.003}})
    assert info["generator"]["lateness_p99"] == 0.05


def test_a_carrier_that_died_is_a_reason(folder: RunFolder) -> None:
    """What it would have counted is not known."""
    info = logged(folder, 0.0, {"problem": "the phone carrier does not answer: it hung up"})
    assert info["reasons"] == ["the phone carrier does not answer: it hung up"]


def test_without_a_carrier_nothing_is_said_of_one(folder: RunFolder) -> None:
    """A drill of a web app alone knows no carrier."""
    assert "carrier" not in logged(folder, 0.0, None)
