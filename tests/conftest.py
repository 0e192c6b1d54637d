"""Fixtures for every folder of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_stand import Chromium, chromium_started

from harness.browser import why_no_browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for the whole session; tests that need it are skipped where there is none."""
    if why := why_no_browser():
        pytest.skip(why)
    with chromium_started() as started:
        yield started
