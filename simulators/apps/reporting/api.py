"""The API that apps, hotline tools and the party's warehouse speak. All answers are JSON."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.apps.reporting import photos, results
from simulators.apps.reporting.directory import CODES, read_csv
from simulators.apps.reporting.export import export
from simulators.apps.reporting.form import FIELDS, read_cells, warnings
from simulators.apps.reporting.office import Office
from simulators.apps.reporting.photos import Photo
from simulators.apps.reporting.reports import Report
from simulators.apps.reporting.requests import (
    COOKIE,
    DEVICE,
    form,
    office,
    operation_key,
    remembered,
    session,
    submitted,
    token,
    upload_limit,
)
from simulators.apps.reporting.sessions import AT_LEAST, LIFETIME
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import Json, body, json_object, whole_number

ROSTER_LIMIT = 32 * 1024 * 1024  # bytes
VERSIONS = 10_000


async def health(request: Request) -> Response:
    """Whether the app and its database are up, which build it is, and that it is for practice."""
    well = await office(request).has_database()
    said = {
        "status": "ok" if well else "ill",
        "database": "ok" if well else "away",
        "app": "reporting",
        "build": request.app.state.build,
        "environment": "practice",
    }
    return Json(said, 200 if well else 503)


async def load_roster(request: Request) -> Response:
    """Load people and precincts: JSON, or two CSV files in one form."""
    office(request).door.require_admin(token(request))
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        given = await form(request, ROSTER_LIMIT)
        data: dict[str, Any] = {
            name: read_csv(given.files.get(name, b"").decode("utf-8-sig", "replace"))
            for name in ("people", "precincts")
        }
    else:
        data = await json_object(request, ROSTER_LIMIT)
    return Json(await office(request).load_roster(data))


async def count_roster(request: Request) -> Response:
    """How many people and precincts are loaded."""
    office(request).door.require_admin(token(request))
    return Json(office(request).counts())


async def sign_in(request: Request) -> Response:
    """Three codes, or an operator's user name and password, for a token."""
    data, here, login = await json_object(request), office(request), ""
    if "one_time" in data:
        found, proof = here.door.sign_in_once(str(data["one_time"]))
    else:
        if "user" in data:
            login, *secret = str(data["user"]), str(data.get("password", ""))
        else:
            login, *secret = (str(data.get(name, "")) for name in CODES)
        found, proof = await here.door.sign_in(
            login,
            tuple(secret),
            lifetime=_lifetime(data.get("minutes"), here.clock.speed),
            device=request.cookies.get(DEVICE),
        )
    lifetime = found.expires - here.clock.now()
    answer = Json(
        {
            "token": proof,
            "role": found.role,
            "precinct": found.record,
            "expires_in_seconds": round(lifetime, 3),
        }
    )
    return remembered(request, answer, proof, int(lifetime) + 1, login)


async def sign_out(request: Request) -> Response:
    """End the session: its token opens nothing any more."""
    await office(request).sign_out(session(request))
    answer = Json({"status": "signed_out"})
    answer.delete_cookie(COOKIE)
    return answer


async def one_time_code(request: Request) -> Response:
    """A code that signs in somebody who has lost theirs, once; for the back office to read out."""
    who, here = session(request), office(request)
    here.require_operator(who)
    data = await json_object(request)
    return Json({"code": here.door.one_time_code(str(data.get("account", "")))}, 201)


async def submit(request: Request) -> Response:
    """A precinct's report, first or corrected: 201 if it is new, 200 if we have it already."""
    who = session(request)
    data = await submitted(request)
    sent = Report(
        record=str(request.path_params.get("precinct") or data.get("precinct", "")),
        version=_version(data.get("version", 1)),
        operation=operation_key(request, data.get("operation")),
        cells=read_cells(data.get("cells")),
        author=who.key,
        role=who.role,
        received=office(request).clock.now(),
    )
    accepted = await office(request).submit(who, sent)
    if office(request).switches.mass_assignment and data.get("verified") is True:
        await office(request).mark_verified(accepted.report, who.key)
    row = report_row(office(request), accepted.report)
    site = office(request).directory.site(sent.record)
    row["status"] = "accepted" if accepted.new else "already_have_it"
    row["warnings"] = warnings(sent.cells, site.delegates)
    return Json(row, 201 if accepted.new else 200)


async def read_report(request: Request) -> Response:
    """The report that counts for one precinct, for its chair and for operators."""
    record = request.path_params["precinct"]
    found = await office(request).current(session(request), record)
    if found is None:
        raise Refusal(404, "no_report", f"{record} has not reported yet.")
    return Json(report_row(office(request), found))


async def read_receipt(request: Request) -> Response:
    """The report of the number on somebody's receipt, for who sent it and for operators."""
    here, number = office(request), str(request.path_params["number"])
    who = None if here.switches.id_enumeration else session(request)
    known = number.startswith("r") and number[1:].isdecimal() and len(number) < 12
    found = await here.receipt(who, int(number[1:])) if known else None
    if found is None:
        raise Refusal(404, "no_receipt", "You have no receipt of this number.")
    return Json(report_row(here, found))


async def verify(request: Request) -> Response:
    """The back office has held a precinct's report against its signed worksheet."""
    record = request.path_params["precinct"]
    found = await office(request).verify(session(request), record)
    if found is None:
        raise Refusal(404, "no_report", f"{record} has not reported yet.")
    return Json(report_row(office(request), found))


async def read_history(request: Request) -> Response:
    """Every version accepted for one precinct, oldest first."""
    found = await office(request).history(session(request), request.path_params["precinct"])
    return Json({"versions": [report_row(office(request), each) for each in found]})


async def read_reports(request: Request) -> Response:
    """All reports that count, in pages, for operators."""
    number = whole_number(request, "page", 1, 1_000_000)
    size = whole_number(request, "per_page", 100, 500)
    found, total = await office(request).page(session(request), number, size)
    return Json(
        {
            "page": number,
            "per_page": size,
            "pages": -(-total // size),
            "total": total,
            "reports": [report_row(office(request), each) for each in found],
        }
    )


async def send_photo(request: Request) -> Response:
    """A photo of the worksheet: a form with a file ``photo``, or the picture as the body."""
    who, record = session(request), request.path_params["precinct"]
    office(request).require_access(who, record)
    limit = upload_limit(request)
    given: object = None
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        parts = await form(request, limit)
        image, given = parts.files.get("photo", b""), parts.texts.get("operation")
    else:
        image = await body(request, limit)
    key = operation_key(request, given)
    photos.kind(image)
    photo = Photo(record, key, who.key, image, office(request).clock.now())
    number, new = await office(request).keep_photo(who, photo)
    answer = {"id": f"p{number}", "status": "accepted" if new else "already_have_it"}
    return Json(answer, 201 if new else 200)


def report_row(here: Office, report: Report) -> dict[str, Any]:
    """A report as the API tells it."""
    return {
        "id": f"r{report.id}",
        "precinct": report.record,
        "version": report.version,
        "operation": report.operation,
        "cells": dict(zip(FIELDS, report.cells, strict=True)),
        "derived": here.derived(report).as_row(),
        "author": report.author,
        "received": report.received,
        "verified": report.id in here.verified,
    }


def _lifetime(minutes: object, speed: float) -> float:
    """Drill seconds of a session: the usual ones, or fewer for a phone that is not one's own."""
    if minutes is None:
        return LIFETIME
    most = int(LIFETIME // 60)
    if isinstance(minutes, int) and 1 <= minutes <= most:
        return max(minutes * 60.0, AT_LEAST * speed)
    message = f"minutes must be a whole number from 1 to {most}."
    raise Refusal(422, "invalid", message, fields={"minutes": message})


def _version(given: object) -> int:
    if isinstance(given, int) and 1 <= given <= VERSIONS:
        return given
    message = f"version must be a whole number from 1 to {VERSIONS}."
    raise Refusal(422, "invalid", message, fields={"version": message})


ROUTES = [
    Route("/api/results", results.as_json),
    Route("/api/reports", submit, methods=["POST"]),
    Route("/api/sign-in", sign_in, methods=["POST"]),
    Route("/api/sign-out", sign_out, methods=["POST"]),
    Route("/api/receipts/{number}", read_receipt),
    Route("/api/reports", read_reports),
    Route("/api/reports/{precinct}", submit, methods=["PUT"]),
    Route("/api/reports/{precinct}", read_report),
    Route("/api/reports/{precinct}/history", read_history),
    Route("/api/reports/{precinct}/photo", send_photo, methods=["POST"]),
    Route("/api/reports/{precinct}/verify", verify, methods=["POST"]),
    Route("/api/export", export),
    Route("/admin/one-time-codes", one_time_code, methods=["POST"]),
    Route("/admin/roster", load_roster, methods=["POST"]),
    Route("/admin/roster", count_roster),
    Route("/health", health),
]
