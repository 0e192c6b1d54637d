"""Links from a report to files of its own run folder, which may be moved with it."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote


def beside(path: object) -> str:
    """A link to a file below the run folder, as seen from the report; empty if it is none.

    A path that leads out of the folder, or that a browser could take for an address, is no link.

    Example:
        >>> beside("evidence/web/steady-1/03 send.png")
        'evidence/web/steady-1/03%20send.png'
        >>> beside("../../etc/passwd"), beside("javascript:alert(1)"), beside(None)
        ('', '', '')
    """
    text = str(path or "")
    parts = PurePosixPath(text).parts
    if not parts or parts[0] != "evidence" or ".." in parts:
        return ""
    return quote("/".join(parts), safe="/")
