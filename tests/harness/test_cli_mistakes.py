"""A user's mistake costs one line and an exit code, and nothing is written over."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from harness.cli import main

SCENARIO = Path("scenarios/iowa-caucus-night.yaml")
TARGET = """\
name: nowhere
base_url: http://127.0.0.1:9
classes: [{class: accepted, status: 200}]
operations:
  submit_report:
    request: {path: /reports, json: {key: "{{ row.operation }}"}}
read_back:
  rows: {mode: set, request: {path: /reports}, key: key}
"""


def mistake(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and what was said on standard error."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr().err
    assert "Traceback" not in said
    code = ended.value.code
    assert isinstance(code, int)
    return code, said


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The packaged scenario with one thing changed."""
    text = SCENARIO.read_text()
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def described(tmp_path: Path, old: str = "", new: str = "") -> Path:
    path = tmp_path / "target.yaml"
    path.write_text(TARGET.replace(old, new, 1) if old else TARGET)
    return path


def test_an_unknown_scenario_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """`iowa-caucus-nite` is told of `iowa-caucus-night`."""
    code, said = mistake(capsys, "run", "iowa-caucus-nite")
    assert code == 2
    assert "did you mean 'iowa-caucus-night'?" in said


def test_bad_yaml_names_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bracket that is never closed is found where it is."""
    path = changed(tmp_path, "speed: 120", "speed: [120")
    code, said = mistake(capsys, "run", str(path))
    assert code == 2
    assert f"{path}:" in said
    assert said.count("\n") == 1


def test_an_unknown_field_names_the_right_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, line, what was found, the nearest that is allowed."""
    path = changed(tmp_path, "objectives:", "objektives:")
    code, said = mistake(capsys, "run", str(path))
    assert code == 2
    assert f"{path}:{line_of(path, 'objektives:')}: objektives" in said
    assert "did you mean 'objectives'?" in said


def test_a_negative_rate_is_refused_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody arrives less than never."""
    path = changed(tmp_path, "traffic: {}", "traffic: {visits: {rate: [[0, -1], [10, 2]]}}")
    code, said = mistake(capsys, "run", str(path))
    assert code == 2
    assert f"{path}:{line_of(path, 'traffic:')}: traffic.visits" in said


@pytest.mark.parametrize("speed", ["0", "-3"])
def test_a_speed_must_be_above_zero(
    speed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Time does not stand still or run backwards."""
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--speed", speed, "--out", str(tmp_path / "run")
    )
    assert code == 2
    assert "speed" in said
    assert not (tmp_path / "run").exists()


def test_a_template_that_names_no_field_is_an_error_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is sent, with the line and the nearest right name."""
    path = described(tmp_path, "row.operation", "row.operaton")
    code, said = mistake(capsys, "run", "iowa-caucus-night", "--target", str(path))
    assert code == 2
    assert f"target.yaml:{line_of(path, 'operaton')}:" in said
    assert "did you mean row.operation?" in said


def test_a_target_that_is_down_is_said_to_be_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing answers at the address, and the line says which."""
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--scale", "0.02", "--target",
        str(described(tmp_path)), "--out", str(tmp_path / "run"),
    )  # fmt: skip
    assert code == 2
    assert "http://127.0.0.1:9" in said


def test_what_a_target_says_at_its_end_moves_no_cursor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that does not start is quoted, and cannot clear the screen by that."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    command = """process: {command: [sh, -c, "printf '\\\\033[2JGO'; exit 3"]}\nclasses:"""
    path = described(tmp_path, "classes:", command)
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--scale", "0.02", "--target", str(path),
        "--speed", "100000", "--out", str(tmp_path / "run"),
    )  # fmt: skip
    assert code == 2
    assert "its last words:  [2JGO" in said
    assert "\x1b" not in said


@pytest.fixture
def page() -> Iterator[str]:
    """A web server that answers everything with a page."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html><title>Welcome</title></html>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_html_where_json_is_due_is_named(
    page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A drill does not begin against an app that cannot be read."""
    path = described(tmp_path, "http://127.0.0.1:9", page)
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--scale", "0.02", "--target", str(path),
        "--speed", "100000", "--out", str(tmp_path / "run"),
    )  # fmt: skip
    assert code == 2
    assert "HTML" in said
    assert "rows" in said


def test_another_machine_needs_a_permit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused for safety, and nothing was sent: not even a run folder is made."""
    path = described(tmp_path, "127.0.0.1:9", "192.0.2.7:80")
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--target", str(path), "--out", str(tmp_path / "run")
    )
    assert code == 4
    assert "192.0.2.7" in said
    assert "permit" in said
    assert not (tmp_path / "run").exists()


def test_an_unknown_defect_names_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started for it."""
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--defect", "partial_exports", "--out",
        str(tmp_path / "run"),
    )  # fmt: skip
    assert code == 2
    assert "did you mean 'partial_export'?" in said


def test_a_run_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with something in it stays as it is."""
    (tmp_path / "keep").write_text("mine")
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--scale", "0.02", "--speed", "1200", "--out",
        str(tmp_path),
    )  # fmt: skip
    assert code == 2
    assert "not empty" in said
    assert [each.name for each in tmp_path.iterdir()] == ["keep"]


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file stands where a folder should be, which not even root can write into."""
    (tmp_path / "file").write_text("")
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--scale", "0.02", "--speed", "1200", "--out",
        str(tmp_path / "file" / "run"),
    )  # fmt: skip
    assert code == 2
    assert str(tmp_path / "file" / "run") in said


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "JSON"), ("{", "JSON"), ("[1]", "JSON object"), ('{"run": "x"}', "missing")],
)
def test_a_corrupt_run_folder_is_named(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`recheck` and `report` say what is wrong with it and change nothing."""
    (tmp_path / "run.json").write_text(text)
    code, said = mistake(capsys, "recheck", str(tmp_path))
    assert code == 2
    assert "run.json" in said
    assert says in said
    assert (tmp_path / "run.json").read_text() == text


def test_a_folder_without_a_run_is_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder is told apart from a damaged one."""
    code, said = mistake(capsys, "report", str(tmp_path))
    assert code == 2
    assert "not a run folder" in said


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--scale", "inf"),
        ("--scale", "1e9"),
        ("--scale", "nan"),
        ("--seed", "99999999999999999999999"),
        ("--seed", "-1"),
        ("--speed", "inf"),
        ("--workers", "0"),
        ("--locustfile", "/nowhere/locustfile.py"),
    ],
)
def test_numbers_and_files_beyond_reason_are_refused(
    option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is made or started."""
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", option, value, "--out", str(tmp_path / "run")
    )
    assert code == 2
    assert said
    assert not (tmp_path / "run").exists()


def test_findings_cut_short_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`report` says which file, and what to do."""
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "verdict.json").write_text('{"word": "GO", "reasons": []}')
    (tmp_path / "findings.json").write_text('[{"check": ')
    code, said = mistake(capsys, "report", str(tmp_path))
    assert code == 2
    assert "findings.json" in said
    assert "recheck" in said


def test_objectives_of_the_wrong_kind_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`recheck` names the file and the field."""
    kept = {"run": "x", "fields": [], "target": {}, "objectives": [3], "state": "finished"}
    (tmp_path / "run.json").write_bytes(orjson.dumps({**kept, "workers": 1, "virtual": True}))
    code, said = mistake(capsys, "recheck", str(tmp_path))
    assert code == 2
    assert "run.json: objectives.0" in said


TOO_KIND = TARGET.replace("name: nowhere", "name: kind").replace(
    "read_back:", "preflight:\n  no_sign_in: {expect: refused}\nread_back:"
)


def test_an_app_that_accepts_what_it_must_refuse_is_not_drilled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: str
) -> None:
    """Its own description says that a write without signing in is refused; it says yes."""
    path = tmp_path / "target.yaml"
    path.write_text(
        TOO_KIND.replace("http://127.0.0.1:9", page).replace(
            '{path: /reports, json: {key: "{{ row.operation }}"}}',
            '{method: GET, path: "/reports/{{ row.operation }}"}',
        )
    )
    code, said = mistake(
        capsys, "run", "iowa-caucus-night", "--scale", "0.02", "--target", str(path),
        "--speed", "1000", "--out", str(tmp_path / "run"),
    )  # fmt: skip
    assert code == 2
    assert "preflight.no_sign_in: expected refused" in said


def test_no_limit_of_lines_is_no_change_of_one_night(capsys: pytest.CaptureFixture[str]) -> None:
    """It says so, and plays no night that would look like an answer."""
    code, said = mistake(capsys, "simulate", "houdini-election-day", "--trunks", "none")
    assert (code, "changes nothing" in said) == (2, True)
