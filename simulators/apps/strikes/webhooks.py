"""The addresses that the carrier calls. All but one are closed to everybody else.

The fallback alone asks for no signature: it reads nothing, changes nothing, and has to speak when
the signing itself is what has failed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.apps.serving.refusal import Refusal
from simulators.apps.strikes import help_line, sms, voice
from simulators.apps.strikes.hook import Hook
from simulators.apps.strikes.office import Office, Step
from simulators.apps.strikes.requests import office, pairs
from simulators.apps.strikes.signature import SETTINGS, SIGNATURE, is_signed

TOKEN = "i-twilio-idempotency-token"  # noqa: S105 - the name of a header


def answering(step: Step) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that checks who asks, does a step once, and answers in TwiML."""

    async def answer(request: Request) -> Response:
        here = office(request)
        hook = await read(request, here)
        return xml(await here.answer(step, hook))

    return answer


async def read(request: Request, here: Office) -> Hook:
    """A webhook of the carrier's.

    Raises:
        Refusal: 403 if the carrier has not signed it.
    """
    posted = await pairs(request) if request.method == "POST" else []
    url = here.settings.public_url.rstrip("/") + _target(request)
    if not here.settings.public_url:
        url = f"{request.url.scheme}://{request.headers.get('host', '')}{_target(request)}"
    account = here.settings.carrier
    right = here.switches.no_signature_check or is_signed(
        token=account.token,
        shared_key=account.shared_key,
        url=url,
        values=posted,
        signature=request.headers.get(SIGNATURE, ""),
        settings=request.headers.get(SETTINGS, ""),
    )
    if not right:
        message = "The phone carrier has not signed this request."
        raise Refusal(403, "not_signed", message)
    parts = urlsplit(url)
    values = dict([*request.query_params.multi_items(), *posted])
    token = request.headers.get(TOKEN, "")[:80]
    return Hook(request.url.path, f"{parts.scheme}://{parts.netloc}", token, values)


async def sorry(request: Request) -> Response:
    """What the carrier plays when the app has failed."""
    if request.app.state.switches.fallback_dead:
        return Response("The fallback has failed.", 500, media_type="text/plain")
    return xml(voice.sorry())


def xml(body: str) -> Response:
    """TwiML as an answer."""
    return Response(body, media_type="text/xml")


def _target(request: Request) -> str:
    """Path and query as they were sent: what is signed must not be tidied up."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return (path.partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")


_STEPS: dict[str, Step] = {
    "/voice": voice.begin,
    "/voice/precinct": voice.precinct,
    "/voice/pin": voice.pin,
    "/voice/code": voice.code,
    "/voice/status": voice.status,
    "/voice/help": help_line.begin,
    "/voice/help/wait": help_line.wait,
    "/voice/help/choice": help_line.choice,
    "/voice/help/offer": help_line.offer,
    "/voice/help/left": help_line.left,
    "/voice/help/back": help_line.back,
    "/voice/help/status": help_line.status,
    "/sms": sms.receive,
}
METHODS = ["GET", "POST"]
ROUTES = [
    Route("/voice/sorry", sorry, methods=METHODS),
    *(Route(path, answering(step), methods=METHODS) for path, step in _STEPS.items()),
]
