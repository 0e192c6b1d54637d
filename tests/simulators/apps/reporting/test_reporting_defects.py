"""Each switchable defect does its harm, and the clean app under the same load does not."""

from __future__ import annotations

import time
from dataclasses import fields

import pytest
from reporting_night import ADMIN, PRECINCTS, REPORT, Start, cells

from simulators.apps.reporting.defects import DEFECTS, Switches
from simulators.apps.reporting.strain import LONGEST, Strain

FINAL = {name for name in REPORT if name.startswith("final_")}
BURST = [f"op-{index}" for index in range(16)]


def test_every_defect_is_described_and_switchable() -> None:
    """The list that people read and the switches are the same."""
    assert [each.name for each in DEFECTS] == [each.name for each in fields(Switches)]
    assert all(each.history and each.does and each.caught_by for each in DEFECTS)
    with pytest.raises(ValueError, match="no such defect"):
        Switches.on(["bad_weather"])


@pytest.mark.parametrize("defect", [False, True])
def test_partial_export(start: Start, defect: bool) -> None:
    """What is stored is whole; the export lacks the final alignment."""
    practice = start(*["partial_export"] * defect)
    practice.submit("op-1")
    assert practice.stored()[0]["cells"] == REPORT
    (row,) = practice.exported()
    assert {name for name in REPORT if name not in row} == (FINAL if defect else set())


@pytest.mark.parametrize("defect", [False, True])
def test_no_idempotency(start: Start, defect: bool) -> None:
    """A repeat is stored and counted again."""
    practice = start(*["no_idempotency"] * defect)
    again = [practice.submit("op-1").status for _ in range(3)][1:]
    assert again == ([201, 201] if defect else [200, 200])
    assert [row["operation"] for row in practice.stored()] == ["op-1"] * (3 if defect else 1)
    assert practice.totals()["cells"]["attendance"] == (300 if defect else 100)
    assert practice.totals()["precincts_reporting"] == 1


@pytest.mark.parametrize("defect", [False, True])
def test_lost_on_restart(start: Start, defect: bool) -> None:
    """A report is there until the app stops, and gone afterwards."""
    practice = start(*["lost_on_restart"] * defect)
    assert practice.submit("op-1").status == 201
    assert len(practice.stored()) == practice.totals()["precincts_reporting"] == 1
    practice = start(*["lost_on_restart"] * defect)
    assert len(practice.stored()) == practice.totals()["precincts_reporting"] == (not defect)


def test_lost_on_restart_keeps_what_is_old(start: Start) -> None:
    """What waited ten drill minutes, two wall seconds at this speed, was committed."""
    practice = start("lost_on_restart", speed=600.0)
    practice.submit("op-1")
    time.sleep(2.2)
    assert len(start("lost_on_restart").stored()) == 1


@pytest.mark.parametrize("defect", [False, True])
def test_last_cell_dropped(start: Start, defect: bool) -> None:
    """The last number that was filled in is stored as 0; a retry is known all the same."""
    practice = start(*["last_cell_dropped"] * defect)
    assert [practice.submit("op-1").status for _ in range(2)] == [201, 200]
    wanted = REPORT | ({"delegates_warren": 0} if defect else {})
    assert practice.stored()[0]["cells"] == wanted


@pytest.mark.parametrize("defect", [False, True])
def test_stale_totals(start: Start, defect: bool) -> None:
    """Totals keep the first report, after a restart too; the record itself is amended."""
    for _ in range(2):
        practice = start(*["stale_totals"] * defect)
        practice.submit("op-1")
        practice.amend("op-2", REPORT | {"attendance": 90})
        assert practice.stored()[0]["cells"]["attendance"] == 90
        assert practice.totals()["cells"]["attendance"] == (100 if defect else 90)


@pytest.mark.parametrize("defect", [False, True])
def test_one_delegate_precincts(start: Start, defect: bool) -> None:
    """A single delegate is split in proportion; where more are elected nothing is wrong."""
    practice = start(*["one_delegate_precincts"] * defect)
    one = cells(attendance=10, first_biden=6, first_yang=4, final_biden=6, final_yang=4,
                delegates_biden=1)  # fmt: skip
    practice.submit("op-1", one, record="IA-0003")
    practice.submit("op-2", record="IA-0001")
    many, single = (row["derived"] for row in practice.stored())
    assert (single["sde_biden"], single["sde_yang"]) == pytest.approx(
        (0.15, 0.1) if defect else (0.25, 0.0)
    )
    assert (many["sde_biden"], many["sde_warren"]) == (1.0, 0.75)
    assert practice.totals()["derived"]["sde_yang"] == pytest.approx(0.1 if defect else 0.0)


@pytest.mark.parametrize("defect", [False, True])
def test_pin_lockout_storm(start: Start, defect: bool) -> None:
    """One wrong code locks its whole county for a drill hour, but not every other county."""
    practice = start(*["pin_lockout_storm"] * defect)
    assert practice.try_codes("100000", "0", "0").status == 401
    for index, county in enumerate(["Story", "Story", "Story", "Polk"]):
        answer = practice.try_codes(f"10000{index}", f"20000{index}", f"30000{index}")
        locked = defect and county == "Story"
        assert answer.status == (423 if locked else 200)
        if locked:
            left = answer.json()["retry_after_seconds"]
            assert left == pytest.approx(3600 / 120, abs=1)


@pytest.mark.parametrize("defect", [False, True])
def test_cross_precinct_write(start: Start, defect: bool) -> None:
    """A chair may write another's precinct."""
    practice = start(*["cross_precinct_write"] * defect)
    answer = practice.submit("op-1", record="IA-0002", who=practice.sign_in(0))
    assert answer.status == (201 if defect else 403)
    assert [row["precinct"] for row in practice.stored()] == ["IA-0002"] * defect


@pytest.mark.parametrize("defect", [False, True])
def test_accepts_then_drops_under_load(start: Start, defect: bool) -> None:
    """Of a burst, all are answered 201, and some are never stored."""
    practice = start(*["accepts_then_drops_under_load"] * defect)
    assert {answer.status for answer in practice.submit_at_once(BURST)} == {201}
    kept = sum(
        len(practice.http.get(f"/api/reports/{site['record']}/history", ADMIN).json()["versions"])
        for site in PRECINCTS
    )
    # Five of the second are calm; of the eleven others every second one goes.
    assert kept == (10 if defect else 16)


def test_nothing_is_dropped_in_quiet_hours(start: Start) -> None:
    """A few reports a second are all kept."""
    practice = start("accepts_then_drops_under_load")
    for index, site in enumerate(PRECINCTS[:5]):
        practice.submit(f"op-{index}", record=str(site["record"]))
    assert len(practice.stored()) == 5


def test_load_forgets_after_a_second() -> None:
    """Six reports, each more than a fifth of a second after the last, are no load."""
    strain = Strain(Switches.on(["accepts_then_drops_under_load"]))
    assert not any(strain.drops(strain.arrive(0.21 * index)) for index in range(50))
    assert sum(strain.drops(strain.arrive(100 + 0.04 * index)) for index in range(50)) > 15


def test_the_night_at_a_twentieth_is_load_enough() -> None:
    """At half of the peak's 26 reports a wall second each waits for well over two seconds."""
    strain = Strain(Switches.on(["slow_under_load"]))
    waits = [strain.delay(strain.arrive(index / 13)) for index in range(60)]
    assert waits[0] == 0.0
    assert min(waits[15:]) > 2.5


@pytest.mark.parametrize("defect", [False, True])
def test_slow_under_load(start: Start, defect: bool) -> None:
    """In a burst the slow ones wait for seconds; a single user sees nothing; nothing is lost."""
    practice = start(*["slow_under_load"] * defect)

    def timed(work: object) -> float:
        began = time.perf_counter()
        work()  # type: ignore[operator]
        return time.perf_counter() - began

    assert timed(lambda: practice.submit("alone")) < 0.25
    slowest = timed(lambda: practice.submit_at_once(BURST))
    assert (slowest > 2.0) == defect
    assert len(practice.stored()) == len(PRECINCTS)
    assert LONGEST < 30  # so that nobody's client gives up on it
