"""Bodies that are none, in place of an honest one's. Each must be refused, and none may hurt."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson

from harness.hostile.attempt import Attempt
from harness.hostile.body import with_body
from harness.hostile.raid import Raid
from harness.target.hostile_model import Junk
from harness.target.wire import Answered, Request

# As much as fits below the limits that apps have for a body, so that somebody has to read it.
_DEEP = 20_000  # brackets
_DIGITS = 5_000  # more than the 4,300 that Python reads as one number
_LONG_NAME = 1 << 20  # bytes
_NUMBER = re.compile(rb"(:\s*)\d+(?=\s*[,}])")


def _with_texts(body: bytes, change: Callable[[str], str]) -> bytes:
    """A JSON body with each of its texts changed; any other body with what a text becomes."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body + change("").encode()

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(each) for key, each in value.items()}
        if isinstance(value, list):
            return [walk(each) for each in value]
        return change(value) if isinstance(value, str) else value

    if not isinstance(data, dict):
        return body + change("").encode()
    return orjson.dumps({name: walk(value) for name, value in data.items()})


def _huge(body: bytes) -> bytes:
    """A JSON body whose first number has 5,000 digits; any other body with such a number."""
    number = b"9" * _DIGITS
    changed, places = _NUMBER.subn(rb"\g<1>" + number, body, count=1)
    return changed if places else b'{"number": ' + number + b"}"


# What becomes of an honest body, and of its media type where that is part of it.
JUNK: dict[Junk, tuple[Callable[[bytes], bytes], str | None]] = {
    "half_json": (lambda body: body[: max(1, len(body) // 2)], None),
    "not_an_object": (lambda body: b"[1, 2, 3]", None),
    "deep_nesting": (lambda body: b"[" * _DEEP + b"]" * _DEEP, None),
    "huge_number": (_huge, None),
    "nul": (lambda body: _with_texts(body, lambda text: f"{text}\0"), None),
    "invalid_utf8": (lambda body: b'{"name": "\xff\xfe\xc3"}', None),
    "wrong_content_type": (
        lambda body: b'<?xml version="1.0"?><report><cells>1</cells></report>',
        "application/xml",
    ),
    "long_names": (lambda body: b'{"' + b"n" * _LONG_NAME + b'": 1}', None),
}


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Send each kind of junk with one's own account."""
    how, own = raid.model.junk, raid.device(raid.own)
    assert how is not None
    if why := await raid.signed_in(own):
        yield raid.cannot_tell(why, raid.own.record)
        return
    if why := await raid.owner_writes(own, how.of):
        yield raid.cannot_tell(why, raid.own.record)
        return
    values = raid.values if how.of in ("submit_report", "amend_report") else None
    for kind in how.kinds:
        spoil, media = JUNK[kind]

        def change(request: Request, spoil: Any = spoil, media: str | None = media) -> Request:
            return with_body(request, spoil(request.body), media)

        async def send(change: Any = change) -> Answered:
            await raid.pace()
            return await own.perform(
                how.of, raid.own.record, values, version=raid.next_version(), change=change
            )

        yield await raid.trying(own, raid.own.record, send, kind.replace("_", " "))
    if why := await raid.still_in(own):
        yield raid.cannot_tell(why, raid.own.record)
