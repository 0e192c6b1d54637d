"""summary.md: the verdict first, small enough for a build server, and nothing in it is live."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from reports_folder import clean_findings, faulty_findings, write_night

from harness.record import RunFolder, Status
from reports.folder import verdict_of
from reports.markdown import code, plain, render_markdown


def summary(run: RunFolder, **settings: int) -> str:
    return render_markdown(run, verdict_of(run), **settings)


def test_the_verdict_comes_first(faulty_night: RunFolder) -> None:
    """The first line is the verdict, and practice is said before any figure."""
    lines = summary(faulty_night).splitlines()
    assert lines[0] == "# ❌ NO-GO: Iowa caucus night"
    assert lines[2].startswith("> **PRACTICE.")


def test_records_come_with_the_command(faulty_night: RunFolder) -> None:
    """Each offending record has its command, ready to be copied."""
    assert "`drillhall replay run --record IA-0003`" in summary(faulty_night)


def test_tables_have_as_many_cells_as_their_head(faulty_night: RunFolder) -> None:
    """No text breaks a row of a table."""
    for table in re.findall(r"(?:^\|.*\n)+", summary(faulty_night), re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(widths) == 1


@pytest.mark.parametrize(
    "said",
    ["<script>x</script>", "[a](http://evil.example)", "![x](//e.example)", "@team", "a | b",
     "**x**", "`rm -rf`", "# big", "https://evil.example", "two\nlines", "\x1b[2J"],
)  # fmt: skip
def test_hostile_text_cannot_become_markup(said: str) -> None:
    """Every character that Markdown or HTML would act on is escaped, and a line stays a line."""
    shown = plain(said)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[`*_|\[\]#!]|[<>\x1b]", shown)
    assert not re.search(r"@\w|://\w", shown)


def test_code_holds_any_backticks() -> None:
    """Text with backticks is fenced by more of them."""
    assert code("a``b`c") == "``` a``b`c ```"
    assert code("a|b") == "`a\\|b`"


def test_a_large_summary_is_cut_by_section(tmp_path: Path) -> None:
    """Over the limit whole sections go, from the end, and the summary says so."""
    findings = [replace(each, answer="x " * 180) for each in faulty_findings()]
    run = write_night(tmp_path / "run", findings)
    whole = summary(run)
    cut = summary(run, largest=6000)
    assert len(cut.encode()) <= 6000 < len(whole.encode())
    assert cut.startswith("# ❌ NO-GO")
    assert cut.endswith("is in report.html.*\n")
    assert "## Objectives" in cut
    assert "## The night" not in cut


def test_even_the_first_section_is_cut_to_fit(faulty_night: RunFolder) -> None:
    """However small the limit, it is kept, and the verdict is what is left."""
    cut = summary(faulty_night, largest=300)
    assert len(cut.encode()) <= 300
    assert cut.startswith("# ❌ NO-GO")


def test_unknown_is_not_called_a_pass(tmp_path: Path) -> None:
    """An integrity check that could not tell shows so, and never as 0."""
    findings = [replace(clean_findings()[0], status=Status.UNKNOWN)]
    table = summary(write_night(tmp_path / "run", findings)).split("## Integrity")[1]
    assert "| export | not known | not asked |" in table


def test_an_empty_record_still_makes_a_summary(empty_run: RunFolder) -> None:
    """A crashed run has a verdict and no night."""
    assert summary(empty_run).startswith("# ❔ NOT ENOUGH EVIDENCE")
    assert "## The night" not in summary(empty_run)
