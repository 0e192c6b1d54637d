"""The help line: callers wait in a queue, hear their place in it, or are called back."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select, update

from simulators.apps.strikes.hook import Hook, can_be_called
from simulators.apps.strikes.office import Office
from simulators.apps.strikes.schema import callbacks, waiting
from simulators.apps.strikes.twiml import HANG_UP, enqueue, gather, response, say

QUEUE = "help"
CHOICE = 15  # seconds to choose
UNSEEN = 5 * 60.0  # drill seconds: who was not heard of for so long has left unnoticed
UNSEEN_AT_LEAST = 20.0  # wall seconds: longer than a webhook of theirs may take
OFFER = "Press 1, and we call you back on the number you call from as soon as somebody is free."


def begin(connection: Connection, office: Office, hook: Hook) -> str:
    """Somebody calls for help."""
    if _places(connection, office) > 0:
        return _wait(connection, office, hook, "All our people are on the phone.")
    return _full(office, hook)


def wait(connection: Connection, office: Office, hook: Hook) -> str:
    """Somebody waits, and the carrier asks what they hear meanwhile."""
    _seen(connection, office, hook)
    place = hook.values.get("QueuePosition", "")
    said = f"You are number {place} in line." if place else "You are in line."
    if not can_be_called(hook.caller):
        return response(say(f"{said} Please hold."), '<Pause length="15"/>')
    return response(
        gather(
            f"{said} Please hold. {OFFER}", action="/voice/help/choice", digits=1, timeout=CHOICE
        )
    )


def choice(connection: Connection, office: Office, hook: Hook) -> str:
    """Somebody in the line has pressed a key, or none."""
    if hook.digits != "1":
        return wait(connection, office, hook)
    _call_back(connection, office, hook)
    return response("<Leave/>")


def offer(connection: Connection, office: Office, hook: Hook) -> str:
    """Somebody for whom there was no place has pressed a key, or none."""
    if hook.digits != "1":
        return response(say("Please call again later. Goodbye."), HANG_UP)
    _call_back(connection, office, hook)
    return response(say("Thank you. We call you back. Goodbye."), HANG_UP)


def left(connection: Connection, office: Office, hook: Hook) -> str:
    """Somebody is no longer in the line: helped, gone, or turned away by the carrier's queue."""
    connection.execute(delete(waiting).where(waiting.c.sid == hook.sid))
    _place_freed(connection, office)
    result = hook.values.get("QueueResult", "")
    if result == "queue-full":
        return _full(office, hook)
    if result == "leave":
        return response(say("Thank you. We call you back. Goodbye."), HANG_UP)
    if result in ("error", "system-error"):
        return response(say("The line has a fault. Please call again. Goodbye."), HANG_UP)
    return response(HANG_UP)


def back(connection: Connection, office: Office, hook: Hook) -> str:
    """Somebody whom we call back has answered: they get the next free place."""
    return _wait(
        connection, office, hook, "This is the help line of the strike line, calling back."
    )


def status(connection: Connection, office: Office, hook: Hook) -> str:
    """The carrier tells that a call is over."""
    if hook.values.get("CallStatus") == "completed":
        connection.execute(delete(waiting).where(waiting.c.sid == hook.sid))
        _place_freed(connection, office)
    return response()


def _wait(connection: Connection, office: Office, hook: Hook, words: str) -> str:
    _seen(connection, office, hook)
    return response(say(words), enqueue(QUEUE, wait="/voice/help/wait", left="/voice/help/left"))


def _full(office: Office, hook: Hook) -> str:
    if office.switches.queue_drops_on_overflow:
        return response(HANG_UP)
    said = "All our people are on the phone, and so many are waiting that we cannot let you wait."
    if not can_be_called(hook.caller):
        return response(say(f"{said} Please call again in a quarter of an hour. Goodbye."), HANG_UP)
    return response(gather(f"{said} {OFFER}", action="/voice/help/offer", digits=1, timeout=CHOICE))


def _places(connection: Connection, office: Office) -> int:
    """Free places in the line."""
    unseen = max(office.clock.wall(UNSEEN), UNSEEN_AT_LEAST)
    connection.execute(delete(waiting).where(waiting.c.seen < office.clock.now() - unseen))
    count: int = connection.execute(select(func.count()).select_from(waiting)).scalar_one()
    return office.settings.help_places - count


def _seen(connection: Connection, office: Office, hook: Hook) -> None:
    connection.execute(delete(waiting).where(waiting.c.sid == hook.sid))
    caller = hook.values.get("To" if "outbound" in hook.values.get("Direction", "") else "From", "")
    row = {"sid": hook.sid, "caller": caller, "line": hook.line, "seen": office.clock.now()}
    connection.execute(insert(waiting), row)


def _call_back(connection: Connection, office: Office, hook: Hook) -> None:
    """Note that somebody wants to be called; once, however often they ask."""
    open_ = callbacks.c.status.in_(("waiting", "due"))
    known = select(callbacks.c.id).where(callbacks.c.caller == hook.caller, open_)
    if connection.execute(known).first() is None:
        row = {
            "caller": hook.caller, "line": hook.line, "asked": office.clock.now(), "sid": "",
            "status": "waiting", "url": f"{hook.base}/voice/help/back",
        }  # fmt: skip
        connection.execute(insert(callbacks), row)


def _place_freed(connection: Connection, office: Office) -> None:
    """Let those be called for whom there are places now."""
    free = _places(connection, office)
    if free <= 0:
        return
    asked = select(callbacks.c.id).where(callbacks.c.status == "waiting").order_by(callbacks.c.id)
    due = list(connection.execute(asked.limit(free)).scalars())
    connection.execute(update(callbacks).where(callbacks.c.id.in_(due)).values(status="due"))
