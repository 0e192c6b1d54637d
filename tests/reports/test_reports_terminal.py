"""The verdict on a terminal: everything an operator needs, and no escape of a target's making."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

from reports_folder import clean_findings, write_night
from rich.console import Console

from harness.record import RunFolder, Status
from reports.folder import verdict_of
from reports.terminal import plan_table, show_simulation, show_verdict

QUARTER = {"start": 9000.0, "reports": 400, "holding": 80, "hold_median": 12.5}


def console(**settings: bool) -> Console:
    return Console(file=StringIO(), width=100, **settings)  # type: ignore[arg-type]


def printed(to: Console) -> str:
    assert isinstance(to.file, StringIO)
    return to.file.getvalue()


def test_verdict_reasons_and_report_are_printed(faulty_night: RunFolder) -> None:
    """The word, why, every objective, the command that plays it again, and where the report is."""
    to = console()
    show_verdict(to, faulty_night, verdict_of(faulty_night), [Path("runs/x/report.html")])
    for said in ("NO-GO", "37 of 1,765 accepted reports", "NOT met", "(optional)",
                 "runs/x/report.html", "No PDF", "drillhall run iowa-caucus-night"):  # fmt: skip
        assert said in printed(to)


def test_hostile_text_sends_no_escape(tmp_path: Path) -> None:
    """Neither an escape sequence nor Rich markup of a target's making reaches the terminal."""
    said = "\x1b]0;owned\x07[bold red]x[/bold red] [link=http://evil.example]y[/link]"
    findings = [replace(each, status=Status.FAIL, answer=said) for each in clean_findings()]
    run = write_night(tmp_path / "run", findings, title=said, defects=[said])
    to = console(force_terminal=False)
    show_verdict(to, run, verdict_of(run))
    assert "\x1b" not in printed(to)
    assert "\\x1b]0;owned\\x07[bold red]x" in printed(to).replace("\n ", "")


def test_a_simulated_night_is_drawn(tmp_path: Path) -> None:
    """Reports and holds over time, shares by channel, and the anchors with what they missed."""
    simulation = {"sites": 800, "quarters": [QUARTER], "channels": {"api": 200, "none": 600},
                  "calls": {"served": 90}, "hold_mean": 10.0, "hold_longest": 170.0}  # fmt: skip
    anchor = {"anchor": "A3", "says": "longest hold", "published": "about 3 h",
              "measured": "170 min", "tolerance": "150 to 240 min", "holds": False}  # fmt: skip
    run = write_night(tmp_path / "run", virtual=True, simulation=simulation, anchors=[anchor])
    to = console()
    show_simulation(to, run, verdict_of(run))
    text = printed(to)
    assert "20:15" in text  # the end of the quarter: 17:30 and 9,900 s
    assert "█" * 12 in text
    assert "█" * 25 not in text
    assert "app 200 (25.0 %), not in 600 (75.0 %)" in text
    assert "longest 2 h 50 min" in text
    assert "MISSED" in text


def test_a_plan_is_told_line_by_line() -> None:
    """What a drill would send is printed as plain figures."""
    to = console()
    to.print(plan_table({"participants": 4211, "rates": {"sign_in": 0.4}, "undecidable": []}))
    assert [line.rstrip() for line in printed(to).splitlines()] == [
        "participants  4,211",
        "rates         sign_in 0.4",
        "undecidable   none",
    ]
