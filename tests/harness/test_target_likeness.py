"""Descriptions that are like another one: what differs is said, the rest is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.target import TargetError, load_target

FIRST = """\
name: first
base_url: http://127.0.0.1:8000
limits: {sign_in_per_second: 7}
classes: [{class: accepted, status: 200}]
operations:
  submit_report: {request: {path: /reports, json: {key: "{{ row.operation }}"}}}
"""


def like_it(folder: Path, text: str, first: str = FIRST) -> Path:
    """A second description in a folder below the first."""
    (folder / "first.yaml").write_text(first)
    path = folder / "second" / "target.yaml"
    path.parent.mkdir()
    path.write_text("like: ../first.yaml\n" + text)
    return path


def test_what_it_does_not_say_is_taken(tmp_path: Path) -> None:
    """Its own fields are its own, whole; the others are those of the first."""
    target = load_target(like_it(tmp_path, "name: second\nbase_url: http://127.0.0.1:9000\n"))
    assert (target.name, target.base_url) == ("second", "http://127.0.0.1:9000")
    assert target.limits.sign_in_per_second == 7
    assert "submit_report" in target.description.operations


def test_a_field_may_be_left_out(tmp_path: Path) -> None:
    """What it says is null it does not have, whatever the first says."""
    first = FIRST + "process: {command: [serve]}\n"
    assert load_target(like_it(tmp_path, "name: second\nprocess: null\n", first)).process is None


def test_complaints_name_the_file_that_says_so(tmp_path: Path) -> None:
    """A mistake in what was taken is told with the first file's name and line."""
    first = FIRST.replace("request:", "reqest:")
    with pytest.raises(TargetError, match=r"first\.yaml:6: operations\.submit_report\.reqest"):
        load_target(like_it(tmp_path, "name: second\n", first))
    (tmp_path / "second" / "target.yaml").write_text("like: ../first.yaml\nlimits: {nonsense: 1}\n")
    (tmp_path / "first.yaml").write_text(FIRST)
    with pytest.raises(TargetError, match=r"second/target\.yaml:2: limits\.nonsense"):
        load_target(tmp_path / "second" / "target.yaml")


@pytest.mark.parametrize(
    ("like", "says"),
    [
        ("nowhere.yaml", "there is no nowhere.yaml beside this file"),
        ("target.yaml", "is it a circle"),
        ("[a, b]", "must be the path of a description"),
    ],
)
def test_what_it_is_like_must_be_there(tmp_path: Path, like: str, says: str) -> None:
    """A file that is not there, a circle and a thing that is no path are told in one line."""
    path = tmp_path / "target.yaml"
    path.write_text(f"like: {like}\nname: second\n")
    with pytest.raises(TargetError, match=says):
        load_target(path)
