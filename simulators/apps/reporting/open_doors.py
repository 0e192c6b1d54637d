"""Defects of the reporting app that let intruders in, or let them bring it down.

No campaign's night is on record for any of them. Where somebody else's day is, ``history`` says
whose; else the mistake is common enough to have a number in the Common Weakness Enumeration.
"""

from __future__ import annotations

from simulators.apps.serving.defect import Defect

_NOBODY = "No campaign's night is on record for it."
_CWE = "Common Weakness Enumeration, cwe.mitre.org (SOURCES.md S22)"

INTRUSIONS = (
    Defect(
        "foreign_read",
        f"Whoever is signed in reads any record whose name they know. {_NOBODY}",
        f"CWE-639, {_CWE}",
        "A chair may read the report of any precinct.",
        "intrusions:foreign_read",
    ),
    Defect(
        "unsigned_tokens",
        f"A token is read, and what proves it is not looked at. {_NOBODY}",
        f"CWE-347, {_CWE}",
        "The signature of a session's token is not compared.",
        "intrusions:forged_token",
    ),
    Defect(
        "token_survives_sign_out",
        f"Signing out clears the browser and tells the server nothing. {_NOBODY}",
        f"CWE-613, {_CWE}",
        "A session that was signed out goes on for whoever has its token.",
        "intrusions:old_token",
    ),
    Defect(
        "tokens_never_expire",
        f"A token says when its time is over, and nobody looks. {_NOBODY}",
        f"CWE-613, {_CWE}",
        "A session goes on for whoever has its token, however long ago it began.",
        "intrusions:expired_token",
    ),
    Defect(
        "replayed_code",
        f"A code that was read out over the phone works for whoever overheard it. {_NOBODY}",
        f"CWE-294, {_CWE}",
        "A one-time code signs in as often as it comes, until its time is over.",
        "intrusions:replayed_code",
    ),
    Defect(
        "session_fixation",
        "A session keeps the name that the browser had for it before signing in, so whoever "
        f"planted that name is signed in, too. {_NOBODY}",
        f"CWE-384, {_CWE}",
        "A session cookie that comes with a sign-in is a name of the new session.",
        "intrusions:fixed_session",
    ),
    Defect(
        "id_enumeration",
        f"Numbers that count up show everything to whoever counts. {_NOBODY}",
        f"CWE-639, {_CWE}",
        "Any receipt is shown to whoever asks for its number.",
        "intrusions:counted_ids",
    ),
    Defect(
        "mass_assignment",
        "GitHub, 4 March 2012: a form field that nobody had offered added a visitor's key to "
        "another project's keys.",
        f"jtimberman.housepub.org, GitHub Is Classy, 4 Mar 2012; CWE-915, {_CWE}",
        "A report that says it is verified is taken for one that the back office has verified.",
        "intrusions:mass_assignment",
    ),
    Defect(
        "guessing_unslowed",
        f"A PIN of six digits has a million values, and wrong ones are not counted. {_NOBODY}",
        f"CWE-307, {_CWE}",
        "Wrong codes lock nobody out and slow nobody down.",
        "intrusions:guessed_codes",
    ),
    Defect(
        "slow_clients_starve",
        "Servers with a few workers were brought down from one machine that sent a byte now and "
        f"then: Slowloris, 2009. {_NOBODY}",
        f"Robert Hansen, Slowloris HTTP DoS, ha.ckers.org, 2009; CWE-400, {_CWE}",
        "Sixteen requests are read at a time, each for as long as its body takes.",
        "intrusions:slow_clients",
    ),
    Defect(
        "refusals_block",
        "What is refused is told to somebody before anybody else is served, so junk takes the "
        f"time of those who send none. {_NOBODY}",
        f"CWE-405, {_CWE}",
        "Every refusal takes 60 ms in which nothing else is done.",
        "intrusions:flood",
    ),
    Defect(
        "junk_crashes",
        f"The app reads what it should have been sent, and fails on what it was. {_NOBODY}",
        f"CWE-755, {_CWE}",
        "A report that is no sound JSON, or is nested too deep, is answered with a 500.",
        "intrusions:junk",
    ),
    Defect(
        "oversized_upload",
        "An upload is taken into memory, whatever its size, and the kernel ends the process. "
        f"{_NOBODY}",
        f"CWE-770, {_CWE}",
        "A photo beyond the limit is not turned down, and the process is killed.",
        "intrusions:hostile_upload",
    ),
)
