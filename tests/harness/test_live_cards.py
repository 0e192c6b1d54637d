"""Practice cards: everything a volunteer needs is on one sheet, and phones read its code."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from harness import browser
from harness.live import printing
from harness.live.card_words import WORDS
from harness.live.cards import Dealt, Handout, cards_page, facilitator_page, qr_code, shortest
from harness.live.deck import KINDS, Deck
from harness.live.invitations import anonymous, invite
from harness.live.printing import PrintingError, print_page
from harness.scenario import load_scenario
from reports import pdf
from simulators.plans import plan_of

HANDOUT = Handout(
    title="Rehearsal <of> Polk & Linn",
    app="practice reporting app",
    address="https://practice.example.org/report",
    help_number="515-555-0100",
    link="https://drill.example.org/v/",
    organizer="https://drill.example.org/organize",
)
needs_browser = pytest.mark.skipif(
    browser.find_browser() is None, reason="no Chromium on this machine"
)
needs_poppler = pytest.mark.skipif(
    not (shutil.which("pdftotext") and shutil.which("pdftoppm")), reason="no poppler here"
)


@pytest.fixture(scope="module")
def dealt() -> list[Dealt]:
    """Twelve cards, two of each difficulty, in three languages."""
    night = load_scenario("iowa-caucus-night").night("rehearsal", seed=7, scale=0.2)
    deck = Deck(plan_of(night))
    made = []
    for at, each in enumerate(invite(anonymous(12, deck), deck, seed=7)):
        volunteer = replace(each.volunteer, language=("en", "es", "fr")[at % 3])
        card = deck.card(volunteer.record, difficulty=each.difficulty)
        made.append(Dealt(volunteer, card, volunteer.county))
    return made


class _Cells(HTMLParser):
    """The cells of every table, and what is crossed out in them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.struck: list[str] = []
        self._in: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "s" in self._in:
            self.struck.append(data)
        elif "td" in self._in or "th" in self._in:
            self.rows[-1][-1] += data.strip()


def test_the_worksheet_says_the_cards_numbers(dealt: list[Dealt]) -> None:
    """All 43 numbers stand where they belong, and only the wrong one is crossed out."""
    for each in dealt:
        cells = _Cells()
        cells.feed(cards_page([each], HANDOUT))
        numbers = [[int(cell) for cell in row[1:]] for row in cells.rows[4:]]
        assert len(numbers) == 14
        attendance = int(cells.rows[2][1])
        read = [attendance, *(row[column] for column in range(3) for row in numbers)]
        assert tuple(read) == each.card.values
        struck = [str(each.card.struck[1])] if each.card.struck else []
        assert cells.struck == struck


def test_text_is_shown_as_text(dealt: list[Dealt]) -> None:
    """Nothing that somebody named is markup, and no script is on a card."""
    hostile = replace(dealt[0], card=replace(dealt[0].card, place="<script>alert(1)</script>"))
    page = cards_page([hostile], HANDOUT) + facilitator_page([hostile], HANDOUT)
    assert "<script" not in page
    assert "Rehearsal &lt;of&gt; Polk &amp; Linn" in page


def test_cards_speak_the_volunteers_language(dealt: list[Dealt]) -> None:
    """Each card is in one language: its own."""
    page = cards_page(dealt, HANDOUT)
    cards = page.split('<section class="card"')[1:]
    for each, card in zip(dealt, cards, strict=True):
        words = WORDS[each.volunteer.language]
        assert card.startswith(f' lang="{words.language}"')
        assert words.banner in card
        assert words.report in card
        others = [other for name, other in WORDS.items() if name != words.language]
        assert not any(other.banner in card or other.report in card for other in others)


def test_a_link_in_capitals_makes_a_smaller_code() -> None:
    """QR codes pack capitals closer; a link with small letters in its path stays as it is."""
    small, large = "https://drill.example.org/V/K7QM4XPTK7QM4XPT", "/v/k7Qm4xPtK7Qm4xPt"
    assert shortest(small) == small.upper()
    lower = small.replace("/V/K7QM4XPTK7QM4XPT", large)
    assert shortest(lower) == lower
    assert len(qr_code(small, "")) < len(qr_code(lower, ""))


def test_without_a_browser_the_page_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said what to print instead."""
    monkeypatch.setattr(printing, "find_browser", lambda: None)
    with pytest.raises(PrintingError, match=r"no Chromium on this machine. Open the .html"):
        print_page("<p>x</p>", tmp_path / "cards.pdf")
    assert not list(tmp_path.iterdir())


def test_browsers_are_looked_for_alike() -> None:
    """Reports may not import the harness's list, so theirs is compared with it here."""
    assert browser.BROWSERS == pdf.BROWSERS


@needs_browser
@needs_poppler
@pytest.mark.parametrize(("paper", "size"), [("a4", "(A4)"), ("letter", "(letter)")])
def test_one_sheet_a_volunteer(dealt: list[Dealt], tmp_path: Path, paper: str, size: str) -> None:
    """Each card is one page with the banner on it, all to be read, and its code leads home."""
    path = print_page(cards_page(dealt, HANDOUT, paper), tmp_path / "cards.pdf")
    about = _poppler("pdfinfo", path)
    assert re.search(rf"Pages:\s+{len(dealt)}\n", about)
    assert size in about
    assert path.stat().st_mode & 0o777 == 0o600
    pages = _poppler("pdftotext", "-layout", path, "-").split("\f")[:-1]
    for each, text in zip(dealt, pages, strict=True):
        words = WORDS[each.volunteer.language]
        assert text.count(words.banner) == 2
        spaced = [code[:3] + " " + code[3:] for code in each.card.codes]
        assert all(code in text for code in spaced)
        assert HANDOUT.help_number in text
        assert f"{each.volunteer.id[:4]} {each.volunteer.id[4:]}" in text
        assert each.card.place in text
        assert HANDOUT.door in text
        assert each.volunteer.token not in text
    codes = _read_codes(path, len(dealt))
    assert codes == [HANDOUT.link + each.volunteer.token for each in dealt]


@needs_browser
@needs_poppler
def test_the_sheet_for_the_room_is_one_page(dealt: list[Dealt], tmp_path: Path) -> None:
    """Also with every kind on it, in both sizes of paper."""
    for paper in ("a4", "letter"):
        path = print_page(facilitator_page(dealt, HANDOUT, paper), tmp_path / f"{paper}.pdf")
        assert re.search(r"Pages:\s+1\n", _poppler("pdfinfo", path))
        text = _poppler("pdftotext", "-layout", path, "-")
        assert all(kind.replace("_", " ") in text for kind in KINDS)
        assert "the volunteer; their coordinator; the back-up" in " ".join(text.split())


def _poppler(*words: str | Path) -> str:
    ended = subprocess.run(words, capture_output=True, check=True)
    return ended.stdout.decode()


def _read_codes(path: Path, pages: int) -> list[str]:
    """What a camera reads on each page, at the size of a phone's picture of it."""
    found = []
    for page in range(1, pages + 1):
        at = ["-f", str(page), "-l", str(page)]
        command = ["pdftoppm", "-r", "80", "-gray", *at, path]
        drawn = subprocess.run(command, capture_output=True, check=True).stdout
        _, size, _, pixels = drawn.split(b"\n", 3)
        width, height = map(int, size.split())
        image = np.frombuffer(pixels, np.uint8).reshape(height, width)
        (code,) = zxingcpp.read_barcodes(image)
        found.append(code.text)
    return found
