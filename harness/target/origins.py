"""Where requests may go: the base URL, the other origins a description names, and nowhere else.

Links in answers and redirects are joined to the page they stand on; one that leads off the list
is not followed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from harness.target.errors import UnfilledError
from harness.target.wire import Origin

LOOPBACK_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost"}
_IN_TARGET = "/:@!$&'()*+,;=-._~%?[]"


@dataclass(frozen=True)
class Place:
    """One origin with what its requests need.

    Attributes:
        url: Scheme, host and port, without a slash at the end.
        prefix: Path of the base URL, empty or beginning with a slash.
        host: The ``Host`` header line, with CRLF.
    """

    origin: Origin
    url: str
    prefix: str
    host: bytes


def split_url(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of a base URL.

    Raises:
        ValueError: If it is not an http or https URL.

    Example:
        >>> split_url("https://app.example.org/api/")
        ('https', 'app.example.org', 443, '/api')
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"found {url!r}, but it must be an http:// or https:// address")
    if parts.username or parts.password:
        raise ValueError("an address carries no password; use sign_in: {kind: basic}")
    if parts.query or parts.fragment:
        raise ValueError(f"found {url!r}, but a base address has no query")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, parts.hostname, port, parts.path.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a literal address, or one of the names of loopback, is this machine."""
    if host.lower().rstrip(".") in LOOPBACK_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def clean_target(path: str) -> str:
    """A path and query that can stand in a request line: no spaces, controls or raw unicode."""
    return quote(path, safe=_IN_TARGET) if path else "/"


class Origins:
    """The list."""

    def __init__(self, base: Place, others: list[Place]) -> None:
        self.base = base
        self.places = [base, *others]

    def find(self, url: str, page: str) -> tuple[Place, str]:
        """The origin and the request target of a link that stands on ``page``.

        Raises:
            UnfilledError: If it leads off the list or is not http.
        """
        parts = urlsplit(urljoin(page, url.strip()))
        default = 443 if parts.scheme == "https" else 80
        try:
            host, port = parts.hostname or "", parts.port or default
        except ValueError:
            raise UnfilledError(f"{url[:80]!r} is not an address") from None
        for place in self.places:
            scheme, name, its_port, _ = split_url(place.url)
            same_host = host == name or (is_loopback(host) and is_loopback(name))
            if parts.scheme == scheme and port == its_port and same_host:
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                return place, clean_target(target)
        shown = f"{parts.scheme}://{parts.netloc}"[:80]
        raise UnfilledError(f"leads to {shown}, which is not on the target's list: not followed")
