"""A tiny app that speaks TwiML, for tests: ``python phone_app.py PORT``.

Callers sign in with a precinct and a PIN, then key four-digit codes until they hang up; texts
carry a PIN and codes. ``GET /codes`` tells every code as often as it was taken. The environment
has its carrier's account; ``PHONE_APP_DEFECT`` switches on ``twice`` (a webhook that comes again
is taken again) or ``unsigned`` (nobody looks at signatures).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import sys
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = os.environ.get("CARRIER_TOKEN", "")
DEFECT = os.environ.get("PHONE_APP_DEFECT", "")
PINS = {"0012": "4321"}
taken: list[str] = []
answered: dict[str, str] = {}  # by idempotency token
statuses: list[str] = []


async def form_of(request: Request) -> dict[str, str] | None:
    """The form, None if it was not signed by the carrier."""
    form = parse_qsl((await request.body()).decode(), keep_blank_values=True)
    text = str(request.url) + "".join(name + value for name, value in sorted(form))
    made = base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest())
    signed = hmac.compare_digest(made.decode(), request.headers.get("x-twilio-signature", ""))
    return dict(form) if signed or DEFECT == "unsigned" else None


def says(words: str, ask: str = "", action: str = "") -> str:
    if not ask:
        return f"<Response><Say>{words}</Say><Hangup/></Response>"
    return (
        f'<Response><Say>{words}</Say><Gather numDigits="4" action="{action}" timeout="20">'
        f"<Say>{ask}</Say></Gather><Say>Goodbye.</Say></Response>"
    )


def twiml(text: str) -> Response:
    return Response(text, media_type="text/xml")


async def voice(request: Request) -> Response:
    if await form_of(request) is None:
        return Response(status_code=403)
    return twiml(says("Welcome.", "Enter your precinct.", "/voice/precinct"))


async def precinct(request: Request) -> Response:
    form = await form_of(request)
    if form is None:
        return Response(status_code=403)
    where = form["Digits"]
    return twiml(says("Good.", "Enter your PIN.", f"/voice/pin?at={where}"))


async def pin(request: Request) -> Response:
    form = await form_of(request)
    if form is None:
        return Response(status_code=403)
    at = request.query_params["at"]
    if PINS.get(at) != form["Digits"]:
        return twiml(says("Wrong."))
    return twiml(says("You are signed in.", "Enter a code.", f"/voice/code?at={at}"))


async def code(request: Request) -> Response:
    form = await form_of(request)
    if form is None:
        return Response(status_code=403)
    token = request.headers.get("i-twilio-idempotency-token", "")
    if DEFECT != "twice" and token in answered:
        return twiml(answered[token])
    at = request.query_params["at"]
    again = form["Digits"] in taken and DEFECT != "twice"
    if not again:
        taken.append(form["Digits"])
    said = "Already recorded." if again else "Thank you."
    answered[token] = says(said, "Enter another code.", f"/voice/code?at={at}")
    return twiml(answered[token])


async def sms(request: Request) -> Response:
    form = await form_of(request)
    if form is None:
        return Response(status_code=403)
    number, *codes = form["Body"].split()
    if number not in PINS.values():
        return twiml("<Response><Message>Sorry, wrong PIN.</Message></Response>")
    taken.extend(codes)
    return twiml(f"<Response><Message>OK {len(codes)}</Message></Response>")


async def status(request: Request) -> Response:
    form = await form_of(request)
    if form is None:
        return Response(status_code=403)
    statuses.append(form["CallStatus"])
    return Response(status_code=204)


async def codes(request: Request) -> Response:
    return JSONResponse({"codes": taken, "statuses": statuses})


async def health(request: Request) -> Response:
    return JSONResponse({"build": "1"})


app = Starlette(
    routes=[
        Route("/voice", voice, methods=["POST"]),
        Route("/voice/precinct", precinct, methods=["POST"]),
        Route("/voice/pin", pin, methods=["POST"]),
        Route("/voice/code", code, methods=["POST"]),
        Route("/voice/status", status, methods=["POST"]),
        Route("/sms", sms, methods=["POST"]),
        Route("/codes", codes),
        Route("/health", health),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
