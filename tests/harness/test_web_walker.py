"""A persona in a real browser gets through a plain page, and is stuck where a person would be."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page
from starlette.responses import HTMLResponse, Response
from web_stand import FORM, NEEDS_BROWSER, THANKS, VALUES, WEB, App, persona, report
from web_stand import app as app
from web_stand import fresh as fresh

from harness.channels.web import crew
from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.trial import Tried
from simulators.people.personas import Habit

pytestmark = [NEEDS_BROWSER, pytest.mark.slow]
SENT = {"attendance": "12", "biden": "7", "warren": ""}
MISTAKE = "<p>Only digits, please.</p>"


def why(tried: Tried) -> str:
    ended = tried.ended["submit_report"]
    return f"{ended.answer_class}: {ended.detail}"


@pytest.mark.parametrize("name", ["steady", "keyboard-only", "zoomed-in", "forced-colours"])
def test_a_plain_page_lets_everybody_through(app: App, tmp_path: Path, name: str) -> None:
    """By finger, mouse and keyboard alone, what was to be sent is sent, once."""
    tried = report(app, persona(name), tmp_path)
    assert why(tried) == "accepted: received"
    assert app.sent == [SENT]
    steps = tried.of("step")
    assert [each["state"] for each in steps] == ["passed"] * 4
    assert [each["step"] for each in steps if each["screenshot"]] == ["received"]
    assert (tmp_path / steps[-1]["screenshot"]).stat().st_size > 1000


BROKEN = {
    "not found": ("", "<style>button {display: none}</style><span>Send</span>", "steady"),
    "nobody sees it": ("", "<style>button {opacity: 0}</style>", "steady"),
    "disabled": ("", "<script>document.querySelector('button').disabled = true</script>", "steady"),
    "covered by <div#ad>": (
        "<p style='height: 300px'></p>",
        "<div id='ad' style='position: absolute; inset: 250px 0 0 0'>Buy!</div>",
        "forced-colours",
    ),
    "ambiguous: 2": ("<button type='button'>Send</button>", "", "steady"),
    "outside of the screen": (
        "",
        "<style>body {overflow: hidden} button {position: absolute; top: 3000px}</style>",
        "forced-colours",
    ),
    "cannot be reached with the keyboard": (
        "<div role='button' onclick='forms[0].submit()'>Send</div><!--",
        "-->",
        "keyboard-only",
    ),
    "the keyboard is trapped at <input#trap>": (
        "<input id='trap' aria-label='x' onblur='setTimeout(() => this.focus())'>",
        "",
        "keyboard-only",
    ),
}


@pytest.mark.parametrize("said", BROKEN)
def test_a_broken_button_is_told_as_people_meet_it(app: App, tmp_path: Path, said: str) -> None:
    """Whoever cannot press Send is stuck at that step, and it is said why; nothing was sent."""
    before, after, name = BROKEN[said]
    app.page = FORM.format(before=before, after=after)
    if said == "not found":
        app.page = app.page.replace("<button", "<p").replace("</button>", "</p>")
    tried = report(app, persona(name, tries=replace(persona().tries, value=1.0)), tmp_path)
    assert why(tried).startswith("refused: stuck at send: ")
    assert said in why(tried)
    assert not app.sent
    step = tried.of("step")[-1]
    assert (step["step"], step["state"], step["tries"]) == ("send", "blocked", 1)
    assert (tmp_path / step["screenshot"]).stat().st_size > 1000
    assert (tmp_path / step["trace"]).stat().st_size > 1000


def test_what_is_typed_must_stay(app: App, tmp_path: Path) -> None:
    """A box that loses what is typed into it is told."""
    script = "<script>oninput = (event) => { event.target.value = '' }</script>"
    app.page = FORM.format(before="", after=script)
    assert "'12' was typed and the box holds nothing" in why(report(app, persona(), tmp_path))


def test_keys_on_the_screen_cover_what_cannot_be_scrolled_to(app: App, tmp_path: Path) -> None:
    """A button below a phone's keys costs a try: they are put away to find it."""
    fixed = "<style>body {overflow: hidden} button {position: absolute; top: 600px}</style>"
    app.page = FORM.format(before="", after=fixed)
    tried = report(app, persona(), tmp_path)
    assert why(tried) == "accepted: received"
    step = next(each for each in tried.of("step") if each["step"] == "send")
    assert (step["state"], step["tries"]) == ("struggled", 2)
    assert "outside of the screen" in step["detail"]


def test_small_buttons_are_missed(app: App, tmp_path: Path) -> None:
    """Who misses small buttons every time cannot press one, and presses one of 44 pixels."""
    shaky = replace(persona(), tap_misses=replace(persona().tap_misses, value=1.0))
    assert why(report(app, shaky, tmp_path)) == "accepted: received"
    app.page = app.page.replace("min-height: 48px", "min-height: 20px")
    said = 'refused: stuck at numbers: label "Attendance": too small to hit'
    assert why(report(app, shaky, tmp_path)).startswith(said)


def test_no_ending_is_no_answer(app: App, tmp_path: Path) -> None:
    """A page that says nothing known is unmatched, with what it says; an error page is one."""
    web = deepcopy(WEB)
    web["operations"]["submit_report"]["within_s"] = 1
    app.answer = lambda form: HTMLResponse("<main>Well, <b>well</b>.</main>")
    assert why(report(app, persona(), tmp_path, web=web)) == (
        "unmatched: no ending of the flow was seen; the page says: Well, well."
    )
    app.answer = lambda form: HTMLResponse("<main>Oh no</main>", 503)
    assert why(report(app, persona(), tmp_path, web=web)) == "server_error: 503: Oh no"


def test_what_was_said_before_is_no_answer(app: App, tmp_path: Path) -> None:
    """An ending that is on the page before anything is sent does not count as the answer."""
    app.page = FORM.format(before=MISTAKE, after="")
    assert why(report(app, persona(), tmp_path)) == "accepted: received"


def test_a_double_tapper_sends_twice(app: App, tmp_path: Path) -> None:
    """Each button is tapped twice, and once more after going back: the server sees it all."""
    tried = report(app, persona("double-tapper"), tmp_path)
    assert why(tried) == "accepted: received"
    assert len(app.sent) >= 2
    assert all(each == SENT for each in app.sent)


def test_a_letter_among_digits_is_put_right(app: App, tmp_path: Path) -> None:
    """The app refuses the letter, says so, and the same report goes in once it is put right."""

    def judge(form: dict[str, str]) -> Response:
        good = all(value.isdecimal() or not value for value in form.values())
        return HTMLResponse(THANKS if good else FORM.format(before=MISTAKE, after=""))

    app.answer = judge
    tried = report(app, persona(habits=frozenset({Habit.LETTER_SLIP})), tmp_path)
    assert "o" in app.sent[0]["attendance"]
    assert app.sent[-1]["attendance"] == str(VALUES[0])
    assert why(tried) == "accepted: received"


def test_a_phone_call_takes_as_long_as_the_persona_says(app: App, tmp_path: Path) -> None:
    """The page's clock runs on by it, and by little else."""
    tick = (
        "<input type=hidden name=away><script>const began = Date.now(); document.forms[0].onsubmit"
        " = (event) => { event.target.elements.away.value = Date.now() - began }</script>"
    )
    app.page = FORM.format(before="", after=tick)
    who = persona("interrupted")
    assert who.away_seconds is not None
    long = replace(who, away_seconds=replace(who.away_seconds, value=7200.0))
    assert why(report(app, long, tmp_path)) == "accepted: received"
    assert 7200 <= int(app.sent[0]["away"]) / 1000 < 7260


def test_looks_after_a_walk_break_nothing(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state that cannot be come to, and one that time is too short for, say so of their looks."""
    states = [
        {"name": "in order", "steps": [{"open": "/"}]},
        {"name": "nowhere", "steps": [{"open": "/"}, {"press": {"role": "link", "name": "No"}}]},
    ]

    async def look(page: Page, setting: Setting) -> Seeing:
        return Seeing(seen=1)

    def problems() -> dict[str, str]:
        web = {**WEB, "states": states}
        tried = report(app, persona(), tmp_path, web=web, looks={"axe": look})
        assert not tried.of("broken")
        return {each["step"]: each["problem"] for each in tried.of("look")}

    found = problems()
    assert found["in order"] == ""
    assert found["nowhere"].endswith(': link "No": not found on the page')
    monkeypatch.setattr(crew, "FURTHER", 0.0)
    assert problems()["in order"] == "there was no time left for it"


def test_codes_are_pasted_where_the_page_lets_them(app: App, tmp_path: Path) -> None:
    """A box that takes no paste costs a try: the code is then typed."""
    web = deepcopy(WEB)
    steps = web["operations"]["submit_report"]["steps"]
    steps[1] = {"name": "code", "fill": {"label": "Attendance"}, "value": "123456", "code": True}
    who = persona("low-vision")
    app.page = FORM.format(before="", after="")
    assert report(app, who, tmp_path, web=web).of("step")[1]["state"] == "passed"
    no = "<script>addEventListener('paste', (event) => event.preventDefault())</script>"
    app.page = FORM.format(before="", after=no)
    step = report(app, who, tmp_path, web=web).of("step")[1]
    assert (step["state"], step["tries"]) == ("struggled", 2)
    assert "does not take what is pasted" in step["detail"]
    assert [each["attendance"] for each in app.sent] == ["123456", "123456"]


def test_only_the_target_is_reached(app: App, tmp_path: Path) -> None:
    """A hostile page cannot make our browser call anybody else, not even on this machine."""
    with App().up() as other:
        call = f"<script>fetch('http://127.0.0.1:{other.port}/send', {{method: 'POST', mode: 'no-cors', body: new URLSearchParams({{a: 1}})}})</script>"  # noqa: E501
        app.page = FORM.format(before=call, after="")
        assert why(report(app, persona(), tmp_path)) == "accepted: received"
        assert other.sent == []


def test_a_busy_page_shows_as_drift(app: App, tmp_path: Path) -> None:
    """Keys that come late are measured in the page; a quiet page keeps the rhythm."""
    brisk = replace(
        persona("forced-colours"), key_seconds=replace(persona().key_seconds, value=0.1)
    )
    app.page = FORM.format(
        before="",
        after="<script>addEventListener('beforeinput', () => { const end = performance.now() + 150;"
        " while (performance.now() < end); }, true)</script>",
    )
    steps = report(app, brisk, tmp_path, speed=1.0).of("step")
    planned = sum(each["planned_seconds"] for each in steps)
    assert sum(each["keyed_seconds"] for each in steps) > 1.1 * planned > 0


CODED = """
from harness.channels.web.code import spot

async def submit_report(walk):
    await walk.open("/")
    await walk.step("numbers")
    for name, value in walk.cells.items():
        if value:
            await walk.fill(value, label=name.capitalize())
    await walk.step("send")
    await walk.press(role="button", name="Send")
    return await walk.ending(within=3, accepted=spot(role="heading", name="Received"))
"""


def test_a_flow_in_python_is_walked_by_the_same_hand(app: App, tmp_path: Path) -> None:
    """What a function does through its walk is told step by step, and stuck as any walk is."""
    (tmp_path / "pages.py").write_text(CODED)
    web = {"flow": str(tmp_path / "pages.py")}
    tried = report(app, persona(), tmp_path, web=web)
    assert why(tried) == "accepted: accepted"
    assert app.sent == [SENT]
    assert [each["step"] for each in tried.of("step")] == ["arrive", "numbers", "send", "accepted"]
    app.page = FORM.format(before="", after="").replace("<button>", "<button disabled>")
    tried = report(app, persona(), tmp_path, web=web)
    assert why(tried) == 'refused: stuck at send: button "Send": disabled'
    assert tried.of("step")[-1]["state"] == "blocked"
