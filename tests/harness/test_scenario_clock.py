"""The hours of a scenario: what its file may say about them, and who is named in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.document import DocumentError
from harness.scenario import ClockModel, load_scenario, packaged


def test_people_get_time_to_sign_in() -> None:
    """A drill that opens when the meetings begin is refused when its file is read."""
    with pytest.raises(ValidationError, match=r"opens and begins are both 19:00.*open earlier"):
        ClockModel(zone="CT", opens="19:00", doors="19:00", begins="19:00", ends="19:25")


def test_hours_run_on_past_midnight() -> None:
    """A night that ends after midnight is as long as it is."""
    night = ClockModel(zone="CT", opens="23:50", doors="23:55", begins="00:10", ends="01:00")
    assert (night.hours.doors, night.hours.start, night.hours.end) == (300.0, 1200.0, 4200.0)


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ('begins: "10:01:15"', 'begins: "09:50"', "begins at 09:50, but the drill goes from 10:00"),
        ('begins: "10:01:15"', 'begins: "10:08"', "begins at 10:08, but the drill goes from 10:00"),
        ('ends: "10:01:40"', 'ends: "10:01"', "it must end after it begins"),
        ("service: [database]", "service: database\n    casts: [reharsal]", "'rehearsal'"),
        ("kind: service.kill", "kind: service.kil", "did you mean 'service.kill'"),
        (
            "\nobjectives:",
            """
  - {kind: people.unreachable, name: away, begins: "10:01", ends: "10:02", owner: cache enginer}
objectives:""",
            "no runbook has the owner 'cache enginer'; .*database engineer, operations engineer",
        ),
        (
            "\nobjectives:",
            """
intruder: {begins: "10:03", ends: "10:02"}
objectives:""",
            "it must end after it begins",
        ),
    ],
)
def test_what_would_never_happen_is_refused_where_it_stands(
    said: str, instead: str, complaint: str, tmp_path: Path
) -> None:
    """By file and line, before anything is started: the night would be easier than it looks."""
    before, _, after = packaged()["narwhal-game-day"].read_text().partition(said)
    path = tmp_path / "night.yaml"
    path.write_text(before + instead + after)
    lines = range(before.count("\n"), (before + instead).count("\n") + 2)
    with pytest.raises(DocumentError, match=complaint) as refused:
        load_scenario(str(path))
    assert int(str(refused.value).removeprefix(f"{path}:").partition(":")[0]) in lines
