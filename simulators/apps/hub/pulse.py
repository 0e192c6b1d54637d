"""The pulse: how everything that the app leans on is, looked at twice a second.

``/health`` tells what was found, so it answers at once even where a look hangs: whoever gave no
sign for three seconds is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from simulators.apps.hub import marks
from simulators.apps.hub.people import waiting_since
from simulators.apps.hub.schema import signed_out
from simulators.apps.serving.refusal import Refusal

EVERY = 0.5  # wall seconds between looks
SILENT = 3.0  # wall seconds without a sign until something counts as away
BEHIND = 15.0  # wall seconds that a contact may wait to be merged: a busy moment is no illness


class Pulse:
    """Looks, in tasks of its own, from :meth:`begin` to :meth:`close`.

    Args:
        write: Runs a job on the primary, as contacts are written.
        signed_out: Told the tokens that were signed out anywhere.
        others: Looks at what else there is: the replica, the cache.
    """

    def __init__(
        self,
        write: Callable[[Callable[[Connection], object]], Awaitable[object]],
        signed_out: Callable[[list[str]], None],
        others: Callable[[], Awaitable[None]],
    ) -> None:
        self._write, self._signed_out, self._others = write, signed_out, others
        self._heard = time.monotonic()
        self._waiting_since: float | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def well(self) -> bool:
        """Whether the primary has taken a write lately."""
        return time.monotonic() - self._heard < SILENT

    @property
    def behind(self) -> bool:
        """Whether a contact has waited too long to be merged, as far as we know."""
        since = self._waiting_since
        return since is not None and time.time() - since > BEHIND

    def lost(self) -> None:
        """Somebody was told by the primary's absence: nobody is to wait for the silence."""
        self._heard = min(self._heard, time.monotonic() - SILENT)

    def begin(self) -> None:
        """Look until :meth:`close`."""
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._look())]

    async def close(self) -> None:
        """Look no longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            try:
                await self._write(self._write_beat)
            except Refusal:
                self.lost()
            except SQLAlchemyError:
                pass  # no sign, this time
            else:
                self._heard = time.monotonic()
            await asyncio.sleep(EVERY)

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(Refusal, SQLAlchemyError):
                await self._others()
            await asyncio.sleep(EVERY)

    def _write_beat(self, connection: Connection) -> None:
        now = time.time()
        marks.put(connection, marks.BEAT, now)
        self._waiting_since = waiting_since(connection)
        gone = connection.execute(select(signed_out.c.mark).where(signed_out.c.until > now))
        self._signed_out(list(gone.scalars()))


def sign_out(connection: Connection, mark: str, until: float) -> None:
    """Note that a token was signed out; what has run out by itself is forgotten."""
    connection.execute(delete(signed_out).where(signed_out.c.mark == mark))
    connection.execute(insert(signed_out), {"mark": mark, "until": until})
