"""The proxy's control API is Toxiproxy's: names, defaults, statuses and errors."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from network_stand import App, Caller, app_up

from harness.channels.child import Child
from harness.injects.network_plan import MODULE


class Server:
    """Our proxy's process, and a hand on its API."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.child = Child(MODULE, "the proxy")
        self.control = str(self.child.start(b'{"seed": %d}\n' % seed, folder)["control"])

    def ask(self, method: str, path: str, told: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        line = http.client.HTTPConnection(self.control, timeout=20)
        try:
            line.request(method, path, None if told is None else json.dumps(told), headers)
            answer = line.getresponse()
            said = answer.read()
        finally:
            line.close()
        try:
            return answer.status, json.loads(said) if said else None
        except ValueError:
            return answer.status, said.decode()

    def proxy(self, name: str, app: App) -> str:
        """A proxy of this name; its address."""
        status, made = self.ask("POST", "/proxies", {"name": name, "upstream": app.upstream})
        assert status == 201
        return str(made["listen"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("proxy"))
    yield server
    server.child.close()


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with app_up() as app:
        yield app


def test_a_proxy_is_made_shown_moved_and_removed(server: Server, app: App) -> None:
    """With the fields that Toxiproxy shows; disabled, nobody is let in until it is enabled."""
    told = {"name": "made", "listen": "127.0.0.1:0", "upstream": app.upstream}
    status, made = server.ask("POST", "/proxies", told)
    assert status == 201
    address = made.pop("listen")
    assert made == {
        "name": "made", "upstream": app.upstream, "enabled": True, "toxics": [], "connections": 0,
    }  # fmt: skip
    with Caller(address) as caller:
        assert caller.ask() == "ok"
        assert server.ask("POST", "/proxies/made", {"enabled": False})[1]["enabled"] is False
        assert caller.ask() in ("ConnectionResetError", "RemoteDisconnected", "BrokenPipeError")
        assert caller.ask() == "ConnectionRefusedError"
        assert server.ask("PATCH", "/proxies/made", {"enabled": True})[1]["listen"] == address
        assert caller.ask() == "ok"
    status, moved = server.ask("PATCH", "/proxies/made", {"upstream": "127.0.0.1:1"})
    assert (status, moved["upstream"], moved["listen"]) == (200, "127.0.0.1:1", address)
    with Caller(address) as caller:  # nobody is there, and the proxy has no answer of its own
        assert caller.ask() in ("ConnectionResetError", "RemoteDisconnected", "BrokenPipeError")
    assert "made" in server.ask("GET", "/proxies")[1]
    assert server.ask("DELETE", "/proxies/made") == (204, None)
    assert server.ask("GET", "/proxies/made") == (404, {"error": "proxy not found", "status": 404})


def test_a_toxic_has_toxiproxys_defaults_and_names(server: Server, app: App) -> None:
    """Downstream, on every connection, and called by its type and stream."""
    server.proxy("named", app)
    toxics = "/proxies/named/toxics"
    told = {"type": "latency", "attributes": {"latency": 5}}
    status, toxic = server.ask("POST", toxics, told)
    assert status == 200
    assert toxic == {
        "name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1.0,
        "attributes": {"latency": 5, "jitter": 0}, "touched": 0,
    }  # fmt: skip
    assert server.ask("POST", toxics, told) == (
        409, {"error": "toxic already exists", "status": 409},
    )  # fmt: skip
    one = f"{toxics}/latency_downstream"
    changed = server.ask("POST", one, {"attributes": {"jitter": 2}, "toxicity": 0.5})[1]
    assert (changed["attributes"], changed["toxicity"]) == ({"latency": 5, "jitter": 2}, 0.5)
    assert server.ask("PATCH", one, {"attributes": {}})[1] == changed
    assert server.ask("GET", toxics) == (200, [changed])
    assert server.ask("GET", "/proxies/named")[1]["toxics"] == [changed]
    assert server.ask("DELETE", one) == (204, None)
    assert server.ask("DELETE", one)[0] == 404


def test_populate_replaces_and_reset_heals(server: Server, app: App) -> None:
    """Several proxies at once, in place of those of their names; reset takes every toxic off."""
    told = [{"name": f"p{n}", "listen": "127.0.0.1:0", "upstream": app.upstream} for n in (1, 2)]
    status, made = server.ask("POST", "/populate", told)
    assert (status, [each["name"] for each in made["proxies"]]) == (201, ["p1", "p2"])
    old = made["proxies"][0]["listen"]
    server.ask("POST", "/proxies/p1/toxics", {"type": "timeout"})
    status, made = server.ask("POST", "/populate", told[:1])
    assert made["proxies"][0]["toxics"] == []
    with Caller(old) as caller:
        assert caller.ask() == "ConnectionRefusedError"
    server.ask("POST", "/proxies/p1/toxics", {"type": "timeout"})
    server.ask("POST", "/proxies/p2", {"enabled": False})
    assert server.ask("POST", "/reset") == (204, None)
    for name in ("p1", "p2"):
        shown = server.ask("GET", f"/proxies/{name}")[1]
        assert (shown["enabled"], shown["toxics"]) == (True, [])


@pytest.mark.parametrize(
    ("path", "told", "status", "said"),
    [
        ("/proxies", {"upstream": "127.0.0.1:1"}, 400, "missing required field: name"),
        ("/proxies", {"name": "x"}, 400, "missing required field: upstream"),
        ("/proxies", {"name": "x", "upstream": "nowhere"}, 400, "'nowhere' is no address"),
        (
            "/proxies", {"name": "x", "upstream": "127.0.0.1:1", "listen": "0.0.0.0:0"}, 400,
            "listen: 0.0.0.0:0 is not on loopback",
        ),
        ("/proxies", [], 400, "bad request body"),
        ("/proxies/nobody/toxics", {"type": "latency"}, 404, "proxy not found"),
        ("/proxies/wrong/toxics", {"type": "gremlin"}, 400, "invalid toxic type"),
        (
            "/proxies/wrong/toxics", {"type": "latency", "stream": "sideways"}, 400,
            "stream was invalid, can be either upstream or downstream",
        ),
        (
            "/proxies/wrong/toxics", {"type": "latency", "attributes": {"latency": "1s"}}, 400,
            "attributes.latency",
        ),
        (
            "/proxies/wrong/toxics", {"type": "latency", "attributes": {"lag": 1}}, 400,
            "attributes.lag",
        ),
        ("/populate", {"name": "x"}, 400, "a list of proxies"),
        ("/proxies/wrong", ["x"], 400, "a mapping of fields"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(
    server: Server, app: App, path: str, told: Any, status: int, said: str
) -> None:
    """As JSON with the error and the status, as Toxiproxy says it."""
    server.ask("POST", "/populate", [{"name": "wrong", "upstream": app.upstream}])
    got, answer = server.ask("POST", path, told)
    assert (got, answer["status"]) == (status, status)
    assert said in answer["error"]


def test_every_byte_arrives_in_order_and_an_end_is_passed_on(server: Server) -> None:
    """A megabyte each way through four toxics; who says that it has no more still gets the rest."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        upstream = "{}:{}".format(*listening.getsockname())
        made = server.ask("POST", "/populate", [{"name": "bytes", "upstream": upstream}])[1]
        for kind, told in (
            ("latency", {"latency": 3, "jitter": 3}), ("bandwidth", {"rate": 8000}),
            ("slicer", {"average_size": 3000, "size_variation": 900}), ("loss", {"share": 0.001}),
        ):  # fmt: skip
            for stream in ("upstream", "downstream"):
                told_all = {"type": kind, "stream": stream, "attributes": told}
                assert server.ask("POST", "/proxies/bytes/toxics", told_all)[0] == 200
        host, _, port = made["proxies"][0]["listen"].partition(":")
        sent, heard = random.Random(1).randbytes(1_000_000), bytearray()

        def echo() -> None:
            with listening.accept()[0] as app:
                while data := app.recv(65_536):
                    heard.extend(data)
                app.sendall(bytes(heard)[::-1])

        echoing = threading.Thread(target=echo)
        echoing.start()
        with socket.create_connection((host, int(port)), 20) as person:
            person.sendall(sent)
            person.shutdown(socket.SHUT_WR)
            got = bytearray()
            while data := person.recv(65_536):
                got.extend(data)
        echoing.join()
    assert bytes(heard) == sent
    assert bytes(got) == sent[::-1]


def test_a_page_in_a_browser_cannot_reach_it(server: Server) -> None:
    """Whoever calls themselves Mozilla is turned away."""
    assert server.ask("GET", "/version", **{"User-Agent": "Mozilla/5.0"})[0] == 403
    assert server.ask("GET", "/version")[0] == 200


def test_toxicity_takes_hold_of_a_share_of_the_connections(server: Server, app: App) -> None:
    """The same ones each time: which, hangs on the seed and their number."""
    held = []
    for _ in range(2):
        made = server.ask("POST", "/populate", [{"name": "some", "upstream": app.upstream}])[1]
        told = {"type": "reset_peer", "stream": "upstream", "toxicity": 0.5}
        server.ask("POST", "/proxies/some/toxics", told)
        address = made["proxies"][0]["listen"]
        said = []
        for _ in range(30):
            with Caller(address) as caller:
                said.append(caller.ask())
        held.append([each == "ok" for each in said])
        assert server.ask("GET", "/proxies/some")[1]["connections"] == 30
    assert held[0] == held[1]
    assert 5 < sum(held[0]) < 25


def test_it_ends_with_its_input_and_not_by_ctrl_c(tmp_path: Path, app: App) -> None:
    """Ctrl-C is for the drill; once the drill is gone, so is the proxy, and its people's lines."""
    server = Server(tmp_path)
    host, _, port = server.proxy("p", app).partition(":")
    assert server.child._process is not None
    os.kill(server.child._process.pid, signal.SIGINT)
    with socket.create_connection((host, int(port)), 20) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"recorded" in line.recv(65_536)
        assert server.child.close()  # in good order
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(1) == b""
    with pytest.raises(ConnectionRefusedError), socket.create_connection((host, int(port)), 1):
        pass


CONTROLLER = """
import sys, time
from pathlib import Path
from harness.channels.child import Child
child = Child("harness.injects.proxy", "the proxy")
print(child.start(b'{"seed": 1}\\n', Path(sys.argv[1]))["control"], flush=True)
time.sleep(600)
"""


def test_a_drill_that_is_killed_leaves_no_proxy(tmp_path: Path) -> None:
    """By SIGKILL, with which nobody gets to undo anything: the pipe's end is enough."""
    drill = subprocess.Popen(
        [sys.executable, "-c", CONTROLLER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert drill.stdout is not None
    host, _, port = drill.stdout.readline().strip().partition(":")
    with socket.create_connection((host, int(port)), 20) as line:
        drill.kill()
        drill.communicate()
        assert line.recv(1) == b""  # it waited for a request, and has ended
    with pytest.raises(ConnectionRefusedError):
        while True:
            socket.create_connection((host, int(port)), 1).close()


def test_told_nothing_it_says_what_it_wants(tmp_path: Path) -> None:
    """No traceback for a wrong first line."""
    from harness.channels.child import ChildError

    with pytest.raises(ChildError, match=r"one line of JSON is wanted .* \{.seed.: 1\}"):
        Child(MODULE, "the proxy").start(b"{}\n", tmp_path)
