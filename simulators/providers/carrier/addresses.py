"""Where an app's documents lead: its relative addresses, made whole."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

__all__ = ["led_to", "server_of"]

_PORTS = {"http": 80, "https": 443}


def led_to(base: str, address: str) -> str:
    """An address as a document at ``base`` means it.

    What no URL can be made of comes back as it is: asking it is an error of the app's, with the
    provider's code 11100, and is logged as such.

    Example:
        >>> led_to("http://app/voice/code", "again?n=2"), led_to("http://app/voice", "http://[x")
        ('http://app/voice/again?n=2', 'http://[x')
    """
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def server_of(url: str) -> str:
    """The server of an absolute URL over HTTP, as ``host:port``.

    Raises:
        ValueError: If it names none.

    Example:
        >>> server_of("https://App.example.org/sms"), server_of("http://[::1]:8000/")
        ('app.example.org:443', '::1:8000')
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url[:200]!r} is not a URL that can be asked")
    return f"{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"
