"""Reading requests: bodies with a limit, tokens, operation keys, and answers in JSON."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.reporting import photos
from simulators.apps.reporting.language import say
from simulators.apps.reporting.office import Office
from simulators.apps.reporting.sessions import Session
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import SMALL, body, json_object, require_size

COOKIE = "session"
DEVICE = "device"  # the cookie of a device on which somebody has signed in before
DEVICE_KEPT = 30 * 24 * 3600  # wall seconds
KEY_LENGTH = 120  # characters of an operation key
TRUSTING = 1 << 30  # bytes: no limit to speak of


def office(request: Request) -> Office:
    """The office that serves this request."""
    found: Office = request.app.state.office
    return found


def token(request: Request) -> str | None:
    """The bearer token, else the session cookie."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE)


def session(request: Request) -> Session:
    """Who sent this request.

    Raises:
        Refusal: 401 if nobody is signed in.
    """
    return office(request).door.session(token(request))


Answer = TypeVar("Answer", bound=Response)


def remembered(request: Request, answer: Answer, proof: str, age: int, login: str) -> Answer:
    """An answer with the cookies of somebody who has just signed in.

    Args:
        proof: The session's token.
        age: Wall seconds that the session's cookie lasts.
        login: What they signed in as; empty where they did by a one-time code.
    """
    here = office(request)
    here.door.sessions.adopt(request.cookies.get(COOKIE), proof)
    if login:
        mark = here.door.sessions.device(login)
        answer.set_cookie(DEVICE, mark, max_age=DEVICE_KEPT, httponly=True, samesite="strict")
    answer.set_cookie(COOKIE, proof, max_age=age, httponly=True, samesite="strict")
    return answer


async def submitted(request: Request) -> dict[str, Any]:
    """The JSON object of a report.

    With the defect junk_crashes it is read as if everybody sent what they should.
    """
    if not office(request).switches.junk_crashes:
        return await json_object(request)
    found: dict[str, Any] = json.loads(await body(request, TRUSTING))
    return found


def upload_limit(request: Request) -> int:
    """Most bytes of a request with a photo.

    With the defect oversized_upload whatever comes is taken into memory, and a request that is
    larger than a photo may be gets the process killed, as the kernel does where memory ends.
    """
    limit = photos.LARGEST + 64 * 1024
    if not office(request).switches.oversized_upload:
        return limit
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        os.kill(os.getpid(), signal.SIGKILL)
    return TRUSTING


@dataclass(frozen=True)
class Form:
    """What a page sent: texts, and files as bytes, by the names of the boxes."""

    texts: dict[str, str]
    files: dict[str, bytes]

    def text(self, name: str) -> str:
        """What was typed, without blanks at the ends; empty if there is no such box."""
        return self.texts.get(name, "").strip()


async def form(request: Request, limit: int = SMALL) -> Form:
    """The body as a form; ``limit`` is for the whole of it.

    Raises:
        Refusal: 411 if it does not say how long it is, 413 if it is too long.
    """
    if "content-length" not in request.headers:
        raise Refusal(411, "length_required", say("refused.length_required"))
    require_size(request, limit)
    texts, files = {}, {}
    async with request.form(max_files=4, max_fields=100, max_part_size=limit) as given:
        for name, value in given.items():
            if isinstance(value, UploadFile):
                files[name] = await value.read()
            else:
                texts[name] = value
    return Form(texts, files)


def operation_key(request: Request, given: object) -> str:
    """The operation key, from the ``Idempotency-Key`` header or from the body.

    Raises:
        Refusal: 422 if there is none, or two that differ.
    """
    header = request.headers.get("idempotency-key", "")
    key = header or (given if isinstance(given, str) else "")
    fault = ""
    if not key:
        fault = "Send a key of your own in the Idempotency-Key header; the same one on a retry."
    elif given not in (None, key):
        fault = "The Idempotency-Key header and the body have different keys."
    elif len(key) > KEY_LENGTH or not key.isprintable():
        fault = f"A key has at most {KEY_LENGTH} printable characters."
    if fault:
        raise Refusal(422, "invalid", fault, fields={"operation": fault})
    return key
