"""Web pages for chairs and the back office: plain HTML that needs no JavaScript."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulators.apps.reporting import photos, results
from simulators.apps.reporting.directory import CODES
from simulators.apps.reporting.form import (
    FIELDS,
    PREFERENCES,
    SECTIONS,
    label,
    read_cells,
    read_typed,
    warnings,
)
from simulators.apps.reporting.photos import Photo
from simulators.apps.reporting.rendering import render
from simulators.apps.reporting.reports import Report
from simulators.apps.reporting.requests import COOKIE, Form, form, office, operation_key, session
from simulators.apps.reporting.sessions import Session
from simulators.apps.reporting.site import Site
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import refusal_headers

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
FOUND = 20  # sites that a search shows
_STYLE = (Path(__file__).parent / "templates" / "style.css").read_bytes()


# -- signing in and out -----------------------------------------------------------------------


async def sign_in(request: Request) -> Response:
    """The chairs' sign-in page, and what it sends."""
    return await _sign_in(request, "sign_in.html", CODES)


async def desk_sign_in(request: Request) -> Response:
    """The back office's sign-in page, and what it sends."""
    return await _sign_in(request, "desk_sign_in.html", ("user", "password"))


async def _sign_in(request: Request, template: str, names: tuple[str, ...]) -> Response:
    if request.method == "GET":
        message = AGAIN if "again" in request.query_params else ""
        return _page(template, typed=dict.fromkeys(names, ""), message=message)
    given = await form(request)
    typed = {name: given.text(name) for name in names}
    try:
        if not all(typed.values()):
            raise Refusal(422, "invalid", "Fill in every box.")
        login, *secret = typed.values()
        who, proof = await office(request).sign_in(login, tuple(secret))
    except Refusal as refusal:
        return _page(template, refusal, typed=typed, message=refusal.message)
    answer = RedirectResponse(_home(who), 303)
    lifetime = who.expires - office(request).clock.now()
    answer.set_cookie(COOKIE, proof, max_age=int(lifetime) + 1, httponly=True, samesite="strict")
    return answer


async def sign_out(request: Request) -> Response:
    """Forget the session on this phone."""
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer


# -- the report -------------------------------------------------------------------------------


async def report_form(request: Request) -> Response:
    """The form, with the numbers of the report that counts, if there is one."""
    who, site = session(request), _site(request)
    found = await office(request).current(who, site.record)
    cells = dict(zip(FIELDS, found.cells, strict=True)) if found else {}
    return _form(request, who, site, _fresh(found), cells)


async def send_report(request: Request) -> Response:
    """Take a filled-in form: back to it if something is wrong, else on to the confirmation."""
    who, site = session(request), _site(request)
    here, given = office(request), await form(request)
    _require_stamp(request, who, given)
    hidden = {"operation": operation_key(request, given.text("operation"))}
    hidden["version"] = given.text("version")
    typed = read_typed(given.texts)
    try:
        cells = read_cells(typed)
        odd = warnings(cells, site.delegates)
        if odd and given.text("confirmed") != "yes":
            return _form(request, who, site, hidden, typed, odd=odd)
        version = int(hidden["version"]) if hidden["version"].isdecimal() else 1
        await here.submit(
            who,
            Report(
                site.record,
                version,
                hidden["operation"],
                cells,
                who.key,
                who.role,
                here.clock.now(),
            ),
        )
    except Refusal as refusal:
        if refusal.code == "operation_reused":
            hidden = _fresh(await here.current(who, site.record))
        elif refusal.code != "invalid":
            raise
        return _form(request, who, site, hidden, typed, refusal=refusal)
    return RedirectResponse(f"/report/{site.record}/sent", 303)


async def sent(request: Request) -> Response:
    """What the party now holds for this precinct, read back from the database."""
    who, site = session(request), _site(request)
    found = await office(request).current(who, site.record)
    return _sent(request, who, site, found)


async def send_photo(request: Request) -> Response:
    """Take a photo of the worksheet."""
    who, site = session(request), _site(request)
    here = office(request)
    here.require_access(who, site.record)
    given = await form(request, photos.LARGEST + 64 * 1024)
    _require_stamp(request, who, given)
    image = given.files.get("photo", b"")
    found = await here.current(who, site.record)
    try:
        photos.kind(image)
        key = operation_key(request, given.text("operation"))
        await here.keep_photo(who, Photo(site.record, key, who.key, image, here.clock.now()))
    except Refusal as refusal:
        if refusal.status not in (413, 422):
            raise
        return _sent(request, who, site, found, refusal=refusal)
    return _sent(request, who, site, found, photo_kept=True)


# -- the back office --------------------------------------------------------------------------


async def desk(request: Request) -> Response:
    """Find a site to key a report for; see how many are in."""
    who, here = session(request), office(request)
    here.require_operator(who)
    wanted = request.query_params.get("q", "").strip()
    words = wanted.casefold().split()
    found = [
        site
        for site in here.directory.sites.values()
        if words and all(word in _searched(site) for word in words)
    ]
    return _page(
        "desk.html",
        stamp=here.sessions.stamp(who),
        wanted=wanted,
        found=found[:FOUND],
        more=len(found) - FOUND,
        reported=here.board.reported,
        sites=here.board.sites,
        has_report=here.board.has,
    )


# -- what pages are made of -------------------------------------------------------------------


def refuse_on_page(request: Request, refusal: Refusal) -> Response:
    """A refusal as a person sees it; whoever is not signed in is asked to sign in."""
    if refusal.status == 401:
        start = "/desk/sign-in" if request.url.path.startswith("/desk") else "/"
        return RedirectResponse(f"{start}?again=1", 303)
    return _page("refused.html", refusal, message=refusal.message)


def _form(
    request: Request,
    who: Session,
    site: Site,
    hidden: Mapping[str, str],
    cells: Mapping[str, object],
    *,
    odd: list[str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """The form with its boxes filled; with what is wrong, or what looks odd, on top."""
    faults = refusal.fields if refusal else {}

    def box(name: str, shown: str) -> dict[str, object]:
        return {
            "name": name,
            "label": shown,
            "full_label": label(name),
            "value": cells.get(name) or "",
            "fault": faults.get(name, ""),
        }

    sections = [
        {"title": title, "boxes": [box(f"{part}_{each}", each.title()) for each in PREFERENCES]}
        for part, title in SECTIONS.items()
        if part != "delegates" or site.delegates
    ]
    return _page(
        "report.html",
        refusal,
        site=site,
        hidden={**hidden, "stamp": office(request).sessions.stamp(who)},
        attendance=box("attendance", label("attendance")),
        sections=sections,
        labels={name: label(name) for name in faults if name in FIELDS},
        faults=faults,
        message=refusal.message if refusal else "",
        odd=odd or [],
        operator=who.is_operator,
    )


def _sent(
    request: Request,
    who: Session,
    site: Site,
    found: Report | None,
    *,
    refusal: Refusal | None = None,
    photo_kept: bool = False,
) -> Response:
    cells = dict(zip(FIELDS, found.cells, strict=True)) if found else {}
    rows = [
        {"name": each.title(), "cells": [cells[f"{part}_{each}"] for part in SECTIONS]}
        for each in PREFERENCES
        if found and any(cells[f"{part}_{each}"] for part in SECTIONS)
    ]
    return _page(
        "sent.html",
        refusal,
        site=site,
        found=found,
        attendance=cells.get("attendance", 0),
        rows=rows,
        columns=["First", "Final", "Delegates"],
        stamp=office(request).sessions.stamp(who),
        photo_key=_new_key(),
        photo_kept=photo_kept,
        message=refusal.message if refusal else "",
        operator=who.is_operator,
    )


def _page(template: str, refusal: Refusal | None = None, **values: Any) -> Response:
    headers = dict(HEADERS)
    if refusal:
        headers |= refusal_headers(refusal)
    status = refusal.status if refusal else 200
    return Response(render(template, **values), status, headers, "text/html")


def _site(request: Request) -> Site:
    """The site in the address, if this person may see it."""
    here, record = office(request), str(request.path_params["precinct"])
    here.require_access(session(request), record)
    return here.directory.site(record)


def _fresh(found: Report | None) -> dict[str, str]:
    """Hidden fields of a form that has not been sent: its operation key and version."""
    return {"operation": _new_key(), "version": str(found.version + 1 if found else 1)}


def _new_key() -> str:
    return f"web-{secrets.token_hex(12)}"


def _home(who: Session) -> str:
    return "/desk" if who.is_operator else f"/report/{who.record}"


def _require_stamp(request: Request, who: Session, given: Form) -> None:
    wanted = office(request).sessions.stamp(who)
    if not hmac.compare_digest(wanted.encode(), given.text("stamp").encode()):
        raise Refusal(403, "wrong_stamp", "This form is out of date. Go back, reload, send again.")


def _searched(site: Site) -> str:
    return f"{site.record} {site.name} {site.county}".casefold()


async def style(_request: Request) -> Response:
    """How the pages look."""
    return Response(_STYLE, 200, {"Cache-Control": "max-age=300"}, "text/css")


AGAIN = "Please sign in. If you were signed in before, your time ran out."
ROUTES = [
    Route("/", sign_in, methods=["GET", "POST"]),
    Route("/results", results.as_page),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/report/{precinct}", report_form),
    Route("/report/{precinct}", send_report, methods=["POST"]),
    Route("/report/{precinct}/sent", sent),
    Route("/report/{precinct}/photo", send_photo, methods=["POST"]),
    Route("/desk", desk),
    Route("/desk/sign-in", desk_sign_in, methods=["GET", "POST"]),
    Route("/style.css", style),
]
