"""Every citation can be followed: to a section of SOURCES.md, or to a file that is here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("simulators", "harness", "reports", "scenarios")
WRITTEN = (".py", ".yaml", ".json", ".md", ".j2", ".html", ".css")
BY_A_RUN = {"summary.md"}  # in the run folder

SECTION = re.compile(r"^## (S\d+)\. ", re.MULTILINE)
# A line may break between the two words, and the next begin with a comment sign.
CITED = re.compile(r"SOURCES\.md[\s#]+(S\d+)\b")
UNCLEAR = re.compile(r"SOURCES\.md,? section|SOURCES\.md[\s#]+\d")
DOCUMENT = re.compile(r"\b[A-Za-z_-]+\.md\b")


def page() -> str:
    return (files("simulators.data") / "SOURCES.md").read_text(encoding="utf-8")


def written(*folders: str) -> Iterator[tuple[Path, str]]:
    """Files that a reader of the product meets, with their text."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in WRITTEN and "__pycache__" not in path.parts:
                text = path.read_text(encoding="utf-8")
                yield path, text.replace("\\n", "\n") if path.suffix == ".json" else text


def strangers(text: str, known: set[str]) -> set[str]:
    """Documents a text names that nobody can open."""
    return set(DOCUMENT.findall(text)) - known


def test_every_cited_section_exists() -> None:
    """Who looks up SOURCES.md S4 finds it."""
    sections = SECTION.findall(page())
    assert sections == [f"S{number}" for number in range(1, len(sections) + 1)]
    for path, text in written(*PACKAGES, "tests"):
        if path != Path(__file__):
            assert set(CITED.findall(text)) <= set(sections), path
            assert UNCLEAR.findall(text) == [], path


def test_every_section_is_cited() -> None:
    """The page holds no figure that nothing uses."""
    cited = {
        section
        for path, text in written(*PACKAGES)
        if path.name != "SOURCES.md"
        for section in CITED.findall(text)
    }
    assert set(SECTION.findall(page())) <= cited


def test_every_row_says_how_its_figure_stands() -> None:
    """Each figure is published, derived, measured, fitted, assumed or unverified."""
    rows = [line for line in page().splitlines() if line.startswith("| ")]
    rows = [row for row in rows if not row.startswith(("| Figure |", "| --- |"))]
    assert rows
    standing = re.compile("(published|derived|measured|fitted|assumed|unverified)")
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4, row
        assert all(cells), row
        assert standing.match(cells[3]), row


def test_no_document_is_named_that_is_not_here() -> None:
    """A document that does not come with Drillhall is not cited."""
    known = {path.name for folder in PACKAGES for path in (ROOT / folder).rglob("*.md")}
    known |= {path.name for path in ROOT.glob("*.md")} | BY_A_RUN
    for path, text in written(*PACKAGES, "tests"):
        if path != Path(__file__):
            assert strangers(text, known) == set(), path
    for path in (*ROOT.glob("*.md"), ROOT / "pyproject.toml", ROOT / "tox.ini"):
        assert strangers(path.read_text(encoding="utf-8"), known) == set(), path


def test_a_document_that_is_not_here_is_noticed() -> None:
    """The search sees a citation in a comment, whatever its letters."""
    assert strangers("# as in notes.md, README.md", {"README.md"}) == {"notes.md"}
    assert strangers("see PLAN.md (3)", set()) == {"PLAN.md"}
    assert CITED.findall("(SOURCES.md\n# S11), SOURCES.md S2") == ["S11", "S2"]
