"""The strikes app under a carrier that goes wrong: what callers meet, sound and with a defect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import orjson
import pytest
from strikes_day import ADMIN, ANNE, BOB, LINE, ROSTER
from test_strikes_target import described

from harness.channels.carrier import Carrier
from harness.target.process import Process

pytestmark = pytest.mark.live

SPEED = 60.0  # drill seconds a wall second
FIRST_CODE = "enter the first code"


class Stand:
    """The app in front of its carrier."""

    def __init__(self, carrier: Carrier, place: str) -> None:
        self.carrier, self._place = carrier, place

    def http(self, method: str, path: str, body: str | None = None) -> Any:
        """What the admin asks of the app."""
        connection = HTTPConnection(self._place, timeout=20)
        connection.request(method, path, body, ADMIN)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        connection.close()
        assert answer.status == 200, found
        return found

    def struck(self) -> list[str]:
        """All strikes that are stored."""
        return sorted(row["record"] for row in self.http("GET", "/api/strikes")["strikes"])

    def dial(self, call: str, caller: str) -> None:
        """Somebody calls and is connected."""
        said = self.carrier.ask(
            "answered", "ended", do="dial", call=call, to=LINE, **{"from": caller}
        )
        assert said["event"] == "answered"

    def walk(self, call: str, number: int, *steps: tuple[str, str], hear: str) -> str:
        """Walk through the menu: what to expect and press, what to hear at last; its class."""
        said = self.carrier.ask(
            "walked", do="walk", call=call, walk=number, limit=600,
            steps=[{"expect": expect, "press": press} for expect, press in steps],
            outcomes=[{"hear": hear, "class": "accepted"}],
        )  # fmt: skip
        return str(said["class"])

    def sign_in(self, call: str, number: str = "0012", pin: str = "4821") -> None:
        """Key precinct number and PIN."""
        steps = (("precinct number", number), ("your four-digit PIN", pin))
        assert self.walk(call, 1, *steps, hear=FIRST_CODE) == "accepted"

    def log(self) -> list[dict[str, Any]]:
        """What passed between the carrier and the app."""
        return [orjson.loads(line) for line in self.carrier.log.read_bytes().splitlines()]


@contextmanager
def stand(folder: Path, *defects: str) -> Iterator[Stand]:
    """Start carrier and app, and load the roster."""
    target = described(*defects)
    with Carrier(target, folder, speed=SPEED) as carrier:
        process = Process(target, folder)
        process.environment |= carrier.environment
        with process:
            found = Stand(carrier, target.base_url.removeprefix("http://"))
            found.http("POST", "/admin/roster", json.dumps(ROSTER))
            yield found


@pytest.mark.parametrize(
    ("defect", "stored"), [("", 1), ("retry_loses_digits", 0), ("code_twice", 2)]
)
def test_webhooks_that_come_twice(tmp_path: Path, defect: str, stored: int) -> None:
    """The same webhook twice, at the same moment: a code is stored once, unless a defect is on."""
    with stand(tmp_path, *filter(None, [defect])) as day:
        day.carrier.fault("doubled", share=1.0)
        day.dial("c1", ANNE)
        day.sign_in("c1")
        assert day.walk("c1", 2, ("first code", "4711"), hear="is recorded") == "accepted"
        day.carrier.ask("ended", do="hang_up", call="c1")
        assert day.carrier.mend("doubled") >= 4
        assert day.struck() == ["WI-0012-4711"] * stored


@pytest.mark.parametrize("defect", ["", "fallback_dead"])
def test_the_fallback_speaks_when_nothing_is_believed(tmp_path: Path, defect: str) -> None:
    """With every signature wrong the caller hears what to do instead, unless the fallback fails."""
    with stand(tmp_path, *filter(None, [defect])) as day:
        day.dial("c1", ANNE)
        day.carrier.fault("unsigned", share=1.0)
        said = day.walk("c1", 1, ("precinct number", "0012"), hear="please text the others")
        assert said == ("no_answer" if defect else "accepted")
        (asked,) = [each for each in day.log() if each.get("fallback")]
        assert asked["status"] == (500 if defect else 200)


@pytest.mark.parametrize("defect", ["", "session_shared"])
def test_withheld_numbers(tmp_path: Path, defect: str) -> None:
    """Two callers whose numbers the carrier withholds keep to their precincts, or do not."""
    with stand(tmp_path, *filter(None, [defect])) as day:
        day.carrier.fault("caller_id", share=1.0)
        day.dial("c1", ANNE)
        day.sign_in("c1")
        day.dial("c2", BOB)
        day.sign_in("c2", "0031", "5555")
        assert day.walk("c1", 2, ("first code", "4711"), hear="is recorded") == "accepted"
        assert day.struck() == (["WI-0031-4711"] if defect else ["WI-0012-4711"])
