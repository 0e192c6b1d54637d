"""Files that nobody should take: too large, not what they say, traps for whoever opens them."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from harness.hostile.attempt import LET_IN, REFUSED, UNKNOWN, Attempt
from harness.hostile.body import kind_of, with_body
from harness.hostile.raid import Raid
from harness.target.hostile_model import Upload
from harness.target.scope import photo
from harness.target.wire import Answered, Request

_BOUNDARY = re.compile(r'boundary="?([^";]+)')
_MEGABYTE = 1 << 20
_VAST = 60_000  # dots each way: 10 GB once it is opened
_PARENTS = 4  # folders up from the app's data in which a file is looked for


@dataclass(frozen=True)
class File:
    """One file as it is sent."""

    name: str
    kind: str
    content: bytes


def png_bomb() -> bytes:
    """A PNG of 60,000 by 60,000 dots in less than a hundred bytes: its rows are not there."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", _VAST, _VAST, 8, 6, 0, 0, 0)
    rows = zlib.compress(b"\0" * 64)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    )


def files(mark: str, largest_mb: float) -> dict[Upload, File]:
    """Every file by its kind.

    Args:
        mark: In the name of the file whose path leads out.
        largest_mb: What the app says it takes.
    """
    size = int((largest_mb + 1) * _MEGABYTE)
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="fetch(\'/\')">'
        b"<script>alert(document.cookie)</script></svg>"
    )
    return {
        "oversized": File("worksheet.png", "image/png", photo(mark) + b"\0" * size),
        "wrong_type": File("worksheet.png", "image/png", b"\x7fELF\x02\x01\x01" + b"\0" * 200),
        "png_bomb": File("worksheet.png", "image/png", png_bomb()),
        "svg_script": File("worksheet.svg", "image/svg+xml", svg),
        "path_in_name": File(f"../../../{mark}.png", "image/png", photo(mark)),
    }


def with_file(request: Request, field: str | None, file: File) -> Request:
    """The request with another file: in its form's part of that name, or as its body."""
    if field is None:
        return with_body(request, file.content, file.kind)
    part = (
        f'Content-Disposition: form-data; name="{field}"; filename="{file.name}"\r\n'
        f"Content-Type: {file.kind}\r\n\r\n"
    ).encode() + file.content
    found = _BOUNDARY.search(kind_of(request))
    if "multipart/form-data" not in kind_of(request) or found is None:
        mark = b"drillhall-hostile"
        body = b"--" + mark + b"\r\n" + part + b"\r\n--" + mark + b"--\r\n"
        return with_body(request, body, f"multipart/form-data; boundary={mark.decode()}")
    cut = b"--" + found[1].encode()
    kept = [
        each
        for each in request.body.split(cut)[1:-1]
        if f'name="{field}"'.encode() not in each.partition(b"\r\n\r\n")[0]
    ]
    parts = [*kept, b"\r\n" + part + b"\r\n"]
    return with_body(request, b"".join(cut + each for each in parts) + cut + b"--\r\n")


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Send each file with one's own account."""
    how, own = raid.model.hostile_upload, raid.device(raid.own)
    assert how is not None
    if why := await raid.signed_in(own):
        yield raid.cannot_tell(why, raid.own.record)
        return
    if why := await raid.owner_writes(own, how.of):
        yield raid.cannot_tell(why, raid.own.record)
        return
    mark = raid.mark.replace("preflight-", "")
    for kind in how.kinds:
        file = files(mark, how.largest_mb)[kind]

        async def send(file: File = file) -> Answered:
            await raid.pace()
            return await own.perform(
                how.of, raid.own.record, change=lambda request: with_file(request, how.field, file)
            )

        attempt = await raid.trying(own, raid.own.record, send, kind.replace("_", " "))
        yield _followed(raid, attempt, mark) if kind == "path_in_name" else attempt
    if why := await raid.still_in(own):
        yield raid.cannot_tell(why, raid.own.record)


def _followed(raid: Raid, attempt: Attempt, mark: str) -> Attempt:
    """What taking a file says whose name leads out of its folder: only where it lies decides."""
    if attempt.outcome != LET_IN:
        return attempt
    data = raid.target.data
    if data is None:
        said = "path in name: taken, and where it lies cannot be seen from here"
        return replace(attempt, outcome=UNKNOWN, detail=said)
    outside = [*data.parents[:_PARENTS], data.anchor and data.parents[-1]]
    if any((folder / f"{mark}.png").exists() for folder in outside if folder):
        return replace(attempt, detail="path in name: it was stored outside of its folder")
    said = "path in name: taken, and not stored under that name"
    return replace(attempt, outcome=REFUSED, detail=said)
