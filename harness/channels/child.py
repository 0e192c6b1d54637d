"""A process of ours beside a drill, as the phone carrier and the browser have one.

It is told what to do in one line, says in one line that it is ready, and ends when its standard
input does: so it ends with the drill, however that ends.
"""

from __future__ import annotations

import contextlib
import select
import subprocess
from pathlib import Path
from typing import Any

import orjson

from harness.engine.launch import launch_command

_READY = 60.0  # wall seconds to start
_ORDERLY = 8.0  # wall seconds to end by itself


class ChildError(RuntimeError):
    """It does not start."""


class Child:
    """Starts such a process and ends it.

    Args:
        module: Our module that it runs.
        called: What it is, in words.
    """

    def __init__(self, module: str, called: str) -> None:
        self._module, self._called = module, called
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, told: bytes, folder: Path) -> dict[str, Any]:
        """Start it and wait until it is ready; what it says then.

        Args:
            told: Its line.
            folder: Where its own output goes.

        Raises:
            ChildError: If it does not start.
        """
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "output.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                launch_command(self._module),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the drill, which then ends it
            )
        try:
            line = _said(self._process, told)
        except BaseException:  # Ctrl-C, mostly: nobody else knows of it yet who could end it
            self.close()
            raise
        if not line:
            self.close()
            said = " ".join(log.read_text("utf-8", "replace")[-400:].split())
            raise ChildError(f"{self._called} did not start: {said or 'it said nothing'}")
        ready: dict[str, Any] = orjson.loads(line)
        return ready

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> bool:
        """End it, and kill it if it does not; whether it ended just now, and in good order."""
        process, self._process = self._process, None
        if process is None:
            return False
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it was gone already
            process.stdin.close()
        try:
            return process.wait(_ORDERLY) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False
        finally:
            process.stdout.close()


def _said(process: subprocess.Popen[bytes], told: bytes) -> bytes:
    """What a process says once it has been told what to do; empty if that does not come."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # it is gone, and the next line says so
        process.stdin.write(told)
        process.stdin.flush()
    readable, _, _ = select.select([process.stdout], [], [], _READY)
    return process.stdout.readline() if readable else b""
