"""The device that a persona holds: screen, language, display and line, as a browser context.

Only the target's own addresses are reached: everything else goes to a proxy that nobody answers,
so that requests of ours travel as any browser's do and are not held up by us.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page

from harness.channels.web.rhythm import LISTENER
from simulators.people.personas.persona import Habit, Persona

_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/{version} Mobile Safari/537.36"
)


class Nowhere:
    """An address at which nobody answers, kept so that nobody else comes to answer there."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused

    @property
    def url(self) -> str:
        """As a proxy's address."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()


@dataclass(frozen=True)
class Reach:
    """What devices of this drill may reach.

    Attributes:
        hosts: ``host:port`` of the target's own addresses.
        nowhere: The proxy for everything else.
        run: Name of the run, which every request carries.
    """

    hosts: Sequence[str]
    nowhere: str
    run: str


def resolver_rules(addresses: dict[str, str]) -> list[str]:
    """Chromium's arguments that pin host names to the addresses they were checked at."""
    pinned = [f"MAP {name} {address}" for name, address in addresses.items() if name != address]
    return [f"--host-resolver-rules={','.join(pinned)}"] if pinned else []


async def open_device(
    browser: Browser, persona: Persona, reach: Reach, *, through: str = ""
) -> BrowserContext:
    """A new context: nothing of anybody else's is in it.

    Args:
        through: Address of a proxy that everything of theirs goes through instead.
    """
    context = await browser.new_context(
        **_options(browser, persona),
        proxy={"server": through} if through else _past_nowhere(reach),
        extra_http_headers={"X-Drillhall-Run": reach.run},
        service_workers="block",
        accept_downloads=False,
    )
    await context.add_init_script(LISTENER)
    if Habit.INTERRUPTED in persona.habits:
        await context.clock.install()
    return context


def _past_nowhere(reach: Reach) -> Any:
    return {"server": reach.nowhere, "bypass": ",".join(reach.hosts)}


def _options(browser: Browser, persona: Persona) -> dict[str, Any]:
    screen, display = persona.screen, persona.display
    size = {"width": screen.width, "height": screen.height}
    options: dict[str, Any] = {
        "viewport": size,
        "screen": size,
        "device_scale_factor": screen.zoom,
        "is_mobile": screen.phone,
        "has_touch": screen.phone or persona.hands == "touch",
        "locale": persona.locale,
        "color_scheme": display.color_scheme,
        "forced_colors": "active" if display.forced_colors else "none",
        "contrast": "more" if display.more_contrast else "no-preference",
        "reduced_motion": "reduce" if display.reduced_motion else "no-preference",
    }
    if screen.phone:
        options["user_agent"] = _PHONE.format(version=browser.version)
    return options


async def slow_down(page: Page, persona: Persona) -> CDPSession | None:
    """Give a page the persona's line; Chromium keeps it for a page, not for a context."""
    network = persona.network
    if network is None:
        return None
    session = await page.context.new_cdp_session(page)
    bytes_per_second = network.kbit_per_second * 1000 / 8
    await session.send("Network.enable")
    await session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": network.latency_ms,
            "downloadThroughput": bytes_per_second,
            "uploadThroughput": bytes_per_second,
        },
    )
    return session
