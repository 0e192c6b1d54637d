"""Every check catches what it is for, and fires on nothing else."""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict
from pathlib import Path

import checks_campaign_cases  # noqa: F401 - adds its cases
import checks_drill_cases  # noqa: F401 - adds its cases
import checks_intrusion_cases  # noqa: F401 - adds its cases
import checks_people_cases  # noqa: F401 - adds its cases
import checks_phone_cases  # noqa: F401 - adds its cases
import checks_reading_cases  # noqa: F401 - adds its cases
import checks_record_cases  # noqa: F401 - adds its cases
import checks_recovery_cases  # noqa: F401 - adds its cases
import checks_training_cases  # noqa: F401 - adds its cases
import pytest
from build_run import clean_run
from checks_cases import CASES

from harness import checks
from harness.checks import CHECKS, NAMES, ask_all
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status

# A night of twelve chairs has too few people to say how it was before or after a fault.
NEEDS_A_CROWD = {"recovery", "retry_storm"}
JUDGED: dict[str, list[Finding]] = {}  # each seeded night is judged once for all tests


def judged(run: RunFolder) -> list[Finding]:
    return list(ask_all(run))


def night(name: str, folder: Path) -> list[Finding]:
    """The findings of one seeded night."""
    if name not in JUDGED:
        run = clean_run(folder / name)
        CASES[name][0](run)
        JUDGED[name] = judged(run.write())
    return JUDGED[name]


def status(findings: list[Finding], name: str) -> Status:
    """The status of one finding, or the worst of a check's."""
    order = [Status.FAIL, Status.UNKNOWN, Status.NOT_DRILLED, Status.PASS, Status.NOT_APPLICABLE]
    named = [each for each in findings if name in (each.name, each.check)]
    assert named, f"no finding {name}"
    return min((each.status for each in named), key=order.index)


def test_a_clean_night_passes_every_check(tmp_path: Path) -> None:
    """No check fires, and none is unsure, where nothing went wrong."""
    findings = judged(clean_run(tmp_path / "run").write())
    wrong = [each for each in findings if each.status in (Status.FAIL, Status.UNKNOWN)]
    assert [each for each in wrong if each.check not in NEEDS_A_CROWD] == []
    assert {each.check for each in findings} == set(NAMES)


def test_findings_have_names_of_their_own(tmp_path: Path) -> None:
    """A check and its subject name one finding of a run."""
    names = [each.name for each in judged(clean_run(tmp_path / "run").write())]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", CASES)
def test_a_seeded_defect_is_caught(name: str, tmp_path: Path) -> None:
    """The check meant for a defect says so, and its neighbours keep quiet."""
    expected = CASES[name][1]
    findings = night(name, tmp_path)
    assert {check: status(findings, check).value for check in expected} == expected
    crashed = [each.answer for each in findings if "itself failed" in each.answer]
    assert crashed == []
    for finding in findings:
        assert finding.status is not Status.FAIL or finding.offenders or "time" in finding.check
        assert len(finding.witnesses) <= MOST


def test_every_status_of_every_check_is_reached(tmp_path: Path) -> None:
    """No branch of a check is there that no night has ever taken.

    The statuses that a check's own file names are its branches; the shared question's are
    those of every check that asks it.
    """
    reached_by = defaultdict(set)
    for name in CASES:
        for finding in night(name, tmp_path):
            reached_by[finding.check].add(finding.status)
    missed = {}
    for names, check in CHECKS.items():
        reached = set().union(*(reached_by[name] for name in names))
        branches = _statuses(inspect.getmodule(check))
        if "QUESTION" in vars(inspect.getmodule(check)):
            branches |= {Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE}
        if branches - reached:
            missed[names] = branches - reached
    assert missed == {}


def _statuses(module: object) -> set[Status]:
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    return {
        Status[node.attr]
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Status"
    }


def test_a_check_that_crashes_says_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash is no pass, and takes no other check with it."""

    def crash(run: RunFolder) -> list[Finding]:
        raise ZeroDivisionError("of nothing")

    monkeypatch.setitem(checks.CHECKS, ("lost",), crash)
    findings = list(ask_all(clean_run(tmp_path / "run").write()))
    assert status(findings, "lost") is Status.UNKNOWN
    assert "ZeroDivisionError: of nothing" in next(f.answer for f in findings if f.check == "lost")
    assert status(findings, "altered") is Status.PASS


def test_the_offender_is_named_with_what_differs(tmp_path: Path) -> None:
    """A witness gives the record, the differing cells and the operations to replay."""
    run = clean_run(tmp_path / "run")
    CASES["a_cell_is_changed"][0](run)
    [found] = [each for each in judged(run.write()) if each.name == "altered:store"]
    [witness] = found.witnesses
    assert witness.record == "IA-0005"
    assert (witness.expected, witness.found) == ("delegates_biden 2", "delegates_biden 0")
    assert witness.operations == ("k-IA-0005-1",)
    assert found.answer == "1 of 12 reports say something that nobody sent."


def test_preflight_probes_are_not_part_of_the_drill(tmp_path: Path) -> None:
    """Keys that begin with preflight are looked at by no check."""
    run = clean_run(tmp_path / "run")
    run.submit(0, at=0.1, op="preflight-1", record="IA-0777", home="IA-0777")
    run.stored("IA-0888", run.reports[0]["values"], key="preflight-2")
    findings = judged(run.write())
    names = ("lost", "phantom", "altered", "misattributed", "completeness")
    assert {status(findings, name) for name in names} == {Status.PASS}
