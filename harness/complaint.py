"""Complaints about a document: pydantic's errors in the words of the person who wrote the file."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

Where = tuple[Any, ...]
"""A path into a document: keys and list positions from the root."""


class MisfitError(ValueError):
    """A field that fits its own rules and not what stands elsewhere in the document.

    Args:
        where: The field, from what is being validated on.
    """

    def __init__(self, where: Where, message: str) -> None:
        super().__init__(message)
        self.where = where


_SECRET = re.compile(r"password|secret|token|pin|key|authorization", re.IGNORECASE)
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_NEEDS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "dataclass_type": "a mapping of fields",
    "dataclass_exact_type": "a mapping of fields",
}
_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def follow(data: Any, loc: Iterable[int | str]) -> Where:
    """The path of pydantic's ``loc`` in the data, without the names it gives to choices.

    A missing field ends the path, although the data has no such key.
    """
    path: list[Any] = []
    parts = list(loc)
    for i, part in enumerate(parts):
        key = _key_of(data, part)
        if key is not None:
            path.append(key)
            data = data[key]
        elif i == len(parts) - 1 and isinstance(data, dict) and isinstance(part, str):
            path.append(part)
    return tuple(path)


def complain(error: ErrorDetails, data: Any, path: Where, model: Any) -> str:
    """What is wrong, what was found and what is allowed, in one line without the place."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _UNKNOWN:
        return _unknown(str(path[-1]) if path else "?", names_allowed(model, path[:-1], data))
    if kind in ("missing", "missing_argument"):
        return "missing, but it is required"
    found = show(error["input"], path)
    if kind in ("literal_error", "enum"):
        return f"found {found}, allowed: {context['expected']}{_close(error['input'], context)}"
    if kind in _NEEDS:
        return f"found {found}, but it must be {_NEEDS[kind]}"
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"found {found}, but it must be {words} {context[name]}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _tag(error, found, context)
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", error["msg"]))
    return f"found {found}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def show(value: Any, path: Where = ()) -> str:
    """A found value, short, and hidden where its field holds a secret.

    Example:
        >>> show("hunter2", ("sign_in", "password"))
        'a value (not shown)'
    """
    if any(isinstance(part, str) and _SECRET.search(part) for part in path[-1:]):
        return "a value (not shown)"
    if isinstance(value, dict):
        return f"a mapping of {', '.join(map(str, list(value)[:4])) or 'nothing'}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def names_allowed(model: Any, path: Where, data: Any) -> list[str]:
    """Names of the fields that a model has at a path; empty if it takes any name.

    Of several alternatives only those count whose literal fields (``kind: ...``) agree with
    the data.
    """
    kinds = list(_plain(model))
    for part in path:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
        data = data[part]
    fields = [_fields(kind) for kind in kinds]
    agreeing = [each for each in fields if _agrees(each, data)]
    return list(dict.fromkeys(name for each in agreeing or fields for name in each))


def _agrees(fields: dict[str, Any], data: Any) -> bool:
    return isinstance(data, dict) and all(
        data[name] in typing.get_args(kind)
        for name, kind in fields.items()
        if name in data and typing.get_origin(kind) is typing.Literal
    )


def _unknown(name: str, allowed: list[str]) -> str:
    if not allowed:
        return "there is no such field"
    close = get_close_matches(name.lower(), allowed, n=1, cutoff=0.5)
    guess = f"; did you mean {close[0]!r}?" if close else ""
    return (
        f"there is no such field{guess} Allowed: {', '.join(allowed)}"
        if guess
        else (f"there is no such field; allowed: {', '.join(allowed)}")
    )


def _close(found: Any, context: dict[str, Any]) -> str:
    allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
    close = get_close_matches(str(found).lower(), allowed, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _tag(error: ErrorDetails, found: str, context: dict[str, Any]) -> str:
    field = str(context.get("discriminator", "kind")).strip("'")
    if error["type"] == "union_tag_not_found":
        return f"found {found}, but it needs a field {field!r}"
    tag, allowed = context.get("tag", "?"), {"expected": context.get("expected_tags", "?")}
    return f"{field} is {tag!r}, allowed: {allowed['expected']}{_close(tag, allowed)}"


def _key_of(data: Any, part: int | str) -> Any:
    """The key of ``data`` that pydantic means by ``part``; None if there is none."""
    if isinstance(data, dict):
        if part in data:
            return part
        return next((key for key in data if str(key) == str(part)), None)
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return part
    return None


def _plain(kind: Any) -> Iterator[Any]:
    """A type's alternatives, without Annotated, unions and None."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        yield from _plain(typing.get_args(kind)[0])
    elif origin in (typing.Union, types.UnionType):
        for each in typing.get_args(kind):
            yield from _plain(each)
    elif isinstance(kind, typing.TypeAliasType if hasattr(typing, "TypeAliasType") else ()):
        yield from _plain(kind.__value__)
    elif kind is not type(None):
        yield kind


def _inside(kind: Any, part: Any) -> Iterator[Any]:
    """The types that may stand at ``part`` inside ``kind``."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (dict, typing.Mapping) and len(arguments) == 2:
        yield from _plain(arguments[1])
    elif origin in (list, tuple, set, frozenset) and arguments:
        yield from _plain(arguments[0])
    else:
        inner = _fields(kind).get(str(part))
        if inner is not None:
            yield from _plain(inner)


def _fields(kind: Any) -> dict[str, Any]:
    """Names, as written in a file, and types of a model's or dataclass's fields."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {
            str(each.validation_alias or each.alias or name): each.annotation
            for name, each in kind.model_fields.items()
        }
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind, include_extras=True)
        return {each.name: hints[each.name] for each in dataclasses.fields(kind) if each.init}
    return {}
