"""The organizer's own list of volunteers, as a spreadsheet saves it: checked, and reduced.

Names, addresses and numbers are never read: they stay in the organizer's file. What is read
decides who is counted where; everything else would only be data to lose.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.document import DocumentError, nearest

COLUMNS = (
    "id", "county", "precinct", "language", "age_band", "device", "training", "insider",
    "first_time",
)  # fmt: skip
NOT_READ = frozenset({
    "name", "first_name", "last_name", "full_name", "email", "e-mail", "mail", "phone", "mobile",
    "address", "street", "city", "zip", "contact", "notes", "comment",
})  # fmt: skip
"""Columns that may be in the file and are left alone."""

LANGUAGES = ("en", "es", "fr")
AGE_BANDS = ("under 40", "40-60", "61-70", "over 70")
DEVICES = ("android", "ios", "computer", "other")
TRAININGS = ("none", "read", "session")
_WORDS = {
    "language": {"english": "en", "spanish": "es", "español": "es", "french": "fr",
                 "français": "fr"},
    "device": {"iphone": "ios", "ipad": "ios", "phone": "other", "laptop": "computer"},
    "training": {"no": "none", "guide": "read", "yes": "session"},
}  # fmt: skip
_YES_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False,
           "false": False, "0": False}  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LONGEST = 20_000
"""Rows that a roster may have."""
_SHOWN = 40  # characters of what was found that a complaint repeats


@dataclass(frozen=True)
class Entry:
    """One row of the organizer's list, as far as it is read.

    Attributes:
        line: Its line in the file.
        id: The organizer's own name of it, for putting the invitations beside the addresses;
            it goes back into the invitations and nowhere else.
        precinct: As written; empty if any precinct will do.
    """

    line: int
    id: str = ""
    county: str = ""
    precinct: str = ""
    language: str = "en"
    age_band: str = ""
    device: str = ""
    training: str = ""
    insider: bool = False
    first_time: bool = True


def decode(data: bytes, name: str) -> str:
    """The text of an uploaded file: UTF-8, or what Excel calls Unicode text.

    Raises:
        DocumentError: If it is neither.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{name}: not text in UTF-8 (byte {error.start}). Save it as “CSV UTF-8”."
        ) from None


def read_entries(text: str, name: str) -> list[Entry]:
    """Read and check a roster.

    Args:
        text: The file: one header line, then one volunteer a line, with commas, semicolons or
            tabs between the cells.
        name: How complaints call the file.

    Raises:
        DocumentError: With every mistake: file, line, column, what was found, what is allowed.
    """
    problems: list[str] = []
    lines = _rows(text, name)
    if not lines:
        raise DocumentError(f"{name}: empty. Its first line names columns: {', '.join(COLUMNS)}.")
    head = _head(lines[0][1], f"{name}:{lines[0][0]}", problems)
    if problems:
        raise DocumentError(problems)
    if len(lines) - 1 > LONGEST:
        raise DocumentError(f"{name}: {len(lines) - 1:,} volunteers; at most {LONGEST:,} fit.")
    entries = []
    for line, cells in lines[1:]:
        at = f"{name}:{line}"
        if len(cells) != len(head):
            problems.append(
                f"{at}: found {len(cells)} cells, but the first line names {len(head)} columns. "
                "Put quotes around a cell that has a comma in it."
            )
            continue
        found = {column: cell for column, cell in zip(head, cells, strict=True) if column}
        values = {
            column: value
            for column, cell in found.items()
            if (value := _cell(column, " ".join(cell.split()), at, problems)) is not None
        }
        entries.append(Entry(line, **values))
    _refuse_repeats(entries, name, problems)
    if not problems and not entries:
        problems.append(f"{name}: names columns, but no volunteers. One volunteer a line.")
    if problems:
        raise DocumentError(problems)
    return entries


def _rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Lines with something in them, each with its number."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found, line = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise DocumentError(f"{name}:{line}: not CSV: {error}.") from None
    return found


def _head(cells: list[str], at: str, problems: list[str]) -> list[str]:
    """The column that each cell is in; empty for those that are not read."""
    head = []
    for cell in cells:
        column = "_".join(cell.strip().lower().split())
        if column in NOT_READ:
            head.append("")
        elif column in COLUMNS:
            if column in head:
                problems.append(f"{at}: column {column} is there twice.")
            head.append(column)
        else:
            problems.append(
                f"{at}: found a column {cell.strip()[:_SHOWN]!r}"
                f"{nearest(column, list(COLUMNS)) or '.'} Columns that are read: "
                f"{', '.join(COLUMNS)}. Names and contacts may be there and are not read."
            )
    return head


def _cell(column: str, text: str, at: str, problems: list[str]) -> Any:
    """What a cell says; None where it is empty, or wrong and complained of."""
    if not text:
        return None
    complaint, value = _CELLS[column](text)
    if complaint:
        problems.append(f"{at}: {column}: found {text[:_SHOWN]!r}, but it is {complaint}.")
        return None
    return value


def _one_of(column: str, allowed: tuple[str, ...]) -> Callable[[str], tuple[str, Any]]:
    words: Mapping[str, str] = _WORDS.get(column, {})

    def check(text: str) -> tuple[str, Any]:
        small = text.lower().replace("–", "-")
        value = words.get(small, small)
        if value in allowed:
            return "", value
        return f"one of {', '.join(allowed)}, or empty", None

    return check


def _yes_or_no(text: str) -> tuple[str, Any]:
    value = _YES_NO.get(text.lower())
    return ("yes or no, or empty", None) if value is None else ("", value)


def _own_id(text: str) -> tuple[str, Any]:
    if _ID.fullmatch(text):
        return "", text
    return "up to 40 letters, digits, dots, dashes and underscores, with no dash first", None


def _as_written(text: str) -> tuple[str, Any]:
    return "", text


_CELLS: dict[str, Callable[[str], tuple[str, Any]]] = {
    "id": _own_id,
    "county": _as_written,
    "precinct": _as_written,
    "language": _one_of("language", LANGUAGES),
    "age_band": _one_of("age_band", AGE_BANDS),
    "device": _one_of("device", DEVICES),
    "training": _one_of("training", TRAININGS),
    "insider": _yes_or_no,
    "first_time": _yes_or_no,
}


def _refuse_repeats(entries: list[Entry], name: str, problems: list[str]) -> None:
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.id and seen.setdefault(entry.id, entry.line) != entry.line:
            problems.append(
                f"{name}:{entry.line}: id: found {entry.id!r} again (first in line "
                f"{seen[entry.id]}). Each volunteer has an id of their own."
            )
