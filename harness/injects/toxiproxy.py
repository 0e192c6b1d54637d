"""Speaking to a Toxiproxy server, or to the proxy of our own that speaks as one does."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import quote

_WITHIN = 10.0  # wall seconds for an answer

LACKS = frozenset({"cut_answers", "loss"})
"""Toxics that only our own proxy has."""


class ToxiproxyError(RuntimeError):
    """The server does not answer, or says no; the message says to what, and why."""


class Toxiproxy:
    """The control API of one server.

    Args:
        control: Where it listens, ``host:port``.
    """

    def __init__(self, control: str) -> None:
        self.control = control

    def version(self) -> str:
        """Which release it says it is.

        Raises:
            ToxiproxyError: If nobody answers there, or nobody who has one.
        """
        said = self._ask("GET", "/version")
        return str(said.get("version", "")) if isinstance(said, dict) else ""

    def make(self, name: str, upstream: str) -> str:
        """Make a proxy on a free port, in place of one that has its name; returns its address.

        Raises:
            ToxiproxyError: If it cannot.
        """
        proxy = {"name": name, "listen": "127.0.0.1:0", "upstream": upstream, "enabled": True}
        made = self._ask("POST", "/populate", [proxy])
        try:
            return str(made["proxies"][0]["listen"])
        except (KeyError, IndexError, TypeError) as error:
            raise ToxiproxyError(f"{self.control} made no proxy {name!r}: {made!r}") from error

    def forget(self, name: str) -> None:
        """Remove a proxy, and every toxic of it; harmless if there is none.

        Raises:
            ToxiproxyError: If it cannot.
        """
        self._ask("DELETE", f"/proxies/{_part(name)}", missing=True)

    def add(self, proxy: str, toxic: dict[str, Any]) -> None:
        """Add a toxic to a proxy.

        Raises:
            ToxiproxyError: If it cannot.
        """
        self._ask("POST", f"/proxies/{_part(proxy)}/toxics", toxic)

    def touched(self, proxy: str, toxic: str) -> int | None:
        """How much a toxic has touched; None if the server does not count.

        Raises:
            ToxiproxyError: If it cannot be asked.
        """
        shown = self._ask("GET", f"/proxies/{_part(proxy)}/toxics/{_part(toxic)}", missing=True)
        if shown is None:
            return 0  # it is not there, so it touches nothing
        count = shown.get("touched") if isinstance(shown, dict) else None
        return count if isinstance(count, int) else None

    def remove(self, proxy: str, toxic: str) -> None:
        """Remove a toxic from a proxy; harmless if there is none.

        Raises:
            ToxiproxyError: If it cannot.
        """
        self._ask("DELETE", f"/proxies/{_part(proxy)}/toxics/{_part(toxic)}", missing=True)

    def _ask(self, method: str, path: str, told: Any = None, *, missing: bool = False) -> Any:
        # Not through a proxy of the environment's: this is always this machine.
        line = http.client.HTTPConnection(self.control, timeout=_WITHIN)
        try:
            body = None if told is None else json.dumps(told)
            line.request(method, path, body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ToxiproxyError(f"{self.control} does not answer: {error}") from error
        finally:
            line.close()
        if missing and answer.status == http.client.NOT_FOUND:
            return None
        if answer.status >= http.client.MULTIPLE_CHOICES:
            shown = said.decode("utf-8", "replace").strip()[:300]
            raise ToxiproxyError(f"{method} {path} at {self.control}: {answer.status} {shown}")
        try:
            return json.loads(said) if said else None
        except ValueError as error:
            raise ToxiproxyError(f"{self.control} is no Toxiproxy: it says no JSON") from error


def forget_proxies(control: str, names: list[str]) -> None:
    """Remove what a drill made at a server that is not its own; harmless if it is gone.

    Raises:
        ToxiproxyError: If the server cannot, or does not answer; one that is gone has no proxies.
    """
    server = Toxiproxy(control)
    try:
        server.version()
    except ToxiproxyError as error:
        if isinstance(error.__cause__, ConnectionRefusedError):  # nobody listens there any more
            return
        raise
    for name in names:
        server.forget(name)


def _part(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")
