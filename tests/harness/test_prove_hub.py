"""Every seeded defect of the hub is caught by the check that is meant for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from prove_stand import caught, count, names, proven, quiet

from harness.prove.catalogue import PROOFS
from harness.prove.matrix import Matrix
from harness.record import RunFolder

pytestmark = [pytest.mark.live, pytest.mark.slow]

APP = "hub"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prove") / APP


@pytest.fixture(scope="module")
def matrix(place: Path) -> Matrix:
    return proven(APP, place, jobs=2)  # as long again as the others, else


@pytest.mark.parametrize("defect", names(APP))
def test_each_defect_is_caught_by_the_check_meant_for_it(matrix: Matrix, defect: str) -> None:
    """Its finding fails, and the verdict is NO-GO."""
    caught(matrix, defect)


@pytest.mark.parametrize("drill", [each.name for each in PROOFS[APP].drills])
def test_no_check_fires_on_the_clean_app(matrix: Matrix, place: Path, drill: str) -> None:
    """No false alarm, and nothing but timings may be left open; each fault touched something."""
    folder = RunFolder.open(place / "runs" / f"{APP}-clean-{drill}-1")
    quiet(folder)
    injects = folder.injects.collect()
    assert (injects["touched"] > 0).all()
    assert injects["undone"].all()
    history = folder.history.collect()
    for kind in ("submit_report", "amend_report", "read_report", "read_results"):
        assert count(history, kind=kind, outcome="ok"), f"no {kind} was ever ok"
