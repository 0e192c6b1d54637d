"""Files that go in and out of a drill: the list of volunteers, invitations, cards, exports."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.document import DocumentError
from harness.live.accounts import Staff, staff
from harness.live.cards import PAPERS, Dealt, cards_page, facilitator_page
from harness.live.guard import ROSTER, SMALL
from harness.live.hall import Hall, hall_of
from harness.live.invitations import Invitation, anonymous, invitations_csv, invite
from harness.live.model import Event, Volunteer
from harness.live.organizer_pages import pressed, staff_page
from harness.live.printing import PrintingError, print_page
from harness.live.roll import Roll
from harness.live.roster_file import Entry, decode, read_entries
from simulators.apps.serving.refusal import Refusal

MISTAKES = 20  # shown at once of a list that cannot be read


async def volunteers(request: Request) -> Response:
    """Who is invited; forms invite a list, or people whom nobody has named."""
    return _volunteers(request, staff(request))


def _volunteers(
    request: Request, who: Staff, problems: Sequence[str] = (), status: int = 200
) -> Response:
    hall = hall_of(request)
    real = [each for each in hall.live.roll if each.volunteer.source == "volunteer"]
    return staff_page(
        request, who, "staff_volunteers.html.j2", status=status, count=len(real),
        left=len(hall.settings.deck.places) - len(hall.live.roll), papers=list(PAPERS),
        problems=problems[:MISTAKES], more=max(0, len(problems) - MISTAKES),
    )  # fmt: skip


async def take_list(request: Request) -> Response:
    """Invite everybody on a list; the answer is the file of invitations, with the list's own ids.

    Those ids are kept nowhere else: who is who stays with the organizer.
    """
    who, given = await pressed(request, limit=ROSTER + SMALL)
    name, data = given.files.get("roster", ("", b""))
    name = Path(name.replace("\\", "/")).name[:80] or "roster"
    try:
        if not data:
            raise DocumentError(f"{name}: empty. Choose the list as a CSV file.")
        entries = read_entries(decode(data, name), name)
        return await _invite(request, who, entries, name)
    except DocumentError as error:
        return _volunteers(request, who, error.problems, 422)


async def take_count(request: Request) -> Response:
    """Invite so many people whom nobody has named, over all counties and languages."""
    who, given = await pressed(request)
    hall, text = hall_of(request), given.text("count")
    try:
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= len(text) * 10**5):
            raise DocumentError(f"{text[:20]!r} is not a number of volunteers.")
        entries = anonymous(int(text[:9]), hall.settings.deck, hall.settings.languages)
        return await _invite(request, who, entries, "cards")
    except DocumentError as error:
        return _volunteers(request, who, error.problems, 422)


async def _invite(request: Request, who: Staff, entries: list[Entry], name: str) -> Response:
    hall = hall_of(request)
    live, settings = hall.live, hall.settings
    async with hall.inviting:
        # Cards to try again with are dealt meanwhile: whoever lost such a race is dealt anew.
        invited: list[Invitation] = []
        while not invited or any(live.roll.has(each.volunteer.record) for each in invited):
            invited = await asyncio.to_thread(
                invite, entries, settings.deck, seed=settings.seed, name=name,
                taken=_taken(live.roll),
            )  # fmt: skip
        difficulties = {each.volunteer.id: each.difficulty for each in invited}
        await live.add_volunteers([each.volunteer for each in invited], difficulties)
    await live.log(who.name, "invited", str(len(invited)))
    return _download("\ufeff" + _invitations(hall, invited), "text/csv", "invitations.csv")


def _taken(roll: Roll) -> list[Volunteer]:
    """Everybody, once for each card that they have had."""
    return [replace(each.volunteer, record=card.record) for each in roll for card in each.cards]


def _invitations(hall: Hall, invited: Sequence[Invitation]) -> str:
    people = [each.volunteer for each in invited]
    return invitations_csv(
        people, hall.settings.deck, hall.settings.handout.link, [each.id for each in invited]
    )


async def invitations(request: Request) -> Response:
    """Everybody's link again, without the list's own ids, which are not kept."""
    who, hall = staff(request), hall_of(request)
    people = [each.volunteer for each in hall.live.roll if each.volunteer.source == "volunteer"]
    text = invitations_csv(people, hall.settings.deck, hall.settings.handout.link)
    await hall.live.log(who.name, "exported", "invitations.csv")
    return _download("\ufeff" + text, "text/csv", "invitations.csv")


async def cards(request: Request) -> Response:
    """Everybody's first card, to print: PDF, or a page where nothing can make one."""
    who, hall = staff(request), hall_of(request)
    paper = request.query_params.get("paper", "letter")
    kind = request.query_params.get("what", "cards")
    if paper not in PAPERS or kind not in ("cards", "facilitator"):
        raise Refusal(422, "invalid", "There is no such paper.")
    dealt = [
        Dealt(each.volunteer, hall.card(each.cards[0]), _county(hall, each.cards[0].record))
        for each in hall.live.roll
        if each.volunteer.source == "volunteer"
    ]
    made = cards_page if kind == "cards" else facilitator_page
    text = await asyncio.to_thread(made, dealt, hall.settings.handout, paper)
    await hall.live.log(who.name, "exported", kind)
    if request.path_params["form"] == "html":
        return _download(text, "text/html", f"{kind}.html")
    try:
        async with hall.printing:
            data = await asyncio.to_thread(_printed, text)
    except PrintingError as error:
        return _volunteers(request, who, [str(error)], 503)
    return _download(data, "application/pdf", f"{kind}.pdf")


def _county(hall: Hall, record: str) -> str:
    return hall.settings.deck.places[record].county


def _printed(text: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="drillhall-cards-") as folder:
        return print_page(text, Path(folder) / "cards.pdf").read_bytes()


# -- exports ----------------------------------------------------------------------------------


async def events_jsonl(request: Request) -> Response:
    """Everything that happened, one event a line."""
    lines = [orjson.dumps(_row(each)) for each in await _events(request, "events.jsonl")]
    return _download(b"\n".join([*lines, b""]), "application/x-ndjson", "events.jsonl")


async def events_csv(request: Request) -> Response:
    """Everything that happened, for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("number", "at", "what", "volunteer", "detail"))
    for each in await _events(request, "events.csv"):
        detail = orjson.dumps(each.detail).decode() if each.detail else ""
        # Where spreadsheets part cells at semicolons, what follows one would be read as a formula.
        detail = detail.replace(";", "\\u003b")
        writer.writerow((each.number, f"{each.at:.3f}", each.what.value, each.volunteer, detail))
    return _download("\ufeff" + text.getvalue(), "text/csv", "events.csv")


async def _events(request: Request, name: str) -> list[Event]:
    who, live = staff(request), hall_of(request).live
    await live.log(who.name, "exported", name)
    return await live.events()


def _row(event: Event) -> dict[str, object]:
    return {
        "number": event.number,
        "at": event.at,
        "what": event.what.value,
        "volunteer": event.volunteer,
        "detail": event.detail,
    }


def _download(content: str | bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


ROUTES = [
    Route("/organize/volunteers", volunteers),
    Route("/organize/volunteers/list", take_list, methods=["POST"]),
    Route("/organize/volunteers/count", take_count, methods=["POST"]),
    Route("/organize/invitations.csv", invitations),
    Route("/organize/cards.{form:str}", cards),
    Route("/organize/events.jsonl", events_jsonl),
    Route("/organize/events.csv", events_csv),
]
