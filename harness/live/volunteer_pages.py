"""What volunteers see: the notice, their card, what became of their report, ten questions.

Plain HTML that needs no JavaScript. Each page has one main thing to do; every form leads back to
``/v/<token>``, which shows what comes next. A token that is not known is no page at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.live.again import new_card
from harness.live.card_words import ENGLISH, WORDS
from harness.live.cards import spaced, worksheet
from harness.live.feedback import feedback
from harness.live.guard import Form, form, prefetched, remember_visit, visit
from harness.live.hall import Hall, hall_of
from harness.live.limits import address_of
from harness.live.model import Event, Happening
from harness.live.pages import STYLE, choose_language, page, speaks, to
from harness.live.roll import QUESTIONS, Journey
from simulators.apps.serving.refusal import Refusal

ROBOTS = ("bot", "preview", "facebookexternalhit", "whatsapp", "skype", "crawler", "spider")
"""Parts of the names of programs that fetch a link before anybody opens it."""
COMMENT = 2000  # characters that are kept of what somebody writes
STEPS = 3
STATES = ("waiting", "notice", "sign_in", "report", "sent", "over", "gone")


def state_of(journey: Journey, hall: Hall) -> str:
    """Which page somebody's address shows now: one of :data:`STATES`."""
    roll, since = hall.live.roll, journey.since_card
    if journey.erased:
        return "gone"
    if roll.opened is None:
        return "waiting"
    agreed = Happening.AGREED in journey.times
    if agreed and (Happening.SENT in since or journey.seen_of(journey.card.record)):
        return "sent"
    if roll.closed is not None:
        return "over"
    if not agreed:
        return "notice"
    return "report" if Happening.SIGNED_IN in since else "sign_in"


# -- the door ---------------------------------------------------------------------------------


async def door(request: Request) -> Response:
    """For whoever has a card and no camera: its code leads to the same page."""
    if request.method == "GET":
        return page(request, "door.html.j2", typed="", fault="")
    given = await form(request, visit(request))
    hall, typed = hall_of(request), given.text("code")
    if not typed:
        return page(request, "door.html.j2", status=422, typed="", fault="door.empty")
    # Asked before looking: whoever has guessed too often learns nothing more, right or wrong.
    hall.limits.require("card_code", address_of(request))
    journey = hall.live.roll.by_id(typed[:40])
    if journey is None:
        hall.limits.spend("card_code", address_of(request))
        return page(request, "door.html.j2", status=422, typed=typed[:40], fault="door.wrong")
    return to(f"/v/{journey.volunteer.token}")


async def language(request: Request) -> Response:
    """Switch the language for whoever is not known here, and go back."""
    given = await form(request, visit(request))
    answer = remember_visit(request, to(_own_path(given.text("back"))))
    token = given.text("back").removeprefix("/v/").partition("/")[0]
    about = token if hall_of(request).live.roll.by_token(token) else ""
    if (tag := given.text("language")) in hall_of(request).settings.languages:
        choose_language(request, answer, tag, about)
    return answer


def _own_path(path: str) -> str:
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


async def style(request: Request) -> Response:
    """The one stylesheet."""
    tag = f'"{_STYLE_TAG}"'
    headers = {"Cache-Control": "public, max-age=300", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(STYLE, media_type="text/css", headers=headers)


_STYLE_TAG = hashlib.sha256(STYLE).hexdigest()[:16]


# -- a volunteer's own page -------------------------------------------------------------------


async def own_page(request: Request) -> Response:
    """Whatever comes next for somebody."""
    hall, journey = hall_of(request), _journey(request)
    state = state_of(journey, hall)
    if (
        state not in ("waiting", "gone")
        and Happening.OPENED not in journey.times
        and request.method == "GET"
        and not prefetched(request, ROBOTS)
    ):
        await hall.live.happened(Happening.OPENED, journey.volunteer.id)
    return _page(request, journey, f"{state}.html.j2", **_values(request, hall, journey, state))


def _values(request: Request, hall: Hall, journey: Journey, state: str) -> dict[str, Any]:
    """What the page of a state needs beside what all of them do."""
    if state in ("sign_in", "report"):
        words = WORDS.get(_tongue(request, journey), ENGLISH)
        card = hall.card(journey.card)
        names = [*words.codes, *(words.another_code.format(at) for at in range(4, 10))]
        place = hall.settings.deck.places[card.record]
        return {
            "card": card,
            "words": words,
            "lines": worksheet(card, words),
            "county": place.county,
            "codes": list(zip(names, card.codes, strict=False)),
            "steps": STEPS,
            "practised": Happening.PRACTISED in journey.since_card,
            "again": journey.card.number > 0,
        }
    if state == "sent":
        words = WORDS.get(_tongue(request, journey), ENGLISH)
        return {
            "feedback": feedback(journey, hall.mark(journey), words),
            "steps": STEPS,
            "surveyed": Happening.SURVEYED in journey.times,
            "questions": range(1, QUESTIONS + 1),
            "is_open": hall.live.roll.is_open,
        }
    return {}


def _page(
    request: Request, journey: Journey, template: str, status: int = 200, **values: Any
) -> Response:
    who = journey.volunteer
    return page(
        request, template, about=who.token, roster=who.language, status=status,
        back=f"/v/{who.token}",
        here=f"/v/{who.token}", code=spaced(who.id, 4), erased=journey.erased, **values,
    )  # fmt: skip


def _tongue(request: Request, journey: Journey) -> str:
    who = journey.volunteer
    return speaks(request, who.token, who.language).tag


def _journey(request: Request) -> Journey:
    """Whose page it is.

    Raises:
        Refusal: 404 for a token that nobody has; 429 for whoever tries many.
    """
    hall = hall_of(request)
    journey = hall.live.roll.by_token(request.path_params["token"])
    if journey is None:
        hall.limits.spend("link", address_of(request))
        raise Refusal(404, "no_page", "There is no such page.")
    return journey


async def _pressed(request: Request) -> tuple[Journey, Form]:
    """Whose form was sent, and what is in it.

    Raises:
        Refusal: 404, 403, 429, or 409 if the volunteer's data is deleted already.
    """
    journey = _journey(request)
    hall_of(request).limits.spend("press", journey.volunteer.token)
    given = await form(request, journey.volunteer.token)
    if journey.erased:
        raise Refusal(409, "not_open", "This volunteer's data is deleted.")
    return journey, given


def _home(journey: Journey) -> Response:
    return to(f"/v/{journey.volunteer.token}")


def says(what: Happening, *states: str) -> Callable[[Request], Awaitable[Response]]:
    """A form that says that something happened; on other pages than its own it says nothing.

    Pressing it twice is pressing it once.
    """

    async def endpoint(request: Request) -> Response:
        journey, _ = await _pressed(request)
        hall = hall_of(request)
        known = what in journey.times if what is Happening.AGREED else what in journey.since_card
        if not known and state_of(journey, hall) in states:
            await hall.live.happened(what, journey.volunteer.id)
        return _home(journey)

    return endpoint


async def get_help(request: Request) -> Response:
    """They are stuck: noted, and told whom to call."""
    journey, _ = await _pressed(request)
    hall = hall_of(request)
    state = state_of(journey, hall)
    if state not in ("waiting", "gone"):
        await hall.live.happened(Happening.HELP, journey.volunteer.id, step=state)
    return to(f"/v/{journey.volunteer.token}/stuck")


async def stuck(request: Request) -> Response:
    """Whom to call, and what to try."""
    return _page(request, _journey(request), "stuck.html.j2")


async def survey(request: Request) -> Response:
    """Their answers: any may be left out, and the first ones count."""
    journey, given = await _pressed(request)
    hall, who = hall_of(request), journey.volunteer
    if state_of(journey, hall) != "sent" or Happening.SURVEYED in journey.times:
        return _home(journey)
    hall.limits.spend("survey", who.token)
    hall.limits.spend("survey_address", address_of(request))
    sus = [_answer(given.text(f"sus{number}")) for number in range(1, QUESTIONS + 1)]
    comment = _plain(given.text("comment"))
    event = Event(0.0, Happening.SURVEYED, who.id, {"sus": sus, "comment": comment})
    await hall.live.append(event)
    return _home(journey)


def _answer(text: str) -> int | None:
    return int(text) if text in ("1", "2", "3", "4", "5") else None


def _plain(text: str) -> str:
    """What somebody wrote, without characters that only terminals and spreadsheets understand."""
    lines = text.replace("\r\n", "\n").split("\n")
    kept = ("".join(each for each in line if each.isprintable()) for line in lines)
    return "\n".join(kept)[:COMMENT].strip()


async def again(request: Request) -> Response:
    """A new card to learn with; the first report stays the one that counts."""
    journey, _ = await _pressed(request)
    hall = hall_of(request)
    if state_of(journey, hall) == "sent" and hall.live.roll.is_open:
        await new_card(hall, journey)
    return _home(journey)


async def take_back(request: Request) -> Response:
    """They pressed a button too early: the card is shown once more."""
    hall = hall_of(request)
    journey = _agreed(_journey(request), hall)
    values = _values(request, hall, journey, "report")
    return _page(request, journey, "report.html.j2", **values)


def _agreed(journey: Journey, hall: Hall) -> Journey:
    """The journey, if its card may be shown.

    Raises:
        Refusal: 409 if they have not agreed, or the drill is not open.
    """
    agreed = Happening.AGREED in journey.times and not journey.erased
    if not (agreed and hall.live.roll.is_open):
        raise Refusal(409, "not_open", "There is no card to show now.")
    return journey


async def delete(request: Request) -> Response:
    """Asks once more before anything is deleted."""
    return _page(request, _journey(request), "delete.html.j2")


async def erase(request: Request) -> Response:
    """Delete what they wrote and what is known of them."""
    journey, _ = await _pressed(request)
    await hall_of(request).live.erase(journey.volunteer.id)
    return _home(journey)


ROUTES = [
    Route("/", door, methods=["GET", "POST"]),
    Route("/language", language, methods=["POST"]),
    Route("/live.css", style),
    Route("/v/{token}", own_page),
    Route("/v/{token}/card", take_back),
    Route("/v/{token}/stuck", stuck),
    Route("/v/{token}/delete", delete),
    Route("/v/{token}/agree", says(Happening.AGREED, "notice"), methods=["POST"]),
    Route("/v/{token}/signed-in", says(Happening.SIGNED_IN, "sign_in", "sent"), methods=["POST"]),
    Route("/v/{token}/practised", says(Happening.PRACTISED, "report", "sent"), methods=["POST"]),
    Route("/v/{token}/sent", says(Happening.SENT, "sign_in", "report", "sent"), methods=["POST"]),
    Route("/v/{token}/help", get_help, methods=["POST"]),
    Route("/v/{token}/survey", survey, methods=["POST"]),
    Route("/v/{token}/again", again, methods=["POST"]),
    Route("/v/{token}/erase", erase, methods=["POST"]),
]
