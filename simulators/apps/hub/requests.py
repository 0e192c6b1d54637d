"""Reading requests: who sent them, and bodies that must come to an end."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request

from simulators.apps.hub.office import Office
from simulators.apps.hub.sessions import Session
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import bearer, json_object

PATIENCE = 10.0  # wall seconds for a body of a few hundred bytes


def office(request: Request) -> Office:
    """The office that serves this request."""
    found: Office = request.app.state.office
    return found


def session(request: Request) -> Session:
    """Who sent this request.

    Raises:
        Refusal: 401 if nobody is signed in.
    """
    return office(request).session(bearer(request))


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
