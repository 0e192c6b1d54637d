"""What is said where no Docker engine answers."""

from __future__ import annotations

import pytest

from harness.injects import docker_host


def test_an_engine_that_fails_without_a_word_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty reason would mean that containers can be had, so an error's name stands for it."""

    def dumb() -> None:
        raise TimeoutError

    monkeypatch.setattr(docker_host, "engine", dumb)
    assert docker_host.why_no_docker() == "TimeoutError"
