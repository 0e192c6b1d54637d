"""Texts that wait to be sent, and calls that wait to be placed, through the carrier.

They are in the database before anybody tries, so that a restart forgets none. Who has opted out
is asked again at the moment of sending.
"""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from simulators.apps.serving.clock import Clock
from simulators.apps.serving.store import Store
from simulators.apps.strikes.carrier import CarrierSilent, Post
from simulators.apps.strikes.schema import callbacks, messages, opt_outs
from simulators.apps.strikes.segments import split

TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # wall seconds between tries
AT_ONCE = 4  # texts under way


def queue_text(
    connection: Connection, *, about: str, sender: str, recipient: str, body: str, now: float
) -> None:
    """Let a text be sent, once for what it is ``about``."""
    if connection.execute(select(messages.c.id).where(messages.c.about == about)).first():
        return
    for part, text in enumerate(split(body), start=1):
        row = {
            "about": about, "part": part, "recipient": recipient, "sender": sender, "body": text,
            "asked": now, "status": "waiting", "sid": "",
        }  # fmt: skip
        connection.execute(insert(messages), row)


def opted_out(connection: Connection, number: str) -> bool:
    """Whether somebody wants no texts."""
    wanted = select(opt_outs.c.number).where(opt_outs.c.number == number)
    return connection.execute(wanted).first() is not None


class Outbox:
    """Sends what waits, and what comes to wait.

    Args:
        post: Gives orders to the carrier; None: everything goes on waiting.
        heed: Whether opting out is heeded; not with the defect ``opt_out_ignored``.
    """

    def __init__(self, store: Store, clock: Clock, post: Post | None, *, heed: bool) -> None:
        self._store, self._clock, self._post, self._heed = store, clock, post, heed
        self._news = asyncio.Event()
        self._news.set()  # what an earlier run left is sent at the start
        self._task = None if post is None else asyncio.create_task(self._keep_sending(post))

    def wake(self) -> None:
        """Look whether there is something to send."""
        self._news.set()

    async def order(self, resource: str, form: dict[str, str]) -> tuple[str, str]:
        """Give one order now; returns ``sent`` or why not, and the name of what came of it."""
        return (
            ("no_carrier", "") if self._post is None else await _order(self._post, resource, form)
        )

    async def close(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_sending(self, post: Post) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            gate = asyncio.Semaphore(AT_ONCE)
            texts = await self._store.read(lambda each: list(each.execute(_waiting)))
            calls = await self._store.read(lambda each: list(each.execute(_due)))
            await asyncio.gather(
                *(self._send(post, gate, row) for row in texts),
                *(self._call(post, gate, row) for row in calls),
            )

    async def _send(self, post: Post, gate: asyncio.Semaphore, row: Row[Any]) -> None:
        async with gate:
            refused = self._heed and await self._store.read(
                lambda each: opted_out(each, row.recipient)
            )
            form = {"To": row.recipient, "From": row.sender, "Body": row.body}
            status, sid = ("opted_out", "") if refused else await _order(post, "Messages", form)
            done = {"which": row.id, "status": status, "sid": sid, "sent": self._clock.now()}
            await self._store.write(lambda each: each.execute(_done, done))

    async def _call(self, post: Post, gate: asyncio.Semaphore, row: Row[Any]) -> None:
        async with gate:
            form = {"To": row.caller, "From": row.line, "Url": row.url}
            status, sid = await _order(post, "Calls", form)
            done = {"which": row.id, "status": status, "sid": sid, "called": self._clock.now()}
            await self._store.write(lambda each: each.execute(_called, done))


async def _order(post: Post, resource: str, form: dict[str, str]) -> tuple[str, str]:
    """Give an order until it is taken or turned down; returns what became of it, and its name.

    A carrier that does not answer may have taken it. Sending again can bring somebody the same
    words twice; not sending can leave them without: we send again.
    """
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)))
        try:
            status, sid = await post(resource, form)
        except CarrierSilent:
            continue
        if status < 300:
            return "sent", sid
        if status != 429 and status < 500:
            return "refused", sid
    return "given_up", ""


_waiting = select(messages).where(messages.c.status == "waiting").order_by(messages.c.id)
_done = (
    update(messages)
    .where(messages.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in ("status", "sid", "sent")})
)
_due = select(callbacks).where(callbacks.c.status == "due").order_by(callbacks.c.id)
_called = (
    update(callbacks)
    .where(callbacks.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in ("status", "sid", "called")})
)
