"""Reading requests: who sent them, and the parameters of forms."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from simulators.apps.serving.requests import bearer, body
from simulators.apps.strikes.office import Office
from simulators.apps.strikes.sessions import Session


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


async def pairs(request: Request) -> list[tuple[str, str]]:
    """The parameters of a posted form, in the order they came.

    Raises:
        Refusal: 413 if it is too large.
    """
    text = (await body(request)).decode("utf-8", "replace")
    return parse_qsl(text, keep_blank_values=True, errors="replace")
