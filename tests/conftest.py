"""Fixtures for every folder of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_stand import Chromium, chromium_started
from hypothesis import HealthCheck, settings

from harness.browser import why_no_browser

# How long an example takes says nothing where two test runs share the machine.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for the whole session; tests that need it are skipped where there is none."""
    if why := why_no_browser():
        pytest.skip(why)
    with chromium_started() as started:
        yield started
