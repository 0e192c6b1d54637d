"""Judging an old run again: seals what a crash left, and says how the run came to its end."""

from __future__ import annotations

from harness.ledger import live_log, seal
from harness.logbook import walks_as_info
from harness.record import RecordError, RunFolder
from harness.verdict import Verdict, judge


def recheck(folder: RunFolder) -> tuple[RunFolder, Verdict]:
    """Seal a live run's ledgers again, bring ``run.json`` up to date, and judge.

    Raises:
        RecordError: If the folder holds no ledger to seal, or cannot be written.
    """
    info = dict(folder.info)
    for key in ("run", "fields", "target", "objectives", "state", "workers"):
        if key not in info:
            raise RecordError(
                f"{folder.path / 'run.json'}: {key}: missing. This is no run folder of ours, or a "
                "damaged one."
            )
    if not info.get("virtual"):
        ledger = folder.path / "ledger"
        if not any(ledger.glob("engine-*.jsonl")) and not (ledger / live_log.NAME).is_file():
            raise RecordError(
                f"{folder.path}: no ledger in it: the run ended before anything was sent."
            )
        sealed = seal(folder, workers=info["workers"])
        info["ledger"] = {"complete": sealed.complete, "problems": list(sealed.problems)}
        if sealed.walks is not None:
            info["web"] = walks_as_info(sealed.walks)
        if info["state"] == "running":
            info["state"] = "crashed"
            info["reasons"] = [*info.get("reasons", ()), "the drill itself died on the way"]
        folder.write_info(info)
    folder = RunFolder.open(folder.path)
    return folder, judge(folder)
