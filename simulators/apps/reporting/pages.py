"""Web pages for chairs and the back office: plain HTML that needs no JavaScript."""

from __future__ import annotations

import hmac
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulators.apps.reporting import photos, results
from simulators.apps.reporting.barriers import SHORT
from simulators.apps.reporting.directory import CODES
from simulators.apps.reporting.drafts import LONGEST, Draft
from simulators.apps.reporting.form import FIELDS, read_cells, read_typed, warnings
from simulators.apps.reporting.language import LANGUAGES, Language, say
from simulators.apps.reporting.page import (
    choose_language,
    language,
    page,
    remember,
    told,
)
from simulators.apps.reporting.photos import Photo
from simulators.apps.reporting.report_page import Filled, form_page, fresh, sent_page
from simulators.apps.reporting.reports import Report
from simulators.apps.reporting.requests import (
    COOKIE,
    DEVICE,
    Form,
    form,
    office,
    operation_key,
    remembered,
    session,
    upload_limit,
)
from simulators.apps.reporting.requests import token as token_of
from simulators.apps.reporting.sessions import LIFETIME, Session
from simulators.apps.reporting.site import Site
from simulators.apps.reporting.spoil import SCRIPT
from simulators.apps.serving.refusal import Refusal

FOUND = 20  # sites that a search shows
LATE = 24 * 3600  # wall seconds that a cookie outlives its session, to say whose a late form is
_STYLE = (Path(__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")


# -- signing in and out -----------------------------------------------------------------------


async def sign_in(request: Request) -> Response:
    """The chairs' sign-in page, and what it sends."""
    return await _sign_in(request, "sign_in.html", CODES)


async def desk_sign_in(request: Request) -> Response:
    """The back office's sign-in page, and what it sends."""
    return await _sign_in(request, "desk_sign_in.html", ("user", "password"))


async def _sign_in(request: Request, template: str, names: tuple[str, ...]) -> Response:
    speak = language(request)
    if request.method == "GET":
        reason = next((each for each in ("kept", "again") if each in request.query_params), "")
        message: str = speak(f"sign_in.{reason}") if reason else _greeting(request, speak)
        return page(request, template, typed=dict.fromkeys(names, ""), message=message)
    given = await form(request)
    typed = {name: given.text(name) for name in names}
    here = office(request)
    try:
        if not all(typed.values()):
            raise Refusal(422, "invalid", say("fault.empty_box"))
        login, *secret = typed.values()
        lifetime = SHORT if "session_short" in here.barriers else LIFETIME
        who, proof = await here.door.sign_in(
            login, tuple(secret), lifetime=lifetime, device=request.cookies.get(DEVICE)
        )
    except Refusal as refusal:
        return page(request, template, refusal, typed=typed, message=told(refusal, speak))
    draft = await here.draft(who)
    answer = RedirectResponse(f"/report/{draft.record}" if draft else _home(who), 303)
    age = int(who.expires - here.clock.now()) + LATE
    return remembered(request, answer, proof, age, login)


async def sign_out(request: Request) -> Response:
    """Forget the session on this phone, and what its owner typed."""
    answer = RedirectResponse("/", 303)
    if "shared_phone_leak" in office(request).barriers:
        return answer
    answer.delete_cookie(COOKIE)
    try:
        who = session(request)
    except Refusal:
        return answer  # it had run out: its drafts wait for their owner
    await office(request).drop_drafts(who)
    await office(request).sign_out(who)
    return answer


# -- the report -------------------------------------------------------------------------------


async def report_form(request: Request) -> Response:
    """The form: with what was typed and not sent, else with the report that counts, if any."""
    who, site = session(request), _site(request)
    here = office(request)
    found = await here.current(who, site.record)
    if draft := await here.draft(who, site.record):
        known = found is not None and found.operation == draft.operation
        if not known:
            hidden = {"operation": draft.operation, "version": draft.version}
            filled = Filled(hidden, draft.typed, draft=True, held=found is not None)
            return form_page(request, who, site, filled)
        await here.drop_drafts(who, site.record)
    cells = dict(zip(FIELDS, found.cells, strict=True)) if found else {}
    return form_page(request, who, site, Filled(fresh(found), cells, held=found is not None))


async def send_report(request: Request) -> Response:
    """Take a filled-in form: back to it if something is wrong, else on to the confirmation."""
    short = "session_short" in office(request).barriers
    if not short and (late := office(request).door.overdue(token_of(request))):
        return await _keep_draft(request, late)
    who, site = session(request), _site(request)
    here, given = office(request), await form(request)
    _require_stamp(request, who, given)
    hidden = {"operation": operation_key(request, given.text("operation"))}
    hidden["version"] = given.text("version")
    typed = read_typed(given.texts)
    draft = given.text("draft") == "yes"
    if chosen := LANGUAGES.get(given.text("language")):
        answer = form_page(request, who, site, Filled(hidden, typed, draft=draft), chosen)
        remember(answer, chosen)
        return answer
    if "hurry" in here.barriers and _too_late(request, given):
        refusal = Refusal(422, "invalid", say("refused.hurry"))
        return form_page(request, who, site, Filled(hidden, refusal=refusal))
    try:
        cells = read_cells(typed)
        odd = warnings(cells, site.delegates)
        if odd and given.text("confirmed") != "yes":
            return form_page(request, who, site, Filled(hidden, typed, odd, draft=draft))
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
            beside="double_submit" in here.barriers,
        )
    except Refusal as refusal:
        if refusal.code == "operation_reused":
            hidden = fresh(await here.current(who, site.record))
            refusal = Refusal(refusal.status, refusal.code, say("refused.form_reused"))
        elif refusal.code != "invalid":
            raise
        return form_page(request, who, site, Filled(hidden, typed, refusal=refusal, draft=draft))
    if draft:
        await here.drop_drafts(who, site.record)
    return RedirectResponse(f"/report/{site.record}/sent", 303)


async def _keep_draft(request: Request, late: Session) -> Response:
    """Keep a form that came when its sender's session had run out, until they are back."""
    here, record = office(request), str(request.path_params["precinct"])
    here.require_access(late, record)
    given = await form(request)
    _require_stamp(request, late, given)
    typed = {name: given.text(name)[:LONGEST] for name in FIELDS if given.text(name)}
    operation = operation_key(request, given.text("operation"))
    version = given.text("version")[:LONGEST]
    now = here.clock.now()
    await here.keep_draft(Draft(late.key, record, typed, operation, version, now))
    start = "/desk/sign-in" if late.is_operator else "/"
    return RedirectResponse(f"{start}?kept=1", 303)


async def sent(request: Request) -> Response:
    """What the party now holds for this precinct, read back from the database."""
    who, site = session(request), _site(request)
    return sent_page(request, who, site, await office(request).current(who, site.record))


async def send_photo(request: Request) -> Response:
    """Take a photo of the worksheet."""
    who, site = session(request), _site(request)
    here = office(request)
    here.require_access(who, site.record)
    given = await form(request, upload_limit(request))
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
        return sent_page(request, who, site, found, refusal=refusal)
    return sent_page(request, who, site, found, photo_kept=True)


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
    return page(
        request,
        "desk.html",
        wanted=wanted,
        found=found[:FOUND],
        more=len(found) - FOUND,
        reported=here.board.reported,
        sites=here.board.sites,
        has_report=here.board.has,
    )


# -- what is read of a request ----------------------------------------------------------------


def _site(request: Request) -> Site:
    """The site in the address, if this person may see it."""
    here, record = office(request), str(request.path_params["precinct"])
    here.require_access(session(request), record)
    return here.directory.site(record)


def _home(who: Session) -> str:
    return "/desk" if who.is_operator else f"/report/{who.record}"


def _require_stamp(request: Request, who: Session, given: Form) -> None:
    wanted = office(request).door.sessions.stamp(who)
    if not hmac.compare_digest(wanted.encode(), given.text("stamp").encode()):
        raise Refusal(403, "wrong_stamp", say("refused.wrong_stamp"))


def _greeting(request: Request, speak: Language) -> str:
    """Nothing, but with the barrier shared_phone_leak: who was signed in here before."""
    here = office(request)
    if "shared_phone_leak" not in here.barriers:
        return ""
    try:
        site = here.directory.site(session(request).record)
    except Refusal:
        return ""
    return speak("sign_in.last", site=site.name, record=site.record)


def _too_late(request: Request, given: Form) -> bool:
    until = given.text("until")
    return not until.isdecimal() or office(request).clock.now() * 1000 > int(until)


def _searched(site: Site) -> str:
    return f"{site.record} {site.name} {site.county}".casefold()


async def style(request: Request) -> Response:
    """How the pages look."""
    spoiled = office(request).barriers.css
    return Response(_STYLE + spoiled, 200, {"Cache-Control": "max-age=300"}, "text/css")


async def script(request: Request) -> Response:
    """What pages run, where a barrier needs a script; clean pages have none."""
    text = office(request).barriers.script
    return Response(text, 200 if text else 404, media_type="text/javascript")


ROUTES = [
    Route("/", sign_in, methods=["GET", "POST"]),
    Route("/results", results.as_page),
    Route("/language/{tag}", choose_language),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/report/{precinct}", report_form),
    Route("/report/{precinct}", send_report, methods=["POST"]),
    Route("/report/{precinct}/sent", sent),
    Route("/report/{precinct}/photo", send_photo, methods=["POST"]),
    Route("/desk", desk),
    Route("/desk/sign-in", desk_sign_in, methods=["GET", "POST"]),
    Route("/style.css", style),
    Route(SCRIPT, script),
]
