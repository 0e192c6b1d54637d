"""Plays drills by the command line, as a vendor's CI would, and reads what they left."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.matching import reconciled

HERE = Path(__file__).parent / "targets"


@dataclass(frozen=True)
class Played:
    """One drill that has been judged.

    Attributes:
        path: The run folder.
        code: The exit code.
        said: What was printed.
    """

    path: Path
    code: int
    said: str

    @property
    def verdict(self) -> dict[str, Any]:
        """What ``verdict.json`` says."""
        found: dict[str, Any] = json.loads((self.path / "verdict.json").read_text())
        return found

    @property
    def word(self) -> str:
        """GO, or another of the four."""
        return str(self.verdict["word"])

    def states(self, state: str) -> set[str]:
        """The checks of the objectives that came out so."""
        results = self.verdict["results"]
        return {each["objective"]["check"] for each in results if each["state"] == state}

    def finding(self, check: str) -> dict[str, Any]:
        """The only finding of a check."""
        (one,) = self.findings(check)
        return one

    def findings(self, check: str) -> list[dict[str, Any]]:
        """Every finding of a check."""
        found = json.loads((self.path / "findings.json").read_text())
        return [dict(each) for each in found if each["check"] == check]


def drill(scenario: str | Path, *arguments: str, target: Path, folder: Path) -> Played:
    """Run the command line as a vendor's CI would."""
    command = [sys.executable, "-P", "-m", "harness.cli", "run", str(scenario)]
    command += ["--target", str(target), "--out", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    assert (folder / "verdict.json").is_file(), done.stdout[-2000:] + done.stderr[-2000:]
    return Played(folder, done.returncode, done.stdout + done.stderr)


def check_target(target: Path) -> list[dict[str, Any]]:
    """What ``drillhall target check`` says of each probe; every one must be as declared."""
    command = [sys.executable, "-P", "-m", "harness.cli", "target", "check", str(target), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    probes: list[dict[str, Any]] = json.loads(done.stdout)
    assert all(probe["ok"] for probe in probes)
    return probes


def found_lost(run: Path) -> set[str]:
    """Every operation that the check for lost reports names, beyond the twenty it shows."""
    evidence = Evidence(run)
    offences = reconciled(evidence, evidence.readers[0]).offences
    first = offences.filter(pl.col("check") == "lost")["first"]
    return set(evidence.history.collect()["op"].gather(first))
