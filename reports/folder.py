"""Writes every report of a run beside its record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.record import RecordError, RunFolder
from harness.verdict import Verdict, load_verdict
from reports.html import render_html
from reports.junit import render_junit
from reports.markdown import render_markdown
from reports.pdf import PdfSkippedError, write_pdf


def write_reports(
    run: RunFolder, *, pdf: bool = True, tell: Callable[[str], None] = lambda text: None
) -> list[Path]:
    """Write ``report.html``, ``report.pdf``, ``junit.xml`` and ``summary.md`` from a judged run.

    Args:
        run: A run with ``findings.json`` and ``verdict.json``.
        pdf: Whether to print a PDF as well, where a Chromium is found.
        tell: Told in one line why a PDF was not made.

    Returns:
        The files written, ``report.html`` first.

    Raises:
        RecordError: If the run was never judged, or a file cannot be written.
    """
    verdict = verdict_of(run)
    page = render_html(run, verdict)
    written = [
        _write(run.path / "report.html", page),
        _write(run.path / "summary.md", render_markdown(run, verdict)),
        _write(run.path / "junit.xml", render_junit(run, verdict)),
    ]
    if pdf:
        try:
            write_pdf(page, run.path / "report.pdf")
            written.append(run.path / "report.pdf")
        except PdfSkippedError as skipped:
            tell(str(skipped))
    return written


def verdict_of(run: RunFolder) -> Verdict:
    """The verdict a run was given.

    Raises:
        RecordError: If it has none, or one that cannot be read.
    """
    path = run.path / "verdict.json"
    if not path.is_file() or not (run.path / "findings.json").is_file():
        raise RecordError(f"{run.path}: never judged. Judge it with `drillhall recheck`.")
    try:
        return load_verdict(path)
    except ValueError as error:
        raise RecordError(f"{path}: not a verdict: {error}") from error


def _write(path: Path, text: str) -> Path:
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise RecordError(f"{path}: cannot be written: {error.strerror}.") from error
    return path
