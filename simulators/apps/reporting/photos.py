"""Photos of the signed worksheet, as chairs send them from their phones."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from simulators.apps.reporting.language import say
from simulators.apps.reporting.schema import photos
from simulators.apps.serving.refusal import Refusal

LARGEST = 6 * 1024 * 1024  # bytes
MOST_DOTS = 100_000_000  # of a picture once it is opened: what a good phone takes, twice
KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo.

    Attributes:
        operation: The sender's key: the same whenever this photo is sent again.
        received: Unix time in wall seconds.
    """

    record: str
    operation: str
    author: str
    image: bytes
    received: float


def kind(image: bytes) -> str:
    """The media type, told by the first bytes.

    Raises:
        Refusal: 413 if it is too large, 422 if it is no picture we can show.
    """
    if len(image) > LARGEST:
        raise Refusal(413, "too_large", say("photo.too_large", limit=LARGEST // 2**20))
    for start, name in KINDS.items():
        if image.startswith(start) and dots(image) <= MOST_DOTS:
            return name
    fault = {"photo": say("photo.not_picture")}
    raise Refusal(422, "invalid", say("photo.kind"), fields=fault)


def dots(image: bytes) -> int:
    """How many dots a PNG says it has; 0 where that cannot be told.

    A few bytes may say billions, and fill the memory of whoever opens them.
    """
    if image[12:16] != b"IHDR" or len(image) < 24:
        return 0
    width, height = struct.unpack(">II", image[16:24])
    return int(width * height)


def keep(connection: Connection, photo: Photo) -> tuple[int, bool]:
    """Store a photo once; returns its number and whether it is new.

    Raises:
        Refusal: 409 if the operation key was used for another picture.
    """
    found = hashlib.sha256(photo.image).hexdigest()
    known = connection.execute(_by_operation, {"operation": photo.operation}).first()
    if known is not None:
        if (known.record, known.sha256) != (photo.record, found):
            raise Refusal(409, "operation_reused", say("photo.key_used"))
        return known.id, False
    row = {
        "record": photo.record,
        "operation": photo.operation,
        "author": photo.author,
        "kind": kind(photo.image),
        "sha256": found,
        "image": photo.image,
        "received": photo.received,
    }
    key = connection.execute(insert(photos), row).inserted_primary_key
    assert key is not None
    return key[0], True


_by_operation = select(photos.c.id, photos.c.record, photos.c.sha256).where(
    photos.c.operation == bindparam("operation")
)
