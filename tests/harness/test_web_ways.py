"""A persona's browser goes by the way that its person is on, and a real cut does what cuts do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from network_stand import injects
from web_stand import CHAIR, NEEDS_BROWSER, App, persona, report

from harness.channels.web.cut import LineCutter
from harness.injects.network import NetworkFault
from harness.injects.network_plan import Around, Detour, Line, plan_network
from harness.injects.network_ways import Way
from simulators.line_model import Group, goes_through

pytestmark = [NEEDS_BROWSER, pytest.mark.slow]


@pytest.fixture
def app() -> Iterator[App]:
    with App().up(timeout_keep_alive=75) as app:  # longer than anybody takes to type
        yield app


@pytest.fixture
def cut(app: App, tmp_path: Path) -> Iterator[tuple[NetworkFault, Detour]]:
    """The answers to writes of the chair's county are cut."""
    line = Line(f"http://127.0.0.1:{app.port}", f"127.0.0.1:{app.port}", tls=False)
    told = injects({"kind": "network.cut_answers", "every": 1, "where": ["Story"], "share": 1.0})
    around = Around([line], 1, 60.0, tmp_path, counties={"Story": [CHAIR.index]})
    plan = plan_network(told, lambda model: (0.0, 1.0), around)
    (fault,), (detour,) = plan.faults, plan.detours
    fault.begin()
    yield fault, detour
    fault.finish()
    fault.close()


def test_chromium_sends_a_form_twice_when_a_used_connection_is_cut(
    app: App, cut: tuple[NetworkFault, Detour], tmp_path: Path
) -> None:
    """They tap once on a page that came on this connection; the app has it twice."""
    fault, detour = cut
    tried = report(app, persona(), tmp_path, ways=[detour.told()])
    assert [each["attendance"] for each in app.sent] == ["12", "12"]
    assert tried.ended["submit_report"].answer_class == "no_answer"
    fault.finish()
    assert fault.touched == 2


def test_on_a_fresh_connection_it_sends_it_once(
    app: App, cut: tuple[NetworkFault, Detour], tmp_path: Path
) -> None:
    """The app closes each connection after a page: nothing is sent again by itself."""
    app.hangs_up = True
    report(app, persona(), tmp_path, ways=[cut[1].told()])
    assert len(app.sent) == 1


def test_who_is_on_no_way_goes_straight(
    app: App, cut: tuple[NetworkFault, Detour], tmp_path: Path
) -> None:
    """The same rule as the engine's says who is on it."""
    fault, detour = cut
    after = 0.5 if goes_through(CHAIR.index, 0.5) else 0.0
    others = replace(detour, way=Way("others", Group(0.5, after))).told()
    tried = report(app, persona(), tmp_path, ways=[others])
    assert tried.ended["submit_report"].detail == "received"
    assert len(app.sent) == 1
    fault.finish()
    assert fault.touched == 0


def test_a_way_leads_to_its_own_proxy_and_to_nothing_else() -> None:
    """What is not on the target's list stays out of reach by a way, too."""
    line = LineCutter(
        ["app.example.org:80"],
        {"app.example.org": "127.0.0.1"},
        {"app.example.org:80": "127.0.0.1:9", "other.example.org:80": "127.0.0.1:9"},
    )
    assert line.way_to("app.example.org", 80) == ("127.0.0.1", 9)
    assert line.way_to("other.example.org", 80) is None
    line.go_straight()
    assert line.way_to("app.example.org", 80) == ("127.0.0.1", 80)
    assert LineCutter(["a:1"], {"a": "127.0.0.2"}).way_to("a", 1) == ("127.0.0.2", 1)
