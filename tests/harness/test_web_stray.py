"""What others' pages do to walkers: taps beside, lists that forget, dates, the same again."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page
from web_stand import FORM, NEEDS_BROWSER, WEB, App, persona, report
from web_stand import app as app
from web_stand import fresh as fresh

from harness.channels.web.looks.barrier import Barrier, Seeing, Setting
from simulators.people.personas import Habit, Persona

pytestmark = [NEEDS_BROWSER, pytest.mark.slow]
SMALL = "<style>button {min-height: 20px; height: 20px} a {display: block; height: 60px}</style><p>"


def shaky(misses: float, tries: float = 2.0) -> Persona:
    """Somebody who often taps beside, and gives up by the count alone, whatever the clock says."""
    usual = persona()
    return replace(
        usual,
        tap_misses=replace(usual.tap_misses, value=misses),
        tries=replace(usual.tries, value=tries),
        patience_seconds=replace(usual.patience_seconds, value=3600.0),
    )


def test_a_tap_beside_leads_away_and_they_come_back(app: App, tmp_path: Path) -> None:
    """The link below a small button is hit; they go back, type again what is gone, and send."""
    app.page = FORM.format(before=SMALL, after="<a href='/help'>Help</a>").replace(
        "<form", "<form autocomplete=off"
    )
    app.others["/help"] = "<main>Ask somebody.</main>"
    tried = report(app, shaky(0.6, tries=6.0), tmp_path)  # misses, and then hits
    assert tried.ended["submit_report"].detail == "received"
    assert [(each["attendance"], each["biden"]) for each in app.sent] == [("12", "7")]
    step = next(each for each in tried.of("step") if each["step"] == "send")
    assert step["state"] == "struggled"
    assert "what is beside it leads to another page" in step["detail"]


def test_a_tap_beside_that_sends_as_well_is_no_second_report(app: App, tmp_path: Path) -> None:
    """Where the button below sends it too, the page says so, and they do not send it again."""
    app.page = FORM.format(before=SMALL, after="<p><button>Send, and another</button>").replace(
        "height: 20px}", "height: 20px} p {margin: 4px 0} p button {height: 60px}"
    )
    tried = report(app, shaky(1.0), tmp_path)
    assert tried.ended["submit_report"].detail == "received"
    assert len(app.sent) == 1


def test_a_choice_that_is_gone_is_made_again(app: App, tmp_path: Path) -> None:
    """After a wrong turn a list has forgotten what was chosen; it is chosen once more."""
    web = deepcopy(WEB)
    steps = web["operations"]["submit_report"]["steps"]
    steps.insert(2, {"choose": {"label": "County"}, "value": "Polk"})
    pick = "<label for=c>County</label><select id=c name=county><option>-<option>Polk</select>"
    forgets = "<script>onpageshow = () => document.forms[0].reset()</script>"
    app.page = FORM.format(before=pick, after=forgets)
    wanders = persona(habits=frozenset({Habit.SKIPPED_TRAINING}))
    tried = report(app, wanders, tmp_path, web=web)
    assert tried.ended["submit_report"].detail == "received"
    assert [(each["county"], each["attendance"]) for each in app.sent] == [("Polk", "12")]
    assert "was gone after a wrong turn" in "".join(each["detail"] for each in tried.of("step"))


def test_the_parts_of_a_date_are_no_trap(app: App, tmp_path: Path) -> None:
    """A box for date and time takes seven keys of Tab, and then lets the keyboard go on."""
    app.page = FORM.format(before="<input type=datetime-local aria-label=When>", after="")
    tried = report(app, persona("keyboard-only"), tmp_path)
    assert tried.ended["submit_report"].detail == "received"


def test_what_stays_is_pictured_once(app: App, tmp_path: Path) -> None:
    """A barrier that is there at every step of a page has one picture, which all of them name."""

    async def look(page: Page, setting: Setting) -> Seeing:
        return Seeing((Barrier("x", "The page is grey.", "body", "serious", ""),), 1)

    tried = report(app, persona(), tmp_path, looks={"axe": look})
    found = [(each["step"], each["screenshot"]) for each in tried.of("barrier")]
    assert [step for step, _ in found] == ["arrive", "numbers", "send", "received"]
    shots = [shot for _, shot in found]
    assert len(set(shots[:3])) == 1
    assert shots[3] not in ("", shots[0])  # another page
    assert all((tmp_path / shot).is_file() for shot in shots)
