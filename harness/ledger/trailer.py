"""The last line of a log: the number of lines before it, and the SHA-256 of all their bytes.

Whoever ended a log's writer in good order adds it, so that a log which was cut short, or touched,
is known for one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson

_BEGINS = b'{"k":"trailer"'


def finish(path: Path) -> None:
    """Add the last line to a log whose writer has ended in good order.

    Raises:
        OSError: If it cannot be read or written.
    """
    written = path.read_bytes() if path.is_file() else b""
    last = {
        "k": "trailer",
        "lines": written.count(b"\n"),
        "digest": hashlib.sha256(written).hexdigest(),
    }
    with path.open("ab") as file:
        file.write(orjson.dumps(last) + b"\n")


def problems(path: Path, writer: str) -> list[str]:
    """What is wrong with a log: nothing, if it is whole and as it was written.

    Args:
        writer: What wrote it, in words.
    """
    if not path.is_file():
        return [f"{path.name}: missing, though the drill had a {writer}"]
    written = path.read_bytes()
    start = written.rfind(b"\n", 0, -1) + 1
    last = written[start:]
    if not (last.startswith(_BEGINS) and last.endswith(b"\n")):
        return [f"{path.name}: there is no trailer: the {writer} did not end in good order"]
    said = orjson.loads(last)
    if said["digest"] != hashlib.sha256(written[:start]).hexdigest():
        return [f"{path.name}: the digest in the trailer does not fit what is before it"]
    return []
