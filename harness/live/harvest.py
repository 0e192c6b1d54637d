"""The harvest: what happened in a live drill goes into the ledger of its run folder.

From there it is sealed into tables like any other ledger (``harness.ledger``), so that checks,
verdict and reports need not know that a live server was there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from harness.ledger import live_log, trailer
from harness.live.funnel import group_of
from harness.live.marking import Mark
from harness.live.model import Event, Happening
from harness.live.roll import Roll
from harness.live.scoring import Terms
from harness.live.store import Live
from harness.live.watcher import LAST_LOOK
from harness.record import RunFolder


async def harvest(database: Path, folder: RunFolder, terms: Terms) -> dict[str, Any]:
    """Copy a drill into ``ledger/live.jsonl``, whole or not at all; seal the folder after it.

    The live server must have ended. It may be done again: the later copy takes the place of the
    earlier one.

    Returns:
        What ``run.json`` says of the drill under ``live``.

    Raises:
        StoreError: If the database cannot be opened.
        OSError: If the journal cannot be written.
    """
    live = await Live.open(database)
    try:
        events = await live.events()
        written = b"".join(orjson.dumps(line) + b"\n" for line in _lines(live.roll, events, terms))
        path = folder.path / "ledger" / live_log.NAME
        partial = path.with_name(f"{path.name}.partial")
        partial.write_bytes(written)
        trailer.finish(partial)
        partial.replace(path)
        looked = (live.settings.get(LAST_LOOK) or {}).get("at")
        return _about(live.roll, events) | {"gone": _gone(live.roll, events, looked)}
    finally:
        await live.close()


def _lines(roll: Roll, events: Sequence[Event], terms: Terms) -> Iterator[dict[str, Any]]:
    yield {"k": "drill", "schema": 1, "within": terms.within, "deadline": terms.deadline}
    for journey in roll:
        about = asdict(journey.volunteer)
        yield {"k": "volunteer"} | {
            name: value for name, value in about.items() if name not in live_log.NOT_KEPT
        }
    for event in events:
        yield {
            "k": "event", "n": event.number, "at": event.at, "what": event.what.value,
            "volunteer": event.volunteer, "detail": _kept(event),
        }  # fmt: skip


def _kept(event: Event) -> dict[str, Any]:
    """What an event tells, without who of the staff wrote it down."""
    return {name: told for name, told in event.detail.items() if name != "by"}


def _about(roll: Roll, events: Sequence[Event]) -> dict[str, Any]:
    """The drill in a few figures."""
    opened = next((each.at for each in events if each.what is Happening.OPEN), None)
    closed = roll.closed if roll.closed is not None else (events[-1].at if events else None)
    people = Counter(group_of(Mark(journey)) for journey in roll)
    return {
        "opened_at": opened,
        "closed_seconds": None if opened is None or closed is None else closed - opened,
        "invited": dict(people),
        "events": len(events),
        "erased": sum(journey.erased for journey in roll),
        "trouble": [
            {
                "what": str(each.detail.get("what", "")),
                "on": bool(each.detail.get("on")),
                "seconds": None if opened is None else each.at - opened,
            }
            for each in roll.troubles
        ],
        "unseen_seconds": round(_unseen(events, closed), 1),
    }


def _gone(roll: Roll, events: Sequence[Event], looked: float | None) -> dict[str, Any]:
    """Reports that the target held and no longer does, as of the look that ended the drill.

    Args:
        looked: When that was; None if the target could not be seen then. A look from before the
            drill was last opened is not that of its end.
    """
    saw_the_end = looked is not None and roll.opened is not None and looked >= roll.opened
    told = sum(each.what is Happening.GONE for each in events)
    records = sorted(record for journey in roll for record in journey.gone.values())
    return {
        "looked": saw_the_end,
        "n": sum(len({each.record for each in journey.seen}) for journey in roll),
        "k": len(records),
        "back": told - len(records),
        "records": records,
    }


def _unseen(events: Sequence[Event], closed: float | None) -> float:
    """Seconds for which the watcher could not see the target while the drill was open."""
    total, lost = 0.0, None
    for event in events:
        if event.what is Happening.WATCH:
            if not event.detail.get("ok"):
                lost = event.at if lost is None else lost
            elif lost is not None:
                total, lost = total + event.at - lost, None
    return total + (closed - lost if lost is not None and closed is not None else 0.0)
