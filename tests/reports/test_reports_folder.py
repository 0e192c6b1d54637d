"""Writing the reports: which files, what happens without a verdict, a browser or room."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from reports_folder import write_night

from harness.record import RecordError, RunFolder
from reports import write_reports
from reports.evidence import LISTED, index_of
from reports.folder import verdict_of
from reports.pdf import BROWSERS, PdfSkippedError, find_browser, write_pdf

browser = pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")


def test_three_files_without_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Chromium there is no PDF, that is said, and the other reports stand."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("reports.pdf.find_browser", lambda: find_browser(["no-such-browser"]))
    run = write_night(tmp_path / "run")
    told: list[str] = []
    written = write_reports(run, tell=told.append)
    assert [each.name for each in written] == ["report.html", "summary.md", "junit.xml"]
    assert all(each.stat().st_size for each in written)
    assert len(told) == 1
    assert "no Chromium on this machine" in told[0]


def test_reports_may_be_written_again(tmp_path: Path) -> None:
    """Reports are derived: writing them twice gives the same bytes, and no half file is left."""
    run = write_night(tmp_path / "run")
    first = [each.read_bytes() for each in write_reports(run, pdf=False)]
    assert [each.read_bytes() for each in write_reports(run, pdf=False)] == first
    assert not list(run.path.glob("*.partial"))


def test_an_unjudged_run_says_what_to_do(tmp_path: Path) -> None:
    """Without a verdict there is nothing to report, and the error names the command."""
    run = write_night(tmp_path / "run")
    (run.path / "verdict.json").unlink()
    with pytest.raises(RecordError, match=r"never judged\. Judge it with `drillhall recheck`"):
        write_reports(run)


def test_a_broken_verdict_is_named(tmp_path: Path) -> None:
    """A verdict.json that is not one is an error that names the file."""
    run = write_night(tmp_path / "run")
    (run.path / "verdict.json").write_text('{"word": "MAYBE"}')
    with pytest.raises(RecordError, match=r"verdict\.json: not a verdict"):
        verdict_of(run)


def test_evidence_is_hashed_file_by_file(tmp_path: Path) -> None:
    """The index has every file but the reports, with its SHA-256, and a hash over them all."""
    (tmp_path / "evidence").mkdir()
    (tmp_path / "run.json").write_bytes(b"{}")
    (tmp_path / "evidence" / "shot.png").write_bytes(b"png")
    (tmp_path / "report.html").write_bytes(b"made from it")
    index = index_of(tmp_path)
    assert [each.name for each in index.files] == ["run.json", "evidence/shot.png"]
    assert index.files[0].digest == hashlib.sha256(b"{}").hexdigest()
    before = index.digest
    (tmp_path / "evidence" / "shot.png").write_bytes(b"PNG")
    assert index_of(tmp_path).digest != before


def test_many_pieces_of_evidence_are_counted(tmp_path: Path) -> None:
    """A folder of screenshots does not flood the page; what is not listed is counted."""
    for i in range(LISTED + 5):
        (tmp_path / f"{i}.txt").write_text(str(i))
    assert (len(index_of(tmp_path).files), index_of(tmp_path).more) == (LISTED, 5)


@browser
def test_pdf_is_printed_light_with_the_banner(faulty_night: RunFolder, tmp_path: Path) -> None:
    """The PDF is tagged, and every page of it says practice and has its number."""
    write_reports(faulty_night, pdf=False)
    path = tmp_path / "report.pdf"
    write_pdf((faulty_night.path / "report.html").read_text("utf-8"), path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in data
    if shutil.which("pdftotext"):
        import subprocess

        text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
        pages = text.stdout.decode().split("\f")[:-1]
        assert len(pages) > 5
        for number, page in enumerate(pages, 1):
            assert "PRACTICE DATA" in page
            assert f"Page {number} of {len(pages)}" in page
        assert "SHA-256" in text.stdout.decode().split("Evidence")[-1]  # details are open


@browser
def test_a_browser_that_fails_is_no_disaster(tmp_path: Path) -> None:
    """A browser that cannot start leaves a reason and no half file."""
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(PdfSkippedError, match=r"report\.pdf: not made"):
        write_pdf("<p>x", tmp_path / "x.pdf", browser=str(broken))
    assert not list(tmp_path.glob("x.pdf*"))


def test_known_browsers_are_looked_for_in_order() -> None:
    """The headless shell comes first: it starts faster than a full Chromium."""
    assert BROWSERS[0] == "chromium-headless-shell"
