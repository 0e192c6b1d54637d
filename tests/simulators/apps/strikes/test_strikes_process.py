"""The app as a process, with a carrier's API that it reaches over HTTP."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from strikes_day import ADMIN, ANNE, LINE, ROSTER, SECRET, TOKEN
from twilio.request_validator import RequestValidator

ROOT = Path(__file__).parents[4]
COMMAND = [sys.executable, "-P", "-m", "simulators.apps.strikes"]
ACCOUNT = "AC" + "0" * 32


class Api(ThreadingHTTPServer):
    """Takes orders for texts, and keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.taken: list[tuple[str, str, dict[str, list[str]]]] = []
        self.came = threading.Event()


class Taker(BaseHTTPRequestHandler):
    """Answers one order as the carrier does."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        server = self.server
        assert isinstance(server, Api)
        server.taken.append((self.path, self.headers["Authorization"], parse_qs(body)))
        answer = json.dumps({"sid": "SM1"}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        server.came.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Process:
    """The app in a process of its own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--port", "0", "--database", f"sqlite:///{folder}/strikes.db", *arguments],
            env={**os.environ, "STRIKES_SECRET": SECRET, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def post(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode()
        connection.close()
        return found

    def hook(self, path: str, **values: str) -> str:
        signed = RequestValidator(TOKEN).compute_signature(self.url + path, values)
        form = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signed}
        status, text = self.post(path, urlencode(values), form)
        assert status == 200, text
        return text

    def end(self, how: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=15)
        return self.process.returncode, out, err


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.live
def test_killed_in_a_call_it_comes_back_with_every_code(tmp_path: Path, api: Api) -> None:
    """What was confirmed aloud survives SIGKILL, the call goes on, and its text is sent."""
    carrier = {
        "CARRIER_API": f"http://127.0.0.1:{api.server_address[1]}",
        "CARRIER_ACCOUNT": ACCOUNT,
        "CARRIER_TOKEN": TOKEN,
    }
    call = {"CallSid": "CA1", "From": ANNE, "To": LINE}
    app = Process(tmp_path, **carrier)
    assert app.post("/admin/roster", json.dumps(ROSTER), ADMIN)[0] == 200
    app.hook("/voice", **call)
    app.hook("/voice/precinct", Digits="0012", **call)
    app.hook("/voice/pin", Digits="4821", **call)
    assert "is recorded" in app.hook("/voice/code", Digits="4711", **call)
    app.end(signal.SIGKILL)
    again = Process(tmp_path, **carrier)
    assert "already recorded" in again.hook("/voice/code", Digits="4711", **call)
    assert "is recorded" in again.hook("/voice/code", Digits="4712", **call)
    again.hook("/voice/status", CallStatus="completed", **call)
    assert api.came.wait(10)
    assert again.end(signal.SIGTERM) == (0, "", "")
    ((path, proof, form),) = api.taken
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert base64.b64decode(proof.removeprefix("Basic ")).decode() == f"{ACCOUNT}:{TOKEN}"
    assert (form["To"], form["From"]) == ([ANNE], [LINE])
    assert "2 codes are recorded" in form["Body"][0]


@pytest.mark.live
def test_a_wrong_defect_or_database_is_one_line(tmp_path: Path) -> None:
    """A user's mistake is told without a traceback, with exit code 2."""
    for arguments in (["--defect", "bad_weather"], ["--database", "mongo://x"]):
        found = subprocess.run(
            [*COMMAND, *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "STRIKES_SECRET": SECRET},
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert found.returncode == 2
        assert found.stderr.startswith(arguments[0])
        assert found.stderr.count("\n") == 1


@pytest.mark.live
def test_without_a_carrier_it_says_that_it_believes_nobody(tmp_path: Path) -> None:
    """A start without the carrier's token is warned of."""
    app = Process(tmp_path, CARRIER_TOKEN="", CARRIER_API="")
    code, _, said = app.end(signal.SIGTERM)
    assert code == 0
    assert said.startswith("CARRIER_TOKEN is not set: no webhook will be believed.")
