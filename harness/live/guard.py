"""What guards every page: headers, sizes, form tokens.

A form token is a keyed hash of whom the form was given to: nobody else's form is taken.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.live.hall import hall_of
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import require_size

SMALL = 32 * 1024  # bytes of a form
ROSTER = 4 * 1024 * 1024  # bytes of a list of volunteers
TOKEN = "form"  # noqa: S105 - the name of a field
_VISIT = "visit"

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_WITH_SCRIPTS = f"{_POLICY}; script-src 'self'; connect-src 'self'"
SCRIPTED = ("/board",)
"""Where pages may run our own scripts; everywhere else no script runs at all."""
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Headers:
    """Puts the guarding headers on every answer, whoever made it."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self._extra = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scripted = scope["path"].startswith(SCRIPTED)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _WITH_SCRIPTS if scripted else _POLICY
                headers.setdefault("Cache-Control", "no-store")
                headers.update({**_HEADERS, **self._extra})
            await send(message)

        await self.app(scope, receive, guarded)


# -- forms ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """What a page sent: texts, and files with their names, by the names of the boxes."""

    texts: dict[str, str]
    files: dict[str, tuple[str, bytes]]

    def text(self, name: str) -> str:
        """What was typed, without blanks at the ends; empty if there is no such box."""
        return self.texts.get(name, "").strip()


async def form(request: Request, about: str, limit: int = SMALL) -> Form:
    """The body as a form that we gave to whoever sends it.

    Args:
        about: Whom it was given to, as for :func:`form_token`.
        limit: Bytes of the whole.

    Raises:
        Refusal: 403 without the right token, 411 without a length, 413 if it is too long.
    """
    if "content-length" not in request.headers:
        raise Refusal(411, "no_length", "The form does not say how long it is.")
    require_size(request, limit)
    texts, files = {}, {}
    async with request.form(max_files=1, max_fields=60, max_part_size=limit) as given:
        for name, value in given.items():
            if isinstance(value, UploadFile):
                files[name] = (value.filename or "", await value.read())
            else:
                texts[name] = value
    if not hmac.compare_digest(form_token(request, about).encode(), texts.get(TOKEN, "").encode()):
        raise Refusal(403, "old_form", "This form is not from a page of yours that is still good.")
    return Form(texts, files)


def form_token(request: Request, about: str) -> str:
    """What a form carries that was given to somebody.

    Args:
        about: Whom: a session's digest, a volunteer's token, or :func:`visit`.
    """
    key = hall_of(request).key
    return hmac.new(key, about.encode(errors="replace"), hashlib.sha256).hexdigest()


# -- cookies ----------------------------------------------------------------------------------


def set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    """Set a cookie that no script and no other site gets to use."""
    secure = hall_of(request).settings.secure
    response.set_cookie(
        _cookie(name, secure), value, max_age=seconds, path="/", secure=secure,
        httponly=True, samesite="strict",
    )  # fmt: skip


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Have a cookie forgotten."""
    secure = hall_of(request).settings.secure
    response.delete_cookie(
        _cookie(name, secure), path="/", secure=secure, httponly=True, samesite="strict"
    )


def cookie(request: Request, name: str) -> str:
    """What a cookie of ours says; empty without it."""
    return request.cookies.get(_cookie(name, hall_of(request).settings.secure), "")


def _cookie(name: str, secure: bool) -> str:
    # With this prefix a browser takes the cookie from this very host alone, and over HTTPS alone.
    return f"__Host-{name}" if secure else f"drill-{name}"


def visit(request: Request) -> str:
    """Whom a form for somebody who is not signed in is given to; :func:`remember_visit` keeps it.

    One that is not there yet is drawn.
    """
    found: str = cookie(request, _VISIT) or getattr(request.state, "visit", "")
    if not found:
        found = request.state.visit = secrets.token_urlsafe(18)
    return found


def remember_visit(request: Request, response: Response) -> Response:
    """Send the cookie that goes with the forms of a page, if it is new."""
    if new := getattr(request.state, "visit", ""):
        set_cookie(request, response, _VISIT, new)
    return response


def prefetched(request: Request, robots: Iterable[str]) -> bool:
    """Whether nobody looks at the page that is asked for: a browser fetches ahead, or a
    messenger draws a preview of a link. The name that it goes by is looked at, and not kept.
    """
    purpose = request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
    agent = request.headers.get("user-agent", "").lower()
    return "prefetch" in purpose or any(each in agent for each in robots)
