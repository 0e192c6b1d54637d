"""Writing the ledger of one process. Times are nanoseconds since the drill's start barrier."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Any

import orjson

_NEWLINE = orjson.OPT_APPEND_NEWLINE


class LedgerError(Exception):
    """A ledger that cannot be written; the message says why."""


class LedgerFull(LedgerError):  # noqa: N818 - a state of the disk, and the drill's word for it
    """The ledger cannot take another line; whatever it was about must not be sent."""


class Ledger:
    """An append-only file of numbered lines.

    Lines wait in memory until :meth:`flush` hands all of them to the kernel in one write, so
    that the intents of one loop turn cost one system call. What is flushed survives the death
    of the process; what is synced survives a loss of power.

    Args:
        path: A new file; one that exists is never written over.
        header: What to say of this process in the first line (run, worker, ...).

    Raises:
        LedgerFull: If not even the header can be written.
        FileExistsError: If the file exists.
    """

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        self.path = path
        self.size = 0  # bytes in the file, all of them whole lines
        self.full = False
        self.counts = {"intents": 0, "outcomes": 0, "calls": 0, "shed": 0}
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
        self._digest = hashlib.sha256()
        self._next = 0
        self._waiting: list[bytes] = []
        self.note("header", **header)
        self.flush()

    # -- lines ------------------------------------------------------------------------------

    def intent(
        self,
        op: str,
        attempt: int,
        kind: str,
        record: str,
        version: int,
        values: tuple[int, ...] | None,
        who: int,
        role: str,
        home: str,
        channel: str,
        intended: int,
        released: int,
        *,
        shed: bool = False,
    ) -> int:
        """Note that an operation is about to be sent, or that it is shed and will not be.

        Returns:
            The line's number, by which :meth:`outcome` refers to it.
        """
        number = self._next
        self._next = number + 1
        self.counts["shed" if shed else "intents"] += 1
        self._waiting.append(
            orjson.dumps(
                {
                    "k": "shed" if shed else "intent", "n": number, "op": op, "attempt": attempt,
                    "kind": kind, "record": record, "version": version, "values": values,
                    "who": who, "role": role, "home": home, "channel": channel,
                    "intended": intended, "released": released,
                },
                option=_NEWLINE,
            )
        )  # fmt: skip
        return number

    def outcome(
        self,
        of: int,
        sent: int | None,
        done: int,
        outcome: str,
        answer_class: str,
        status: int | None,
        stored_id: str | None,
        detail: str,
    ) -> None:
        """Note what came of the intent numbered ``of``; ``sent`` is None if nothing was sent."""
        number = self._next
        self._next = number + 1
        self.counts["outcomes"] += 1
        self._waiting.append(
            orjson.dumps(
                {
                    "k": "outcome", "n": number, "of": of, "sent": sent, "done": done,
                    "outcome": outcome, "answer_class": answer_class, "status": status,
                    "stored_id": stored_id, "detail": detail,
                },
                option=_NEWLINE,
            )
        )  # fmt: skip

    def call(
        self,
        caller: int,
        role: str,
        line: str,
        record: str,
        dialled: float,
        answered: float | None,
        ended: float | None,
        agent: int | None,
        cause: str,
        call_id: str = "",
        trunk: str = "",
        digits: int = 0,
        sid: str = "",
    ) -> None:
        """Note a phone call that has ended. Its times are drill seconds."""
        self.counts["calls"] += 1
        self.note(
            "call",
            caller=caller, role=role, line=line, record=record, dialled=dialled,
            answered=answered, ended=ended, agent=agent, cause=cause, id=call_id, trunk=trunk,
            digits=digits, sid=sid,
        )  # fmt: skip

    def note(self, k: str, **fields: Any) -> None:
        """Add a line of any kind."""
        self._waiting.append(orjson.dumps({"k": k, "n": self._next, **fields}, option=_NEWLINE))
        self._next += 1

    # -- to the kernel, and to the disk -------------------------------------------------------

    def flush(self) -> None:
        """Hand all waiting lines to the kernel in one write.

        Raises:
            LedgerFull: If they do not all go in. The file is then cut back to whole lines, and
                nothing that the waiting intents announce may be sent.
        """
        if self.full:
            raise LedgerFull(f"{self.path}: no room for another line.")
        if not self._waiting:
            return
        batch = b"".join(self._waiting)
        self._waiting.clear()
        try:
            written = os.write(self._fd, batch)
        except OSError as error:
            self._give_up()
            raise LedgerFull(f"{self.path}: {error.strerror}.") from error
        if written != len(batch):
            self._give_up()
            raise LedgerFull(f"{self.path}: only {written} of {len(batch)} bytes went in.")
        self.size += written
        self._digest.update(batch)

    def _give_up(self) -> None:
        self.full = True
        with contextlib.suppress(OSError):  # a torn last line is read past, should this fail
            os.ftruncate(self._fd, self.size)

    def checkpoint(self, at: int) -> None:
        """Flush, and add the digest of everything so far; call :meth:`sync` after it.

        Raises:
            LedgerFull: As :meth:`flush`.
        """
        self.flush()
        self.note("checkpoint", at=at, digest=self._digest.hexdigest())
        self.flush()

    def sync(self) -> None:
        """Wait until the disk has what the kernel has; safe to call from another thread."""
        os.fsync(self._fd)

    def close(self, **trailer: Any) -> None:
        """End the file with a trailer: the counts, the digest, and what the caller adds.

        On a full disk the trailer may not fit; the ledger then stays open-ended, which
        :func:`harness.ledger.verify` says.
        """
        if not self.full:
            with contextlib.suppress(LedgerFull):
                self.flush()
        if self.full:
            self._try_again()
        with contextlib.suppress(LedgerFull):
            self.note("trailer", **trailer, **self.counts, digest=self._digest.hexdigest())
            self.flush()
        with contextlib.suppress(OSError):
            os.fsync(self._fd)
        os.close(self._fd)

    def _try_again(self) -> None:
        """Forget the lines that never went in, so that a trailer may follow the last that did."""
        self.full = False
        self._waiting.clear()
        whole = self.path.read_bytes() if self.size else b""
        self._next = whole.count(b"\n")
        kinds = {"intents": b'{"k":"intent"', "outcomes": b'{"k":"outcome"'}
        kinds |= {"calls": b'{"k":"call"', "shed": b'{"k":"shed"'}
        lines = whole.splitlines()
        for count, start in kinds.items():
            self.counts[count] = sum(line.startswith(start) for line in lines)
