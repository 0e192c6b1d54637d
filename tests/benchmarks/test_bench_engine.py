"""Requests per client CPU-second: the whole engine against other clients, in one run.

nginx answers on one core, the client is pinned to the other, and the same JSON report is POSTed
by all. The unit is requests per CPU-second of the client, which hardly depends on what else the
machine is doing. The engine plays behaviours with sessions, a ledger and histograms, under its
Locust worker, whose CPU counts too. Run with ``pytest tests/benchmarks --benchmark-only``.

Two shapes of load are measured, because a request costs less the more of them there are:

- *Saturated*: every client sends as fast as its core allows, so no core time is spent waking up,
  and releases, ledger writes and looks at the sockets are shared by many requests. FastHttpUser,
  hey and wrk have 20 connections, each with one request at a time. The engine has 200 people on
  200 connections, each waiting for the answer and then 5 ms, as a person does between two
  things; they ask for 40,000 requests a second, about what one core gives (20 people would take
  a tenth less time a request, 400 a quarter more). This is the figure to compare clients by: it
  says how many cores a load needs.
- *Half*: a fixed rate, half of what the client manages when saturated (engine 200 people, as
  above). Requests then come alone or a few at a time, each pays for its own wake-up of client and
  server, and less is done in bulk. It is the load to plan a drill by: a drill is kept below
  saturation, so that the times it measures are the target's and not the generator's.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from engine_load import fitting_body
from pytest_benchmark.fixture import BenchmarkFixture

from harness.engine.conduct import conduct
from harness.record import RunFolder

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
ENV = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}", "PYTHONWARNINGS": "ignore"}
CLIENT, SERVER = 0, 1  # cores
SECONDS = 3.0
ROUNDS = 5
FLOOR = 3.0  # times FastHttpUser
FLOOR_AT_HALF = 2.0  # the same at half of what each can do
Client = Callable[[str, Path], float]  # URL and a folder to work in; requests per CPU-second

NGINX = """
daemon off; worker_processes 1; worker_cpu_affinity 10; pid {0}/pid; error_log {0}/error;
events {{ worker_connections 15000; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f;
  uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  server {{
    listen 127.0.0.1:{1} backlog=15000; default_type application/json;
    location / {{ return 200 '{{"stored":"yes","n":1}}'; }}
  }}
}}
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2,
        reason="needs two cores to pin client and server to",
    ),
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """nginx on its core, saying yes to everything."""
    import socket
    import time

    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "nginx.conf").write_text(NGINX.format(folder, port))
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")])
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture(autouse=True)
def _on_the_client_core(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CLIENT})  # whatever is started from here inherits it
    monkeypatch.setenv("PYTHONPATH", ENV["PYTHONPATH"])
    yield
    os.sched_setaffinity(0, before)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far, its children not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def the_conductor() -> int:
    """Process id of our conductor: for one engine it is the Locust worker too."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for pid in children:
        if b"harness.engine.conductor" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise AssertionError("no conductor among our children")


def play(
    url: str, folder: Path, *, people: int, rate: float, seconds: float
) -> tuple[dict[str, Any], float]:
    """Conduct one drill; its ledger's trailer, and CPU seconds of engine and worker."""
    run = RunFolder.create(folder)
    order = {
        "folder": str(run.path), "night": {"people": people, "rate": rate, "seconds": seconds},
        "base_url": url, "seed": 1, "speed": 1.0, "start_at": None,
        "ends_drill": seconds + people / rate + 1, "max_in_flight": max(1000, people),
        "run": "benchmark", "grace": 2.0, "parts": "engine_load:engine_parts",
    }  # fmt: skip
    worker: list[float] = []

    def sample(_: object) -> None:
        worker.append(cpu_of(the_conductor()))

    result = conduct(order, 1, sample, threading.Event(), on_start=sample)
    assert (result.state, result.problems) == ("finished", ())
    lines = (run.path / "ledger" / "engine-00.jsonl").read_bytes().splitlines()
    start = next(line for line in map(orjson.loads, lines[:3]) if line["k"] == "start")
    trailer = orjson.loads(lines[-1])
    assert trailer["outcomes"] == trailer["intents"] == result.figures["acknowledged"]
    shutil.rmtree(run.path)
    return trailer, trailer["cpu_seconds"] - start["cpu_seconds"] + worker[-1] - worker[0]


def engine(url: str, folder: Path, rate: float = 40_000) -> float:
    """As many people as keep it busy: they wait for each answer, and a moment between reports."""
    trailer, cpu = play(url, folder, people=200, rate=rate, seconds=SECONDS)
    return float(trailer["outcomes"]) / cpu


def fast_http_user(url: str, folder: Path, rate: float | None = None) -> float:
    """Locust's faster user, 20 of them, as fast as they can or at a rate."""
    command = [sys.executable, str(HERE / "engine_load.py"), url, str(SECONDS)]
    command += [] if rate is None else [str(rate)]
    done = subprocess.run(command, capture_output=True, check=True, env=ENV)
    result = json.loads(done.stdout)
    assert result["failures"] == 0
    return float(result["requests"] / result["cpu"])


def _program(command: list[str], pattern: str) -> float:
    """Requests (by a pattern in its output) per CPU-second of a program."""

    def cpu() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = cpu()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(pattern, done.stdout)
    assert found is not None, done.stdout
    return int(found[1]) / (cpu() - before)


def hey(url: str, folder: Path) -> float:
    """hey, 20 connections; the same body again and again."""
    body = folder.with_suffix(".json")
    body.write_bytes(fitting_body())
    return _program(
        ["hey", "-z", f"{SECONDS:g}s", "-c", "20", "-m", "POST", "-T", "application/json",
         "-D", str(body), f"{url}/reports"],
        r"\[200\]\s+(\d+) responses",
    )  # fmt: skip


def wrk(url: str, folder: Path) -> float:
    """wrk, one thread, 20 connections; the same body again and again."""
    script = folder.with_suffix(".lua")
    headers = 'wrk.headers["Content-Type"] = "application/json"'
    body = fitting_body().decode()
    script.write_text(f'wrk.method = "POST"\n{headers}\nwrk.body = [[{body}]]\n')
    return _program(
        ["wrk", "-t1", "-c20", f"-d{SECONDS:g}", "-s", str(script), f"{url}/reports"],
        r"(\d+) requests in",
    )


def test_the_engine_sends_three_times_what_fast_http_user_does(
    benchmark: BenchmarkFixture,
    url: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Per CPU-second, with behaviours, sessions, ledger and histograms all on; goal: 5 times."""
    clients: dict[str, Client] = {"engine": engine, "FastHttpUser": fast_http_user}
    clients |= {each.__name__: each for each in (hey, wrk) if shutil.which(each.__name__)}
    measured: dict[str, list[float]] = {name: [] for name in clients}

    def one_round() -> None:
        for name, client in clients.items():
            folder = tmp_path / f"{name}-{len(measured[name])}"
            measured[name].append(client(url, folder))

    benchmark.pedantic(one_round, rounds=ROUNDS, iterations=1)  # type: ignore[no-untyped-call]
    median = {name: statistics.median(values) for name, values in measured.items()}
    # Round by round: what else the machine does then slows both.
    ratios = {
        name: statistics.median(
            a / b for a, b in zip(values, measured["FastHttpUser"], strict=True)
        )
        for name, values in measured.items()
    }
    with capsys.disabled():
        for name, value in sorted(median.items(), key=lambda each: -each[1]):
            low, high = min(measured[name]), max(measured[name])
            sys.stdout.write(
                f"\n{name:14} {value:9,.0f} requests per CPU-second "
                f"({low:,.0f} to {high:,.0f}), {ratios[name]:.2f} x FastHttpUser"
            )
    benchmark.extra_info.update({name: round(value) for name, value in median.items()})
    record_property("ratio", ratios["engine"])
    assert ratios["engine"] >= FLOOR


def test_below_saturation_it_still_sends_twice_what_fast_http_user_does(
    benchmark: BenchmarkFixture, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Per CPU-second at half of each client's saturated rate, where nothing is done in bulk."""
    ratios: list[float] = []
    measured: list[tuple[float, ...]] = []

    def one_round() -> None:
        n = len(ratios)
        halves = [
            each(url, tmp_path / f"full-{each.__name__}-{n}") / 2
            for each in (engine, fast_http_user)
        ]
        ours = engine(url, tmp_path / f"half-{n}", halves[0])
        theirs = fast_http_user(url, tmp_path, halves[1])
        ratios.append(ours / theirs)
        measured.append((*halves, ours, theirs))

    benchmark.pedantic(one_round, rounds=3, iterations=1)  # type: ignore[no-untyped-call]
    rates = [statistics.median(column) for column in zip(*measured, strict=True)]
    with capsys.disabled():
        for name, rate, value in zip(("engine", "FastHttpUser"), rates[:2], rates[2:], strict=True):
            sys.stdout.write(
                f"\n{name:14} {value:9,.0f} requests per CPU-second at {rate:,.0f} a second"
            )
        sys.stdout.write(f", ratio {statistics.median(ratios):.2f}")
    benchmark.extra_info["ratio"] = round(statistics.median(ratios), 2)
    assert statistics.median(ratios) >= FLOOR_AT_HALF


def test_ten_thousand_people_at_once_fit_in_a_gibibyte(
    benchmark: BenchmarkFixture, url: str, tmp_path: Path
) -> None:
    """All present together, each with a session and a behaviour under way."""

    def one_drill() -> dict[str, Any]:
        return play(url, tmp_path / "run", people=10_000, rate=4000, seconds=6)[0]

    trailer = benchmark.pedantic(one_drill, rounds=1, iterations=1)  # type: ignore[no-untyped-call]
    benchmark.extra_info["peak_mib"] = trailer["peak_kib"] // 1024
    assert trailer["peak_kib"] < 1024 * 1024
