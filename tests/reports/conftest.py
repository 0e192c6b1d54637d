"""Two recorded nights of full size, made once: one on which all held, one with a bad export."""

from __future__ import annotations

from pathlib import Path

import pytest
from reports_folder import faulty_findings, write_night

from harness.record import RunFolder


@pytest.fixture(scope="session")
def clean_night(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A night on which everything held: GO."""
    return write_night(tmp_path_factory.mktemp("clean") / "run")


@pytest.fixture(scope="session")
def faulty_night(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The same night with an export that drops reports: NO-GO."""
    return write_night(tmp_path_factory.mktemp("faulty") / "run", faulty_findings())


@pytest.fixture
def empty_run(tmp_path: Path) -> RunFolder:
    """A run that stopped before anybody acted."""
    return write_night(tmp_path / "run", [], records=0, state="crashed", reasons=["out of memory"])
