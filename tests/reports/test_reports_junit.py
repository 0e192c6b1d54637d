"""junit.xml: a case for each objective and each check, counted as build servers count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from reports_folder import OBJECTIVES, clean_findings, write_night

from harness.record import RunFolder, Status, Witness
from reports.folder import verdict_of
from reports.junit import render_junit


def suites(run: RunFolder) -> list[Element]:
    return list(fromstring(render_junit(run, verdict_of(run))))


def test_one_case_for_each_objective_and_check(clean_night: RunFolder) -> None:
    """A clean night has no failure and no error, and what does not apply is skipped."""
    objectives, checks = suites(clean_night)
    assert [len(objectives), len(checks)] == [len(OBJECTIVES), len(clean_findings())]
    for suite, skipped in ((objectives, "0"), (checks, "1")):
        assert suite.get("tests") == str(len(suite))
        assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
        assert suite.get("skipped") == skipped


def test_each_state_has_its_element(tmp_path: Path) -> None:
    """Fail is a failure, unknown an error, not drilled and not applicable are skipped."""
    states = (Status.FAIL, Status.UNKNOWN, Status.NOT_DRILLED, Status.NOT_APPLICABLE, Status.PASS)
    findings = [
        replace(each, status=status) for each, status in zip(clean_findings(), states, strict=False)
    ]
    _, checks = suites(write_night(tmp_path / "run", findings))
    assert [[child.tag for child in case] for case in checks] == [
        ["failure"], ["error"], ["skipped"], ["skipped"], [],
    ]  # fmt: skip
    assert [checks.get(each) for each in ("failures", "errors", "skipped")] == ["1", "1", "2"]


def test_a_failure_carries_the_records_and_the_command(faulty_night: RunFolder) -> None:
    """Whoever reads a red build sees the records and how to see the fault again."""
    failures = [each for suite in suites(faulty_night) for each in suite.iter("failure")]
    assert len(failures) == 6  # three objectives, three checks
    body = "".join(each.text or "" for each in failures)
    assert "drillhall replay run --record IA-0003" in body
    assert "and 17 more" in body


def test_hostile_text_is_valid_xml_without_secrets(tmp_path: Path) -> None:
    """Control characters and credentials of a target do not reach the file."""
    said = "\x00\x1b[2J ]]> <failure/> password=hunter2"
    witness = Witness(said, said, said, (said,))
    finding = replace(
        clean_findings()[0], status=Status.FAIL, subject=said, answer=said, witnesses=(witness,)
    )
    run = write_night(tmp_path / "run", [finding], run="r", scenario="a\x1bb")
    raw = render_junit(run, verdict_of(run))
    root = fromstring(raw)
    assert "hunter2" not in raw
    assert sum(1 for _ in root.iter("failure")) == 2
    assert "\\x1b[2J ]]> <failure/>" in str(next(root.iter("failure")).get("message"))


def test_a_run_without_checks_has_no_cases(empty_run: RunFolder) -> None:
    """A crashed run is all errors: its objectives could not be decided."""
    objectives, checks = suites(empty_run)
    assert objectives.get("errors") == str(len(OBJECTIVES))
    assert checks.get("tests") == "0"
