"""What those who run a drill see: how far everybody is, and what they may do about it.

Organizers do everything; helpers see the overview, look volunteers up and call them back;
observers have the board alone. Whatever changes something is in the audit log.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.live import accounts
from harness.live.accounts import Staff, staff
from harness.live.cards import spaced
from harness.live.funnel import funnels
from harness.live.guard import Form, form, remember_visit, visit
from harness.live.hall import Hall, hall_of
from harness.live.missing import missing
from harness.live.model import CALLS, Event, Happening, Role
from harness.live.pages import page, to
from harness.live.roll import Journey
from simulators.apps.serving.refusal import Refusal

TROUBLES = ("slow_network", "app_down", "codes_reset", "phones_only")
"""Trouble that an organizer makes on purpose; making it is theirs, the drill writes it down."""
SHOWN = 200  # lines of the missing list and of the audit log on one page
_CONFIRM = "DELETE"


def staff_page(
    request: Request, who: Staff, template: str, status: int = 200, **values: Any
) -> Response:
    """A page for somebody who is signed in.

    Args:
        values: What the template needs; ``message`` is the key of a sentence that something was
            done.
    """
    values = {"message": request.query_params.get("done", ""), **values}
    done = values["message"]
    values["message"] = done if done in _DONE else ""
    return page(
        request, template, about=who.digest, status=status, back=request.url.path,
        who=who, roles=Role, clock=_clock, spaced=spaced, **values,
    )  # fmt: skip


_DONE = frozenset({
    "opened", "closed", "noted", "trouble", "account", "dropped", "deleted", "delivery",
})  # fmt: skip


def _clock(at: float | None) -> str:
    """A moment as logs tell it: UTC."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


async def pressed(request: Request, *roles: Role, limit: int = 32 * 1024) -> tuple[Staff, Form]:
    """Who of the staff sent a form, and what is in it.

    Raises:
        Refusal: 401, 403, 413 or 429.
    """
    who = staff(request, *roles)
    hall_of(request).limits.spend("staff", who.name)
    return who, await form(request, who.digest, limit)


# -- signing in -------------------------------------------------------------------------------


async def sign_in(request: Request) -> Response:
    """The staff's sign-in page, and what it sends."""
    if request.method == "GET":
        return page(request, "staff_sign_in.html.j2", name="", wrong=False)
    given = await form(request, visit(request))
    name = given.text("name").lower()[:40]
    found = await accounts.sign_in(request, name, given.texts.get("password", ""))
    if found is None:
        return page(request, "staff_sign_in.html.j2", status=422, name=name, wrong=True)
    session, proof = found
    role = hall_of(request).live.accounts[session.account].role
    answer = remember_visit(request, to("/board" if role is Role.OBSERVER else "/organize"))
    accounts.remember(request, answer, proof)
    return answer


async def sign_out(request: Request) -> Response:
    """End this sign-in."""
    await pressed(request, *Role)
    answer = to("/organize/sign-in")
    await accounts.sign_out(request, answer)
    return answer


# -- the drill --------------------------------------------------------------------------------


async def overview(request: Request) -> Response:
    """How far everybody is."""
    who, hall = staff(request, Role.HELPER), hall_of(request)
    roll = hall.live.roll
    found = funnels(hall.marker.marks(roll), opened=roll.opened)
    return staff_page(
        request, who, "staff_overview.html.j2", roll=roll, funnels=found, due=len(_missing(hall))
    )


async def open_drill(request: Request) -> Response:
    """Open the drill, once what the target holds already is known.

    Opening one that was closed is another button: a page that was loaded before the drill began
    may not open it again after its end.
    """
    who, given = await pressed(request)
    hall = hall_of(request)
    async with hall.opening:  # two organizers, or one who presses twice
        roll, again = hall.live.roll, given.text("again") == "yes"
        if not roll.is_open and again == (roll.closed is not None):
            await hall.look()
            await hall.live.happened(Happening.OPEN)
            await hall.live.log(who.name, "drill_opened")
    return to("/organize?done=opened" if hall.live.roll.is_open else "/organize")


async def close_drill(request: Request) -> Response:
    """Close the drill: no more reports are asked for; answers still are."""
    who, _ = await pressed(request)
    hall = hall_of(request)
    if hall.live.roll.is_open:
        await hall.live.happened(Happening.CLOSED)
        await hall.live.log(who.name, "drill_closed")
    return to("/organize?done=closed" if hall.live.roll.closed is not None else "/organize")


async def trouble(request: Request) -> Response:
    """Trouble on and off, and what was made so far."""
    if request.method == "GET":
        who, live = staff(request), hall_of(request).live
        return staff_page(
            request, who, "staff_trouble.html.j2", troubles=TROUBLES, on=_trouble_on(live.roll),
            made=live.roll.troubles[-SHOWN:],
        )  # fmt: skip
    who, given = await pressed(request)
    live, what, on = hall_of(request).live, given.text("what"), given.text("on") == "yes"
    if what not in TROUBLES:
        raise Refusal(422, "invalid", "There is no such trouble.")
    await live.append(Event(0.0, Happening.TROUBLE, detail={"what": what, "on": on}))
    await live.log(who.name, "trouble", f"{what}: {'on' if on else 'off'}")
    return to("/organize/trouble?done=trouble")


def _trouble_on(roll: Any) -> set[str]:
    on: set[str] = set()
    for event in roll.troubles:
        what = str(event.detail.get("what", ""))
        (on.add if event.detail.get("on") else on.discard)(what)
    return on


# -- volunteers -------------------------------------------------------------------------------


async def missing_list(request: Request) -> Response:
    """Who has not reported yet, and whom to call next."""
    who, hall = staff(request, Role.HELPER), hall_of(request)
    found = _missing(hall)
    return staff_page(
        request, who, "staff_missing.html.j2", missing=found[:SHOWN], total=len(found), calls=CALLS,
        places=hall.settings.deck.places,
    )  # fmt: skip


def _missing(hall: Hall) -> list[Any]:
    roll = hall.live.roll
    return missing(
        hall.marker.marks(roll), roll, now=hall.live.now(), after=hall.settings.terms.within
    )


async def called(request: Request) -> Response:
    """Somebody was called about a missing report."""
    who, given = await pressed(request, Role.HELPER)
    live, whom = hall_of(request).live, given.text("whom")
    journey = _of(request, given.text("volunteer"))
    if whom not in CALLS:
        raise Refusal(422, "invalid", "Calls go to one of three people.")
    reached = given.text("reached") == "yes"
    detail = {"whom": whom, "reached": reached, "by": who.name}
    await live.append(Event(0.0, Happening.CALLED, journey.volunteer.id, detail))
    return to("/organize/missing?done=noted")


async def volunteer(request: Request) -> Response:
    """One volunteer, by the code on their card."""
    who = staff(request, Role.HELPER)
    hall, typed = hall_of(request), request.query_params.get("code", "")[:40]
    journey = hall.live.roll.by_id(typed) if typed else None
    mark = hall.mark(journey) if journey else None
    return staff_page(
        request, who, "staff_volunteer.html.j2", typed=typed, journey=journey, mark=mark,
        places=hall.settings.deck.places, happenings=Happening,
    )  # fmt: skip


async def not_delivered(request: Request) -> Response:
    """An invitation came back."""
    who, given = await pressed(request, Role.HELPER)
    live, journey = hall_of(request).live, _of(request, given.text("volunteer"))
    if Happening.NOT_DELIVERED not in journey.times:
        await live.happened(Happening.NOT_DELIVERED, journey.volunteer.id, by=who.name)
    return to(f"/organize/volunteer?code={journey.volunteer.id}&done=delivery")


async def erase(request: Request) -> Response:
    """Delete what one volunteer wrote and what is known of them, as they asked."""
    who, given = await pressed(request)
    live, journey = hall_of(request).live, _of(request, given.text("volunteer"))
    if not journey.erased:
        await live.erase(journey.volunteer.id)
        await live.log(who.name, "erased", journey.volunteer.id)
    return to(f"/organize/volunteer?code={journey.volunteer.id}&done=deleted")


def _of(request: Request, code: str) -> Journey:
    journey = hall_of(request).live.roll.by_id(code[:40])
    if journey is None:
        raise Refusal(404, "no_page", "No volunteer has that code.")
    return journey


async def delete_all(request: Request) -> Response:
    """Delete what all volunteers wrote and what is known of them; asks for a word first."""
    if request.method == "GET":
        return staff_page(
            request, staff(request), "staff_delete.html.j2", word=_CONFIRM, wrong=False
        )
    who, given = await pressed(request)
    live = hall_of(request).live
    if given.text("word") != _CONFIRM:
        return staff_page(
            request, who, "staff_delete.html.j2", status=422, word=_CONFIRM, wrong=True
        )
    left = [each.volunteer.id for each in live.roll if not each.erased]
    await live.erase(*left)
    await live.log(who.name, "erased_all", str(len(left)))
    return to("/organize?done=deleted")


# -- accounts and the audit log ---------------------------------------------------------------


async def people(request: Request) -> Response:
    """Accounts of the staff; a form makes one, or gives one a new password and role."""
    if request.method == "GET":
        who = staff(request)
        return _people(request, who)
    who, given = await pressed(request)
    hall, name = hall_of(request), given.text("name").lower()
    password, role = given.texts.get("password", ""), given.text("role")
    faults = accounts.check_new(name, password)
    if role not in list(Role):
        raise Refusal(422, "invalid", "There is no such role.")
    if name == accounts.FIRST and role != Role.ORGANIZER:
        faults["role"] = "staff.fault_first"
    if faults:
        return _people(request, who, 422, typed={"name": name, "role": role}, faults=faults)
    await accounts.new_password(hall, name, password, Role(role), who.name)
    return to("/organize/accounts?done=account")


def _people(
    request: Request,
    who: Staff,
    status: int = 200,
    *,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response:
    found = sorted(hall_of(request).live.accounts.values(), key=lambda each: each.name)
    return staff_page(
        request, who, "staff_accounts.html.j2", status=status, accounts=found,
        typed=typed or {"name": "", "role": Role.HELPER.value},
        faults=dict.fromkeys(("name", "password", "role"), "") | (faults or {}),
        first=accounts.FIRST,
    )  # fmt: skip


async def drop_account(request: Request) -> Response:
    """Forget an account; the first one stays."""
    who, given = await pressed(request)
    live, name = hall_of(request).live, given.text("name")
    if name == accounts.FIRST or name not in live.accounts:
        raise Refusal(422, "invalid", "There is no such account that could be dropped.")
    await accounts.drop(live, name, who.name)
    return to("/organize/accounts?done=dropped")


async def audit(request: Request) -> Response:
    """Who did what, the latest first."""
    who, live = staff(request), hall_of(request).live
    return staff_page(
        request, who, "staff_audit.html.j2", deeds=live.deeds[: -SHOWN - 1 : -1],
        total=len(live.deeds),
    )  # fmt: skip


ROUTES = [
    Route("/organize", overview),
    Route("/organize/sign-in", sign_in, methods=["GET", "POST"]),
    Route("/organize/sign-out", sign_out, methods=["POST"]),
    Route("/organize/open", open_drill, methods=["POST"]),
    Route("/organize/close", close_drill, methods=["POST"]),
    Route("/organize/trouble", trouble, methods=["GET", "POST"]),
    Route("/organize/missing", missing_list),
    Route("/organize/called", called, methods=["POST"]),
    Route("/organize/volunteer", volunteer),
    Route("/organize/not-delivered", not_delivered, methods=["POST"]),
    Route("/organize/erase", erase, methods=["POST"]),
    Route("/organize/delete", delete_all, methods=["GET", "POST"]),
    Route("/organize/accounts", people, methods=["GET", "POST"]),
    Route("/organize/accounts/drop", drop_account, methods=["POST"]),
    Route("/organize/audit", audit),
]
