"""A SIP far end as a process of its own, for tests: ours, SIPp's answerer, or baresip."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


@dataclass
class Stand:
    """A hotline process: where it is, and once it has ended what it saw."""

    address: str
    process: subprocess.Popen[str]
    records: Path
    closed: dict[str, Any] = field(default_factory=dict)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls it has written down."""
        lines = [json.loads(line) for line in self.records.read_text().splitlines()]
        return [line for line in lines if line["k"] == "call"]


@contextmanager
def hotline_process(folder: Path, *options: str) -> Iterator[Stand]:
    """Our hotline in its own process; it is ended with the block."""
    records = folder / "hotline.jsonl"
    process = subprocess.Popen(
        [
            sys.executable, "-P", "-m", "simulators.phones.sip", "hotline", "--leash",
            "--records", str(records), *options,
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        ready = json.loads(process.stdout.readline())
        stand = Stand(ready["address"], process, records)
        yield stand
        process.stdin.close()
        stand.closed = json.loads(process.stdout.readline())
        process.wait(10)
    finally:
        process.stdin.close()
        process.stdout.close()
        if process.poll() is None:
            process.kill()
            process.wait()
