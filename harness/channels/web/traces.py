"""Traces of walks, without what is secret in them.

A trace holds every page as it was and every request as it was sent: a code that a description
takes from the environment would stand there as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, quote_plus
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import orjson

_INSTEAD = b"(secret)"


def take_out(folder: Path, secrets: Iterable[str]) -> None:
    """Take secrets out of every trace below a folder; one that cannot be read is deleted.

    Args:
        secrets: As they are; in traces they are met as forms and JSON write them as well.
    """
    written = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
    if not written:
        return
    for path in folder.rglob("*.zip"):
        try:
            _take_out(path, written)
        except (BadZipFile, OSError):
            path.unlink(missing_ok=True)


def _forms(secret: str) -> set[bytes]:
    plain = {secret, quote(secret, safe=""), quote_plus(secret)}
    return {each.encode() for each in plain} | {orjson.dumps(secret)[1:-1]}


def _take_out(path: Path, written: list[bytes]) -> None:
    with ZipFile(path) as packed:
        members = [(info, packed.read(info)) for info in packed.infolist()]
    if not any(each in content for _, content in members for each in written):
        return
    new = path.with_suffix(".new")
    with ZipFile(new, "w", ZIP_DEFLATED) as packed:
        for info, content in members:
            for each in written:
                content = content.replace(each, _INSTEAD)
            packed.writestr(info, content)
    new.replace(path)
