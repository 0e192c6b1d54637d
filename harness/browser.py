"""The browser of this machine: which Chromium it is, and how it is started.

``reports.pdf`` has the same list, since reports may not import this; a test keeps them alike.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable

BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # pages go where proxies let them
)


def find_browser(names: Iterable[str] = BROWSERS) -> str | None:
    """The first browser of these that this machine has."""
    return next((found for name in names if (found := shutil.which(name))), None)


def browser_arguments() -> list[str]:
    """What a browser is started with: quiet, and without its own errands on the network.

    Chromium's own sandbox refuses to start for root.
    """
    return [*(["--no-sandbox"] if os.geteuid() == 0 else []), *_ARGUMENTS]


def why_no_browser() -> str:
    """Why no page can be opened on this machine, and what to do; empty if one can."""
    try:
        import playwright  # noqa: F401 - asked whether it is there
    except ImportError:
        return "Playwright is not installed (pip install 'drillhall[browser]')"
    if find_browser() is None:
        return "there is no Chromium on this machine; install chromium or chromium-headless-shell"
    return ""
