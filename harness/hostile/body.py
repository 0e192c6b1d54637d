"""A request with another body than its sender meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson

from harness.target.wire import Request

_TYPE = re.compile(rb"(?im)^content-type:[^\r\n]*\r\n")


def kind_of(request: Request) -> str:
    """The media type that a request says its body has."""
    found = _TYPE.search(request.head)
    return "" if found is None else found[0].partition(b":")[2].strip().decode("latin-1")


def with_body(request: Request, body: bytes, kind: str | None = None) -> Request:
    """The request with another body, and another media type if one is named."""
    head = request.head
    if kind is not None:
        head = _TYPE.sub(b"", head) + f"Content-Type: {kind}\r\n".encode()
    return replace(request, head=head, body=body)


def with_fields(request: Request, fields: Mapping[str, Any], within: str = "") -> Request | None:
    """The request with further fields in its JSON object, or in its form; None if it has neither.

    Args:
        within: Name of an object of the body that they are put in.
    """
    if "x-www-form-urlencoded" in kind_of(request):
        more = urlencode({name: _as_typed(value) for name, value in fields.items()}).encode()
        return with_body(request, request.body + b"&" + more)
    try:
        data = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return None
    place = data.get(within) if within and isinstance(data, dict) else data
    if not isinstance(place, dict):
        return None
    place.update(fields)
    return with_body(request, orjson.dumps(data))


def _as_typed(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
