"""Captures: what is kept of an answer, compiled once from its description."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from harness.target.answer import Seen
from harness.target.flow_model import Extract
from harness.target.json_path import MISSING, JsonPath
from harness.target.web_form import choose

Finder = Callable[[Seen], Any]


def compile_capture(extract: Extract) -> Finder:
    """A function from an answer to the value, or to :data:`MISSING`.

    Raises:
        ValueError: If a path or a pattern is not one.
    """
    find = _source(extract)
    if extract.regex is not None and _has_source(extract):
        find = _cut(find, _pattern(extract.regex))
    if extract.unescape:
        find = _unescaped(find)
    if extract.default is not None or extract.optional:
        find = _or(find, extract.default)
    return find


def compile_cut(regex: str) -> Callable[[Any], Any]:
    """A function from a value to the pattern's first group (or whole match) in its text."""
    pattern = _pattern(regex)

    def cut(value: Any) -> Any:
        found = pattern.search(value if isinstance(value, str) else str(value))
        return MISSING if found is None else found[1 if pattern.groups else 0]

    return cut


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None


def _has_source(extract: Extract) -> bool:
    return bool(
        extract.model_fields_set
        & {"json_path", "header", "cookie", "input", "form", "xml", "link", "url", "status"}
    )


def _source(extract: Extract) -> Finder:
    if extract.json_path is not None:
        return _json(JsonPath(extract.json_path))
    if extract.header is not None:
        return _header(extract.header.lower().encode())
    if extract.cookie is not None:
        name = extract.cookie
        return lambda seen: MISSING if (value := seen.jar.get(name)) is None else value
    if extract.input is not None:
        return _input(extract.input, extract.form)
    if extract.form is not None:
        which = extract.form
        return lambda seen: choose(seen.forms, which) or MISSING
    if extract.xml is not None:
        return _xml(extract.xml, extract.attribute)
    if extract.link is not None:
        return _link(extract.link)
    if extract.url:
        return lambda seen: seen.url
    if extract.status:
        return lambda seen: seen.status
    if extract.regex is not None:
        cut = compile_cut(extract.regex)
        return lambda seen: cut(seen.text)
    raise ValueError("a capture from an answer cannot be a column; use json, header, regex, ...")


def _json(path: JsonPath) -> Finder:
    first = path.first

    def find(seen: Seen) -> Any:
        data = seen.json
        return MISSING if data is MISSING else first(data)

    return find


def _header(name: bytes) -> Finder:
    def find(seen: Seen) -> Any:
        value = seen.header(name)
        return MISSING if value is None else value

    return find


def _input(name: str, which: str | int | None) -> Finder:
    def find(seen: Seen) -> Any:
        chosen = seen.forms if which is None else [choose(seen.forms, which)]
        values = (form.value(name) for form in chosen if form is not None)
        return next((value for value in values if value is not None), MISSING)

    return find


def _xml(path: str, attribute: str | None) -> Finder:
    def find(seen: Seen) -> Any:
        root = seen.xml
        node = None if root is None else (root if path == "." else root.find(path))
        if node is None:
            return MISSING
        value = node.get(attribute) if attribute else "".join(node.itertext()).strip()
        return MISSING if value is None else value

    return find


_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^",;\s]+))*)')


def _link(relation: str) -> Finder:
    """The target of the ``Link`` header with that relation (RFC 8288)."""

    def find(seen: Seen) -> Any:
        for name, value in seen.response.headers:
            if name != b"link":
                continue
            for url, parameters in _LINK.findall(value.decode("latin-1")):
                found = re.search(r'rel\s*=\s*"?([^";]*)"?', parameters)
                if found and relation in found[1].split():
                    return url
        return MISSING

    return find


def _cut(find: Finder, pattern: re.Pattern[str]) -> Finder:
    cut = compile_cut(pattern.pattern)

    def found(seen: Seen) -> Any:
        value = find(seen)
        return MISSING if value is MISSING or value is None else cut(value)

    return found


def _unescaped(find: Finder) -> Finder:
    def found(seen: Seen) -> Any:
        value = find(seen)
        return html.unescape(value) if isinstance(value, str) else value

    return found


def _or(find: Finder, default: Any) -> Finder:
    def found(seen: Seen) -> Any:
        value = find(seen)
        return default if value is MISSING else value

    return found
