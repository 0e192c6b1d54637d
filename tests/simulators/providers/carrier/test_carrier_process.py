"""The carrier as a process, driven over its control socket against an app of the official SDK."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[4]
STRIKE, SLOW = "+15555550101", "+15555550102"


class Process:
    """A carrier and its app, each a process of its own."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        app = [sys.executable, str(Path(__file__).with_name("carrier_live_app.py"))]
        carrier = [sys.executable, "-P", "-m", "simulators.providers.carrier"]
        pipes: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "env": environment,
        }
        self.app = subprocess.Popen(app, **pipes)
        assert self.app.stdout is not None
        self.base = f"http://127.0.0.1:{int(self.app.stdout.readline())}"
        self.carrier = subprocess.Popen(carrier, **pipes)
        self.log = folder / "carrier.jsonl"
        slow = {"url": f"{self.base}/slow#tt=300", "fallback": f"{self.base}/sorry"}
        told = {
            "account": "AC" + "0" * 32,
            "token": "12345",
            "speed": 50,
            "seed": 1,
            "log": str(self.log),
            "folder": str(folder),
            "numbers": [
                {"name": "strike", "number": STRIKE, "voice": {"url": f"{self.base}/voice"}},
                {"name": "slow", "number": SLOW, "voice": slow},
            ],
            **settings,
        }
        assert self.carrier.stdin is not None
        assert self.carrier.stdout is not None
        self.carrier.stdin.write(json.dumps(told).encode() + b"\n")
        self.carrier.stdin.flush()
        line = self.carrier.stdout.readline()
        self.ready = json.loads(line) if line else {}

    def connect(self) -> Client:
        return Client(self.ready["control"])

    def close(self) -> list[int]:
        """End both by closing their input; their exit codes."""
        codes = []
        for process in (self.carrier, self.app):
            _, errors = process.communicate(timeout=20)
            assert b"Traceback" not in errors, errors.decode()
            codes.append(process.returncode)
        return codes


class Client:
    """A line to the control socket."""

    def __init__(self, address: str) -> None:
        host, port = address.split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=20)
        self._lines = self._socket.makefile("rb")

    def send(self, **order: Any) -> None:
        self._socket.sendall(json.dumps(order).encode() + b"\n")

    def read(self) -> dict[str, Any]:
        return dict(json.loads(self._lines.readline()))

    def ask(self, **order: Any) -> dict[str, Any]:
        self.send(**order)
        return self.read()

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    running = Process(tmp_path_factory.mktemp("carrier"))
    yield running
    assert running.close() == [0, 0]


@pytest.fixture
def client(process: Process) -> Iterator[Client]:
    line = process.connect()
    yield line
    line.close()


def walk(
    client: Client, call: str, number: int, *steps: tuple[str, str], hear: str
) -> dict[str, Any]:
    return client.ask(
        do="walk",
        call=call,
        walk=number,
        steps=[{"expect": expect, "press": press} for expect, press in steps],
        outcomes=[{"hear": hear, "class": "accepted"}],
        limit=600,
    )


pytestmark = pytest.mark.live


def test_a_watcher_calls_codes_in(process: Process, client: Client) -> None:
    """Dial, sign in, two codes, hang up: the app holds both, and every signature was valid."""
    answered = client.ask(do="dial", call="c1-1", **{"from": "+15555550170"}, to=STRIKE)
    assert answered["event"] == "answered"
    signed_in = walk(client, "c1-1", 1, ("precinct", "0012"), ("pin", "4321"), hear="enter code")
    assert (signed_in["class"], signed_in["pressed"]) == ("accepted", "00124321")
    for number, code in ((2, "0470"), (3, "0470")):
        done = walk(client, "c1-1", number, ("code", code), hear="thank")
        assert (done["class"], done["heard"], done["pressed"]) == ("accepted", "Thank you.", code)
        assert done["sent"] > 1.6e9
    ended = client.ask(do="hang_up", call="c1-1")
    assert (ended["event"], ended["cause"], ended["webhooks"]) == ("ended", "hung_up", 5)
    with urlopen(f"{process.base}/figures") as answer:
        figures = json.load(answer)
    assert figures == {"codes": [f"{answered['sid']} 0470"] * 2, "bad": 0}


def test_every_try_is_in_the_log(process: Process, client: Client) -> None:
    """A slow app: the first try fails at its own limit of 0.3 s, the fallback is heard."""
    client.send(do="dial", call="c2-1", **{"from": "+15555550171"}, to=SLOW)
    assert client.read()["event"] == "answered"
    ended = client.read()
    assert (ended["event"], ended["cause"]) == ("ended", "app_hung_up")
    lines = [json.loads(line) for line in process.log.read_text().splitlines()]
    first, second = [line for line in lines if line["line"] == "slow"]
    assert (first["error"], first["status"], first["try"]) == (11203, None, 1)
    assert first["took"] == pytest.approx(0.3, abs=0.15)
    assert (second["status"], second["fallback"], second["error"]) == (200, True, 0)
    assert set(first) == {
        *("at", "took", "purpose", "line", "sid", "status", "error", "fallback", "token"),
        *("try", "fault", "detail", "keyed"),
    }


def test_forgeries_are_refused_by_this_app(client: Client) -> None:
    """Its answer to a wrong signature is told."""
    assert client.ask(do="forge", to=STRIKE) == {
        "event": "forged",
        "to": STRIKE,
        "voice": 403,
        "text": None,
    }


def test_faults_come_and_go(client: Client) -> None:
    """One busy trunk; then as before."""
    assert client.ask(do="fault", name="trunks", lines=1)["event"] == "faulted"
    assert client.ask(do="dial", call="c3-1", **{"from": "+1555"}, to=STRIKE)["event"] == "answered"
    busy = client.ask(do="dial", call="c3-2", **{"from": "+1555"}, to=STRIKE)
    assert (busy["event"], busy["cause"], busy["webhooks"]) == ("ended", "busy", 0)
    assert client.ask(do="mend", name="trunks") == {
        "event": "mended",
        "name": "trunks",
        "touched": 1,
    }
    again = client.ask(do="dial", call="c3-3", **{"from": "+1555"}, to=STRIKE)
    assert again["event"] == "answered"


def test_a_client_that_goes_takes_its_people_along(process: Process) -> None:
    """Its calls are hung up."""
    gone, stays = process.connect(), process.connect()
    gone.ask(do="dial", call="c4-1", **{"from": "+1555"}, to=STRIKE)
    before = stays.ask(do="counts")["open"]
    gone.close()
    for _ in range(200):
        if stays.ask(do="counts")["open"] < before:
            break
    counts = stays.ask(do="counts")
    assert counts["open"] == before - 1
    assert counts["crashes"] == 0
    assert counts["lag"]["worst"] >= 0
    stays.close()


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"do": "sing"}, "Input tag 'sing'"),
        ({"do": "dial", "call": "x", "to": STRIKE}, "from: Field required"),
        ({"do": "dial", "call": "x", "from": "+1", "to": "+19005550100"}, "answers no calls"),
        ({"do": "fault", "name": "fire"}, "no fault is called 'fire'"),
        ({"do": "forge", "to": "+1"}, "not one of the app's numbers"),
        (
            {"do": "walk", "call": "x", "walk": 1, "steps": [{"expect": "("}], "outcomes": []},
            "not a regular expression",
        ),
        (
            {"do": "walk", "call": "x", "walk": 1, "steps": [{"expect": "a", "press": "1a"}]},
            "'a' is no key",
        ),
    ],
)
def test_what_cannot_be_done_is_said(client: Client, order: dict[str, Any], said: str) -> None:
    """The line stays open, and the answer names what it refuses."""
    answer = client.ask(**order)
    assert answer["event"] == "error"
    assert said in answer["detail"]
    assert client.ask(do="counts")["event"] == "counts"


def test_a_walk_in_a_call_that_is_over_is_unreachable(client: Client) -> None:
    """As if the phone were dead in one's hand."""
    done = walk(client, "c99-1", 5, ("code", "1"), hear="x")
    assert (done["class"], done["pressed"], done["sent"]) == ("unreachable", "", None)


def test_a_configuration_that_cannot_be(tmp_path: Path) -> None:
    """One line that names the field, exit code 2, no traceback."""
    carrier = [sys.executable, "-P", "-m", "simulators.providers.carrier"]
    told = {
        "account": "AC" + "0" * 32,
        "token": "1",
        "log": "x",
        "folder": str(tmp_path),
        "sped": 2,
    }
    done = subprocess.run(
        carrier,
        input=json.dumps(told) + "\n",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "sped" in done.stderr
    assert done.stderr.count("\n") == 1
