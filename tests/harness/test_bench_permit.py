"""A permit is asked for again while the drill runs."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness import bench
from harness.target import SafetyError


class _Target:
    permit: Any = object()
    process = None
    run = SimpleNamespace(id="a drill")
    description = SimpleNamespace(compose=None, services={})


def _bench(permit: Any) -> bench.Bench:
    target = _Target()
    target.permit = permit
    return bench.Bench("target.yaml", target, Path(), ())  # type: ignore[arg-type]


class _NoDriver:
    def __init__(self, target: Any) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_permit_that_is_withdrawn_stops_the_drill(
    withdrawn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stop is set, and somebody is told why; a permit that holds leaves it alone."""
    asked = threading.Event()

    def control(target: Any, permit: Any, driver: Any) -> None:
        asked.set()
        if withdrawn:
            raise SafetyError("the token is gone")

    monkeypatch.setattr(bench, "_ASK_AGAIN", 0.001)
    monkeypatch.setattr(bench, "Driver", _NoDriver)
    monkeypatch.setattr(bench, "check_control", control)
    stop, said = threading.Event(), list[str]()
    with _bench(object()).guarded(stop, said.append):
        assert asked.wait(5)
        time.sleep(0.02)
    assert stop.is_set() == withdrawn
    assert said == (["the token is gone"] if withdrawn else [])


def test_a_target_on_this_machine_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is free."""
    monkeypatch.setattr(bench, "check_control", lambda *_: pytest.fail("asked"))
    monkeypatch.setattr(bench, "_ASK_AGAIN", 0.001)
    stop = threading.Event()
    with _bench(None).guarded(stop, lambda text: None):
        time.sleep(0.02)
    assert not stop.is_set()
