"""Reading requests: bodies with a limit, tokens, and answers in JSON."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import body, require_size
from simulators.apps.strikes.office import Office
from simulators.apps.strikes.sessions import Session


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
    require_size(request, limit)
    found = dict.fromkeys(names, "")
    async with request.form(max_files=8, max_fields=8, max_part_size=limit) as given:
        for name, value in given.items():
            if name in found and isinstance(value, UploadFile):
                found[name] = (await value.read()).decode("utf-8-sig", "replace")
    return found
