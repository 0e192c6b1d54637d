"""What other numbers of people and lines mean: the page, its sentences, and the terminal."""

from __future__ import annotations

import copy
import re
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from harness.record import RecordError
from reports.what_if import render_what_if, show_what_if, write_what_if
from reports.what_if_words import sentences


def played(agents: int | None, trunks: int | None, **figures: Any) -> dict[str, Any]:
    """One combination."""
    return {
        "agents": agents, "trunks": trunks, "wait_median": 5660.0, "wait_p90": 10006.0,
        "over_an_hour": 0.64, "within": 0.14, "never": 0.0, "hold_longest": 10300.0,
        "attempts": 1994.0, "busy": 0.0, "abandoned": 280.0, "occupancy": 0.67,
        "in_by": (15862.0, 26156.0, None), "most_trunks": 800.0,
        "incoming": [10.0, 500.0, 1200.0, 1700.0], **figures,
    }  # fmt: skip


@pytest.fixture
def result() -> dict[str, Any]:
    """Iowa's night with 50 and 100 people, and 85 lines."""
    found = played(
        156, 174, wait_median=11.0, wait_p90=283.0, within=0.908, in_by=(1.0, 2.0, 3600.0)
    )
    return {
        "scenario": "iowa", "title": "Iowa <b>night</b>", "cast": "as-it-was",
        "clock": {"opens": "17:30", "zone": "Central Time"}, "seeds": [1, 2], "kind": "agents",
        "callers": {"chair": 1326, "help": 208}, "results": 1765, "unphoned": 439,
        "base": [50, None], "goal": {"share": 0.9, "within": 300.0}, "end": 34200.0,
        "asked": [
            played(50, None),
            played(100, None, wait_median=540.0, wait_p90=900.0, in_by=(9000.0, 18000.0, 25000.0)),
            played(50, 85, wait_median=3840.0, busy=22954.0, never=0.28, hold_longest=637.0),
        ],
        "curve": [played(n, None, wait_median=w, wait_p90=None if w > 5000 else 2 * w)
                  for n, w in ((40, 8000.0), (80, 2000.0), (160, 10.0))],
        "needed": {"agents": 156, "trunks": 174, "answered": found},
    }  # fmt: skip


def test_the_first_sentence_answers_the_question(result: dict[str, Any]) -> None:
    """How many people and lines, beside what there is."""
    assert sentences(result)[0] == (
        "For 90 % answered within 5 min, this night needs 156 people on 174 lines; "
        "it has 50 people on lines without limit."
    )


def test_an_official_can_read_the_others(result: dict[str, Any]) -> None:
    """Half the callers over an hour with 50 people; 9 minutes with 100."""
    said = sentences(result)
    assert said[1] == (
        "With 50 people half of the callers wait over an hour (1 h 34 min or more); "
        "with 100 people 9 minutes."
    )
    assert "by 00:45 with 50 people, by 22:30 with 100 people" in said[3]


def test_busy_tones_and_holds_are_told_apart(result: dict[str, Any]) -> None:
    """85 lines: busy tones in place of hold, and no shorter night."""
    said = sentences(result)[-1]
    assert "50 people on 85 lines: 22,954 busy tones, 28.0 % of callers never answered" in said
    assert "longest hold 11 minutes" in said
    assert "only people" in said


def test_a_goal_out_of_reach_is_said(result: dict[str, Any]) -> None:
    """Without an answer the page says so and still shows what was asked."""
    result["needed"] = None
    result["curve"] = []
    assert sentences(result)[0].startswith("No number of people and lines brings 90 %")
    assert 'class="needed"' not in render_what_if(result)


def test_a_caller_who_is_never_answered_is_said_so(result: dict[str, Any]) -> None:
    """No wait is invented for those who never got through."""
    result["asked"][0] |= {"wait_median": None, "wait_p90": None}
    said = " ".join(sentences(result))
    assert "With 50 people half of the callers are never answered" in said
    assert "never answered with 50 people" in said


def test_a_quiet_night_does_not_hang_on_the_phones(result: dict[str, Any]) -> None:
    """Where everybody is answered at once, more people are not advised."""
    for each in result["asked"]:
        each |= {"wait_median": 0.0, "wait_p90": 0.0, "busy": 0.0, "in_by": (1.0, 2.0, 3.0)}
    said = sentences(result)
    assert said[1] == "With 50 people half of the callers are answered at once."
    assert said[-1].endswith("phones do not hold them up.")


def test_lines_are_sized_where_the_app_answers(result: dict[str, Any]) -> None:
    """A spoken menu has no people to add."""
    found = played(None, 12, wait_median=0.0, within=0.91)
    result |= {
        "kind": "lines", "base": [None, 6], "results": 0,
        "asked": [played(None, 3), played(None, 6), played(None, 12)],
        "curve": [played(None, 6), played(None, 12)],
        "needed": {"agents": None, "trunks": 12, "answered": found},
    }  # fmt: skip
    said = sentences(result)
    assert said[0] == "For 90 % answered within 5 min, this day needs 12 lines; it has 6 lines."
    assert said[1].startswith("With 6 lines half")
    assert ">People</th>" not in render_what_if(result)


def test_the_page_is_one_file_without_a_script(result: dict[str, Any]) -> None:
    """It reaches for nothing, and text stays text."""
    page = render_what_if(result)
    assert "<script" not in page
    assert not re.search(r"(src|href)=.(https?:|//)", page)
    assert "default-src 'none'" in page
    assert "Iowa &lt;b&gt;night&lt;/b&gt;" in page
    assert page.count("<svg role=") == 3
    assert "22,954" in page


def test_every_chart_has_its_figures_as_a_table(result: dict[str, Any]) -> None:
    """Who cannot see a chart reads the same."""
    page = render_what_if(result)
    assert page.count("The same figures as a table") == 3
    assert "not reached" in page


def test_the_file_makes_the_same_page_again(result: dict[str, Any], tmp_path: Path) -> None:
    """What is written holds everything that is shown, sentences too."""
    page, data = write_what_if(tmp_path / "new" / "folder", copy.deepcopy(result))
    again = orjson.loads(data.read_bytes())
    assert render_what_if(again) == page.read_text("utf-8")
    assert again["sentences"] == sentences(result)


def test_a_folder_that_cannot_be_made_is_named(result: dict[str, Any], tmp_path: Path) -> None:
    """A mistake in --out is the user's to mend."""
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(RecordError, match="taken"):
        write_what_if(taken, result)


def test_the_terminal_shows_the_answer_and_the_table(result: dict[str, Any]) -> None:
    """In a hundred columns."""
    shown = StringIO()
    show_what_if(Console(file=shown, width=100), result, [Path("what-if.html")])
    text = shown.getvalue()
    assert "156 people on 174 lines" in text
    assert "22,954" in text
    assert "what-if.html" in text
    assert max(map(len, text.splitlines())) <= 100
