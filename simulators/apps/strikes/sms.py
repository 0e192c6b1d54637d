"""Strikes by text: precinct number, PIN, then codes; taken whole or not at all."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert

from simulators.apps.serving.refusal import Refusal
from simulators.apps.strikes.directory import FOUR
from simulators.apps.strikes.hook import Hook
from simulators.apps.strikes.office import Office
from simulators.apps.strikes.outbox import opted_out
from simulators.apps.strikes.schema import opt_outs
from simulators.apps.strikes.segments import last_piece, split
from simulators.apps.strikes.twiml import message, response

STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
START = frozenset({"start", "yes", "unstop"})
HELP = frozenset({"help", "info"})
IF_WRONG = "If one is wrong, call headquarters."
HOW = "Text precinct number, PIN and codes, as in: 0012 4821 4711 4712."


def receive(connection: Connection, office: Office, hook: Hook) -> str:
    """Somebody has sent a text."""
    word = hook.values.get("Body", "").strip().casefold()
    if word in STOP:
        return _stop(connection, office, hook)
    if word in START:
        connection.execute(delete(opt_outs).where(opt_outs.c.number == hook.caller))
        return _reply(office, f"You get texts again. {HOW} STOP ends them.")
    if word in HELP:
        return _reply(office, f"Strike line. {HOW} Or call this number. STOP ends texts.")
    said = _take(connection, office, hook)
    silent = opted_out(connection, hook.caller) and not office.switches.opt_out_ignored
    return response() if silent else _reply(office, said)


def _take(connection: Connection, office: Office, hook: Hook) -> str:
    """Take the codes of a text, all or none; returns what to reply."""
    words = hook.values.get("Body", "").replace(",", " ").split()
    nothing = "Nothing was taken."
    if odd := [word for word in words if not FOUR.fullmatch(word)]:
        named = " ".join(word[:20] for word in odd)
        return f"Not four digits: {named}. {nothing} {HOW}"
    if len(words) < 3:
        return f"Codes are missing. {nothing} {HOW}"
    number, pin, *codes = words
    codes = list(dict.fromkeys(codes))
    try:
        watcher = office.watcher(number, pin)
    except Refusal as refusal:
        return f"{refusal.message} {nothing} {HOW}"
    listed = office.directory.precinct(number).codes
    if strange := [code for code in codes if code not in listed]:
        return (
            f"Not on the list of precinct {number}: {' '.join(strange)}. {nothing} "
            "Compare with your sheet and send all codes of this text again."
        )
    new = [office.strike(connection, number, code, "sms", watcher.key, hook.sid) for code in codes]
    count = f"{len(codes)} code{'s' * (len(codes) != 1)}"
    before = f" ({len(new) - sum(new)} recorded before)" if not all(new) else ""
    return f"OK {count} for precinct {number}{before}: {' '.join(codes)}. {IF_WRONG}"


def _stop(connection: Connection, office: Office, hook: Hook) -> str:
    if opted_out(connection, hook.caller):
        return response()
    row = {"number": hook.caller, "since": office.clock.now()}
    connection.execute(insert(opt_outs), row)
    return _reply(office, "You get no more texts from us. Codes you text are still taken. "
                          "START turns texts on again.")  # fmt: skip


def _reply(office: Office, text: str) -> str:
    parts = [last_piece(text)] if office.switches.reply_split_wrong else split(text)
    return response(*map(message, parts))
