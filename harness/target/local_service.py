"""A service that is a process started here: what a drill may do to it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from harness.injects.lease import Lease, Leases
from harness.injects.undo import Undo
from harness.injects.ways.clock import RIGHT, VARIABLE
from harness.injects.ways.disk_full import BALLOON, why_too_large
from harness.target.process import Process
from harness.target.service_process import ServedProcess


class LocalService:
    """One service, or the app itself, as a drill breaks it.

    Its process is ended with the drill in any case, so that freezing it needs no lease of its own.

    Args:
        role: Its name under ``services``; ``app`` for the target's main process.
        volume: Where its data is below ``{{ data }}``; empty for all of that.
    """

    def __init__(
        self, role: str, running: Process | ServedProcess, leases: Leases, *, volume: str = ""
    ) -> None:
        self.role, self.running, self.leases = role, running, leases
        self.data = running.data / volume
        self._balloon: Lease | None = None
        self._clock: Lease | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs now; what is frozen does."""
        return self.running.alive

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        self.running.kill()

    def stop(self) -> None:
        """End it politely, and wait until it is gone."""
        self.running.stop()

    def start(self) -> None:
        """Start it, and wait until it is ready; harmless when it runs."""
        self.running.start()

    def pause(self) -> None:
        """Freeze it: its connections stay open, and nothing answers."""
        self.running.group.freeze()

    def resume(self) -> None:
        """Let it go on; harmless when it does."""
        self.running.group.thaw()

    # -- data -------------------------------------------------------------------------------

    def why_not_filled(self) -> str:
        """Why its disk must not be filled."""
        if not self.data.is_dir():
            return f"{self.role} has no folder {self.data.name}"
        if self.data.stat().st_dev == self.running.folder.stat().st_dev:
            return (
                f"the data of {self.role} is on the disk that this run is recorded on, which is "
                "not filled"
            )
        return why_too_large(self.role, shutil.disk_usage(self.data).free)

    def fill(self) -> int:
        """Take all the room there is on its disk; how many bytes that was."""
        path = self.data / BALLOON
        undo = Undo("file.remove", f"free the disk of {self.role}", {"path": str(path.absolute())})
        self._balloon = self.leases.take(undo)
        return _blow_up(path)

    def free(self) -> None:
        """Give the room back."""
        if self._balloon is not None:
            self._balloon.undo()

    def why_not_wiped(self) -> str:
        """Why its data must not be thrown away; what is in the run folder may."""
        if self.data.resolve().is_relative_to(self.running.folder.resolve()):
            return ""
        return (
            f"the data of {self.role} is outside the run folder, and could not be brought back; "
            "only what the drill itself has made is wiped"
        )

    def wipe(self) -> None:
        """Throw its data away, while it does not run; what prepares it is done again."""
        for each in self.data.iterdir() if self.data.is_dir() else ():
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
        self.running.forget()

    # -- clock ------------------------------------------------------------------------------

    def clock_file(self) -> str:
        """The file that libfaketime reads in it; empty if it is started without."""
        return self.running.environment.get(VARIABLE, "")

    def set_clock(self, says: str) -> None:
        """Write what libfaketime is to read."""
        path = self.clock_file()
        if says == RIGHT:
            if self._clock is not None:
                self._clock.undo()
            return
        needs = {"path": path, "text": RIGHT}
        self._clock = self.leases.take(Undo("file.write", f"set the clock of {self.role}", needs))
        Path(path).write_text(says)


def _blow_up(path: Path) -> int:
    """Write zeros until there is no room for a single one more; how many there are."""
    size, chunk = 0, 1 << 20
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        while chunk:
            try:
                size += os.write(descriptor, bytes(chunk))
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                chunk //= 2
    finally:
        os.close(descriptor)
    return size
