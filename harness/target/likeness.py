"""A description that is like another one: ``like: ../target.yaml``.

One app set up in several ways (in Docker, on another database, at another vendor) is asked the same
and answers the same. Its second description says what differs, field by field at the top of the
file, and takes the rest from the first.
"""

from __future__ import annotations

from pathlib import Path

from harness.document import Document, read_document

WORD = "like"
_DEEPEST = 5  # descriptions after one another: more is a circle, or nobody can follow it


def read_description(path: Path | str, _depth: int = 0) -> Document:
    """Read a description, with what it takes from another.

    A field that it names itself is its own, whole; one that it says is null it does not have.
    Complaints about what was taken name the file and line where it stands.

    Raises:
        DocumentError: If it, or the one that it is like, cannot be read.
    """
    document = read_document(path)
    if not isinstance(document.data, dict) or WORD not in document.data:
        return document
    name = document.data.pop(WORD)
    if not isinstance(name, str) or not name:
        raise document.error((WORD,), f"found {name!r}, but it must be the path of a description")
    if _depth >= _DEEPEST:
        raise document.error((WORD,), f"{name} is like another one, and so on: is it a circle?")
    found = Path(path).parent / name
    if not found.is_file():
        raise document.error((WORD,), f"there is no {name} beside this file")
    other = read_description(found, _depth + 1)
    for field in other.data if isinstance(other.data, dict) else ():
        if field not in document.data:
            document.data[field] = other.data[field]
            document.taken[field] = other
    return document
