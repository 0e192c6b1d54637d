"""Faults in the report: one timeline, and what was asked for beside what was found."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from reports_folder import write_night
from reports_page import parse, text

from harness.objective import Objective
from harness.record import HANDLING, HEALTH, Finding, RunFolder, Status
from harness.verdict import load_verdict
from reports.html import render_html
from reports.markdown import render_markdown
from reports.recovery import in_short, recovered_of, rows_of
from reports.timeline import moments_of, said_of

RESTART, CUT = "restart of the app at 20:05", "answers cut for one phone company"
SOON = Objective(
    "back soon", "recovery", "invariant", figure="seconds_to_normal", at_most=60.0,
    says="People get through again within a minute.",
)  # fmt: skip
HOSTILE = "<script>alert(1)</script>"


def finding(check: str, subject: str, status: Status = Status.PASS, **figures: float) -> Finding:
    return Finding(check, status, "?", "!", subject, dict(figures))


def night(path: Path) -> RunFolder:
    """Two faults, of which one took too long; health told of the first, with hostile words."""
    findings = [
        finding("recovery", RESTART, seconds_to_first_success=3.0, seconds_to_normal=41.0,
                seconds_to_normal_from_start=221.0,
                failed_meanwhile=12, unknown_meanwhile=2),
        finding("recovery", CUT, seconds_to_first_success=1.0, seconds_to_normal=300.0,
                seconds_to_normal_from_start=2100.0,
                failed_meanwhile=4, unknown_meanwhile=4),
        finding("survived", RESTART, k=0, n=900),
    ]  # fmt: skip
    said = [("well", 9000.0), ("well", 9120.0), ("ill", 9360.0), ("no_answer", 9480.0),
            ("well", 9600.0)]  # fmt: skip
    health = pl.DataFrame(
        [
            {"at_drill": at, "source": "health", "said": what, "status": None, "took": 1,
             "detail": HOSTILE} for what, at in said
        ],
        schema=HEALTH,
    )  # fmt: skip
    handling = pl.DataFrame(
        [
            {"inject": RESTART, "step": HOSTILE, "owner": HOSTILE, "by": "health",
             "began_drill": 9301.2, "detected_drill": 9360.0, "fixed_drill": 9600.0, "detail": ""}
        ],
        schema=HANDLING,
    )  # fmt: skip
    injects = [{"name": RESTART, "kind": "service.kill", "service": ["database", HOSTILE]}]
    return write_night(
        path, findings, objectives=(SOON,), tables={"health": health, "handling": handling},
        injects=injects,
    )  # fmt: skip


def test_each_fault_stands_beside_what_was_asked(tmp_path: Path) -> None:
    """The quick one met it, the slow one did not, and neither hides behind the other."""
    run = night(tmp_path / "run")
    first, second = recovered_of(run, load_verdict(run.path / "verdict.json"))
    assert [(each.found, each.state) for each in (*first.asked, *second.asked)] == [
        ("41 s", Status.PASS), ("5 min", Status.FAIL),
    ]  # fmt: skip
    assert (first.noticed, first.fixed, first.by) == (
        9360.0 - 9301.2,
        9600.0 - 9301.2,
        "health page",
    )
    assert (first.lost, second.lost) == (0, None)
    assert rows_of([second]) == ((f"B {CUT}", "1 s", "5 min", "4", "–", "–", "–"),)
    assert in_short([first, second]) == (
        "2 things were broken on purpose. After each of them people got through as before, after "
        "the slowest in 5 min. Of what the app had said yes to, nothing was taken."
    )


def test_the_timeline_shows_everything_on_one_axis(tmp_path: Path) -> None:
    """Three panels, a band and a letter a fault, its marks, and the strip of health."""
    run = night(tmp_path / "run")
    page = parse(render_html(run, load_verdict(run.path / "verdict.json")))
    section = page.find(".//section[@aria-labelledby='injects']")
    assert section is not None
    chart = section.find(".//figure/svg")
    assert chart is not None
    words = [text(each) for each in chart.iter("text")]
    assert {"answers a second", "failed, in 100", "seen", "fixed", "normal", "health"} <= set(words)
    assert words.count("A") == 4  # over its band; and when it was seen, fixed and normal again
    assert words.count("B") == 2
    strip = [each for each in chart.iter("rect") if each.get("class") in ("f1", "f2")]
    assert [each.get("class") for each in strip] == ["f2", "f1", "f1", "f2"]
    assert "People get through again within a minute." in text(section)
    assert HOSTILE not in render_html(run, load_verdict(run.path / "verdict.json"))


def test_health_is_told_in_stretches(tmp_path: Path) -> None:
    """Equal answers one after the other are one stretch, up to the next answer."""
    told = said_of(night(tmp_path / "run"))
    assert [(each.said, each.start, each.end) for each in told] == [
        ("well", 9000.0, 9360.0), ("ill", 9360.0, 9480.0), ("no_answer", 9480.0, 9600.0),
        ("well", 9600.0, 9600.0),
    ]  # fmt: skip


def test_every_answer_is_in_one_moment(tmp_path: Path) -> None:
    """Answers a wall second, times its seconds, come to all answers."""
    run = night(tmp_path / "run")
    moments = moments_of(run, 27_000.0)
    width = moments[1].start / 120.0
    answers = run.history.select(pl.len()).collect().item()
    assert round(sum(each.load for each in moments) * width) == answers


def test_the_summary_has_the_same_table(tmp_path: Path) -> None:
    """Who reads the summary alone sees the faults, the times and the state."""
    run = night(tmp_path / "run")
    summary = render_markdown(run, load_verdict(run.path / "verdict.json"))
    assert "## Broken on purpose" in summary
    assert (
        f"| B {CUT} | People get through again within a minute. | 5 min | **NOT met** |" in summary
    )
    assert HOSTILE not in summary


def test_without_a_fault_there_is_no_timeline(empty_run: RunFolder) -> None:
    """A night on which nothing was broken has nothing to recover from."""
    empty_run.write_table("injects", empty_run.injects.limit(0).collect())
    verdict = load_verdict(empty_run.path / "verdict.json")
    assert recovered_of(empty_run, verdict) == ()
    assert "one timeline" not in render_html(empty_run, verdict)
    assert "Broken on purpose" not in render_markdown(empty_run, verdict)
