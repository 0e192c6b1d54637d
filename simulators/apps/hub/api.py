"""The API that canvassers', callers' and sign-up pages' tools speak. All answers are JSON."""

from __future__ import annotations

import contextlib
import re
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.apps.hub import contacts, directory
from simulators.apps.hub.contact import FIELDS, RECORD, Contact, read_contact
from simulators.apps.hub.merging import View
from simulators.apps.hub.office import Office
from simulators.apps.hub.peer import CHANGED
from simulators.apps.hub.requests import office, session, small_object
from simulators.apps.hub.sessions import Session
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import Json, bearer, page_asked, page_told
from simulators.apps.serving.roster import posted_roster

ROSTER_LIMIT = 64 * 1024 * 1024  # bytes
ROSTER_FILES = ("people", "voters")
WEB = "web"  # the source of those who sign up themselves

_ID = re.compile(r"c(?P<number>[0-9]{1,9})", re.ASCII)


async def health(request: Request) -> Response:
    """How the app and everything it leans on is; 503 where it cannot take contacts."""
    found = office(request).health()
    state = request.app.state
    answer = found | {"app": "hub", "build": state.build, "environment": "practice"}
    answer["region"] = office(request).settings.region
    return Json(answer, 503 if found.get("database") == "away" else 200)


async def load_roster(request: Request) -> Response:
    """Load accounts and voters: JSON, or CSV files in one form."""
    here = office(request)
    here.require_admin(bearer(request))
    return Json(await here.load_roster(await posted_roster(request, ROSTER_FILES, ROSTER_LIMIT)))


async def count_roster(request: Request) -> Response:
    """How many accounts are loaded."""
    office(request).require_admin(bearer(request))
    return Json(await office(request).read(directory.count))


async def sign_in(request: Request) -> Response:
    """User name and password for a token."""
    here = office(request)
    data = await small_object(request)
    found, proof = await here.sign_in(str(data.get("user", "")), str(data.get("password", "")))
    lifetime = found.expires - here.clock.now()
    answer = {"token": proof, "role": found.role, "state": found.state}
    return Json(answer | {"expires_in_seconds": round(lifetime, 3)})


async def sign_out(request: Request) -> Response:
    """End the session."""
    await office(request).sign_out(bearer(request))
    return Json({"status": "signed_out"})


async def submit(request: Request) -> Response:
    """A contact, first or corrected: 201 if it is new, 200 if we have it already."""
    who = session(request)
    async with _counter(office(request)):
        return await _take(request, who)


async def sign_up(request: Request) -> Response:
    """The same from the web, where people speak for themselves and nobody signs in."""
    return await _take(request, None)


async def _take(request: Request, who: Session | None) -> Response:
    here = office(request)
    data = await small_object(request)
    sent = read_contact(
        data,
        record=str(request.path_params.get("record") or data.get("record", "")),
        operation=request.headers.get("idempotency-key") or str(data.get("operation") or ""),
        author="" if who is None else who.key,
        received=here.clock.now(),
        cut_names=here.switches.truncated_names,
        believe=here.switches.mass_assignment,
    )
    if who is not None:
        here.require_source(who, sent)
    elif sent.source != WEB:
        raise Refusal(403, "not_your_source", "Who signs up brings contacts of the web only.")
    accepted = await here.submit(sent)
    row = contact_row(accepted.contact)
    row["status"] = "accepted" if accepted.new else "already_have_it"
    return Json(row, 201 if accepted.new else 200)


def _counter(here: Office) -> contextlib.AbstractAsyncContextManager[object]:
    """Where a contact is handed in or out: there is room for everybody, but with pool_exhausted."""
    return here.intake.counters if here.switches.pool_exhausted else contextlib.nullcontext()


async def read_contact_of(request: Request) -> Response:
    """One contact, by its record or its id, for whoever works for its state."""
    here, which = office(request), request.path_params["which"]
    numbered = _ID.fullmatch(which)
    if numbered is None:
        who, named = session(request), RECORD.fullmatch(which)
        if named is None:
            raise Refusal(404, "no_contact", f"{which!r} is no record and no id.")
        here.require_state(who, named["state"])
        async with _counter(here):
            return _one(await here.contact(which), which)
    number = int(numbered["number"])
    if here.switches.id_enumeration:
        return _one(await here.read(lambda each: contacts.numbered(each, number)), which)
    who = session(request)
    found = await here.read(lambda each: contacts.numbered(each, number))
    if who.state and (found is None or found.author != who.key):
        # Numbers run through all states: to others, whether one is in use is nobody's business.
        raise Refusal(403, "not_yours", "By its id you may see what you have sent yourself.")
    return _one(found, which)


def _one(found: Contact | None, which: str) -> Response:
    if found is None:
        raise Refusal(404, "no_contact", f"Nobody has sent {which} yet.")
    return Json(contact_row(found))


async def read_contacts(request: Request) -> Response:
    """All contacts that count, in pages, for the admin."""
    here = office(request)
    here.require_admin(bearer(request))
    asked = page_asked(request)
    found, total = await here.read(lambda each: contacts.page(each, *asked))
    return Json(page_told("contacts", [contact_row(each) for each in found], asked, total))


async def read_person(request: Request) -> Response:
    """The merged view of one person, for whoever works for the state."""
    key = request.path_params["person"]
    found = await office(request).person(session(request), key)
    if found is None:
        raise Refusal(404, "no_person", f"Nobody has said anything of {key} yet.")
    return Json(_person_row(found))


async def read_people(request: Request) -> Response:
    """Everybody, in pages, for the admin."""
    here = office(request)
    here.require_admin(bearer(request))
    asked = page_asked(request)
    found, total = await here.everybody(*asked)
    return Json(page_told("people", [_person_row(each) for each in found], asked, total))


async def read_totals(request: Request) -> Response:
    """The dashboard: contacts by source, people by state. Open to everybody."""
    found, fresh = await office(request).board.shown()
    headers = {} if fresh else {"Warning": '110 - "Response is Stale"'}
    return Response(found, media_type="application/json", headers=headers)


async def verify(request: Request) -> Response:
    """Headquarters has checked a record."""
    here, record = office(request), request.path_params["record"]
    here.require_admin(bearer(request))
    if not await here.write(lambda each: contacts.verify(each, record)):
        raise Refusal(404, "no_contact", f"Nobody has sent {record} yet.")
    return Json({"record": record, "verified": True})


async def changed(request: Request) -> Response:
    """The other region says that something was corrected."""
    office(request).require_admin(bearer(request))
    await office(request).board.corrected()
    return Json({"status": "ok"})


def contact_row(contact: Contact) -> dict[str, Any]:
    """A contact as the API tells it."""
    return {
        "id": f"c{contact.id}",
        "record": contact.record,
        "person": contact.person,
        "source": contact.source,
        "state": contact.state,
        "version": contact.version,
        "operation": contact.operation,
        "cells": dict(zip(FIELDS, contact.cells, strict=True)),
        "name": contact.name,
        "verified": contact.verified,
        "author": contact.author,
        "received": contact.received,
    }


def _person_row(view: View) -> dict[str, Any]:
    row = asdict(view)
    return {"person": row.pop("key"), **row}


async def hung_up(_request: Request, _error: Exception) -> Response:
    """Whoever sent half a request and left is answered for nobody."""
    return Json({"error": "hung_up", "message": "The request did not come to an end."}, 400)


ROUTES = [
    Route("/health", health),
    Route("/admin/roster", load_roster, methods=["POST"]),
    Route("/admin/roster", count_roster),
    Route("/admin/contacts/{record}/verified", verify, methods=["POST"]),
    Route("/api/sign-in", sign_in, methods=["POST"]),
    Route("/api/sign-out", sign_out, methods=["POST"]),
    Route("/api/contacts", submit, methods=["POST"]),
    Route("/api/contacts", read_contacts),
    Route("/api/contacts/{record}", submit, methods=["PUT"]),
    Route("/api/contacts/{which}", read_contact_of),
    Route("/api/sign-ups", sign_up, methods=["POST"]),
    Route("/api/sign-ups/{record}", sign_up, methods=["PUT"]),
    Route("/api/people", read_people),
    Route("/api/people/{person}", read_person),
    Route("/api/totals", read_totals),
    Route(CHANGED, changed, methods=["POST"]),
]
