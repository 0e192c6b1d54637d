"""The API: the web fallback for watchers, and what headquarters reads. All answers are JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, CursorResult, func, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import (
    PAGES,
    Json,
    bearer,
    json_object,
    page_asked,
    page_told,
    whole_number,
)
from simulators.apps.serving.roster import posted_roster
from simulators.apps.strikes import strikes
from simulators.apps.strikes.directory import FOUR
from simulators.apps.strikes.hook import can_be_called
from simulators.apps.strikes.office import Office
from simulators.apps.strikes.requests import office, session
from simulators.apps.strikes.schema import callbacks, messages, waiting
from simulators.apps.strikes.twiml import dial_queue, response

ROSTER_LIMIT = 64 * 1024 * 1024  # bytes
ROSTER_FILES = ("people", "precincts", "voters")
LISTS_A_PAGE = 50  # precincts


async def health(request: Request) -> Response:
    """Whether the app is up, which build it is, and that it is for practice."""
    state = request.app.state
    answer = {"status": "ok", "app": "strikes", "build": state.build, "environment": "practice"}
    return Json(answer)


async def load_roster(request: Request) -> Response:
    """Load people, precincts and voters: JSON, or CSV files in one form."""
    here = office(request)
    here.require_admin(bearer(request))
    return Json(await here.load_roster(await posted_roster(request, ROSTER_FILES, ROSTER_LIMIT)))


async def count_roster(request: Request) -> Response:
    """How many people, precincts and voters are loaded."""
    office(request).require_admin(bearer(request))
    return Json(office(request).counts())


async def sign_in(request: Request) -> Response:
    """Precinct number and PIN, or an operator's user name and password, for a token."""
    here = office(request)
    found, proof = here.sign_in(await json_object(request))
    lifetime = found.expires - here.clock.now()
    answer = {"token": proof, "role": found.role, "precinct": found.precinct}
    return Json(answer | {"expires_in_seconds": round(lifetime, 3)})


async def submit(request: Request) -> Response:
    """One code: 201 if it is news, 200 if we have it already."""
    here, who = office(request), session(request)
    data = await json_object(request)
    number, code = str(data.get("precinct") or who.precinct), str(data.get("code", ""))
    place = here.directory.precinct(number)
    if who.role == "watcher" and number != who.precinct:
        message = f"You watch precinct {who.precinct}, not {number}."
        raise Refusal(403, "not_your_precinct", message)
    if not FOUR.fullmatch(code):
        raise Refusal(422, "invalid", f"A code has four digits, not {code!r}.")
    if code not in place.codes:
        message = f"Code {code} is not on the list of precinct {number}. Compare with your sheet."
        raise Refusal(422, "not_on_list", message)
    new = await here.store.write(
        lambda connection: here.strike(connection, number, code, "web", who.key, "")
    )
    answer = {"record": place.voter(code), "precinct": number, "code": code}
    answer["status"] = "accepted" if new else "already_have_it"
    return Json(answer, 201 if new else 200)


async def read_strikes(request: Request) -> Response:
    """All strikes in pages, in the order they came, for the admin."""
    here = office(request)
    here.require_admin(bearer(request))
    asked = page_asked(request)
    rows, total = await here.store.read(lambda each: strikes.page(each, *asked))
    shown = [
        {
            "id": row.id,
            "record": here.directory.precinct(row.precinct).voter(row.code),
            "precinct": row.precinct,
            "code": row.code,
            "voted": 1,
            "channel": row.channel,
            "author": row.author,
            "call": row.sid,
            "received": row.received,
        }
        for row in rows
    ]
    return Json(page_told("strikes", shown, asked, total))


async def read_totals(request: Request) -> Response:
    """How many are struck, in all, in each county and in each precinct: open to everybody."""
    here = office(request)
    found = await here.store.read(strikes.totals)
    counties = dict.fromkeys((each.county for each in here.directory.precincts.values()), 0)
    precincts = []
    for each in here.directory.precincts.values():
        count = found.get(each.number, 0)
        counties[each.county] += count
        precincts.append(
            {
                "precinct": each.number,
                "record": each.record,
                "struck": count,
                "voters": len(each.codes),
            }
        )
    answer = {"struck": sum(found.values()), "counties": counties, "precincts": precincts}
    return Json(answer)


async def read_list(request: Request) -> Response:
    """One precinct's list for door knockers: who is still to be visited."""
    here = office(request)
    here.require_admin(bearer(request))
    place = here.directory.precinct(request.path_params["precinct"])
    (found,) = await here.door_lists([place])
    answer = {
        "precinct": place.number,
        "record": place.record,
        "name": place.name,
        "made": found.made,
    }
    return Json(answer | {"still_to_visit": found.still_to_visit, "struck_off": found.struck_off})


async def read_lists(request: Request) -> Response:
    """Everybody whom the lists for door knockers leave out, in pages of precincts."""
    here = office(request)
    here.require_admin(bearer(request))
    number = whole_number(request, "page", 1, PAGES)
    every = list(here.directory.precincts.values())
    places = every[(number - 1) * LISTS_A_PAGE : number * LISTS_A_PAGE]
    found = await here.door_lists(places)
    rows = [
        {"record": each.precinct.voter(code), "precinct": each.precinct.number, "code": code}
        for each in found
        for code in each.struck_off
    ]
    return Json({"page": number, "pages": -(-len(every) // LISTS_A_PAGE), "struck_off": rows})


async def read_messages(request: Request) -> Response:
    """Texts sent and to be sent, for the admin."""
    here = office(request)
    here.require_admin(bearer(request))
    asked = page_asked(request)

    def look(connection: Connection) -> tuple[list[dict[str, Any]], int]:
        number, size = asked
        total = connection.execute(select(func.count()).select_from(messages)).scalar_one()
        wanted = select(messages).order_by(messages.c.id).limit(size).offset((number - 1) * size)
        return _plain(connection.execute(wanted)), total

    rows, total = await here.store.read(look)
    return Json(page_told("messages", rows, asked, total))


async def read_help(request: Request) -> Response:
    """Who waits in the help line, and who asked to be called back, for operators."""
    here = _desk(request)

    def look(connection: Connection) -> dict[str, Any]:
        return {
            "waiting": _plain(connection.execute(select(waiting))),
            "callbacks": _plain(connection.execute(select(callbacks))),
        }

    return Json(await here.store.read(look) | {"places": here.settings.help_places})


async def take_next(request: Request) -> Response:
    """Ring an operator's phone and put them through to whoever has waited longest."""
    here = _desk(request)
    data = await json_object(request)
    to, line = str(data.get("to", "")), str(data.get("from", ""))
    if not (can_be_called(to) and can_be_called(line)):
        message = (
            "Say which phone to ring, and from which of our numbers: to and from, as +15555550101."
        )
        raise Refusal(422, "invalid", message)
    document = response(dial_queue("help"))
    status, sid = await here.outbox.order("Calls", {"To": to, "From": line, "Twiml": document})
    if status != "sent":
        raise Refusal(502, "carrier", f"The phone carrier did not take the call: {status}.")
    return Json({"call": sid}, 201)


def _desk(request: Request) -> Office:
    """The office, for operators and the admin."""
    if session(request).role not in ("operator", "admin"):
        raise Refusal(403, "not_operator", "This is for operators.")
    return office(request)


def _plain(result: CursorResult[Any]) -> list[dict[str, Any]]:
    """Rows by the names of their columns, which are no plain text before."""
    return [{str(name): value for name, value in row.items()} for row in result.mappings()]


ROUTES = [
    Route("/health", health),
    Route("/admin/roster", load_roster, methods=["POST"]),
    Route("/admin/roster", count_roster),
    Route("/api/sign-in", sign_in, methods=["POST"]),
    Route("/api/strikes", submit, methods=["POST"]),
    Route("/api/strikes", read_strikes),
    Route("/api/totals", read_totals),
    Route("/api/lists", read_lists),
    Route("/api/lists/{precinct}", read_list),
    Route("/api/messages", read_messages),
    Route("/api/help", read_help),
    Route("/api/help/next", take_next, methods=["POST"]),
]
