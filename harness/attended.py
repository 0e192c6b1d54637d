"""Attended drills: whoever keeps the app alive sits at the terminal, notices faults and fixes them.

Nobody is told what broke, nor that anything did: the one who broke it keeps quiet, as the game
master of an exercise does. ``d`` says that something was noticed; only then does the screen name
the fault and its page of the runbook. ``f`` says that it is fixed. Every key goes to the ledger,
and is scored beside the limits of the runbook.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from harness.injects.model import InjectModel
from harness.injects.people_model import PeopleInject, UnreachableModel
from harness.ledger.handling_log import FIXED, NOTICED, Key
from harness.scenario import ClockModel
from harness.words import seconds

HELP = "press d when you notice that something is wrong, and f when it is fixed"
RECENT = 30.0  # wall seconds after a fault has ended in which it can still be noticed
_LOOK = 0.1  # wall seconds between looks at whether the drill is over


class AttendError(Exception):
    """A drill that nobody can attend; the message says what to do."""


def refuse_unattended(models: Sequence[InjectModel], terminal: int | None = None) -> None:
    """Refuse a drill that has nothing to attend to, or no keys to press.

    Args:
        terminal: File descriptor of the terminal; standard input and output if left out.

    Raises:
        AttendError: Says which, and what to do.
    """
    if not any(each.runbook for each in models):
        raise AttendError(
            "--attended: no inject of this scenario and cast names a runbook, so there is nothing "
            "to attend to. Give one a `runbook:`, or leave --attended out."
        )
    if terminal is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise AttendError(
            "--attended needs a terminal to press keys at, and this is none. Run it in a terminal, "
            "or leave --attended out: the target's own health page is then asked instead."
        )


class Nobody:
    """Takes no keys: a drill that is left alone."""

    def begin(self, start_at: float) -> None:
        """Nobody need be told."""

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Leave the terminal alone."""
        yield


@dataclass
class Attended:
    """One fault as whoever attends sees it."""

    model: InjectModel
    noticed: float | None = None
    fixed: float | None = None


class Attendant:
    """Takes the keys of whoever attends a drill, and tells what they mean.

    Args:
        models: The injects that are played.
        clock: The night's clock.
        speed: Drill seconds a wall second.
        happened: What has become of the injects so far, with the schema of the run folder.
        journal: Append-only file for one JSON line a key.
        say: Shows one line on the screen.
        terminal: File descriptor of their terminal; standard input if left out.
    """

    def __init__(
        self,
        models: Sequence[InjectModel],
        *,
        clock: ClockModel,
        speed: float,
        happened: Callable[[], pl.DataFrame],
        journal: Path,
        say: Callable[[str], None],
        terminal: int | None = None,
    ) -> None:
        self._faults = {
            each.name: Attended(each) for each in models if not isinstance(each, PeopleInject)
        }
        self._away = [each for each in models if isinstance(each, UnreachableModel)]
        self._clock = clock
        self._speed = speed
        self._happened = happened
        self._journal = journal
        self._say = say
        self._terminal = terminal
        self._zero = 0.0  # monotonic time of drill second 0
        self._began = threading.Event()

    def begin(self, start_at: float) -> None:
        """Take keys from Unix wall time ``start_at`` on, which is drill second 0."""
        self._zero = time.monotonic() + (start_at - time.time())
        self._say(f"attended: {HELP}; faults are not announced")
        self._began.set()

    @contextmanager
    def attending(self) -> Iterator[None]:
        """While the block runs, keys are taken as they are pressed; it leaves all as it was."""
        keyboard = sys.stdin.fileno() if self._terminal is None else self._terminal
        before, over = termios.tcgetattr(keyboard), threading.Event()

        def listen() -> None:
            while not over.is_set():
                if select.select([keyboard], [], [], _LOOK)[0]:
                    pressed = os.read(keyboard, 64)
                    if not pressed:
                        return
                    for each in pressed.decode("ascii", "ignore"):
                        self.press(each)

        listening = threading.Thread(target=listen, name="keys", daemon=True)
        try:
            tty.setcbreak(keyboard)
            listening.start()
            yield
        finally:
            over.set()
            if listening.is_alive():
                listening.join()
            termios.tcsetattr(keyboard, termios.TCSADRAIN, before)

    def press(self, key: str) -> None:
        """Take one key."""
        if not self._began.is_set():
            self._say("the drill has not begun yet")
        elif key.lower() == "d":
            self._notice()
        elif key.lower() == "f":
            self._fix()
        elif key.strip():
            self._say(HELP)

    def _notice(self) -> None:
        now = self._now()
        fault = self._unnoticed(now)
        if fault is None:
            self._note(Key(now, NOTICED, "", taken=False, why="nothing was broken on purpose"))
            self._say(f"{self._at(now)} noted; nothing is broken on purpose just now")
            return
        fault.noticed = now
        self._note(Key(now, NOTICED, fault.model.name))
        told = f"{self._at(now)} noted. It is: {fault.model.name}."
        if runbook := fault.model.runbook:
            owner = f" ({runbook.owner})" if runbook.owner else ""
            told += f" Runbook{owner}: {runbook.step} Press f when that is done."
        else:
            told += " No runbook tells what to do. Press f when it is fixed."
        if self._unreachable(fault, now):
            told += f" {self._unreachable(fault, now)}"
        self._say(told)

    def _fix(self) -> None:
        now = self._now()
        open_ = [
            each for each in self._faults.values() if each.noticed is not None and not each.fixed
        ]
        if not open_:
            self._say("nothing is noticed that is not fixed: press d first")
            return
        fault = min(open_, key=lambda each: each.noticed or 0.0)
        if why := self._unreachable(fault, now):
            self._note(Key(now, FIXED, fault.model.name, taken=False, why=why))
            self._say(f"{self._at(now)} not taken. {why}")
            return
        fault.fixed = now
        self._note(Key(now, FIXED, fault.model.name))
        took = seconds(now - self._rows()[fault.model.name]["started_drill"])
        self._say(f"{self._at(now)} noted as fixed: {fault.model.name}, {took} after it began")

    def _unnoticed(self, now: float) -> Attended | None:
        """The fault that a key is for: the oldest that is on, or else the last that ended."""
        begun = [
            (row, self._faults[name])
            for name, row in self._rows().items()
            if name in self._faults
            and row["started_drill"] is not None
            and self._faults[name].noticed is None
        ]
        on = [each for each in begun if each[0]["ended_drill"] is None]
        if on:
            return min(on, key=lambda each: each[0]["started_drill"])[1]
        recent = now - RECENT * self._speed
        over = [each for each in begun if each[0]["ended_drill"] >= recent]
        return max(over, key=lambda each: each[0]["ended_drill"])[1] if over else None

    def _unreachable(self, fault: Attended, now: float) -> str:
        """Why the owner of a fault's step cannot act now; empty if they can."""
        owner = fault.model.runbook.owner if fault.model.runbook else ""
        for each in self._away:
            starts, ends = self._clock.seconds(each.begins), self._clock.seconds(each.ends)
            if owner and each.owner == owner and starts <= now < ends:
                return f"{owner} cannot be reached, so nothing of theirs is fixed now."
        return ""

    def _rows(self) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in self._happened().to_dicts()}

    def _note(self, key: Key) -> None:
        descriptor = os.open(self._journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, key.line())
        finally:
            os.close(descriptor)

    def _now(self) -> float:
        return (time.monotonic() - self._zero) * self._speed

    def _at(self, now: float) -> str:
        return self._clock.time_of_day(max(0.0, now))
