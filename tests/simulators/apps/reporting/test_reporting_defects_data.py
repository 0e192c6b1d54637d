"""Defects of what is stored, totalled and handed on: each does its harm, and the clean app none."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from reporting_night import ADMIN, PRECINCTS, REPORT, Practice, Start, cells

from simulators.apps.reporting.defects import Switches
from simulators.apps.reporting.strain import CALM, MIXED_UP, Strain

FAST = 6000.0  # 15 drill minutes are 0.15 s


def until(so: Callable[[], bool]) -> bool:
    """Whether something comes to be so within two seconds."""
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline:
        if so():
            return True
        time.sleep(0.01)
    return so()


def attendance(practice: Practice) -> int:
    found: int = practice.stored()[0]["cells"]["attendance"]
    return found


def test_lost_update(start: Start) -> None:
    """A correction is undone when the first report is written back; the totals follow."""
    practice = start("lost_update", speed=FAST)
    practice.submit("op-1")
    practice.amend("op-2", REPORT | {"attendance": 90})
    assert until(lambda: attendance(practice) == 100)
    assert practice.totals()["cells"]["attendance"] == 100


def test_a_correction_stands(start: Start) -> None:
    """The clean app writes nothing back."""
    practice = start(speed=FAST)
    practice.submit("op-1")
    practice.amend("op-2", REPORT | {"attendance": 90})
    time.sleep(0.3)  # twice the time after which the defect has done its harm
    assert attendance(practice) == 90


@pytest.mark.parametrize("defect", [False, True])
def test_stored_then_refused(start: Start, defect: bool) -> None:
    """Another's precinct is refused either way; with the defect the report is there."""
    practice = start(*["stored_then_refused"] * defect)
    answer = practice.submit("op-1", record="IA-0002", who=practice.sign_in(0))
    assert answer.status == 403
    assert [row["precinct"] for row in practice.stored()] == ["IA-0002"] * defect


def test_one_s_own_precinct_is_stored_once(start: Start) -> None:
    """Who may write is told that the report is new."""
    practice = start("stored_then_refused")
    assert practice.submit("op-1", who=practice.sign_in(0)).status == 201


@pytest.mark.parametrize("defect", [False, True])
def test_mixed_up_in_rush(defect: bool) -> None:
    """In a rush one in four reports goes under the precinct before it; in calm none does."""
    strain = Strain(Switches.on(["mixed_up_in_rush"] * defect))
    names = [f"IA-{n:04d}" for n in range(40)]
    rush = [strain.precinct(each, CALM) for each in names]
    wrong = [n for n, each in enumerate(names) if rush[n] != each]
    assert wrong == (list(range(1, 40, MIXED_UP)) if defect else [])
    assert all(rush[n] == names[n - 1] for n in wrong)
    assert [strain.precinct(each, CALM - 1) for each in names] == names


@pytest.mark.parametrize("defect", [False, True])
def test_satellites_forgotten(start: Start, defect: bool) -> None:
    """A satellite's report is stored, and not in the totals, after a restart neither."""
    for _ in range(2):
        practice = start(*["satellites_forgotten"] * defect)
        practice.submit("op-1", record="IA-S01")
        practice.submit("op-2")
        assert len(practice.stored()) == 2
        assert practice.totals()["precincts_reporting"] == (1 if defect else 2)
        assert practice.totals()["cells"]["attendance"] == (100 if defect else 200)


@pytest.mark.parametrize("defect", [False, True])
def test_rounded_totals(start: Start, defect: bool) -> None:
    """Each report's own equivalents are exact; their sum is of rounded numbers."""
    practice = start(*["rounded_totals"] * defect)
    one = cells(attendance=10, first_biden=10, final_biden=10, delegates_biden=1)
    for index, site in enumerate(PRECINCTS[:2]):
        practice.submit(f"op-{index}", one, record=str(site["record"]))
    assert [row["derived"]["sde_biden"] for row in practice.stored()] == [0.25, 0.25]
    assert practice.totals()["derived"]["sde_biden"] == pytest.approx(0.4 if defect else 0.5)


@pytest.mark.parametrize("defect", [False, True])
def test_day_ends_in_utc(start: Start, defect: bool) -> None:
    """What comes more than a drill hour after the first report is not handed on."""
    practice = start(*["day_ends_in_utc"] * defect, speed=36_000.0)  # an hour is 0.1 s
    practice.submit("op-1")
    assert until(lambda: practice.submit("late", record="IA-0002").status == 200)
    time.sleep(0.15)
    practice.submit("op-3", record="IA-0003")
    assert len(practice.stored()) == 3
    handed_on = practice.http.get("/api/export", headers=ADMIN).json()
    late = [row["precinct"] for row in handed_on["rows"] if row["precinct"] == "IA-0003"]
    assert late == [] if defect else ["IA-0003"]
    assert handed_on["total"] == len(handed_on["rows"])


@pytest.mark.parametrize("defect", [False, True])
def test_export_columns_shift(start: Start, defect: bool) -> None:
    """Sites with a name of several words are shifted in the export; what is stored is right."""
    practice = start(*["export_columns_shift"] * defect)
    practice.submit("op-1")
    practice.submit("op-2", record="IA-S01")  # Paris: one word
    assert [row["cells"] for row in practice.stored()] == [REPORT, REPORT]
    many, one = practice.exported()
    assert {name: one[name] for name in REPORT} == REPORT
    right = {name: many[name] for name in REPORT} == REPORT
    assert right is not defect
    firsts = [many[name] for name in REPORT if name.startswith("first_")]
    assert sum(firsts) == 100
