"""Reports at the practice app: once, whole, by the right person, the latest one counting."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from reporting_night import ADMIN, PRECINCTS, REPORT, Practice, Start, cells

from simulators.world.preferences import FIELDS


def test_a_report_is_read_back_as_sent(practice: Practice) -> None:
    """All 43 numbers come back in the full list, the export and the chair's own view."""
    numbered = {name: index for index, name in enumerate(FIELDS)}
    chair = practice.sign_in(0)
    answer = practice.submit("op-1", numbered, who=chair)
    assert answer.status == 201
    assert answer.json()["cells"] == numbered
    assert practice.stored()[0]["cells"] == numbered
    assert {name: practice.exported()[0][name] for name in FIELDS} == numbered
    own = practice.http.get("/api/reports/IA-0001", chair).json()
    assert (own["cells"], own["operation"], own["version"]) == (numbered, "op-1", 1)


def test_a_retry_is_stored_once(practice: Practice) -> None:
    """The same operation with the same numbers gets the same answer and is counted once."""
    first = practice.submit("op-1")
    again = practice.submit("op-1")
    assert (first.status, again.status) == (201, 200)
    assert again.json()["status"] == "already_have_it"
    assert again.json()["id"] == first.json()["id"]
    assert len(practice.stored()) == 1
    assert practice.totals()["cells"]["attendance"] == 100


def test_a_double_tap_is_stored_once(practice: Practice) -> None:
    """Of the same operation sent many times at once, one is new and the others are known."""
    with ThreadPoolExecutor(8) as taps:
        answers = list(taps.map(lambda _: practice.submit("op-1").status, range(8)))
    assert sorted(answers) == [200] * 7 + [201]
    assert practice.totals()["cells"]["attendance"] == 100


def test_a_key_cannot_be_used_for_other_numbers(practice: Practice) -> None:
    """An operation key that comes with other numbers is refused, and nothing changes."""
    practice.submit("op-1")
    other = practice.submit("op-1", REPORT | {"attendance": 101})
    assert other.status == 409
    assert other.json()["error"] == "operation_reused"
    assert practice.stored()[0]["cells"]["attendance"] == 100


def test_the_latest_accepted_report_counts(practice: Practice) -> None:
    """An amendment takes the place of the first report, which is kept in the history."""
    practice.submit("op-1")
    amended = practice.amend("op-2", REPORT | {"attendance": 90})
    assert amended.status == 201
    assert [row["operation"] for row in practice.stored()] == ["op-2"]
    assert practice.totals()["cells"]["attendance"] == 90
    assert practice.totals()["precincts_reporting"] == 1
    history = practice.http.get("/api/reports/IA-0001/history", ADMIN).json()["versions"]
    assert [row["operation"] for row in history] == ["op-1", "op-2"]


def test_a_late_retry_does_not_undo_an_amendment(practice: Practice) -> None:
    """The first report, sent again after it was amended, stays in the past."""
    practice.submit("op-1")
    practice.amend("op-2", REPORT | {"attendance": 90})
    assert practice.submit("op-1").status == 200
    assert practice.totals()["cells"]["attendance"] == 90


def test_a_chair_writes_only_their_own_precinct(practice: Practice) -> None:
    """Another precinct is refused with 403, for reading too; an operator may write any."""
    chair = practice.sign_in(0)
    assert practice.submit("op-1", record="IA-0002", who=chair).status == 403
    assert practice.http.get("/api/reports/IA-0002", chair).status == 403
    assert practice.stored() == []
    password = {"user": "operator-0", "password": "correct horse"}
    token = practice.http.post("/api/sign-in", password).json()["token"]
    operator = {"Authorization": f"Bearer {token}"}
    assert practice.submit("op-1", record="IA-0002", who=operator).status == 201


def test_a_precinct_that_does_not_exist_is_refused(practice: Practice) -> None:
    """A mistyped precinct is a 404, even for operators."""
    assert practice.submit("op-1", record="IA-9999").status == 404


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"attendance": -1}, "attendance"),
        ({"final_yang": 1.5}, "final_yang"),
        ({"final_yang": True}, "final_yang"),
        ({"first_biden": "12"}, "first_biden"),
        ({"first_biden": None}, "first_biden"),
        ({"first_biden": 100_000}, "first_biden"),
        ({"first_clinton": 3}, "first_clinton"),
    ],
)
def test_what_cannot_be_a_count_is_refused_by_name(
    practice: Practice, wrong: dict[str, int], named: str
) -> None:
    """A number that is negative, broken, missing, too large or unknown is named in the 422."""
    answer = practice.submit("op-1", REPORT | wrong)
    assert answer.status == 422
    assert list(answer.json()["fields"]) == [named]
    assert practice.stored() == []


def test_contradictions_are_kept_with_a_warning(practice: Practice) -> None:
    """The worksheet is the paper of record: counts that contradict each other are accepted."""
    odd = cells(attendance=10, first_biden=12, final_biden=15, delegates_biden=8)
    answer = practice.submit("op-1", odd)
    assert answer.status == 201
    assert len(answer.json()["warnings"]) == 3
    assert practice.submit("op-2").json()["warnings"] == []


def test_a_report_needs_an_operation_key(practice: Practice) -> None:
    """Without a key, or with two that differ, nothing is stored."""
    body = {"precinct": "IA-0001", "version": 1, "cells": REPORT}
    assert practice.http.post("/api/reports", body, ADMIN).status == 422
    two = {**ADMIN, "Idempotency-Key": "a"}
    answer = practice.http.post("/api/reports", body | {"operation": "b"}, two)
    assert answer.status == 422
    assert practice.stored() == []


def test_pages_hold_every_report_once(practice: Practice) -> None:
    """Reading in pages of two gives each site once, and says how many there are."""
    for index, site in enumerate(PRECINCTS):
        practice.submit(f"op-{index}", record=str(site["record"]))
    read = []
    for number in (1, 2, 3):
        url = f"/api/reports?page={number}&per_page=2"
        page = practice.http.get(url, ADMIN).json()
        assert (page["pages"], page["total"]) == (3, 6)
        read += [row["precinct"] for row in page["reports"]]
    assert sorted(read) == sorted(str(site["record"]) for site in PRECINCTS)
    assert practice.http.get("/api/reports?page=0", ADMIN).status == 422


def test_the_export_is_also_csv(practice: Practice) -> None:
    """The warehouse can take the same rows as CSV."""
    practice.submit("op-1")
    answer = practice.http.get("/api/export?format=csv", ADMIN)
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["precinct"], row["final_warren"], row["sde_biden"]) == ("IA-0001", "40", "1.0")
    assert answer.headers["x-total-pages"] == "1"


def test_totals_are_sums_over_what_counts(practice: Practice) -> None:
    """Totals add up cells and state delegate equivalents of all sites that reported."""
    practice.submit("op-1", record="IA-0001")
    practice.submit("op-2", record="IA-0004")
    totals = practice.totals()
    assert (totals["precincts_reporting"], totals["precincts"]) == (2, 6)
    assert totals["cells"]["first_warren"] == 80
    assert totals["derived"]["sde_biden"] == pytest.approx(2 * 4 * 0.25)


def test_a_satellite_counts_people_at_the_end(practice: Practice) -> None:
    """Satellites elect no delegates: their equivalents follow the final alignment."""
    practice.submit("op-1", cells(attendance=8, first_biden=8, final_biden=8), record="IA-S01")
    assert practice.stored()[0]["derived"]["sde_biden"] == pytest.approx(8 * 0.25)


def test_the_threshold_is_published(practice: Practice) -> None:
    """Viability is rounded up to whole people; one delegate knows no viability."""
    for record in ("IA-0001", "IA-0005", "IA-0003"):
        practice.submit(f"op-{record}", record=record)
    found = {row["precinct"]: row["derived"]["threshold"] for row in practice.stored()}
    assert found == {"IA-0001": 15, "IA-0005": 17, "IA-0003": 0}


def test_results_are_cached_until_they_change(practice: Practice) -> None:
    """A reader with today's page is told so, until the next report."""
    first = practice.http.get("/api/results")
    tag = {"If-None-Match": first.headers["etag"]}
    assert practice.http.get("/api/results", tag).status == 304
    practice.submit("op-1")
    assert practice.http.get("/api/results", tag).json()["precincts_reporting"] == 1


def test_everything_is_there_after_a_restart(start: Start) -> None:
    """Reports, totals and sign-ins survive a stop in good order."""
    first = start()
    chair = first.sign_in(0)
    first.submit("op-1", who=chair)
    first.amend("op-2", REPORT | {"attendance": 90})
    before = first.totals(), first.stored()
    again = start()
    assert (again.totals(), again.stored()) == before
    assert again.http.get("/api/reports/IA-0001", chair).status == 200


def test_health_says_that_it_is_for_practice(start: Start) -> None:
    """Anybody can ask; nothing there tells which defects are on."""
    clean = start().http.get("/health").json()
    assert (clean["status"], clean["environment"]) == ("ok", "practice")
    assert start("stale_totals").http.get("/health").json() == clean
