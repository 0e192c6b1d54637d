"""The tables of a run folder, column by column.

Times are nanoseconds of wall time since the drill's start barrier unless a column's name says
``drill`` (then drill seconds).
"""

from __future__ import annotations

from typing import Any

import polars as pl


def _schema(columns: dict[str, Any]) -> pl.Schema:
    return pl.Schema(columns)


HISTORY = _schema(
    {
        "op": pl.String,  # operation key: the same on every retry
        "attempt": pl.UInt16,
        "kind": pl.Categorical(),  # submit_report, amend_report, sign_in, read_results, ...
        "record": pl.String,  # the record it was about, as typed; empty where there is none
        "version": pl.UInt16,
        "values": pl.List(
            pl.Int32
        ),  # as keyed, in the order of run.json's "fields"; null if none; sign_in: [codes right]
        "values_hash": pl.UInt64,  # hash of values; null if none (see values_hash)
        "who": pl.UInt32,  # index of the participant whose account was used
        "role": pl.Categorical(),
        "home": pl.String,  # the record this participant answers for; empty for operators
        "channel": pl.Categorical(),  # api, hotline, ...
        "intended": pl.Int64,
        "released": pl.Int64,
        "sent": pl.Int64,  # null if nothing was sent
        "done": pl.Int64,  # null if nobody ever knew (the worker died)
        "outcome": pl.Categorical(),  # ok, refused, unknown
        "answer_class": pl.Categorical(),
        "status": pl.Int16,  # HTTP status of the deciding answer, null if none
        "stored_id": pl.String,  # what the target said it stored it under, null if nothing
        "detail": pl.String,
        "worker": pl.UInt16,
    }
)

CALLS = _schema(
    {
        "caller": pl.UInt32,
        "role": pl.Categorical(),
        "line": pl.Categorical(),
        "record": pl.String,
        "dialled_drill": pl.Float64,
        "answered_drill": pl.Float64,
        "ended_drill": pl.Float64,
        "agent": pl.UInt32,
        # served, busy (no trunk), full (no place to wait), barred (this number), abandoned, app
        # (it worked after all), called_back (left the line to be phoned), silent (answered, and
        # nobody spoke), hung_up (a menu, walked to its end), app_hung_up, dropped (by the
        # network), failed (no answer), closed (the drill was over); read and unread: no call, but
        # something left in an inbox
        "cause": pl.Categorical(),
        "id": pl.String,  # c<caller>-<n>; i<sender>-<n> for what was left in an inbox
        "trunk": pl.Categorical(),  # trunk group; empty where it took none
        "digits": pl.UInt32,  # keys pressed
        "sid": pl.String,  # the carrier's name for it
    }
)
LEFT = ("read", "unread")  # causes in the table of calls that are of inboxes

WEBHOOKS = _schema(
    {
        "sent": pl.Int64,  # when the carrier sent the request
        "took": pl.Int64,  # nanoseconds to the answer, or until it gave up
        "purpose": pl.Categorical(),  # voice, menu, action, wait, status, text, forged, rest, ...
        "line": pl.Categorical(),  # the number's name in the target's description
        "sid": pl.String,  # the provider's own name of the call or message
        "status": pl.Int16,  # HTTP status, null if no answer came
        "error": pl.UInt32,  # the provider's error code, 0 if none
        "fallback": pl.Boolean,  # whether the fallback URL was asked
        "token": pl.String,  # idempotency token: the same on every try
        "try": pl.UInt8,  # 1 for the first
        "fault": pl.Categorical(),  # the inject that touched it, empty if none
        "detail": pl.String,
        # keys that went out to the app, where the line has made others of some in this call
        "keyed": pl.String,
    }
)

COULD_NOT_BEGIN = "could not begin"
"""Stands in an inject's detail where it, or a part of it, was not played, with the reason."""

INJECTS = _schema(
    {
        "name": pl.String,  # as in the scenario
        "kind": pl.Categorical(),
        "planned_start_drill": pl.Float64,
        "planned_end_drill": pl.Float64,
        "started_drill": pl.Float64,
        "ended_drill": pl.Float64,
        "touched": pl.UInt32,  # operations, answers or processes it changed
        "undone": pl.Boolean,
        "detail": pl.String,
    }
)

HEALTH = _schema(
    {
        "at_drill": pl.Float64,  # when it was asked
        "source": pl.Categorical(),  # health (what the target says of itself), alarm (its alarms)
        "said": pl.Categorical(),  # well, ill, no_answer
        "status": pl.Int16,  # HTTP status, null if no answer came
        "took": pl.Int64,  # nanoseconds
        "detail": pl.String,
    }
)

HANDLING = _schema(
    {
        "inject": pl.String,  # name of the inject, as in the scenario
        "step": pl.String,  # the runbook's step
        "owner": pl.String,
        # attended (somebody pressed a key), alarm or health (the target's own, polled), nobody
        "by": pl.Categorical(),
        "began_drill": pl.Float64,  # when the fault began
        "detected_drill": pl.Float64,  # null if never
        "fixed_drill": pl.Float64,  # null if never
        "detail": pl.String,
    }
)

INTRUSIONS = _schema(
    {
        "intrusion": pl.Categorical(),  # kind: old_token, guessed_codes, foreign_read, ...
        "number": pl.UInt32,  # of the try within its kind, from 1
        "who": pl.String,  # account that was used, or meant; empty for strangers
        "record": pl.String,  # record it was aimed at; empty if none
        "at_drill": pl.Float64,
        "took": pl.Int64,  # nanoseconds
        # refused (as it should), slowed (refused for now), let_in (the app did what it must not),
        # harmed (the app fell over), unknown (nobody can tell)
        "outcome": pl.Categorical(),
        "status": pl.Int16,
        "detail": pl.String,
    }
)

SESSIONS = _schema(
    {
        "session": pl.String,  # persona and repeat (slow-typist-1), or a volunteer's random id
        # persona (a simulated person in a real browser), robot (a simulated volunteer of a live
        # drill) or volunteer (somebody real): never two of them in one figure
        "source": pl.Categorical(),
        "persona": pl.String,  # name of the persona; empty for others
        "record": pl.String,  # the record they report; empty if none
        "county": pl.String,
        "language": pl.String,
        "age_band": pl.String,
        "device": pl.String,
        "training": pl.String,  # none, read, session; empty if nobody asked
        "insider": pl.Boolean,  # built or runs the app: told apart, and never counted as evidence
        "first_time": pl.Boolean,
        # Seconds since the drill opened (drill seconds for personas); null if it never came to it.
        "invited": pl.Float64,
        "opened": pl.Float64,
        "signed_in": pl.Float64,
        "practised": pl.Float64,
        "reported": pl.Float64,  # the first report that the target was seen to hold
        "finished": pl.Float64,
        "state": pl.Categorical(),  # personas: passed, struggled, blocked; others: see ``funnel``
        "correct": pl.Boolean,  # the first report said what the card says; null if none came
        "on_time": pl.Boolean,
        "cells_wrong": pl.UInt16,
        "errors": pl.List(pl.String),  # kinds of entry errors, one a wrong cell
        "channel": pl.String,  # how the first report came: web, api, phone; empty if none
        "help_calls": pl.UInt16,
        "recovered": pl.Float64,  # when a report that had been missing came in after a call-back
        "sus": pl.List(pl.Int8),  # ten answers from 1 to 5; null where left out
        "comment": pl.String,
        "drift": pl.Float64,  # keyed time over planned time, less 1; null where nothing was keyed
    }
)

STEPS = _schema(
    {
        "session": pl.String,
        "persona": pl.String,
        "number": pl.UInt16,  # from 1, in the order in which the session came to them
        "operation": pl.String,  # sign_in, submit_report, ...
        "step": pl.String,  # the step's name in the target's web flow
        "began_drill": pl.Float64,
        "ended_drill": pl.Float64,
        "state": pl.Categorical(),  # passed, struggled (help, or another try), blocked
        "tries": pl.UInt16,
        "detail": pl.String,  # what they saw, in a few words
        "screenshot": pl.String,  # path below the run folder, empty if none
        "trace": pl.String,
        "keys": pl.UInt32,
        "planned_seconds": pl.Float64,  # wall seconds that the keys should have taken, and took
        "keyed_seconds": pl.Float64,
    }
)

BARRIERS = _schema(
    {
        "session": pl.String,
        "persona": pl.String,
        "step": pl.String,  # where on the path it was met
        "look": pl.Categorical(),  # which of our looks saw it: axe, keyboard, focus, reflow, ...
        "rule": pl.String,  # the rule broken: axe's own id, or ours
        "standard": pl.String,  # what it breaks, as "WCAG 2.1.1"; empty for advice of our own
        "impact": pl.Categorical(),  # critical, serious, moderate, minor
        "element": pl.String,  # selector of the element, as the page has it: hostile text
        "says": pl.String,  # what is wrong, in plain words
        "screenshot": pl.String,  # with the element outlined; path below the run folder
    }
)

LOOKS = _schema(
    {
        "session": pl.String,
        "persona": pl.String,
        "step": pl.String,
        "look": pl.Categorical(),
        "seen": pl.UInt32,  # elements or places it looked at: 0 proves nothing
        "problem": pl.String,  # why it could not be made; empty if it was
    }
)

READBACK = _schema(
    {
        "source": pl.Categorical(),  # name of the reader in the target's read_back section
        "mode": pl.Categorical(),  # set, keyed, state, merged, count, children, totals
        "round": pl.Categorical(),  # baseline, settled, again
        "key": pl.String,  # our operation key where the target keeps it, else null
        "record": pl.String,  # the record's key, else null
        "values": pl.List(pl.Int32),  # in the order of run.json's "fields"; null cell = missing
        "values_hash": pl.UInt64,  # hash of values; null if any cell is missing
        "number": pl.Float64,  # counts, children and totals: how many; null for rows
        "derived": pl.String,  # JSON: numbers the target works out itself, by name
        "stored_id": pl.String,
        "raw": pl.String,  # the row as the target gave it, for evidence (at most 4 KiB)
    }
)

PRECINCTS = "precincts"  # truth/precincts.parquet: one row a precinct or satellite
VOTERS = "voters"  # truth/voters.parquet: who is on a list; not there where there are no lists
REPORTS = "reports"  # truth/reports.parquet: the worksheet each record must match
PEOPLE = "people"  # truth/people.parquet
