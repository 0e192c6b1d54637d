"""The small parts of a target: JSON paths, forms, cookies, rows, the process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from harness.target import TargetError, load_target
from harness.target.jar import Jar
from harness.target.json_path import MISSING, JsonPath
from harness.target.origins import is_loopback
from harness.target.process import Process
from harness.target.ruling import seconds_to_wait, statuses
from harness.target.scope import photo
from harness.target.web_form import choose, forms

DATA = {
    "a": {"b c": [{"id": 1, "k": "x"}, {"id": 2, "k": "y"}]},
    "n": None,
    "@l": {"next": "/2"},
    "$": 3,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.a['b c'][*].id", [1, 2]),
        ("a['b c'][1].id", [2]),
        ("a['b c'][-1].k", ["y"]),
        ("a.b c.0.id", [1]),
        ("$..id", [1, 2]),
        ("$.a['b c'][?(@.k=='y')].id", [2]),
        ("a['b c'][?(@.id==1)].k", ["x"]),
        ("@l.next", ["/2"]),
        ("n", [None]),
        ("a.zzz.y", []),
        ("a['b c'][7]", []),
        ("$", [DATA]),
        ("@l.*", ["/2"]),
    ],
)
def test_paths_find_what_they_say(path: str, found: list[Any]) -> None:
    """Dotted paths and JSONPath find the same things; what is not there is not null."""
    compiled = JsonPath(path)
    assert list(compiled.every(DATA)) == found
    assert compiled.first(DATA) == (found[0] if found else MISSING)


@pytest.mark.parametrize("text", ["a[", "a[b]", "a..", "[?(x)]"])
def test_a_text_that_is_no_path_is_refused(text: str) -> None:
    """A path that cannot be read is an error when it is loaded."""
    with pytest.raises(ValueError, match="is not a path"):
        JsonPath(text)


def test_cookies_come_back_byte_for_byte() -> None:
    """No quotes are added, the last value wins, and deletion deletes."""
    jar = Jar()
    jar.take(b'sid="a=b"; Path=/; HttpOnly; SameSite=Lax')
    jar.take(b"t=1==; Max-Age=60")
    assert jar.header(b"/x") == b'Cookie: sid="a=b"; t=1==\r\n'
    assert jar.get("sid") == '"a=b"'
    jar.take(b"t=; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    jar.take(b"sid=new; path=/")
    assert jar.header(b"/x") == b"Cookie: sid=new\r\n"
    jar.take(b"sid=; Max-Age=0; Path=/")
    assert jar.header(b"/x") == b""


def test_cookies_keep_to_their_path() -> None:
    """A cookie for /admin is not sent to /administer."""
    jar = Jar()
    jar.take(b"a=1; Path=/admin")
    assert jar.header(b"/admin/x") == jar.header(b"/admin") == b"Cookie: a=1\r\n"
    assert jar.header(b"/administer") == b""


def test_a_form_is_sent_as_a_browser_would() -> None:
    """Text areas, ticked boxes and chosen options count; buttons and disabled fields do not."""
    page = """<form name=f method=post action=/go?a=1&amp;b=2 enctype=multipart/form-data>
      <textarea name=t>
two &lt; lines</textarea><input type=radio name=r value=1><input type=radio name=r value=2 checked>
      <input name=d value=x disabled><button name=b>x</button><input type=file name=u>
      <select name=s><option>One<option selected>Two  words</select>
    </form><input name=outside value=o>"""
    form = choose(forms(page), "f")
    assert form is not None
    assert form.fields == [("t", "two < lines"), ("r", "2"), ("s", "Two words")]
    assert (form.action, form.method, form.multipart) == ("/go?a=1&b=2", "POST", True)
    assert forms(page)[-1].fields == [("outside", "o")]
    assert choose(forms(page), 7) is None


def test_statuses_are_numbers_ranges_and_families() -> None:
    """A rule may name them in any mix."""
    assert statuses([201, "3xx", "400-401"]) == {201, *range(300, 400), 400, 401}
    assert statuses(None) is None


def test_retry_after_is_seconds_or_a_date() -> None:
    """Both forms of RFC 9110 are read; nonsense is nothing."""
    assert seconds_to_wait("150") == 150.0
    assert seconds_to_wait("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0
    assert seconds_to_wait("soon") is None


def test_loopback_is_all_of_it() -> None:
    """127.0.0.0/8, ::1 and its mapped form are this machine; nothing else is."""
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "128.0.0.1", "::2", "localhost.evil"))


def test_the_photo_is_a_picture_with_its_key() -> None:
    """The picture that is sent is a PNG that names its operation."""
    assert photo("op-1").startswith(b"\x89PNG\r\n\x1a\n")
    assert b"PRACTICE op-1" in photo("op-1")


SERVER = """
import http.server, sys, signal, pathlib
data = pathlib.Path(sys.argv[2]) / "starts"
with data.open("a") as file: file.write("x")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *a): print("asked", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def described(tmp_path: Path, **process: Any) -> Any:
    """A target whose process is a small server."""
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, str(tmp_path / "server.py"), "{{ port }}", "{{ data }}"]
    data = {
        "name": "small",
        "base_url": "http://127.0.0.1:{{ port }}",
        "process": {"command": command, "ready": {"path": "/", "within_s": 10}, **process},
        "classes": [{"class": "accepted", "status": 200}],
        "operations": {"read_results": {"request": {"path": "/"}}},
    }
    return load_target(data, environment={})


def test_a_process_starts_dies_and_comes_back_where_it_was(tmp_path: Path) -> None:
    """Kill and start keep the port and the data; the log is in the run folder."""
    with Process(described(tmp_path), tmp_path / "run") as process:
        first = process.pid
        assert process.alive
        process.kill()
        assert not process.alive
        process.start()
        assert process.alive
        assert process.pid != first
        process.restart()
        assert (tmp_path / "run" / "app-data" / "starts").read_text() == "xxx"
    assert not process.alive
    assert "asked" in (tmp_path / "run" / "target.log").read_text()


@pytest.fixture(autouse=True)
def _run_folder(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()


def test_a_process_that_does_not_start_says_its_last_words(tmp_path: Path) -> None:
    """The log's end is in the error; a program that is not there is named."""
    target = described(tmp_path, command=[sys.executable, "-c", "raise SystemExit('no database')"])
    with pytest.raises(TargetError, match=r"ended with 1 before it was ready.*no database"):
        Process(target, tmp_path / "run").start()
    target = described(tmp_path, command=["no-such-program-here"])
    with pytest.raises(TargetError, match="no-such-program-here cannot be started: No such file"):
        Process(target, tmp_path / "run").start()


def test_a_process_that_never_answers_is_ended(tmp_path: Path) -> None:
    """What does not get ready in time is killed, not left behind."""
    target = described(
        tmp_path,
        command=[sys.executable, "-c", "import time; time.sleep(60)"],
        ready={"within_s": 0.3},
    )
    process = Process(target, tmp_path / "run")
    with pytest.raises(TargetError, match=r"did not answer / within 0.3 s"):
        process.start()
    assert not process.alive


def test_a_word_that_names_a_file_beside_the_description_is_that_file(tmp_path: Path) -> None:
    """A script kept with target.yaml is found, although the command runs in the run folder."""
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "target.yaml").write_text(
        "name: small\nbase_url: 'http://127.0.0.1:{{ port }}'\n"
        "process: {command: [python, server.py, '{{ port }}', '{{ data }}']}\n"
        "operations:\n  read_results:\n    request: {path: /}\n"
        "    classes: [{class: accepted, status: 200}]\n"
    )
    with Process(load_target(tmp_path / "target.yaml"), tmp_path / "run") as process:
        assert process.alive


def test_one_operation_costs_little(benchmark: Any) -> None:
    """Filling in a JSON write and judging its answer; the goal is 15 microseconds of CPU."""
    from harness.target.wire import Response
    from simulators.people.person import Person
    from simulators.stage import Operation

    target = load_target(
        {
            "name": "fast",
            "base_url": "http://127.0.0.1:8000",
            "sign_in": {"kind": "headers", "headers": {"Authorization": "Bearer x"}},
            "classes": [
                {"class": "accepted", "status": 201},
                {"class": "already_have_it", "status": 400, "body": "not_unique"},
            ],
            "operations": {
                "submit_report": {
                    "request": {
                        "path": "/api/reports",
                        "headers": {"Idempotency-Key": "{{ row.operation }}"},
                        "json": {"precinct": "{{ row.record }}", "cells": "{{ row.cells }}"},
                    },
                    "captures": {"stored_id": {"json": "id"}},
                }
            },
        }
    )
    person = Person(0, "chair", "chair-1")
    session = target.session(person)
    operation = Operation(
        "submit_report", "op-1", 1, person, "api", "IA-0001", 1, tuple(range(43)), (), 0.0, None
    )
    answer = Response(201, [(b"content-type", b"application/json")], b'{"id":"r1"}')

    def once() -> str | None:
        exchange = target.perform(operation, session)
        next(exchange)
        try:
            exchange.send(answer)
        except StopIteration as done:
            stored: str | None = done.value.stored_id
            return stored
        return None

    assert benchmark(once) == "r1"
