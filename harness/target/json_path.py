"""JSON paths: dotted ones and the plain part of JSONPath (RFC 9535), compiled once.

``data.items[0].id``, ``data.@links.next``, ``$.a['b c'][*].id``, ``$..id``, ``rows[-1]`` and
``rows[?(@.kind=='x')].id``. A path with ``*``, ``..`` or ``?`` may find several values; the first
is the value, and all of them are ``every``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

MISSING: Any = type(
    "Missing", (), {"__repr__": lambda self: "MISSING", "__bool__": lambda self: False}
)()
"""What a path finds where there is nothing; null is something."""

_TOKEN = re.compile(
    r"""
    \.\.(?P<deep>[^.\[\]]+)            # ..name
  | \.?\[\?\(?\s*@\.(?P<if>[\w@$-]+)\s*==\s*
        (?P<is>'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false|null)\s*\)?\]
  | \.?\[(?P<index>-?\d+)\]
  | \.?\[(?P<quoted>'[^']*'|"[^"]*")\]
  | \.?(?:\[\*\]|(?<=\.)\*(?=$|[.\[])) (?P<all>)
  | \.?(?P<name>[^.\[\]]+)
    """,
    re.VERBOSE,
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class JsonPath:
    """A compiled path.

    Raises:
        ValueError: If the text is not a path.

    Example:
        >>> JsonPath("data.@links.next").first({"data": {"@links": {"next": "/2"}}})
        '/2'
        >>> list(JsonPath("$..id").every({"a": [{"id": 1}, {"id": 2}]}))
        [1, 2]
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = list(_parse(text))
        simple = all(isinstance(part, str | int) for part in self._parts)
        self.first: Callable[[Any], Any] = self._walk if simple else self._first
        if simple and len(self._parts) == 1 and isinstance(self._parts[0], str):
            self.first = _one_name(self._parts[0])

    def _walk(self, data: Any) -> Any:
        for part in self._parts:
            data = _step(data, part) if isinstance(part, str | int) else MISSING
            if data is MISSING:
                return MISSING
        return data

    def _first(self, data: Any) -> Any:
        return next(self.every(data), MISSING)

    def every(self, data: Any) -> Iterator[Any]:
        """All values the path finds."""
        found = [data]
        for part in self._parts:
            if isinstance(part, str | int):
                found = [x for each in found if (x := _step(each, part)) is not MISSING]
            else:
                found = [x for each in found for x in part(each)]
        yield from found


def _parse(text: str) -> Iterator[str | int | Callable[[Any], Iterator[Any]]]:
    rest = text.strip().removeprefix("$")
    if rest and text.strip().startswith("$") and rest[0] not in ".[":
        rest = text.strip()  # a name that begins with a dollar sign
    at = 0
    while at < len(rest):
        found = _TOKEN.match(rest, at)
        if found is None or found.end() == at:
            raise ValueError(f"{text!r} is not a path: cannot read {rest[at:]!r}")
        at = found.end()
        if found["deep"] is not None:
            yield _deep(found["deep"])
        elif found["if"] is not None:
            yield _filter(found["if"], _literal(found["is"]))
        elif found["index"] is not None:
            yield int(found["index"])
        elif found["quoted"] is not None:
            yield found["quoted"][1:-1]
        elif found["all"] is not None:
            yield _children
        else:
            yield found["name"]


def _literal(text: str) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    return _WORDS[text] if text in _WORDS else float(text)


def _one_name(name: str) -> Callable[[Any], Any]:
    def first(data: Any) -> Any:
        return data.get(name, MISSING) if type(data) is dict else _step(data, name)

    return first


def _step(data: Any, part: str | int) -> Any:
    if isinstance(data, dict):
        if part in data:
            return data[part]
        return data.get(str(part), MISSING)
    if isinstance(data, list):
        if isinstance(part, str):
            if not part.lstrip("-").isdigit():
                return MISSING
            part = int(part)
        if -len(data) <= part < len(data):
            return data[part]
    return MISSING


def _children(data: Any) -> Iterator[Any]:
    if isinstance(data, dict):
        yield from data.values()
    elif isinstance(data, list):
        yield from data


def _deep(name: str) -> Callable[[Any], Iterator[Any]]:
    def search(data: Any) -> Iterator[Any]:
        if isinstance(data, dict) and name in data:
            yield data[name]
        for child in _children(data):
            yield from search(child)

    return search


def _filter(name: str, value: Any) -> Callable[[Any], Iterator[Any]]:
    def keep(data: Any) -> Iterator[Any]:
        for child in _children(data):
            if isinstance(child, dict) and child.get(name, MISSING) == value:
                yield child

    return keep
