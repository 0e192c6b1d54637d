"""Each barrier changes the pages as it says and nothing else; the clean app is free of all."""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reporting_night import ADMIN, REPORT, ROSTER, SECRET, Practice, Running, Start
from test_reporting_languages import SPANISH, every_page
from test_reporting_pages import Page, filled, signed_in

from harness.practice import check_defects
from harness.target.errors import TargetError
from simulators.apps.reporting.barriers import BARRIERS, chosen
from simulators.apps.reporting.defects import DEFECTS
from simulators.apps.reporting.office import Settings
from simulators.apps.reporting.spoil import Barrier, Spoiled, spoiled

LOOKS = {"axe", "keyboard", "focus", "reflow", "targets", "labels", "language", "soft_keyboard",
         "paste", "contrast", "errors", "personas"}  # fmt: skip
FORMS = {"form", "satellite", "one delegate", "wrong number", "odd", "again"}
CODES = {"sign-in", "signed out", "kept", "empty", "wrong"}
TOLD = CODES - {"sign-in"} | {"wrong number", "again", "no picture"}
# By barrier: the pages that change, what is new on them, and how many lines of one at most.
SWAPPED = {
    "div_button": (FORMS, r'<div class="button send" role="button">', 2),
    "placeholder_labels": (CODES, r'<input id="pin" placeholder="PIN" aria-label="PIN"', 6),
    "missing_lang": (None, r"<html>", 1),
    "picture_of_text": (None, r'<p class="help"><img width="220"', 1),
    "zoom_blocked": (None, r"user-scalable=no", 1),
    "error_not_told": (TOLD, r'class="problem error"', 2),
}
STYLED = {
    "no_focus_ring": "outline: none",
    "low_contrast": "opacity",
    "fixed_width": "min-width: 46rem",
    "tiny_buttons": "min-height: 0",
    "keyboard_covers_button": "display: none",
    "invisible_in_forced_colors": "forced-color-adjust: none",
    "div_button": "cursor: pointer",
}
SCRIPTED = {"div_button", "keyboard_trap", "no_paste", "drops_fast_keys"}
SERVED = {"session_short", "hurry", "double_submit", "shared_phone_leak"}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Every page of the clean app in both languages."""
    folder = tmp_path_factory.mktemp("clean")
    found = {}
    for tag, asked in (("en", {}), ("es", SPANISH)):
        running = Running(Settings(f"sqlite:///{folder}/{tag}.db", SECRET, 120.0))
        practice = Practice(running.http)
        practice.http.post("/admin/roster", ROSTER, ADMIN)
        found[tag] = every_page(practice, asked)
        running.stop()
    return found


def only(name: str) -> Spoiled:
    return spoiled(BARRIERS, [name])


def test_every_barrier_is_described_and_has_a_look() -> None:
    """Twenty barriers, none with the name of a data defect; each says what is meant to find it."""
    assert len({each.name for each in (*BARRIERS, *DEFECTS)}) == 20 + len(DEFECTS)
    assert all(each.history and each.does and each.caught_by in LOOKS for each in BARRIERS)
    assert {each.caught_by for each in BARRIERS} == LOOKS
    kinds = set(SWAPPED) | set(STYLED) | SCRIPTED | SERVED | {"untranslated_error"}
    assert kinds == {each.name for each in BARRIERS}


def test_barriers_are_switched_on_like_defects() -> None:
    """Defects and barriers go together; a wrong name is told with all there are."""
    switches, pages = chosen(["stale_totals", "hurry", "no_paste"])
    assert switches.stale_totals
    assert {each.name for each in pages.on} == {"hurry", "no_paste"}
    with pytest.raises(ValueError, match=r"--defect hury: .* It has .*hurry.*stale_totals"):
        chosen(["hury"])
    check_defects("reporting", ["stale_totals", "hurry"])
    with pytest.raises(TargetError, match="hurry"):
        check_defects("reporting", ["hury"])
    with pytest.raises(TargetError, match="no defect 'hurry'"):
        check_defects("strikes", ["hurry"])


def test_the_command_line_lists_barriers(tmp_path: Path) -> None:
    """Whoever starts the app with a wrong name reads the right ones."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "simulators.apps.reporting", "--port", "0", "--database",
         f"sqlite:///{tmp_path}/x.db", "--defect", "bad_weather"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no_focus_ring" in done.stderr
    assert "partial_export" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", ["911", "515-555-0200", "+15155550142", "515-556-0142"])
def test_the_help_line_is_a_number_that_rings_nowhere(number: str) -> None:
    """Only numbers that are reserved for stories are told on a practice page."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "simulators.apps.reporting", "--help-line", number],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "555-0100 to 555-0199" in done.stderr


@pytest.mark.parametrize("name", sorted(SWAPPED))
def test_a_swap_changes_its_pages_only(name: str, clean: dict[str, dict[str, str]]) -> None:
    """What is new is on every page that it is meant for, in both languages, and on no other."""
    pages, new, most = SWAPPED[name]
    for texts in clean.values():
        for page, text in texts.items():
            if "<html" not in text:
                continue
            after = _without_script(only(name).page(text))
            if pages is None or page in pages:
                assert re.search(new, after), page
                assert not re.search(new, text), page
                lines = difflib.ndiff(text.splitlines(), after.splitlines())
                assert 0 < sum(line.startswith("- ") for line in lines) <= most, page
            else:
                assert after == text, page


def test_an_untranslated_error_is_on_spanish_pages_only(
    clean: dict[str, dict[str, str]],
) -> None:
    """English pages stay as they are; on Spanish ones what is wrong is told in English."""
    barrier = only("untranslated_error")
    assert all(barrier.page(text) == text for text in clean["en"].values())
    spanish = {page: barrier.page(text) for page, text in clean["es"].items()}
    assert "These codes do not fit together." in spanish["wrong"]
    assert "Type a whole number" in spanish["wrong number"]
    assert {page for page, text in spanish.items() if text != clean["es"][page]} == {
        "wrong", "empty", "wrong number",
    }  # fmt: skip


@pytest.mark.parametrize("each", BARRIERS, ids=lambda each: each.name)
def test_styles_and_scripts_are_their_barriers_alone(each: Barrier) -> None:
    """A barrier of another kind adds neither; scripts are allowed only where one needs its own."""
    here = only(each.name)
    assert STYLED.get(each.name, "") in here.css
    assert bool(here.css) == (each.name in STYLED)
    assert bool(here.script) == (each.name in SCRIPTED)
    assert ("script-src" in here.policy("default-src 'none'")) == (each.name in SCRIPTED)


def test_clean_pages_have_no_script_and_no_barrier(practice: Practice) -> None:
    """The clean app's policy forbids scripts, and there is none to be had."""
    reply = practice.http.get("/")
    assert "script" not in reply.headers["content-security-policy"]
    assert "<script" not in reply.text
    assert practice.http.get("/page.js").status == 404
    assert "outline: none" not in practice.http.get("/style.css").text


def test_barriers_reach_the_pages_that_are_served(start: Start) -> None:
    """Swaps, styles and scripts of several barriers are on at once, results included."""
    practice = start("no_paste", "no_focus_ring", "missing_lang", "keyboard_trap")
    for path in ("/", "/results"):
        reply = practice.http.get(path)
        assert "<html>" in reply.text
        assert '<script src="/page.js" defer></script>' in reply.text
    policy = practice.http.get("/").headers["content-security-policy"]
    assert policy.startswith("script-src 'self'; default-src 'none'")
    script = practice.http.get("/page.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "paste" in script.text
    assert "outline: none" in practice.http.get("/style.css").text


@pytest.mark.parametrize("barrier", [False, True])
def test_session_short(start: Start, barrier: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a drill minute the form is refused and what was typed is gone."""
    practice = start(*["session_short"] * barrier)
    who = signed_in(practice)
    form = filled(practice, who, REPORT)
    now = time.time() + 70 / 120
    monkeypatch.setattr("simulators.apps.serving.clock.Clock.now", lambda _clock: now)
    answer = practice.http.form("/report/IA-0001", form, who)
    gone = "/?again=1" if barrier else "/report/IA-0001/sent"
    assert answer.headers["location"] == gone
    if barrier:
        again = practice.http.get("/report/IA-0001", signed_in(practice)).text
        assert not any(box.get("value") for box in Page(again).boxes.values())
    token = practice.sign_in(1)
    later = now + 3600 / 120
    monkeypatch.setattr("simulators.apps.serving.clock.Clock.now", lambda _clock: later)
    assert practice.submit("op-1", record="IA-0002", who=token).status == 201  # the API is right


@pytest.mark.parametrize("barrier", [False, True])
def test_hurry(start: Start, barrier: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In time the form is taken; after a drill minute it comes back empty."""
    practice = start(*["hurry"] * barrier)
    who = signed_in(practice)
    form = filled(practice, who, REPORT)
    assert practice.http.form("/report/IA-0001", form, who).status == 303
    other = signed_in(practice, {"precinct_id": "100001", "pin": "200001",
                                 "security_code": "300001"})  # fmt: skip
    slow = Page(practice.http.get("/report/IA-0002", other).text).hidden | {
        "attendance": "9", "first_biden": "9", "final_biden": "9", "delegates_biden": "4",
    }  # fmt: skip
    now = time.time() + 61 / 120
    monkeypatch.setattr("simulators.apps.serving.clock.Clock.now", lambda _clock: now)
    answer = practice.http.form("/report/IA-0002", slow, other)
    assert answer.status == (422 if barrier else 303)
    if barrier:
        assert "Your time is over" in answer.text
        assert not any(box.get("value") for box in Page(answer.text).boxes.values())
        assert practice.http.form("/report/IA-0002", slow | {"until": "soon"}, other).status == 422


@pytest.mark.parametrize("barrier", [False, True])
def test_double_submit(start: Start, barrier: bool) -> None:
    """A second tap is a second report, and counted; through the API a repeat is known."""
    practice = start(*["double_submit"] * barrier)
    who = signed_in(practice)
    form = filled(practice, who, REPORT)
    for _ in range(2):
        assert practice.http.form("/report/IA-0001", form, who).status == 303
    again = filled(practice, who, REPORT)  # as after going back
    assert practice.http.form("/report/IA-0001", again, who).status == 303
    assert len(practice.stored()) == (3 if barrier else 1)
    assert practice.totals()["cells"]["attendance"] == (300 if barrier else 100)
    repeated = [practice.submit("op-1", record="IA-0002").status for _ in range(2)]
    assert repeated == [201, 200]


@pytest.mark.parametrize("barrier", [False, True])
def test_shared_phone_leak(start: Start, barrier: bool) -> None:
    """After signing out the start tells who was here, and their form is open to the next."""
    practice = start(*["shared_phone_leak"] * barrier)
    who = signed_in(practice)
    out = practice.http.form("/sign-out", {}, who)
    gone = 'session=""' in out.headers.get("set-cookie", "")
    assert gone is not barrier
    phone = {} if gone else who
    told = practice.http.get("/", phone).text
    assert ("Ames 1" in told) == barrier
    assert (practice.http.get("/report/IA-0001", phone).status == 200) == barrier


def _without_script(text: str) -> str:
    return text.replace('<script src="/page.js" defer></script>\n', "")
