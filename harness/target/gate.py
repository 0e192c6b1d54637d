"""Holds a program back until it is written down that it runs: ``python gate.py DESCRIPTOR``.

Standard input brings one line of JSON: the words of its command, and its environment. Then the
program takes this process's place, and with it the number that was written down. If the line does
not come, whoever was to send it is dead, and the program is never started. Imports nothing of ours,
since it is run by its path and without any package.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def main(trouble: int) -> int:
    """Become the program, or write to ``trouble`` the system's number of the reason why not."""
    os.set_inheritable(trouble, False)  # it closes when the program has taken over
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return 1
    words, environment = json.loads(line)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for each in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and the program would too
        signal.signal(each, signal.SIG_DFL)
    try:
        os.execvpe(words[0], words, environment)  # noqa: S606 - as the description says
    except OSError as error:
        os.write(trouble, str(error.errno).encode())
    return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
