"""One person's cookies, kept and sent back byte for byte.

Python's own cookie code puts quotes around values with ``=`` in them, and an app then sees no
session. Here a value is whatever stood between the first ``=`` and the first ``;``. Of RFC 6265
it keeps names, paths and deletion; domains do not matter, as a jar serves one target, and
``Secure`` is ignored, as browsers do on loopback.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime


class Jar:
    """Cookies by name and path."""

    __slots__ = ("_cookies", "_header", "_rooted")

    def __init__(self) -> None:
        self._cookies: dict[tuple[bytes, bytes], bytes] = {}
        self._header = b""  # ready to send while every cookie is for the whole site
        self._rooted = True

    def take(self, line: bytes) -> None:
        """Keep what one ``Set-Cookie`` header says; ``line`` is its value."""
        pair, _, rest = line.partition(b";")
        name, equals, value = pair.partition(b"=")
        name, value = name.strip(), value.strip()
        if not equals or not name:
            return
        path, gone = b"/", False
        for attribute in rest.split(b";"):
            key, _, setting = attribute.strip().partition(b"=")
            key = key.lower()
            if key == b"path" and setting.startswith(b"/"):
                path = setting
            elif key == b"max-age":
                gone = setting.lstrip(b"-").isdigit() and int(setting) <= 0
            elif key == b"expires" and not gone:
                gone = _is_past(setting)
        if gone:
            self._cookies.pop((name, path), None)
        else:
            self._cookies[name, path] = value
        self._render()

    def _render(self) -> None:
        self._rooted = all(path == b"/" for _, path in self._cookies)
        self._header = _line(self._cookies) if self._rooted else b""

    def header(self, path: bytes) -> bytes:
        """The ``Cookie`` header line for a path, with its CRLF; empty if there is none."""
        if self._rooted:
            return self._header
        return _line(
            {
                key: value
                for key, value in self._cookies.items()
                if path == key[1] or path.startswith(key[1].rstrip(b"/") + b"/")
            }
        )

    def get(self, name: str) -> str | None:
        """The value of a cookie, as received."""
        wanted = name.encode()
        return next(
            (value.decode("latin-1") for (key, _), value in self._cookies.items() if key == wanted),
            None,
        )

    def clear(self) -> None:
        """Forget everything."""
        self._cookies.clear()
        self._render()


def _line(cookies: dict[tuple[bytes, bytes], bytes]) -> bytes:
    if not cookies:
        return b""
    return b"Cookie: " + b"; ".join(n + b"=" + v for (n, _), v in cookies.items()) + b"\r\n"


def _is_past(setting: bytes) -> bool:
    # A date in the past is how apps without Max-Age delete a cookie; they all use an old year.
    try:
        return parsedate_to_datetime(setting.decode("latin-1")).year < 2000
    except (ValueError, TypeError, IndexError):
        return False
