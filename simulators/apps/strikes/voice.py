"""The strike line's spoken menu: precinct number, PIN, then codes, one after the other.

Each code is stored before it is confirmed aloud. ``*``, silence or hanging up ends the call. What
is asked next is in the address that the carrier comes back to; what is known so far is in the
database, under the call's own name.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from simulators.apps.serving.refusal import Refusal
from simulators.apps.strikes import calls, outbox, strikes
from simulators.apps.strikes.calls import Call
from simulators.apps.strikes.directory import FOUR
from simulators.apps.strikes.hook import Hook, can_be_called
from simulators.apps.strikes.office import Office
from simulators.apps.strikes.twiml import HANG_UP, gather, response, say, spoken

PATIENCE = 15  # seconds for the next key: keys are pressed by people who look at a paper sheet
HASTE = 1  # seconds, with the defect menu_timeout_too_short
SILENCES = 2  # prompts without an answer before the call is ended
TRIES = 4  # wrong precincts and PINs in one call before it is ended
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

ASK_PRECINCT = "Enter your four-digit precinct number."
ASK_PIN = "Enter your four-digit PIN."
ASK_CODE = "Enter the next code, or hang up."
SORRY = (
    "This line has a fault. Codes that were confirmed to you are safe. Please text the others to "
    "this number: your precinct, your PIN, then the codes, with blanks between. Or use the web "
    "page. Goodbye."
)


def begin(connection: Connection, office: Office, hook: Hook) -> str:
    """Somebody calls."""
    call = Call(office.call_key(hook), hook.caller, hook.line, began=office.clock.now())
    calls.begin(connection, call)
    return _ask(office, "precinct", f"Strike line. {ASK_PRECINCT}")


def precinct(connection: Connection, office: Office, hook: Hook) -> str:
    """They have keyed a precinct number, or nothing."""
    call = _call(connection, office, hook)
    if not FOUR.fullmatch(hook.digits):
        return _again(connection, office, hook, call, "precinct", ASK_PRECINCT)
    if hook.digits not in office.directory.precincts:
        said = f"Precinct {spoken(hook.digits)} is not on our list."
        return _wrong(connection, office, call, said)
    calls.keep(connection, replace(call, precinct=hook.digits, silences=0))
    return _ask(office, "pin", ASK_PIN)


def pin(connection: Connection, office: Office, hook: Hook) -> str:
    """They have keyed a PIN, or nothing."""
    call = _call(connection, office, hook)
    if not call.precinct:
        return _forgotten(office)
    if not FOUR.fullmatch(hook.digits):
        return _again(connection, office, hook, call, "pin", ASK_PIN)
    try:
        watcher = office.watcher(call.precinct, hook.digits)
    except Refusal as refusal:
        named = f"precinct {spoken(call.precinct)}"
        said = {
            "locked": f"There were too many wrong PINs, and {named} is locked for some minutes.",
            "wrong_pin": f"I do not know that PIN for {named}.",
        }
        return _wrong(connection, office, call, said.get(refusal.code, refusal.message))
    calls.keep(connection, replace(call, watcher=watcher.key, silences=0, wrong=0))
    return _ask(office, "code", "Thank you. Enter the first code, four digits.")


def code(connection: Connection, office: Office, hook: Hook) -> str:
    """They have keyed a voter's code, or nothing."""
    call = _call(connection, office, hook)
    if not call.watcher:
        return _forgotten(office)
    given = hook.digits
    if not FOUR.fullmatch(given):
        return _again(connection, office, hook, call, "code", ASK_CODE)
    place = office.directory.precinct(call.precinct)
    if given not in place.codes:
        calls.keep(connection, replace(call, silences=0))
        said = f"Code {spoken(given)} is not on the list of precinct {spoken(call.precinct)}."
        return _ask(office, "code", f"{said} Compare it with your sheet and enter it again.")
    call = replace(call, silences=0)
    if office.switches.stored_at_hang_up:
        kept = office.kept_back.setdefault(call.key, [])
        new = given not in kept
        kept.append(given)
    else:
        author = call.watcher
        new = office.strike(connection, call.precinct, given, "voice", author, hook.sid)
    calls.keep(connection, call)
    said = "Thank you. Code {} is recorded." if new else "Code {} was already recorded."
    return _ask(office, "code", f"{said.format(spoken(given))} {ASK_CODE}")


def status(connection: Connection, office: Office, hook: Hook) -> str:
    """The carrier tells how a call goes; when it is over, the caller is sent a confirmation."""
    call = calls.find(connection, office.call_key(hook))
    said = hook.values.get("CallStatus", "")
    if call is None or said not in OVER:
        return response()
    office.settle(connection, call, hook.sid)
    now = office.clock.now()
    calls.keep(connection, replace(call, ended=now))
    wanted = office.switches.opt_out_ignored or not outbox.opted_out(connection, call.caller)
    count = strikes.brought(connection, hook.sid)
    if count and can_be_called(call.caller) and wanted:
        codes = _codes(count)
        outbox.queue_text(
            connection,
            about=hook.sid,
            sender=call.line,
            recipient=call.caller,
            body=f"Precinct {call.precinct}: {codes} recorded from your call. "
            "Reply STOP for no more texts, HELP for help.",
            now=now,
        )
    return response()


def sorry() -> str:
    """What callers hear when the app has failed: it needs no database and nothing else of ours."""
    return response(say(SORRY), HANG_UP)


def _call(connection: Connection, office: Office, hook: Hook) -> Call:
    """The call, as far as it is known."""
    key = office.call_key(hook)
    return calls.find(connection, key) or calls.begin(
        connection, Call(key, hook.caller, hook.line, began=office.clock.now())
    )


def _ask(office: Office, step: str, words: str) -> str:
    haste = office.switches.menu_timeout_too_short
    timeout = HASTE if haste else PATIENCE
    return response(gather(words, action=f"/voice/{step}", digits=4, timeout=timeout))


def _again(
    connection: Connection, office: Office, hook: Hook, call: Call, step: str, prompt: str
) -> str:
    """No code, or half of one: ask again, unless that was all or nobody is there."""
    if hook.star or (not hook.digits and call.silences >= SILENCES):
        return _goodbye(connection, office, hook, call)
    silences = 0 if hook.digits else call.silences + 1
    calls.keep(connection, replace(call, silences=silences))
    heard = (
        f"I heard {' '.join(hook.digits)}, not four digits." if hook.digits else "I heard no key."
    )
    return _ask(office, step, f"{heard} {prompt}")


def _wrong(connection: Connection, office: Office, call: Call, said: str) -> str:
    """A wrong precinct or PIN: from the beginning, some times."""
    call = replace(call, precinct="", wrong=call.wrong + 1, silences=0)
    calls.keep(connection, call)
    if call.wrong < TRIES:
        return _ask(office, "precinct", f"{said} Let us begin again. {ASK_PRECINCT}")
    return response(
        say(f"{said} Please look up your codes, or call headquarters. Goodbye."), HANG_UP
    )


def _forgotten(office: Office) -> str:
    said = "I do not know this call any more. Please begin again."
    return _ask(office, "precinct", f"{said} {ASK_PRECINCT}")


def _goodbye(connection: Connection, office: Office, hook: Hook, call: Call) -> str:
    office.settle(connection, call, hook.sid)
    calls.keep(connection, replace(call, ended=office.clock.now()))
    count = strikes.brought(connection, hook.sid)
    if not count:
        return response(say("Goodbye."), HANG_UP)
    said = f"{_codes(count)} recorded for precinct {spoken(call.precinct)}."
    return response(say(f"{said} Thank you, and goodbye."), HANG_UP)


def _codes(count: int) -> str:
    return "1 code is" if count == 1 else f"{count} codes are"
