"""Personas walk the practice app's pages by its own target.yaml: clean, and with barriers.

What came of a walk is judged at the app: one report of the precinct, with the numbers as given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from reporting_night import SECRET, Practice, Start, cells

from harness.browser import why_no_browser
from harness.target import Run, load_target
from simulators.apps.reporting import app
from simulators.apps.reporting.barriers import BARRIERS
from simulators.people.person import Person
from simulators.people.personas import PERSONAS, Habit
from simulators.world.preferences import FIELDS

if why := why_no_browser():
    pytest.skip(why, allow_module_level=True)

from harness.channels.web.trial import Tried, errands, try_out

pytestmark = pytest.mark.slow
DESCRIPTION = Path(app.__file__).with_name("target.yaml")
CHAIR = Person(0, "chair", "chair-0", "IA-0001", codes=("100000", "200000", "300000"))
TWICE = "two reports of one precinct"
SPEED = 60.0  # drill seconds in a wall second
REPORT = cells(
    attendance=312, first_biden=60, first_warren=40, first_sanders=75, first_buttigieg=55,
    first_klobuchar=39, first_yang=12, first_steyer=9, first_uncommitted=3, final_biden=66,
    final_warren=51, final_sanders=82, final_buttigieg=64, delegates_biden=2, delegates_warren=1,
    delegates_sanders=2, delegates_buttigieg=2,
)  # fmt: skip
BEFORE = Person(1, "chair", "chair-1", "IA-0002", codes=("100001", "200001", "300001"))
# By barrier: who meets it, and what the walk, or else the app, then shows.
MET_BY = {
    "drops_fast_keys": ("keyboard-only", "was typed and the box holds"),
    "session_short": ("slow-typist", "the app said no: signed out"),
    "hurry": ("slow-typist", "what had been typed was gone when it came back"),
    "double_submit": ("double-tapper", TWICE),
    "shared_phone_leak": ("shared-phone", "shows IA-0002, of whoever was signed in before"),
}


def walk(practice: Practice, persona: str, folder: Path) -> Tried:
    """A persona signs in, reports and reads it back, on a phone that others may have used."""
    target = load_target(
        DESCRIPTION,
        environment={"REPORTING_SECRET": SECRET},
        run=Run("run-1", 7, FIELDS),
        base_url=f"http://127.0.0.1:{practice.http.port}",
    )
    operations = errands(CHAIR, tuple(REPORT.values()))
    who = PERSONAS[persona]
    before = BEFORE if Habit.SHARED_PHONE in who.habits else None
    return try_out(target, who, operations, folder, speed=SPEED, before=before)


def right(rows: Sequence[dict[str, object]]) -> bool:
    return [(row["precinct"], row["cells"]) for row in rows] == [("IA-0001", REPORT)]


def test_every_such_barrier_is_walked() -> None:
    """Barriers that no look finds are tried by walking."""
    assert {each.name for each in BARRIERS if each.caught_by == "personas"} == MET_BY.keys()


@pytest.mark.parametrize("persona", sorted({persona for persona, _ in MET_BY.values()}))
def test_clean_pages_let_them_through(start: Start, tmp_path: Path, persona: str) -> None:
    """Who would meet a barrier gets through without it, and nothing of anybody's is shown."""
    practice = start(speed=SPEED)
    tried = walk(practice, persona, tmp_path)
    assert right(practice.stored())
    assert not any(each["lasting"] or each["state"] == "blocked" for each in tried.of("step"))


@pytest.mark.parametrize("barrier", MET_BY)
def test_a_barrier_is_found_by_who_meets_it(start: Start, tmp_path: Path, barrier: str) -> None:
    """The walk says what they met, or the app holds two reports of theirs."""
    persona, found = MET_BY[barrier]
    practice = start(barrier, speed=SPEED)
    tried = walk(practice, persona, tmp_path)
    if found is TWICE:
        assert [row["precinct"] for row in practice.stored()[:2]] == ["IA-0001"] * 2
    else:
        assert any(found in each["detail"] for each in tried.of("step"))
