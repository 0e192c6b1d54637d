"""What training would have changed: the page, its sentences, and the terminal."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from harness.record import RecordError
from reports.training_reach import (
    render_training_reach,
    rows_of,
    sentences,
    show_training_reach,
    write_training_reach,
)


def reached(reach: float, **figures: Any) -> dict[str, Any]:
    """What comes of one reach."""
    return {
        "reach": reach, "has_app": 0.32, "signed_in": 0.274, "practised": 0.22, "ready": 0.237,
        "by_app": 0.236, "hold_median": 98.3, "hold_p90": 165.2, "hold_longest": 171.9,
        "in_98": 28438.8, **figures,
    }  # fmt: skip


@pytest.fixture
def result() -> dict[str, Any]:
    """Iowa with a quarter and with nine tenths trained."""
    return {
        "scenario": "training", "title": "A <b>practice</b> evening", "night": "iowa",
        "cast": "as-it-was", "clock": {"opens": "17:30", "zone": "Central Time"},
        "seeds": [2020, 2021, 2022], "sites": 1765, "agents": 50, "as_it_was": 0.25,
        "steps": {
            "install_steps": 5, "install_step": 0.75, "signs_in": 0.7, "practises": 0.5,
            "guided": 0.98, "kept": 0.95, "unpractised": 0.5,
        },
        "reached": [
            reached(0.25),
            reached(0.9, has_app=0.695, ready=0.635, by_app=0.634, hold_median=22.9, in_98=19636.5),
        ],
        "published": [
            ["signed_in", "about 400 of more than 1,700 had it working", 0.235],
            ["by_app", "439 of 1,765 sites reported by the app", 0.249],
        ],
    }  # fmt: skip


def test_the_first_sentence_answers_the_question(result: dict[str, Any]) -> None:
    """What more training would have come to, beside what was."""
    assert sentences(result)[0] == (
        "Had training reached 90 % of the chairs and not 25 %, 63.4 % of the sites would have "
        "reported by the app and not 23.6 %."
    )


def test_the_others_set_it_beside_what_was_published(result: dict[str, Any]) -> None:
    """Holds, the hour, the two published figures, and who is left without."""
    as_it_was, more, *published, left = sentences(result)[1:]
    assert as_it_was == (
        "With 25 % trained: 23.7 % ready on the night, half of those who phone a result hold "
        "for 1 h 38 min or less, and 98 % of the results are in by 01:23."
    )
    assert more.startswith("With 90 % trained: 63.5 % ready on the night")
    assert more.endswith("hold for 23 min or less, and 98 % of the results are in by 22:57.")
    before = "Published of the night as it was: "
    assert published == [
        f"{before}about 400 of more than 1,700 had it working (23.5 %); here 27.4 %.",
        f"{before}439 of 1,765 sites reported by the app (24.9 %); here 23.6 %.",
    ]
    assert left.startswith("With 90 % trained, 30.5 % of the chairs still have no app")


def test_one_reach_alone_is_compared_with_nothing(result: dict[str, Any]) -> None:
    """As when somebody asks for the cast's own."""
    del result["reached"][1]
    assert sentences(result)[0] == (
        "With 25 % of the chairs trained, 23.6 % of the sites report by the app."
    )


def test_what_never_came_to_pass_is_said_so(result: dict[str, Any]) -> None:
    """Results that are not in by the end, and nobody on hold."""
    result["reached"][1] |= {
        "in_98": None, "hold_median": None, "hold_p90": None, "hold_longest": None,
    }  # fmt: skip
    assert rows_of(result)[1][-4:] == ("nobody", "nobody", "nobody", "not reached")
    assert "are in at no time" in sentences(result)[2]


def test_the_page_holds_every_figure_and_escapes_the_title(result: dict[str, Any]) -> None:
    """No script, nothing from outside, the cast's own row in bold."""
    page = render_training_reach(result)
    assert "A &lt;b&gt;practice&lt;/b&gt; evening" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert '<tr class="same"><th scope="row">25 %</th>' in page
    for row in rows_of(result):
        for cell in row:
            assert cell in page
    assert "PRACTICE" in page


def test_page_and_data_are_written(result: dict[str, Any], tmp_path: Path) -> None:
    """The data says what the page says."""
    page, data = write_training_reach(tmp_path / "new", result)
    assert page.name == "training-reach.html"
    read = orjson.loads(data.read_bytes())
    assert read["reached"] == result["reached"]
    assert read["sentences"] == sentences(result)


def test_a_folder_that_cannot_be_written_is_told(result: dict[str, Any], tmp_path: Path) -> None:
    """In one sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot be written"):
        write_training_reach(tmp_path / "file", result)


def test_the_terminal_shows_the_table(result: dict[str, Any]) -> None:
    """The answer, then one row for each reach, then where the page is."""
    console = Console(file=StringIO(), width=100)
    show_training_reach(console, result, [Path("runs/x/training-reach.html")])
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Had training reached 90 %" in said
    assert "By the app" in said
    assert "22:57" in said
    assert "runs/x/training-reach.html" in said
