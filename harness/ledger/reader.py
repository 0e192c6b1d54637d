"""Reading a ledger back: in chunks of whole lines, past a torn end, and checked for gaps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import polars as pl

# The reader of JSON knows 64-bit numbers only; sealing narrows them.
_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "k": pl.String,
    "n": pl.Int64,
    # intent, shed
    "op": pl.String,
    "attempt": pl.Int64,
    "kind": pl.String,
    "record": pl.String,
    "version": pl.Int64,
    "values": pl.List(pl.Int64),
    "who": pl.Int64,
    "role": pl.String,
    "home": pl.String,
    "channel": pl.String,
    "intended": pl.Int64,
    "released": pl.Int64,
    # outcome
    "of": pl.Int64,
    "sent": pl.Int64,
    "done": pl.Int64,
    "outcome": pl.String,
    "answer_class": pl.String,
    "status": pl.Int64,
    "stored_id": pl.String,
    "detail": pl.String,
    # call
    "caller": pl.Int64,
    "line": pl.String,
    "dialled": pl.Float64,
    "answered": pl.Float64,
    "ended": pl.Float64,
    "agent": pl.Int64,
    "cause": pl.String,
    "id": pl.String,
    "trunk": pl.String,
    "digits": pl.Int64,
    "sid": pl.String,
    # header
    "worker": pl.Int64,
}
LINE = pl.Schema(_COLUMNS)
COUNTED = {"intents": "intent", "outcomes": "outcome", "calls": "call", "shed": "shed"}
_SEALS = (b'{"k":"checkpoint"', b'{"k":"trailer"')
_CHUNK = 64 * 1024 * 1024


def chunks(path: Path, size: int = _CHUNK) -> Iterator[bytes]:
    """The file in chunks of whole lines; a last line without its end is left out."""
    with path.open("rb") as file:
        rest = b""
        while data := file.read(size):
            whole, newline, tail = (rest + data).rpartition(b"\n")
            if newline:
                yield whole + newline
            rest = tail


def table(chunk: bytes) -> pl.DataFrame:
    """Lines as rows, with every column of :data:`LINE`; a line that is not JSON is left out."""
    try:
        return pl.read_ndjson(chunk, schema=LINE)
    except pl.exceptions.PolarsError:  # somebody has been at the file: take what can be read
        rows = [row for row in map(_object, chunk.splitlines()) if row is not None]
        columns = {name: [row.get(name) for row in rows] for name in LINE}
        return pl.DataFrame(
            [pl.Series(name, columns[name], kind, strict=False) for name, kind in LINE.items()]
        )


def _object(line: bytes) -> dict[str, object] | None:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) else None


def verify(path: Path) -> list[str]:
    """What is wrong with a ledger: nothing, if it is whole and as it was written.

    Returns:
        Problems in plain words, each beginning with the file's name.
    """
    try:
        return [f"{path.name}: {problem}" for problem in _problems(path)]
    except OSError as error:
        return [f"{path.name}: cannot be read: {error.strerror}"]


def _problems(path: Path) -> Iterator[str]:
    digest, expected, size = hashlib.sha256(), 0, 0
    counts = dict.fromkeys(COUNTED, 0)
    trailer: dict[str, object] | None = None
    for chunk in chunks(path):
        size += len(chunk)
        lines = table(chunk)
        numbers = lines["n"]
        if len(lines) != chunk.count(b"\n"):
            yield f"a line near number {expected} is not JSON"
        jumps = numbers != pl.int_range(expected, expected + len(numbers), eager=True)
        if jumps.fill_null(True).any():
            yield f"line numbers have a gap after {expected + int(jumps.arg_max() or 0) - 1}"
        expected = int(numbers[-1] or 0) + 1 if len(numbers) else expected
        for count, kind in COUNTED.items():
            counts[count] += int((lines["k"] == kind).sum())
        if trailer is not None:
            yield "there are lines after the trailer"
        trailer, problems = _check_digests(chunk, digest)
        yield from problems
    if path.stat().st_size != size:
        yield "the last line is torn: the process died, or the disk was full, while writing it"
    if trailer is None:
        yield "there is no trailer: the process did not end in good order"
    elif any(trailer.get(count) != found for count, found in counts.items()):
        yield "the trailer counts other lines than there are"


def _check_digests(
    chunk: bytes, digest: hashlib._Hash
) -> tuple[dict[str, object] | None, list[str]]:
    """Compare every digest in the chunk with the bytes before it.

    Returns:
        The trailer, if the chunk ends with it, and the problems found.
    """
    at, problems, last = 0, [], None
    for start, end in _seals(chunk):
        digest.update(chunk[at:start])
        at = start
        line = _object(chunk[start:end]) or {}
        if line.get("digest") != digest.hexdigest():
            problems.append(
                f"the digest in line {line.get('n', '?')} does not fit what is before it"
            )
        if line.get("k") == "trailer" and end == len(chunk):
            last = line
    digest.update(chunk[at:])
    return last, problems


def _seals(chunk: bytes) -> list[tuple[int, int]]:
    """Where the lines with digests begin and end, in order."""
    found: list[tuple[int, int]] = []
    for start in _SEALS:
        at = chunk.find(start)
        while at >= 0:
            if at == 0 or chunk[at - 1 : at] == b"\n":
                found.append((at, chunk.index(b"\n", at) + 1))
            at = chunk.find(start, at + 1)
    return sorted(found)
