"""A claimed line is called for real while the drill goes on, and its claim is judged."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from harness.drill import Drill, run_drill
from harness.practice import practice_file
from harness.progress import Progress
from harness.record import Finding, Status
from harness.scenario import load_scenario
from harness.verdict import Word, judge
from reports.html import render_html

sys.path.insert(0, str(Path(__file__).parents[1] / "simulators" / "phones"))
from sip_stand import hotline_process


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize(("lines", "status"), [(10, Status.PASS), (6, Status.FAIL)])
def test_a_line_is_called_while_the_night_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, status: Status
) -> None:
    """Ten lines are claimed; six carry fewer calls at once, and the report says how many."""
    monkeypatch.setenv("REPORTING_SECRET", "for-this-test-only")
    with hotline_process(tmp_path, "--lines", str(lines)) as hotline:
        claim = f'\nphone: {{sip: {{address: "{hotline.address}", user: results, lines: 10}}}}\n'
        target = tmp_path / "target.yaml"
        target.write_text(practice_file("reporting").read_text(encoding="utf-8") + claim, "utf-8")
        drill = Drill(
            scenario=load_scenario("iowa-caucus-night"),
            target=str(target),
            cast="rehearsal",
            seed=1,
            speed=4000.0,
            scale=0.01,
            folder=tmp_path / "run",
        )
        folder = run_drill(drill, Progress(Console(file=io.StringIO())))
        verdict = judge(folder)
    (found,) = (each for each in folder.findings if each.check == "line_capacity")
    assert (found.subject, found.status) == ("results", status), found.answer
    assert_figures(found, lines)
    assert "Lines tested with real calls" in render_html(folder, verdict)
    assert verdict.word is not Word.GO or status is Status.PASS


def assert_figures(found: Finding, lines: int) -> None:
    """Predicted stands beside measured, and the line is as large as it was made."""
    figures = found.figures
    assert figures["lines_claimed"] == 10
    assert figures["most_at_once"] == lines
    assert abs(int(figures["lines_like"] or 0) - lines) <= 1
    assert 0 < (figures["predicted"] or 0) < 1
