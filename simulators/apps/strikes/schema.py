"""The tables. Strikes are only ever added."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

precincts = Table(
    "precincts",
    metadata,
    Column("number", String(10), primary_key=True),  # as keyed on a phone: 0012
    Column("record", String(40), nullable=False),  # WI-0012
    Column("name", String(200), nullable=False),
    Column("county", String(100), nullable=False),
    Column("codes", Text, nullable=False),  # every voter's code, with blanks between
)

accounts = Table(
    "accounts",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("role", String(20), nullable=False),  # watcher or operator
    Column("name", String(200), nullable=False),
    Column("login", String(80), nullable=False, index=True),  # precinct number, or user name
    Column("digest", LargeBinary(32), nullable=False),  # of login and PIN, or of the password
)

calls = Table(
    "calls",
    metadata,
    Column("key", String(64), primary_key=True),  # the carrier's CallSid
    Column("caller", String(40), nullable=False),
    Column("line", String(40), nullable=False),
    Column("precinct", String(10), nullable=False),  # as keyed, empty before
    Column("watcher", String(80), nullable=False),  # whose PIN was right, empty before
    Column("silences", Integer, nullable=False),  # prompts in a row that nobody answered
    Column("wrong", Integer, nullable=False),  # wrong precincts and PINs of this call
    Column("began", Float, nullable=False),  # Unix time, wall seconds, as all times here
    Column("ended", Float),
)

strikes = Table(
    "strikes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("precinct", String(10), ForeignKey("precincts.number"), nullable=False),
    Column("code", String(4), nullable=False),
    Column("copy", Integer, nullable=False),  # 0; more only where repeats are stored again
    Column("channel", String(10), nullable=False),  # voice, sms, web
    Column("author", String(80), nullable=False),
    Column("sid", String(64), nullable=False),  # of the call or text, empty on the web
    Column("received", Float, nullable=False),
    UniqueConstraint("precinct", "code", "copy"),
)

answers = Table(
    "answers",
    metadata,
    Column("token", String(120), primary_key=True),  # idempotency token and path of a webhook
    Column("body", Text, nullable=False),  # what was answered
)

waiting = Table(
    "waiting",
    metadata,
    Column("sid", String(64), primary_key=True),
    Column("caller", String(40), nullable=False),
    Column("line", String(40), nullable=False),
    Column("seen", Float, nullable=False),  # when the carrier last said that they wait
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("caller", String(40), nullable=False),
    Column("line", String(40), nullable=False),
    Column("asked", Float, nullable=False),
    Column("status", String(20), nullable=False),  # waiting, due, sent, refused, given_up
    Column("url", Text, nullable=False),  # where the carrier asks what to say
    Column("called", Float),
    Column("sid", String(64), nullable=False),  # of the call that was placed
)

kept_lists = Table(  # used by the defect strike_list_stale only
    "kept_lists",
    metadata,
    Column("precinct", String(10), primary_key=True),
    Column("made", Float, nullable=False),
    Column("struck_off", Text, nullable=False),  # codes, with blanks between
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("number", String(40), primary_key=True),
    Column("since", Float, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("about", String(64), nullable=False),  # the call it confirms
    Column("part", Integer, nullable=False),
    Column("recipient", String(40), nullable=False),
    Column("sender", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("asked", Float, nullable=False),
    Column("status", String(20), nullable=False),  # waiting, sent, opted_out, refused, given_up
    Column("sent", Float),
    Column("sid", String(64), nullable=False),
    UniqueConstraint("about", "part"),
)
