"""Reading requests: bodies with a limit, tokens, and answers in JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.strikes.office import Office
from simulators.apps.strikes.refusal import Refusal
from simulators.apps.strikes.sessions import Session

SMALL = 64 * 1024  # bytes


class Json(Response):
    """An answer in JSON, written by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Bytes of the body."""
        return orjson.dumps(content)


def office(request: Request) -> Office:
    """The office that serves this request."""
    found: Office = request.app.state.office
    return found


def token(request: Request) -> str:
    """The bearer token, empty without one."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def session(request: Request) -> Session:
    """Who sent this request.

    Raises:
        Refusal: 401 if nobody is signed in.
    """
    return office(request).session(token(request))


async def body(request: Request, limit: int = SMALL) -> bytes:
    """The whole body.

    Raises:
        Refusal: 413 if it has more bytes than ``limit``.
    """
    _require_size(request, limit)
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


async def pairs(request: Request) -> list[tuple[str, str]]:
    """The parameters of a posted form, in the order they came.

    Raises:
        Refusal: 413 if it is too large.
    """
    text = (await body(request)).decode("utf-8", "replace")
    return parse_qsl(text, keep_blank_values=True, errors="replace")


async def files(request: Request, names: Iterable[str], limit: int) -> dict[str, str]:
    """Files of a multipart form as text; a file that is not there is empty.

    Raises:
        Refusal: 411 if the form does not say how long it is, 413 if it is too long.
    """
    if "content-length" not in request.headers:
        raise Refusal(411, "length_required", "Say how long the form is: Content-Length.")
    _require_size(request, limit)
    found = dict.fromkeys(names, "")
    async with request.form(max_files=8, max_fields=8, max_part_size=limit) as given:
        for name, value in given.items():
            if name in found and isinstance(value, UploadFile):
                found[name] = (await value.read()).decode("utf-8-sig", "replace")
    return found


def whole_number(request: Request, name: str, default: int, largest: int) -> int:
    """A number from the query, from 1 to ``largest``.

    Raises:
        Refusal: 422 if it is none.
    """
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= largest):
        message = f"{name} must be a whole number from 1 to {largest}."
        raise Refusal(422, "invalid", message)
    return int(text)


def refuse(_request: Request, error: Exception) -> Response:
    """A refusal as the API tells it."""
    assert isinstance(error, Refusal)
    answer: dict[str, Any] = {"error": error.code, "message": error.message}
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if error.retry_after is not None:
        answer["retry_after_seconds"] = round(error.retry_after, 3)
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    return Json(answer, error.status, headers)


def _require_size(request: Request, limit: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> Refusal:
    return Refusal(413, "too_large", f"The request has more than {limit // 1024} KB.")
