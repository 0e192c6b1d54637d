"""The load that clients are compared on: unique reports, each POSTed once as JSON.

``engine_parts`` plays it by the engine, as people with sessions against a target.yaml;
``python engine_load.py URL SECONDS [PER_SECOND]`` plays it by Locust's FastHttpUser, as fast as
it can or at a given rate, and prints requests and CPU seconds of the measured part.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson

from simulators.behaviours.protocol import Behaviour, Keyed, SignIn, Submit, Wait

FIELDS = tuple(f"{part}_{n:02}" for part in ("first", "final", "delegates") for n in range(14))
FIELDS = ("attendance", *FIELDS)
TARGET = {
    "name": "a server that says yes",
    "classes": [{"class": "accepted", "status": 200}],
    "operations": {
        "submit_report": {
            "request": {
                "path": "/reports",
                "json": {
                    "operation": "{{ row.operation }}",
                    "record": "{{ row.record }}",
                    "version": "{{ row.version }}",
                    "cells": "{{ row.cells }}",
                },
            }
        }
    },
}


def keyed(number: int, version: int) -> Keyed:
    """A report like any other: cells of up to three digits."""
    rng = random.Random(number)
    values = tuple(rng.randrange(200) for _ in FIELDS)
    record = f"IA-{number:04}"
    return Keyed(record, version, values, f"d3f9a1c2-{record}-{version}")


def body_of(report: Keyed) -> dict[str, Any]:
    """What is sent for a report."""
    return {
        "operation": report.operation,
        "record": report.record,
        "version": report.version,
        "cells": dict(zip(FIELDS, report.values, strict=True)),
    }


def fitting_body() -> bytes:
    """One such body, for clients that send the same again and again."""
    return orjson.dumps(body_of(keyed(1, 1)))


def chair(number: int, reports: int, pause: float) -> Behaviour:
    """Signs in, and reports again and again."""
    first = keyed(number, 1)
    yield SignIn(("1", "2", "3"))
    for version in range(1, reports + 1):
        report = Keyed(first.record, version, first.values, f"d3f9a1c2-{first.record}-{version}")
        answer = yield Submit(report)
        assert answer.outcome == "ok"
        yield Wait(pause)


def engine_parts(order: Any) -> Any:
    """People who together send ``night["rate"]`` reports a second, ``night["seconds"]`` long."""
    from harness.engine.parts import Parts
    from harness.target import Run, load_target
    from simulators.people.person import Person
    from simulators.stage import Participant

    night = order.night
    people, rate = night["people"], night["rate"]
    reports = int(night["seconds"] * rate / people)
    pause = people / rate

    def everybody() -> Iterator[Participant]:
        for index in range(order.shard, people, order.shards):
            person = Person(index, "chair", f"chair-{index:04}", f"IA-{index:04}")
            behave = partial(chair, index, reports, pause)
            yield Participant(index, index / rate, person, None, behave)

    run = Run(order.run, order.seed, FIELDS)
    target = {**TARGET, "base_url": order.base_url}
    return Parts(everybody(), load_target(target, run=run))


def fast_http(
    url: str, seconds: float, rate: float | None = None, users: int = 20
) -> dict[str, float]:
    """The same POSTs from Locust's FastHttpUser; this process is patched.

    Args:
        rate: Requests a second of all users together; None for as fast as they can.
    """
    import gevent
    from locust import FastHttpUser, constant, constant_throughput, task
    from locust.env import Environment

    class Poster(FastHttpUser):
        host = url
        wait_time = constant(0) if rate is None else constant_throughput(rate / users)
        numbers = iter(range(1 << 60))

        def on_start(self) -> None:
            self.report = keyed(next(self.numbers), 1)
            self.version = 0

        @task
        def post(self) -> None:
            self.version += 1
            key = f"d3f9a1c2-{self.report.record}-{self.version}"
            report = Keyed(self.report.record, self.version, self.report.values, key)
            self.client.post("/reports", json=body_of(report))

    environment = Environment(user_classes=[Poster])
    runner = environment.create_local_runner()
    runner.start(users, spawn_rate=1000)
    gevent.sleep(1.0)
    before, cpu = runner.stats.total.num_requests, time.process_time()
    gevent.sleep(seconds)
    done, cpu = runner.stats.total.num_requests - before, time.process_time() - cpu
    failures = runner.stats.total.num_failures
    runner.quit()
    return {"requests": done, "cpu": cpu, "failures": failures}


if __name__ == "__main__":
    import json

    seconds, rate = float(sys.argv[2]), float(sys.argv[3]) if sys.argv[3:] else None
    sys.stdout.write(json.dumps(fast_http(sys.argv[1], seconds, rate)) + "\n")
