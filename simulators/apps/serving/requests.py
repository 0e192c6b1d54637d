"""Requests that every practice app reads alike: tokens, bodies with a limit, pages; and answers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.serving.refusal import Refusal

SMALL = 64 * 1024  # bytes
PAGES = 10_000_000
LARGEST_PAGE = 500  # rows


class Json(Response):
    """An answer in JSON, written by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Bytes of the body."""
        return orjson.dumps(content)


def bearer(request: Request) -> str:
    """The bearer token, empty without one."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


async def body(request: Request, limit: int = SMALL) -> bytes:
    """The whole body.

    Raises:
        Refusal: 413 if it has more bytes than ``limit``.
    """
    require_size(request, limit)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return b"".join(parts)


async def json_object(request: Request, limit: int = SMALL) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        Refusal: 400 if it is none, 413 if it is too large.
    """
    try:
        found = orjson.loads(await body(request, limit))
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "not_json", f"The body is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Refusal(400, "not_json", "The body must be a JSON object.")
    return found


async def files(request: Request, names: Iterable[str], limit: int) -> dict[str, str]:
    """Files of a multipart form as text; a file that is not there is empty.

    Raises:
        Refusal: 411 if the form does not say how long it is, 413 if it is too long.
    """
    if "content-length" not in request.headers:
        raise Refusal(411, "length_required", "Say how long the form is: Content-Length.")
    require_size(request, limit)
    found = dict.fromkeys(names, "")
    async with request.form(max_files=8, max_fields=8, max_part_size=limit) as given:
        for name, value in given.items():
            if name in found and isinstance(value, UploadFile):
                found[name] = (await value.read()).decode("utf-8-sig", "replace")
    return found


def require_size(request: Request, limit: int) -> None:
    """Turn a large request down before reading it.

    Raises:
        Refusal: 413.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)


def whole_number(request: Request, name: str, default: int, largest: int) -> int:
    """A number from the query, from 1 to ``largest``.

    Raises:
        Refusal: 422 if it is none.
    """
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= largest):
        message = f"{name} must be a whole number from 1 to {largest}."
        raise Refusal(422, "invalid", message, fields={name: message})
    return int(text)


def page_asked(request: Request, size: int = LARGEST_PAGE) -> tuple[int, int]:
    """Number, from 1, and size of the page that a request asks for.

    Args:
        size: Rows of a page, if it does not say.

    Raises:
        Refusal: 422 if either is no number, or too large a one.
    """
    number = whole_number(request, "page", 1, PAGES)
    return number, whole_number(request, "per_page", size, LARGEST_PAGE)


def page_told(
    name: str, rows: list[dict[str, Any]], asked: tuple[int, int], total: int
) -> dict[str, Any]:
    """A page as the APIs tell it: its rows under their name, and how many there are in all."""
    number, size = asked
    pages = -(-total // size)
    return {"page": number, "per_page": size, "pages": pages, "total": total, name: rows}


def refusal_headers(refusal: Refusal) -> dict[str, str]:
    """Headers that go with a refusal: when to come back, how to sign in."""
    headers = {}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(refusal.retry_after))
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def refuse_in_json(_request: Request, error: Exception) -> Response:
    """A refusal as the API tells it."""
    assert isinstance(error, Refusal)
    answer: dict[str, Any] = {"error": error.code, "message": error.message}
    if error.fields:
        answer["fields"] = error.fields
    if error.retry_after is not None:
        answer["retry_after_seconds"] = round(error.retry_after, 3)
    return Json(answer, error.status, refusal_headers(error))


def _too_large(limit: int) -> Refusal:
    return Refusal(413, "too_large", f"The request has more than {limit // 1024} KB.")
