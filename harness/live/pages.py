"""What all pages of a live drill have alike: templates, language, how they say no."""

from __future__ import annotations

import hashlib
import math
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from harness.live.guard import cookie, form_token, remember_visit, set_cookie, visit
from harness.live.hall import hall_of
from harness.live.language import ENGLISH, LANGUAGES, Language, language_of
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import refusal_headers

STYLE = files(__package__).joinpath("templates", "live.css").read_bytes()
_LANGUAGE = "language"
_environment = Environment(
    loader=PackageLoader("harness.live", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    request: Request,
    template: str,
    *,
    about: str = "",
    roster: str = "",
    status: int = 200,
    back: str = "",
    **values: Any,
) -> Response:
    """One page.

    Args:
        about: Whom its forms are given to; this browser, if nobody is named.
        roster: The language that the organizer's list says somebody speaks.
        back: Where switching languages leads; this page, if nothing is said.
        values: What the template needs; one that it does not get is an error.
    """
    hall, owner = hall_of(request), about or visit(request)
    language = speaks(request, about, roster)
    offered = [LANGUAGES[tag] for tag in hall.settings.languages if tag in LANGUAGES]
    text = _environment.get_template(template).render(
        values,
        t=language,
        language=language,
        languages=[each for each in offered if each != language],
        handout=hall.settings.handout,
        form_token=form_token(request, owner),
        language_token=form_token(request, visit(request)),
        back=back or request.url.path,
    )
    return remember_visit(request, HTMLResponse(text, status))


def speaks(request: Request, about: str = "", roster: str = "") -> Language:
    """The language of a page; what was chosen counts for whoever chose it alone, since phones
    are shared.
    """
    tag, _, whose = cookie(request, _LANGUAGE).partition(".")
    chosen = tag if whose in ("", _mark(about)) else ""
    header = request.headers.get("accept-language", "")
    return language_of([chosen, roster], header, hall_of(request).settings.languages)


def choose_language(request: Request, response: Response, tag: str, about: str = "") -> None:
    """Remember a language for somebody, or for whoever is not known."""
    whose = f".{_mark(about)}" if about else ""
    set_cookie(request, response, _LANGUAGE, tag + whose, 90 * 24 * 3600)


def _mark(about: str) -> str:
    return hashlib.sha256(about.encode(errors="replace")).hexdigest()[:8]


def to(path: str) -> Response:
    """See another page, by GET."""
    return RedirectResponse(path, 303)


def refuse_on_page(request: Request, error: Exception) -> Response:
    """A refusal as people are told it."""
    assert isinstance(error, Refusal)
    if error.code == "sign_in_first" and request.method == "GET":
        return to("/organize/sign-in")
    key = f"refused.{error.code}"
    seconds = math.ceil(error.retry_after or 0)
    home = "/organize" if request.url.path.startswith("/organize") else "/"
    answer = page(
        request, "refused.html.j2", status=error.status, back=home,
        home=home, key=key if ENGLISH.has(key) else "refused.invalid", seconds=seconds,
    )  # fmt: skip
    answer.headers.update(refusal_headers(error))
    return answer
