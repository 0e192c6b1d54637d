"""Somebody at the keys of a proof, who notices what is wrong and calls it fixed, again and again.

For injects that only somebody at the terminal can meet, such as an owner who cannot be reached.
"""

from __future__ import annotations

import contextlib
import os
import pty
import threading
import tty
from collections.abc import Iterator

_PAUSE = 0.25  # wall seconds between two rounds of keys


@contextlib.contextmanager
def somebody_attends() -> Iterator[int]:
    """A terminal at which ``d`` and ``f`` are pressed while the block runs; its file descriptor."""
    keyboard, terminal = pty.openpty()
    tty.setraw(terminal)  # nobody reads what a terminal echoes
    os.set_blocking(keyboard, False)
    over = threading.Event()

    def press() -> None:
        while not over.wait(_PAUSE):
            with contextlib.suppress(BlockingIOError):  # nobody takes keys any more
                os.write(keyboard, b"df")

    pressing = threading.Thread(target=press, name="keys of a proof", daemon=True)
    pressing.start()
    try:
        yield terminal
    finally:
        over.set()
        pressing.join()
        os.close(terminal)
        os.close(keyboard)
