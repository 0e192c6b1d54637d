"""Reading requests: bodies with a limit, tokens, operation keys, and answers in JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.reporting.office import Office
from simulators.apps.reporting.refusal import Refusal
from simulators.apps.reporting.sessions import Session

COOKIE = "session"
SMALL = 64 * 1024  # bytes
KEY_LENGTH = 120  # characters of an operation key


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


def token(request: Request) -> str | None:
    """The bearer token, else the session cookie."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE)


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


@dataclass(frozen=True)
class Form:
    """What a page sent: texts, and files as bytes, by the names of the boxes."""

    texts: dict[str, str]
    files: dict[str, bytes]

    def text(self, name: str) -> str:
        """What was typed, without blanks at the ends; empty if there is no such box."""
        return self.texts.get(name, "").strip()


async def form(request: Request, limit: int = SMALL) -> Form:
    """The body as a form; ``limit`` is for the whole of it.

    Raises:
        Refusal: 411 if it does not say how long it is, 413 if it is too long.
    """
    if "content-length" not in request.headers:
        raise Refusal(411, "length_required", "Say how long the form is: Content-Length.")
    require_size(request, limit)
    texts, files = {}, {}
    async with request.form(max_files=4, max_fields=100, max_part_size=limit) as given:
        for name, value in given.items():
            if isinstance(value, UploadFile):
                files[name] = await value.read()
            else:
                texts[name] = value
    return Form(texts, files)


def require_size(request: Request, limit: int) -> None:
    """Turn a large request down before reading it.

    Raises:
        Refusal: 413.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)


def operation_key(request: Request, given: object) -> str:
    """The operation key, from the ``Idempotency-Key`` header or from the body.

    Raises:
        Refusal: 422 if there is none, or two that differ.
    """
    header = request.headers.get("idempotency-key", "")
    key = header or (given if isinstance(given, str) else "")
    fault = ""
    if not key:
        fault = "Send a key of your own in the Idempotency-Key header; the same one on a retry."
    elif given not in (None, key):
        fault = "The Idempotency-Key header and the body have different keys."
    elif len(key) > KEY_LENGTH or not key.isprintable():
        fault = f"A key has at most {KEY_LENGTH} printable characters."
    if fault:
        raise Refusal(422, "invalid", fault, fields={"operation": fault})
    return key


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
