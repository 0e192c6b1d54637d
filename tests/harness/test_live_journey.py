"""From invitation to scored report, in a real browser: the organizer and one volunteer."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from browser_stand import Chromium

from harness.live.host import free_port
from harness.record import RunFolder
from simulators.world.preferences import DELEGATES, FINAL, FIRST, PREFERENCES

pytestmark = pytest.mark.slow

PASSWORD = "a long enough password"
ROSTER = (
    "Name,id,county,language,training,insider\n"
    "Jo <b>Quillonby</b>,A-7,,en,session,no\n"
    "Max Poe,B-1,,es,none,no\n"
)
SECTIONS = {"First alignment": FIRST, "Final alignment": FINAL,
            "County delegates awarded": DELEGATES}  # fmt: skip
PHONE = {
    "viewport": {"width": 320, "height": 640},
    "java_script_enabled": False,
    "is_mobile": True,
    "has_touch": True,
    "locale": "en-US",
}


async def organize(page: Any, at: str, folder: Path) -> list[dict[str, str]]:
    """Sign in, invite a list, print cards and open the drill; returns the invitations."""
    await page.goto(f"{at}/organize")
    await page.get_by_label("Name").fill("organizer")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="Volunteers", exact=True).click()
    wrong = {"name": "l.csv", "mimeType": "text/csv", "buffer": b"id,langauge\n1,en\n"}
    chooser = page.locator("input[type=file]")
    await chooser.set_input_files(wrong)
    invite = page.get_by_role("button", name="Invite").first
    await invite.click()
    await page.get_by_role("alert").get_by_text("did you mean 'language'?").wait_for()
    right = {"name": "people.csv", "mimeType": "text/csv", "buffer": ROSTER.encode()}
    await chooser.set_input_files(right)
    async with page.expect_download() as coming:
        await invite.click()
    await (await coming.value).save_as(folder / "invitations.csv")
    await page.goto(f"{at}/organize/volunteers")
    async with page.expect_download() as coming:
        await page.locator("a[href='/organize/cards.pdf?paper=letter']").click()
    await (await coming.value).save_as(folder / "cards.pdf")
    await page.goto(f"{at}/organize")
    await page.get_by_role("button", name="Open the drill").click()
    await page.get_by_text("The drill is open since").wait_for()
    text = (folder / "invitations.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def take_part(page: Any, link: str, values: tuple[int, ...], codes: list[str]) -> None:
    """Do what the card says: agree, report in the app's own pages, answer the questions."""
    await page.goto(link)
    await page.get_by_role("button", name="I agree, show my card").click()
    for code in codes:
        await page.get_by_text(code, exact=True).first.wait_for()
    await page.get_by_role("link", name="Open the app").click()
    for label, code in zip(("Precinct ID", "PIN", "Security code"), codes, strict=True):
        await page.get_by_label(label, exact=True).fill(code)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_label("People attending").fill(str(values[0]))
    for section, cells in SECTIONS.items():
        group = page.get_by_role("group", name=section)
        for name, value in zip(PREFERENCES, values[cells], strict=True):
            if value:
                await group.get_by_label(name.title(), exact=True).fill(str(value))
    await page.get_by_role("button", name="Send report").first.click()
    await page.get_by_role("heading", name="Report received").wait_for()
    await page.goto(link)
    sent = page.get_by_role("button", name="I have sent my report")
    if await sent.count():
        await sent.click()
    while not await page.get_by_text("Your report is in, and every number is right").count():
        await page.wait_for_timeout(200)  # the watcher looks every two seconds
        await page.goto(link)
    for number in range(1, 11):
        await page.locator(f"#s{number}-{5 if number % 2 else 1}").check()
    await page.locator("#comment").fill("<i>Good</i> & clear")
    await page.locator("form.survey button").click()
    await page.get_by_role("heading", name="Thank you").first.wait_for()


def test_from_invitation_to_scored_report(chromium: Chromium, tmp_path: Path) -> None:
    """A list with a mistake is refused; the right one becomes cards; one report is scored right.

    The board shows it by itself, and the run folder holds it when the drill is closed.
    """
    port, folder = free_port("127.0.0.1"), tmp_path / "run"
    at = f"http://127.0.0.1:{port}"
    words = ["iowa-caucus-training", "--seed", "7", "--out", str(folder), "--port", str(port)]
    serving = subprocess.Popen(
        [sys.executable, "-P", "-m", "harness.cli", "live", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {"DRILLHALL_ORGANIZER_PASSWORD": PASSWORD, "COLUMNS": "200"},
    )  # fmt: skip
    assert serving.stdout is not None
    said = b""
    try:
        for line in serving.stdout:
            said += line
            if b"press Ctrl-C" in line:
                break
        assert b"press Ctrl-C" in said, said.decode()
        chromium.run(_both(chromium, at, tmp_path))
        rest, _ = serving.communicate(timeout=60)
    finally:
        if serving.poll() is None:
            serving.send_signal(signal.SIGTERM)  # it ends what it has started
            try:
                serving.wait(30)
            except subprocess.TimeoutExpired:
                serving.kill()
                serving.wait()
    assert serving.returncode == 3, (said + rest).decode()  # two people are too few to say
    sessions = RunFolder.open(folder).sessions.collect()
    assert sessions["source"].cast(str).to_list() == ["volunteer", "volunteer"]
    first, second = sessions.sort("reported", nulls_last=True).iter_rows(named=True)
    assert (first["correct"], first["on_time"], first["state"]) == (True, True, "correct")
    assert first["sus"] == [5, 1] * 5
    assert first["comment"] == "<i>Good</i> & clear"
    assert second["opened"] is None
    assert b"Quillonby" not in b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )
    assert (tmp_path / "cards.pdf").read_bytes().startswith(b"%PDF")


async def _both(chromium: Chromium, at: str, folder: Path) -> None:
    """The organizer's browser and the volunteer's phone, side by side."""
    desk = await chromium.browser.new_context(locale="en-US", accept_downloads=True)
    phone = await chromium.browser.new_context(**PHONE)
    try:
        page = await desk.new_page()
        invited = await organize(page, at, folder)
        assert [each["id"] for each in invited] == ["A-7", "B-1"]
        board = await desk.new_page()
        await board.goto(f"{at}/board")
        values, codes = _card(folder / "run", invited[0]["record"])
        await take_part(await phone.new_page(), invited[0]["link"], values, codes)
        # The page's policy forbids scripts made of text, so it is the locator that waits.
        tile = board.locator(".tile.correct b", has_text=re.compile(r"^\s*1\s*$"))
        await tile.first.wait_for()
        await page.goto(f"{at}/organize")
        await page.get_by_role("button", name="Close the drill").click()
        await page.get_by_text("The drill is closed since").wait_for()
    finally:
        await desk.close()
        await phone.close()


def _card(run: Path, record: str) -> tuple[tuple[int, ...], list[str]]:
    """What the paper says, and the codes, from what is so."""
    folder = RunFolder.open(run)
    reports = dict(folder.table("truth/reports").select("record", "values").collect().iter_rows())
    people = folder.table("truth/people").collect()
    codes = dict(people.select("record", "codes").iter_rows())
    return tuple(reports[record]), list(codes[record])
