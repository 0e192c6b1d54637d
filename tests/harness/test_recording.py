"""A recording of somebody's clicks becomes a flow, or its line is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from harness.cli import app
from harness.target import TargetError
from harness.target.recording import flow_of, read_recording
from harness.target.web_model import WebModel

# What Playwright 1.65 wrote when the practice app's pages were clicked through.
RECORDED = """\
import re
from playwright.sync_api import Playwright, sync_playwright, expect


def run(playwright: Playwright) -> None:
    browser = playwright.chromium.launch(headless=False)
    context = browser.new_context()
    page = context.new_page()
    page.goto("http://127.0.0.1:8020/?again=1")
    page.get_by_role("textbox", name="PIN").click()
    page.get_by_role("textbox", name="PIN").fill("1234")
    page.get_by_role("textbox", name="PIN").press("Tab")
    page.get_by_role("group", name="First alignment").get_by_label("Biden").click()
    page.get_by_role("group", name="First alignment").get_by_label("Biden").fill("12")
    page.get_by_role("group", name="First alignment").get_by_label("Biden").fill("13")
    page.get_by_role("checkbox", name="It says so").check()
    page.get_by_label("Pick").select_option("b")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Report received")).to_be_visible()
    page.close()

    # ---------------------
    context.close()
    browser.close()


with sync_playwright() as playwright:
    run(playwright)
"""
FOUND = {"label": "Biden", "within": {"role": "group", "name": "First alignment"}}
PIN = {"role": "textbox", "name": "PIN"}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "clicks.py"
    path.write_text(text, "utf-8")
    return path


def body(*lines: str) -> str:
    return "\n".join(["def run(page):", *(f"    {line}" for line in lines)])


def test_a_recording_becomes_the_flow_that_was_clicked(tmp_path: Path) -> None:
    """Each click is a step; touching a box before filling it is none; the last text counts."""
    text = flow_of(written(tmp_path, RECORDED), "submit_report", means={"1234": "{{ codes[1] }}"})
    web = yaml.safe_load(text)["web"]
    assert web["operations"]["submit_report"] == {
        "steps": [
            {"open": "/?again=1"},
            {"fill": PIN, "value": "{{ codes[1] }}"},
            {"fill": FOUND, "value": "13"},
            {"check": {"role": "checkbox", "name": "It says so"}},
            {"choose": {"label": "Pick"}, "value": "b"},
            {"press": {"role": "button", "name": "Send"}},
        ],
        "endings": [{"class": "accepted", "see": {"role": "heading", "name": "Report received"}}],
    }
    WebModel.model_validate(web)  # what it prints, a target.yaml takes
    assert len(text.splitlines()) == 13  # a step a line


@pytest.mark.parametrize("style", ["async", "pytest"])
def test_the_other_kinds_of_python_say_the_same(tmp_path: Path, style: str) -> None:
    """Codegen writes three kinds of Python, and each becomes the same flow."""
    plain = read_recording(written(tmp_path, RECORDED))
    other = RECORDED.replace("    page.", "    await page.").replace(
        "    expect(", "    await expect("
    )
    other = other.replace("def run", "async def run").replace("with sync", "async with sync")
    if style == "pytest":
        start = RECORDED.index("    page.goto")
        end = RECORDED.index("    page.close")
        other = "def test_example(page: Page) -> None:\n" + RECORDED[start:end]
    assert read_recording(written(tmp_path, other)) == plain


def test_what_is_asserted_on_the_way_is_waited_for(tmp_path: Path) -> None:
    """Only the last assertion tells how it ended."""
    shown = 'expect(page.get_by_text("Step 2")).to_be_visible()'
    lines = [shown, 'page.get_by_role("button", name="Send").click()']
    lines.append('expect(page.locator("main")).to_contain_text("Thank you")')
    found = read_recording(written(tmp_path, body(*lines)))
    assert found.steps[0] == {"expect": {"text": "Step 2"}}
    assert found.shown == [{"text": "Thank you"}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('page.get_by_test_id("send").click()', "people do not see test ids"),
        ('page.get_by_role("button").nth(2).click()', "give the things different names"),
        ('page.get_by_role("button").first.click()', "give the two things different names"),
        ('page.get_by_label("PIN").press("Enter")', "press the button with the mouse"),
        ('page.get_by_label("Same").uncheck()', "never ticked"),
        ('page.get_by_label("PIN").fill(code)', "codegen's own output"),
        ('page.goto("file:///etc/passwd")', "http address"),
        ("page.mouse.click(3, 4)", "uses mouse"),
    ],
)
def test_what_a_flow_has_no_word_for_is_named_with_its_line(
    tmp_path: Path, line: str, said: str
) -> None:
    """Nothing is left out in silence."""
    with pytest.raises(TargetError, match=said) as told:
        read_recording(written(tmp_path, body("page.get_by_text('Go').click()", line)))
    assert "clicks.py:3: " in str(told.value)


def test_two_apps_in_one_recording_are_refused(tmp_path: Path) -> None:
    """A flow stays with one app, since a drill drives one."""
    lines = [f'page.goto("http://127.0.0.1:{port}/")' for port in (8020, 8021)]
    with pytest.raises(TargetError, match=r"leaves http://127.0.0.1:8020"):
        read_recording(written(tmp_path, body(*lines)))


def test_a_recording_is_read_and_never_run(tmp_path: Path) -> None:
    """Code in it does nothing."""
    mark = tmp_path / "mark"
    text = f"open({str(mark)!r}, 'w')\n" + RECORDED
    flow_of(written(tmp_path, text), "sign_in", means={})
    assert not mark.exists()


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (RECORDED, ["--means", "99={{ codes[0] }}"], "nobody types '99'"),
        (RECORDED, ["--means", "99"], "write what was typed"),
        (body('page.get_by_text("Go").click()'), [], "does not say how the operation ends"),
        ("const page = await context.newPage();", [], "not the Python that codegen writes"),
        (RECORDED, ["--operation", "sign_on"], "did you mean .*sign_in"),
        ("", [], "nothing is done on a page"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, text: str, options: list[str], said: str) -> None:
    """What is wrong, and what to do."""
    path = written(tmp_path, text)
    done = CliRunner().invoke(app, ["target", "record", str(path), *options])
    assert re.search(said, str(done.exception))


def test_the_command_prints_the_flow_or_writes_a_new_file(tmp_path: Path) -> None:
    """A file that is there is never written over."""
    path, new = written(tmp_path, RECORDED), tmp_path / "flow.yaml"
    command = ["target", "record", str(path), "--operation", "sign_in", "--seen", "In"]
    printed = CliRunner().invoke(app, command)
    CliRunner().invoke(app, [*command, "--out", str(new)])
    assert new.read_text("utf-8") == printed.stdout
    assert yaml.safe_load(printed.stdout)["web"]["operations"]["sign_in"]["endings"] == [
        {"class": "accepted", "see": {"text": "In"}}
    ]
    again = CliRunner().invoke(app, [*command, "--out", str(new)])
    assert isinstance(again.exception, TargetError)
