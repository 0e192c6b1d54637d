"""Reconciling each kind of reader: sets, sets without keys, merged state, children, sums."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest
from build_run import DELEGATES, FIELDS, Run, changed, clean_run, record_key, report

from harness.checks import ask_all
from harness.record import Finding, Status


def bare(path: Path, mode: str, records: int = 6) -> Run:
    """A night of one report a record, with an empty reader of the given mode."""
    run = clean_run(path, records=records)
    run.history = [row for row in run.history if row["kind"] != "amend_report"]
    run.readback, run.info["injects"], run.injects = [], [], []
    run.info["target"]["readers"] = [{"name": "store", "mode": mode}]
    return run


def fill(run: Run, mode: str, *, keys: bool, records: bool) -> None:
    """Let the reader say what was sent."""
    for index in range(run.info["records"]):
        key = record_key(index)
        run.stored(
            key if records else None, report(index), mode=mode, key=f"k-{key}-1" if keys else None
        )


def failing(run: Run) -> dict[str, Finding]:
    """The failing findings by check; none may be unsure but what sums cannot tell."""
    findings = list(ask_all(run.write()))
    if run.info["target"]["readers"][0]["mode"] == "totals":
        findings = [each for each in findings if each.check != "completeness"]
    assert [each for each in findings if each.status is Status.UNKNOWN] == []
    return {each.check: each for each in findings if each.status is Status.FAIL}


def names(findings: Iterable[str]) -> set[str]:
    """Which checks fail, without those that only measure."""
    return set(findings) - {"completeness"}


@pytest.mark.parametrize(
    ("keys", "records"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_a_set_of_rows_passes_by_key_by_record_or_by_values(
    keys: bool, records: bool, tmp_path: Path
) -> None:
    """Rows are matched by whatever the target keeps of them."""
    run = bare(tmp_path / "run", "set")
    fill(run, "set", keys=keys, records=records)
    assert failing(run) == {}


@pytest.mark.parametrize(
    ("keys", "records"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_a_set_of_rows_shows_losses_and_doubles(keys: bool, records: bool, tmp_path: Path) -> None:
    """One row taken out and one put in twice are found however rows are matched."""
    run = bare(tmp_path / "run", "set")
    fill(run, "set", keys=keys, records=records)
    first, last = run.readback[:2], run.readback[-2:]
    run.readback = [*run.readback[2:], *last]
    assert len(first) == 2
    found = failing(run)
    assert names(found) == {"lost", "duplicate"}
    assert found["lost"].witnesses[0].record == "IA-0001"
    assert found["duplicate"].witnesses[0].record == "IA-0006"


def test_a_set_keeps_every_version(tmp_path: Path) -> None:
    """Where each report is a row, an amendment replaces nothing: both must be there."""
    run = bare(tmp_path / "run", "set")
    fill(run, "set", keys=True, records=True)
    run.submit(3, at=60.0, kind="amend_report", version=2, values=report(3, extra=1))
    assert names(failing(run)) == {"lost"}


def test_a_row_under_its_key_says_what_was_sent_with_it(tmp_path: Path) -> None:
    """Another's values, another record and nobody's values are told apart."""
    run = bare(tmp_path / "run", "set")
    fill(run, "set", keys=True, records=True)
    by_record = {row["record"]: [] for row in run.readback}
    for row in run.readback:
        by_record[row["record"]].append(row)
    for row in by_record["IA-0001"]:
        row["values"] = list(changed(report(0), attendance=1))
    for row in by_record["IA-0002"]:
        row["values"] = list(report(4))
    for row in by_record["IA-0003"]:
        row["record"] = "IA-0006"
    found = failing(run)
    assert names(found) >= {"altered", "misattributed"}
    assert (found["altered"].offenders, found["misattributed"].offenders) == (1, 2)
    assert found["altered"].witnesses[0].found == "attendance 1"
    assert {each.record for each in found["misattributed"].witnesses} == {"IA-0002", "IA-0003"}


def test_rows_that_cannot_be_told_apart_are_counted_and_said(tmp_path: Path) -> None:
    """Two identical reports without keys are one group; one missing of it is still missed."""
    run = bare(tmp_path / "run", "set")
    for row in run.history:
        if row["record"] in ("IA-0005", "IA-0006"):
            row["values"] = list(report(4))
    for index in (0, 1, 2, 3, 4, 4):
        run.stored(None, report(index), mode="set")
    findings = {each.name: each for each in ask_all(run.write())}
    assert findings["lost:store"].status is Status.PASS
    assert findings["lost:store"].figures["ambiguous_groups"] == 1
    assert "1 groups of identical reports cannot be told apart" in findings["lost:store"].answer


def test_a_lost_one_of_identical_rows_is_missed(tmp_path: Path) -> None:
    """Of two identical reports one is there: one is lost."""
    run = bare(tmp_path / "run", "set")
    for row in run.history:
        if row["record"] in ("IA-0005", "IA-0006"):
            row["values"] = list(report(4))
    for index in range(5):
        run.stored(None, report(index), mode="set")
    assert failing(run)["lost"].offenders == 1


def test_rows_from_before_without_keys_are_not_counted(tmp_path: Path) -> None:
    """A baseline row that looks like nothing sent is neither phantom nor double."""
    run = bare(tmp_path / "run", "set")
    fill(run, "set", keys=False, records=False)
    for each in ("baseline", "settled", "again"):
        run.stored(None, report(200), mode="set", round=each)
    assert failing(run) == {}


def halves(run: Run) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    """Two reports for the first record, each of one half of the cells, both acknowledged."""
    one = tuple(cell if place < 20 else None for place, cell in enumerate(report(0)))
    two = tuple(cell if place >= 20 else None for place, cell in enumerate(report(0)))
    run.history = [
        row for row in run.history if row["record"] != "IA-0001" or "report" not in row["kind"]
    ]
    run.submit(0, at=20.0, op="k-one", values=one)
    run.submit(0, at=30.0, op="k-two", values=two)
    return one, two


def test_a_merged_state_may_come_from_several_reports(tmp_path: Path) -> None:
    """Cells of one row from two reports are right, where the reader merges them."""
    run = bare(tmp_path / "run", "state")
    halves(run)
    fill(run, "state", keys=False, records=True)
    assert failing(run) == {}


def test_a_merged_state_that_forgets_one_report_is_altered(tmp_path: Path) -> None:
    """A lost update is invisible to counting rows; the cells show it."""
    run = bare(tmp_path / "run", "state")
    one, _ = halves(run)
    fill(run, "state", keys=False, records=True)
    for row in run.readback:
        if row["record"] == "IA-0001":
            row["values"] = list(one)
    assert names(failing(run)) == {"altered"}


def test_an_older_cell_in_a_merged_state_is_stale(tmp_path: Path) -> None:
    """One cell of an older report among those of a newer one is found."""
    run = bare(tmp_path / "run", "state")
    fill(run, "state", keys=False, records=True)
    newer = report(0, extra=1)
    run.submit(0, at=60.0, kind="amend_report", version=2, values=newer)
    for row in run.readback:
        if row["record"] == "IA-0001":
            row["values"] = list(changed(newer, attendance=report(0)[0]))
    found = failing(run)
    assert names(found) - {"rules"} == {"stale"}


def test_children_are_counted_below_each_record(tmp_path: Path) -> None:
    """One too few is lost, one too many a double, one below a stranger a phantom."""
    run = bare(tmp_path / "run", "children")
    for index, number in enumerate((1, 1, 1, 1, 0, 2)):
        run.stored(record_key(index), mode="children", number=float(number))
    run.stored("IA-0900", mode="children", number=1.0)
    found = failing(run)
    assert names(found) == {"lost", "duplicate", "phantom"}
    assert {each: found[each].witnesses[0].record for each in names(found)} == {
        "lost": "IA-0005", "duplicate": "IA-0006", "phantom": "IA-0900",
    }  # fmt: skip


def test_children_from_before_are_subtracted(tmp_path: Path) -> None:
    """A record with nothing below it before the drill passes with one after it."""
    run = bare(tmp_path / "run", "children")
    for index in range(6):
        run.stored(record_key(index), mode="children", number=0.0, round="baseline")
        run.stored(record_key(index), mode="children", number=1.0)
    assert failing(run) == {}


@pytest.mark.parametrize(
    ("before", "after", "wrong"), [(0, 6, False), (4, 10, False), (0, 5, True), (0, 7, True)]
)
def test_a_count_is_held_to_what_was_acknowledged(
    before: int, after: int, wrong: bool, tmp_path: Path
) -> None:
    """How many there are, less those from before, is how many were accepted."""
    run = bare(tmp_path / "run", "count")
    run.stored(None, mode="count", number=float(before), round="baseline")
    run.stored(None, mode="count", number=float(after))
    assert ("mis_totalled" in failing(run)) is wrong


def test_an_unknown_report_widens_a_count(tmp_path: Path) -> None:
    """With one report that may have arrived, both counts are right."""
    for number in (6.0, 7.0):
        run = bare(tmp_path / f"run-{number}", "count")
        run.submit(0, at=40.0, record="IA-0100", home="IA-0100", outcome="unknown")
        run.stored(None, mode="count", number=number)
        assert failing(run) == {}


def totals_only(path: Path, rows: list[tuple[int, int]], *, counties: dict[int, str]) -> Run:
    """A night of which totals by county can be read; rows are (index, times counted)."""
    run = bare(path, "totals", records=8)
    for index, precinct in enumerate(run.precincts):
        precinct["county"] = counties.get(index, "Adair")
    times = dict(rows)
    for county in sorted({each["county"] for each in run.precincts}):
        members = [i for i, each in enumerate(run.precincts) if each["county"] == county]
        sums = [
            sum(report(i)[place] * times.get(i, 1) for i in members) for place in range(len(FIELDS))
        ]
        run.stored(county, tuple(sums), mode="totals")
    return run


@pytest.mark.parametrize(("times", "words"), [(0, "leaving it out"), (2, "counting it twice")])
def test_with_totals_only_the_culprit_is_named(times: int, words: str, tmp_path: Path) -> None:
    """A report left out or doubled is found from sums, where its numbers are its own."""
    run = totals_only(tmp_path / "run", [(5, times)], counties={})
    found = failing(run)["mis_totalled"]
    culprits = [each for each in found.witnesses if each.record]
    assert [each.record for each in culprits] == ["IA-0006"]
    assert words in culprits[0].found


def test_with_totals_only_a_move_between_counties_is_named(tmp_path: Path) -> None:
    """A report counted in the next county leaves one sum short and the other long."""
    run = totals_only(tmp_path / "run", [], counties={6: "Adams", 7: "Adams"})
    for row in run.readback:
        sign = -1 if row["record"] == "Adair" else 1
        row["values"] = [
            cell + sign * moved for cell, moved in zip(row["values"], report(2), strict=True)
        ]
    found = failing(run)["mis_totalled"]
    moves = [each for each in found.witnesses if "counting it in Adams" in each.found]
    assert [each.record for each in moves] == ["IA-0003"]


def test_several_explanations_are_all_named(tmp_path: Path) -> None:
    """Two reports with the same numbers explain the same gap; a test deck is proposed."""
    run = totals_only(tmp_path / "run", [(4, 0), (5, 1)], counties={})
    for row in run.history:
        if row["record"] == "IA-0006" and row["values"]:
            row["values"] = list(report(4))
    for row in run.readback:
        row["values"] = [
            cell - was + now
            for cell, was, now in zip(row["values"], report(5), report(4), strict=True)
        ]
    found = failing(run)["mis_totalled"]
    assert {each.record for each in found.witnesses if each.record} == {"IA-0005", "IA-0006"}
    assert "--deck" in found.answer


def test_totals_of_a_county_bound_its_own_records(tmp_path: Path) -> None:
    """Right sums by county pass; delegates add up to what the precincts elect."""
    run = totals_only(tmp_path / "run", [], counties={6: "Adams", 7: "Adams"})
    assert failing(run) == {}
    delegates = FIELDS.index("delegates_biden")
    adams = next(row for row in run.readback if row["record"] == "Adams")
    assert adams["values"][delegates] * 2 == 2 * DELEGATES


def test_a_folder_without_a_readback_table_is_unread(tmp_path: Path) -> None:
    """No table of what the target says: nothing is known, and nothing passes."""
    folder = clean_run(tmp_path / "run").write()
    (folder.path / "readback.parquet").unlink()
    findings = [each for each in ask_all(folder) if each.check in ("lost", "altered", "unstable")]
    assert {each.status for each in findings} == {Status.UNKNOWN}


def test_an_app_that_holds_nothing_has_lost_everything(tmp_path: Path) -> None:
    """An empty answer is an answer: every acknowledged report is missing."""
    run = clean_run(tmp_path / "run")
    run.readback = []
    found = {each.check: each for each in ask_all(run.write())}
    assert (found["lost"].status, found["lost"].offenders) == (Status.FAIL, 12)


def test_a_doubled_row_hides_no_loss(tmp_path: Path) -> None:
    """Counting would balance one lost against one doubled; matching does not."""
    run = bare(tmp_path / "run", "keyed")
    for index in (0, 1, 2, 3, 4, 4):
        run.stored(record_key(index), report(index))
    assert pl.DataFrame(run.readback).height == 12
    assert names(failing(run)) == {"lost", "duplicate"}


def test_a_county_that_is_not_published_is_noticed(tmp_path: Path) -> None:
    """Where one county is shown, every one with an accepted report must be."""
    run = totals_only(tmp_path / "run", [], counties={6: "Adams", 7: "Adams"})
    run.readback = [row for row in run.readback if row["record"] != "Adams"]
    found = failing(run)["mis_totalled"]
    assert [each.found for each in found.witnesses] == ["Adams: nothing is shown"]
    assert found.offenders == 1


def test_a_county_without_reports_need_not_be_published(tmp_path: Path) -> None:
    """Nothing was accepted from it, so nothing is owed of it."""
    run = totals_only(tmp_path / "run", [], counties={})
    run.precincts[7]["county"] = "Adams"
    run.history = [row for row in run.history if row["record"] != record_key(7)]
    for row in run.readback:
        row["values"] = [a - b for a, b in zip(row["values"], report(7), strict=True)]
    assert failing(run) == {}


def test_a_record_that_is_not_among_totals_by_record_is_noticed(tmp_path: Path) -> None:
    """Sums by record owe every record of which a report was accepted."""
    run = bare(tmp_path / "run", "totals")
    for index in range(5):
        run.stored(record_key(index), report(index), mode="totals")
    found = failing(run)["mis_totalled"]
    assert [each.found for each in found.witnesses] == [f"{record_key(5)}: nothing is shown"]


@pytest.mark.parametrize(("county", "where"), [(True, " in Adair"), (False, "")])
def test_a_candidate_left_out_of_the_totals_is_noticed(
    county: bool, where: str, tmp_path: Path
) -> None:
    """Where others are shown, a field that cannot be 0 must be."""
    run = totals_only(tmp_path / "run", [], counties={})
    gone = [place for place, name in enumerate(FIELDS) if name.endswith("_warren")]
    for row in run.readback:
        row["values"] = [None if i in gone else cell for i, cell in enumerate(row["values"])]
        row["record"] = "Adair" if county else None
    found = failing(run)["mis_totalled"]
    assert {each.found for each in found.witnesses} == {
        f"{name}_warren{where}: not shown" for name in ("first", "final", "delegates")
    }


@pytest.mark.parametrize(("declared", "wrong"), [(True, True), (False, False)])
def test_fields_that_are_described_must_be_shown(
    declared: bool, wrong: bool, tmp_path: Path
) -> None:
    """A right count alone is not enough where the description says where the fields are."""
    run = bare(tmp_path / "run", "totals")
    run.info["target"]["readers"][0] |= {"fields": declared, "derived": []}
    run.stored(None, mode="totals", number=6.0)
    found = failing(run)
    assert ("mis_totalled" in found) is wrong
    if wrong:
        assert found["mis_totalled"].offenders == 7  # what report() leaves at 0 is not owed


def test_totals_that_vanish_altogether_are_noticed_if_described(tmp_path: Path) -> None:
    """An answer without any total is wrong where fields are described and reports are in."""
    run = bare(tmp_path / "run", "totals")
    run.info["target"]["readers"][0] |= {"fields": True, "derived": []}
    run.info["rounds"] = ["baseline", "settled", "again"]
    found = failing(run)["mis_totalled"]
    assert [each.found for each in found.witnesses] == ["totals: nothing is shown"]


@pytest.mark.parametrize(("number", "wrong"), [(2.0, False), (3.0, True), (1.0, True)])
def test_a_count_by_county_is_held_to_its_own_records(
    number: float, wrong: bool, tmp_path: Path
) -> None:
    """Two records of Adams were accepted, so two are counted there."""
    run = totals_only(tmp_path / "run", [], counties={6: "Adams", 7: "Adams"})
    for row in run.readback:
        row["number"] = number if row["record"] == "Adams" else 6.0
    assert ("mis_totalled" in failing(run)) is wrong
