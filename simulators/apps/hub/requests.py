"""Reading requests: tokens, keys, bodies that must come to an end, files of a form."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from simulators.apps.hub.office import Office
from simulators.apps.hub.sessions import Session
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import json_object, require_size

PATIENCE = 10.0  # wall seconds for a body of a few hundred bytes


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


async def small_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object, from a sender who comes to an end.

    Raises:
        Refusal: 400 if it is none, 408 if it takes too long, 413 if it is too large.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await json_object(request)
    except TimeoutError:
        raise Refusal(408, "too_slow", "The request did not come to an end.") from None


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
