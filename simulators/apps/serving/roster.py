"""Rosters, as every practice app takes them: JSON, or CSV files in one form.

What a row means is the app's own; here is how rows are found, and what is told of one that lacks
something.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request

from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import files, json_object

Row = Mapping[str, Any]


async def posted_roster(request: Request, names: Iterable[str], limit: int) -> dict[str, Any]:
    """The tables of a roster that was sent.

    Args:
        names: Of the tables, which are also those of the form's files.
        limit: Bytes of all of it.

    Raises:
        Refusal: 400 if it is neither form nor JSON, 411 or 413 for its length.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await json_object(request, limit)
    return {name: read_csv(text) for name, text in (await files(request, names, limit)).items()}


def read_csv(text: str) -> list[dict[str, str]]:
    """Rows of a CSV file with a header line."""
    return list(csv.DictReader(io.StringIO(text)))


def rows_of(data: Row, name: str) -> list[Row]:
    """The rows of one table; none if it is not there.

    Raises:
        Refusal: 422 if it is no table.
    """
    rows = data.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Refusal(422, "invalid", f"{name}: must be a list of objects.")
    return rows


def text_of(row: Row, name: str, place: str) -> str:
    """A text that a row must have.

    Args:
        place: Which row it is, as ``people[3]``.

    Raises:
        Refusal: 422 if it has none.
    """
    value = str(row.get(name) or "").strip()
    if not value:
        raise Refusal(422, "invalid", f"{place}: {name} is missing.")
    return value


def codes_of(row: Row, columns: Iterable[str]) -> list[str]:
    """The codes of a row: a list, a text with marks between them, or columns of their own."""
    found = row.get("codes")
    if isinstance(found, str):
        found = re.findall(r"\w+", found)
    return [str(each) for each in found or map(row.get, columns) if each]
