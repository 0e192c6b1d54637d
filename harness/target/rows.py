"""Rows of an answer: from JSON, CSV, XML or a page of HTML, each as a plain dictionary or value."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import orjson

from harness.target.answer import parse_xml
from harness.target.capture import compile_cut
from harness.target.flow_model import Extract
from harness.target.json_path import MISSING, JsonPath
from harness.target.model import Cells, Items

Row = Any
Find = Callable[[Row], Any]


class RowsError(ValueError):
    """The answer does not have the form that its reader describes."""


def compile_items(items: Items) -> Callable[[bytes], list[Row]]:
    """A function from a body to its rows.

    Raises:
        ValueError: If a path or pattern is not one.
    """
    if items.csv is not None:
        return _csv(items.csv.delimiter)
    if items.xml is not None:
        return _xml(items.xml)
    if items.regex is not None:
        return _regex(items.regex)
    return _json(items.json_path)


def parse_json(body: bytes) -> Any:
    """A body as JSON.

    Raises:
        RowsError: If it is not; a page of HTML is called one.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        start = body[:200].lstrip().lower()
        if start.startswith((b"<!doctype html", b"<html")):
            raise RowsError("the answer is an HTML page, not JSON: a login page?") from None
        shown = body[:60].decode("utf-8", "replace")
        raise RowsError(f"the answer is not JSON; it begins with {shown!r}") from None


def _json(path: str | None) -> Callable[[bytes], list[Row]]:
    compiled = None if path is None else JsonPath(path)

    def rows(body: bytes) -> list[Row]:
        data = parse_json(body)
        found = data if compiled is None else list(compiled.every(data))
        if compiled is not None and isinstance(found, list):
            if not found:
                raise RowsError(f"the answer has nothing at {path}")
            if len(found) == 1 and isinstance(found[0], list | dict):
                found = found[0]
        if isinstance(found, dict) and compiled is not None:
            return [
                {"@key": key, "@value": value, **_fields(value)} for key, value in found.items()
            ]
        return found if isinstance(found, list) else [found]

    return rows


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _csv(delimiter: str) -> Callable[[bytes], list[Row]]:
    def rows(body: bytes) -> list[Row]:
        text = body.decode("utf-8-sig", "replace")
        if text.lstrip()[:1] == "<":
            raise RowsError("the answer is a page, not CSV: a login page?")
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))

    return rows


def _xml(path: str) -> Callable[[bytes], list[Row]]:
    def rows(body: bytes) -> list[Row]:
        root = parse_xml(body)
        if root is None:
            raise RowsError("the answer is not XML that can be trusted")
        return [_element(node) for node in root.findall(path)]

    return rows


def _element(node: ElementTree.Element) -> dict[str, Any]:
    """Attributes and children by name, without namespaces; children with children as their own."""
    data: dict[str, Any] = {_local(name): value for name, value in node.attrib.items()}
    for child in node:
        data[_local(child.tag)] = _element(child) if len(child) else (child.text or "").strip()
    if not len(node):
        data["@text"] = (node.text or "").strip()
    return data


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _regex(text: str) -> Callable[[bytes], list[Row]]:
    pattern = re.compile(text)
    if not pattern.groupindex:
        raise ValueError("a pattern for rows needs named groups, as in (?P<key>...)")

    def rows(body: bytes) -> list[Row]:
        return [
            {name: html.unescape(value or "") for name, value in found.groupdict().items()}
            for found in pattern.finditer(body.decode("utf-8", "replace"))
        ]

    return rows


def compile_place(extract: Extract) -> Find:
    """A function from a row to a value; :data:`MISSING` if the row has none.

    Raises:
        ValueError: If a path or pattern is not one.
    """
    find = _place(extract)
    if extract.regex is not None:
        find = _then(find, compile_cut(extract.regex))
    if extract.strip:
        find = _then(find, lambda value: value.strip() if isinstance(value, str) else value)
    if extract.case is not None:
        change = str.upper if extract.case == "upper" else str.lower
        find = _then(find, lambda value: change(value) if isinstance(value, str) else value)
    if extract.default is not None:
        return _default(find, extract.default)
    return find


def _place(extract: Extract) -> Find:
    if extract.column is not None:
        name = extract.column
        return lambda row: row.get(name, MISSING) if isinstance(row, dict) else MISSING
    if extract.json_path is not None:
        return field(extract.json_path)
    raise ValueError("in a row, a place is a dotted path or {column: ...}")


def field(text: str) -> Find:
    """A column of that very name where the row has one, else the path."""
    first = JsonPath(text).first

    def find(row: Row) -> Any:
        if isinstance(row, dict) and text in row:
            return row[text]
        return first(row)

    return find


def _then(find: Find, change: Callable[[Any], Any]) -> Find:
    def found(row: Row) -> Any:
        value = find(row)
        return value if value is MISSING or value is None else change(value)

    return found


def _default(find: Find, default: Any) -> Find:
    def found(row: Row) -> Any:
        value = find(row)
        return default if value is MISSING or value is None else value

    return found


def whole(value: Any) -> int | None:
    """A cell as a whole number; None if it is missing, blank or something else.

    Example:
        >>> [whole(x) for x in (7, "1,234", "12.0", " ", None, "n/a", 3.5, True)]
        [7, 1234, 12, None, None, None, None, None]
    """
    if type(value) is int:
        return value if -(2**31) <= value < 2**31 else None
    if isinstance(value, str):
        text = value.strip().replace(",", "").replace("\u00a0", "")
        try:
            value = float(text)
        except ValueError:
            return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**31:
        return int(value)
    return None


def compile_cells(
    cells: Cells | None, fields: tuple[str, ...]
) -> Callable[[Row], list[int | None] | None]:
    """A function from a row to the counts in our order; None where no fields are described.

    Raises:
        ValueError: If a path is not one, or an exception names a field that no report has.
    """
    if cells is None:
        return lambda row: None
    for name in cells.names:
        if fields and name not in fields:
            raise ValueError(f"names.{name}: a report has no such field")
    source = None if cells.source is None else compile_place(cells.source)
    finders = [
        field(cells.names.get(name, cells.pattern.replace("{field}", name))) for name in fields
    ]

    def read(row: Row) -> list[int | None]:
        holder = row if source is None else source(row)
        if cells.text == "json" and isinstance(holder, str):
            try:
                holder = orjson.loads(holder)
            except orjson.JSONDecodeError:
                holder = MISSING
        if cells.list and isinstance(holder, list):
            padded = [*holder, *[None] * (len(fields) - len(holder))]
            return [whole(value) for value in padded[: len(fields)]]
        return [whole(find(holder)) for find in finders]

    return read
