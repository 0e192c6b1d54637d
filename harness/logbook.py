"""The logbook: keeps ``run.json`` true to what has happened so far, whatever happens next."""

from __future__ import annotations

import errno
import os
import shutil
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import polars as pl

from harness.bench import Bench, Reading
from harness.drill_anchors import measure_drill
from harness.engine.conduct import ConductResult
from harness.ledger import Sealed
from harness.record import RecordError, RunFolder
from harness.simulation import anchors_as_info

_BALLAST = 4 << 20  # bytes kept in reserve, given back so that a full disk can be told of
_NEEDED = 64 << 20  # bytes a drill wants to find free, beside what its plan says it writes
_A_PARTICIPANT = 6 << 10  # bytes of ledger and tables for one participant, generously


def walks_as_info(problems: tuple[str, ...]) -> dict[str, Any]:
    """What ``run.json`` says of the personas' browser: whether its journal is whole."""
    return {"complete": not problems, "problems": list(problems), "why": ""}


class DiskFull(Exception):  # noqa: N818 - a state of the disk, and the drill's word for it
    """The disk filled up on the way; what was recorded until then is kept."""


class Logbook:
    """Writes ``run.json`` at the start, after each step, and at the end of a drill.

    Args:
        folder: The run folder, new.
        info: What is known before the drill.

    Raises:
        RecordError: If there is no room to start.
    """

    def __init__(self, folder: RunFolder, info: dict[str, Any]) -> None:
        self.folder = folder
        self.info = info
        self._tables: list[pl.DataFrame] = []
        self._ballast = folder.path / ".reserve"
        needed = _NEEDED + _A_PARTICIPANT * int(info["participants"])
        free = shutil.disk_usage(folder.path).free
        if free < needed:
            raise RecordError(
                f"{folder.path}: no room to start: {free >> 20} MB are free and this drill may "
                f"write {needed >> 20} MB. Name another place with --out, or lower --scale."
            )

    @classmethod
    def again(cls, folder: RunFolder) -> Logbook:
        """The logbook of a run that goes on where it was left: its baseline stays.

        Raises:
            RecordError: If there is no room to go on.
        """
        log = cls(folder, dict(folder.info) | {"state": "running", "rounds": ["baseline"]})
        log.info["unread"] = [each for each in log.info["unread"] if each["round"] == "baseline"]
        kept = folder.readback.filter(pl.col("round") == "baseline").collect()
        log._tables.append(kept)
        return log

    def __enter__(self) -> Logbook:
        try:
            self._ballast.write_bytes(os.urandom(_BALLAST))
            self.folder.write_info(self.info)
        except OSError as error:
            raise RecordError(f"{self.folder.path}: no room to start: {error.strerror}.") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ballast.unlink(missing_ok=True)
        if error is not None:
            full = isinstance(error, OSError) and error.errno == errno.ENOSPC
            self.info["state"] = "disk full" if full else "aborted"
            self.info["reasons"].append(f"{type(error).__name__}: {error}")
        self.info["ended"] = datetime.now(UTC).isoformat(timespec="seconds")
        self.folder.write_info(self.info)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise DiskFull(
                f"{self.folder.path}: the disk is full. What was recorded is kept; make room and "
                "judge it with `drillhall recheck`."
            ) from error

    def note_bench(self, bench: Bench) -> None:
        """The target stands: which build it is."""
        self.info["target"]["build"] = bench.build
        if bench.browser is not None or bench.browserless:
            problems = ["the drill did not end"] if bench.browser is not None else []
            self.info["web"] = {
                "complete": False, "problems": problems, "why": bench.browserless,
            }  # fmt: skip
        self.folder.write_info(self.info)

    def note_not_drilled(self, reasons: tuple[str, ...]) -> None:
        """What cannot be done to this target from this machine."""
        self.info["target"]["not_drilled"] = list(reasons)
        self.folder.write_info(self.info)

    def note_reading(self, round_: str, reading: Reading) -> Reading:
        """One round of reading back, handed on."""
        self._tables.append(reading.table)
        self.info["rounds"].append(round_)
        self.info["unread"] += [
            {"reader": reader, "round": round_, "why": why} for reader, why in reading.unread
        ]
        self.folder.write_table("readback", pl.concat(self._tables))
        self.folder.write_info(self.info)
        return reading

    def note_conducted(self, result: ConductResult) -> None:
        """The engines have ended."""
        figures = result.figures
        self.info["state"] = result.state
        self.info["reasons"] += result.problems
        self.info["workers_lost"] = len(result.lost)
        self.info["generator"] |= {
            "lateness_p99": figures.get("lateness_p99"),
            "shed": figures.get("shed", 0),
        }
        self.info["figures"] = figures
        self._ballast.unlink(missing_ok=True)
        self.folder.write_info(self.info)

    def note_carried(self, counts: dict[str, Any] | None) -> None:
        """What the phone carrier did, and how late its own clock was; None where there was none.

        Its lateness is the generator's: what it adds to a call is not the app's fault.
        """
        if counts is None:
            return
        self.info["carrier"] = {key: each for key, each in counts.items() if key != "event"}
        if "problem" in counts:
            self.info["reasons"].append(counts["problem"])
        if counts.get("crashes"):
            told = f"the phone carrier itself failed {counts['crashes']:,} times: see its log"
            self.info["reasons"].append(told)
        late = (counts.get("lag") or {}).get("p99")
        self.info["generator"]["carrier_lag_p99"] = late
        said = self.info["generator"].get("lateness_p99")
        if late is not None:
            self.info["generator"]["lateness_p99"] = max(late, said or 0.0)
        self.folder.write_info(self.info)

    def note_live(self, about: dict[str, Any]) -> None:
        """A live drill was held, or one beside this drill; nothing to say where there was none."""
        if about:
            self.info["live"] = self.info.get("live", {}) | about
            if lost := about.get("acknowledged_and_lost"):
                self.info["reasons"].append(
                    f"{lost} things that simulated volunteers heard a yes to are not stored"
                )
            self.folder.write_info(self.info)

    def note_injects(self, table: pl.DataFrame) -> None:
        """What the injects did."""
        self.folder.write_table("injects", table)

    def note_sealed(self, sealed: Sealed) -> None:
        """The ledger has become tables; published figures of the night stand beside them."""
        self.info["ledger"] = {"complete": sealed.complete, "problems": list(sealed.problems)}
        if sealed.walks is not None:
            self.info["web"] = walks_as_info(sealed.walks)
        measured = measure_drill(self.folder, self.info)
        self.info["anchors"] = anchors_as_info(measured, speed=float(self.info["speed"]))
        self.folder.write_info(self.info)
