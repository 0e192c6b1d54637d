"""Twelve ways in which strike lines and menus fail, each switchable, each at one place.

They are off unless named at the start (``--defect``). Nothing the app serves tells which are
on: the drill has to find out. ``history`` restates what is on record; ``source`` names who
published it (SOURCES.md is in simulators/data). Where no day is on record for a defect,
``history`` says what makes it likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulators.apps.serving.defect import Defect
from simulators.apps.serving.switches import DefectSwitches

DEFECTS = (
    Defect(
        "no_signature_check",
        "A number was posted on a message board in 2020 and strangers called it; the address of "
        "a webhook leaks as easily, and whoever has it can strike any voter.",
        "NBC News on the Iowa hotline's number (SOURCES.md S4)",
        "Webhooks are believed whoever sends them.",
        "signatures",
    ),
    Defect(
        "retry_loses_digits",
        "A carrier whose first try was slow asks again. An app that begins the step anew on each "
        "request throws away what the first had brought.",
        "Telnyx documentation on webhooks: duplicates happen",
        "A webhook that comes twice wipes the digits that the first brought.",
        "lost:strikes",
    ),
    Defect(
        "code_twice",
        "Carriers deliver some webhooks and texts twice; who adds a row for each counts a voter "
        "twice.",
        "Telnyx documentation on webhooks: duplicates happen",
        "Each delivery of a code stores a row, and counts.",
        "duplicate:strikes",
    ),
    Defect(
        "session_shared",
        "Calls from one office, and all calls that withhold their number, look alike to an app "
        "that knows callers by their number.",
        "",
        "The state of a call is kept under the caller's number; all withheld numbers are one.",
        "sign_in",
    ),
    Defect(
        "queue_drops_on_overflow",
        "Iowa, 3 February 2020: the hotline was deluged; callers were cut off and dialled again.",
        "New York Times, The Gazette, 4 Feb 2020 (SOURCES.md S4)",
        "When all places in the help line are taken, it hangs up without a word.",
        "phones:help",
    ),
    Defect(
        "fallback_dead",
        "Project Houdini, 4 November 2008: when the line collapsed it took critical reporting "
        "channels with it.",
        "techPresident, 16 Dec 2008 (SOURCES.md S14)",
        "The address that the carrier turns to when the app fails is itself an error.",
        "fallback",
    ),
    Defect(
        "menu_timeout_too_short",
        "Volunteers keyed codes from a paper sheet, by cell phone, on a November morning.",
        "The Atlantic, Nov 2008, quoted at blogarama.com (SOURCES.md S14)",
        "The menu waits one second for the next key; slow pressers are cut.",
        "sign_in",
    ),
    Defect(
        "reply_split_wrong",
        "Project Houdini, 4 November 2008: accepting codes by text message did not work. A reply "
        "longer than one text is where such systems go wrong first.",
        "Politico, 4 Nov 2008 (SOURCES.md S14)",
        "Of a reply longer than one text only the last piece is sent.",
        "keypad:sms",
    ),
    Defect(
        "opt_out_ignored",
        "Who texts STOP must get no more texts; carriers cut off senders that go on.",
        "Twilio documentation: error 21610 (SOURCES.md S15)",
        "Confirmation texts go to people who have opted out.",
        "opt_out",
    ),
    Defect(
        "state_lost_on_restart",
        "Project Houdini, 4 November 2008: staff killed the line at about 11 and it came back "
        "later. What was in its memory then is not on record.",
        "National Journal, 7 Nov 2008; loganreed.com, Nov 2008 (SOURCES.md S14)",
        "Calls and codes are in memory only, and written every 10 drill minutes.",
        "lost:strikes",
    ),
    Defect(
        "stored_at_hang_up",
        "Batches of 50 to 300 codes were keyed in one call, on lines that were cut off.",
        "loganreed.com, 4 Nov 2008 (SOURCES.md S14)",
        "Codes are confirmed at once, kept in memory, and stored when the call is over; what stops "
        "the app before then loses them.",
        "lost:strikes",
    ),
    Defect(
        "strike_list_stale",
        "The purpose of the codes was that nobody knocks at the door of somebody who has voted.",
        "techPresident, 16 Dec 2008 (SOURCES.md S14)",
        "The list for door knockers is made once and not updated.",
        "lost:lists",
    ),
)


@dataclass(frozen=True, slots=True)
class Switches(DefectSwitches):
    """Which defects are on.

    Example:
        >>> Switches.on(["code_twice"]).code_twice
        True
    """

    APP: ClassVar[str] = "strikes"

    no_signature_check: bool = False
    retry_loses_digits: bool = False
    code_twice: bool = False
    session_shared: bool = False
    queue_drops_on_overflow: bool = False
    fallback_dead: bool = False
    menu_timeout_too_short: bool = False
    reply_split_wrong: bool = False
    opt_out_ignored: bool = False
    state_lost_on_restart: bool = False
    stored_at_hang_up: bool = False
    strike_list_stale: bool = False
