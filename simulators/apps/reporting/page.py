"""What every page has: its language, its headers, the help line, and how it says no."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from simulators.apps.reporting.language import LANGUAGES, Language, Said, language_of, say
from simulators.apps.reporting.rendering import render
from simulators.apps.reporting.requests import office
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import refusal_headers

POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
CHOSEN = "language"  # the cookie that remembers a reader's choice
YEAR = 365 * 24 * 3600  # wall seconds
_OUR_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")


def language(request: Request) -> Language:
    """The language of whoever reads this page."""
    return language_of(request.cookies.get(CHOSEN), request.headers.get("accept-language", ""))


def page(
    request: Request,
    template: str,
    refusal: Refusal | None = None,
    *,
    back: str = "",
    speak: Language | None = None,
    **values: Any,
) -> Response:
    """A page, with the status and the headers of a refusal if it tells one.

    Args:
        back: Where the language switch leads back to, if not here.
        speak: The language, if it is not the reader's by cookie or browser.
    """
    here, speak = office(request), speak or language(request)
    headers = HEADERS | (refusal_headers(refusal) if refusal else {})
    headers[POLICY] = here.barriers.policy(headers[POLICY])
    lines = help_line(here.help_line)
    text = render(template, speak, back=back or _here(request), **lines, **values)
    status = refusal.status if refusal else 200
    return Response(here.barriers.page(text), status, headers, "text/html")


def help_line(shown: str) -> dict[str, str]:
    """The number for whoever is stuck, as it is read and as a phone dials it.

    Example:
        >>> help_line("515-555-0142")
        {'help_line': '515-555-0142', 'dial': '+15155550142'}
    """
    digits = re.sub(r"\D", "", shown)
    return {"help_line": shown, "dial": f"+1{digits}" if len(digits) == 10 else digits}


def told(refusal: Refusal, speak: Language) -> str:
    """Why something was turned down, in the reader's language."""
    if isinstance(refusal.message, Said):
        return speak.of(refusal.message)
    known = f"refused.{refusal.code}"
    return speak.of(say(known if known in speak.words else "refused.other"))


def refuse_on_page(request: Request, refusal: Refusal) -> Response:
    """A refusal as a person sees it; whoever is not signed in is asked to sign in."""
    if refusal.status == 401:
        return RedirectResponse(f"{start_of(request)}?again=1", 303)
    message = told(refusal, language(request))
    return page(request, "refused.html", refusal, back="/", message=message)


def start_of(request: Request) -> str:
    """Where somebody who has to sign in first does so."""
    return "/desk/sign-in" if request.url.path.startswith("/desk") else "/"


async def choose_language(request: Request) -> Response:
    """Remember a language on this phone, and go back to where it was chosen."""
    back, tag = request.query_params.get("back", "/"), request.path_params["tag"]
    answer = RedirectResponse(back if _OUR_PATH.fullmatch(back) else "/", 303)
    if tag in LANGUAGES:
        remember(answer, LANGUAGES[tag])
    return answer


def remember(answer: Response, chosen: Language) -> None:
    """Remember a language on this phone."""
    answer.set_cookie(CHOSEN, chosen.tag, max_age=YEAR, httponly=True, samesite="lax")


def _here(request: Request) -> str:
    query = request.url.query
    return quote(request.url.path) + (f"?{query}" if query else "")
