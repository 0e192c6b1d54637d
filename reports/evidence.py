"""The evidence index: every file of a run with its SHA-256, so that none can be swapped."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

# Made from the evidence, or by this package; they cannot hold their own hash.
_DERIVED = {"report.html", "report.pdf", "junit.xml", "summary.md"}
LISTED = 80


@dataclass(frozen=True)
class Evidence:
    """One file of a run folder.

    Attributes:
        name: Path inside the folder.
        size: Bytes.
        digest: SHA-256, in hexadecimal.
    """

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class Index:
    """The files listed, and how many more there are.

    Attributes:
        files: At most :data:`LISTED` of them, tables before evidence.
        more: Files that are not listed.
        digest: SHA-256 over ``sha256sum`` lines of every file in order of name, listed or not.
    """

    files: tuple[Evidence, ...]
    more: int
    digest: str


def index_of(folder: Path) -> Index:
    """Hash every file of a run folder but the reports; links are not followed."""
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.endswith(".partial")
    )
    files = [_evidence(folder, name) for name in names if name not in _DERIVED]
    lines = "".join(f"{each.digest}  {each.name}\n" for each in files)
    files.sort(key=lambda each: (each.name.startswith("evidence/"), each.name.count("/")))
    return Index(
        tuple(files[:LISTED]),
        max(len(files) - LISTED, 0),
        hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest(),
    )


def _evidence(folder: Path, name: str) -> Evidence:
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Evidence(name, path.stat().st_size, digest)
