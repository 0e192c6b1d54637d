"""Whom we send to: this machine, and hosts that an operator lists as their own.

Real phone numbers are reached through far ends on other machines, and what is sent there costs
money or rings somebody's phone. So every destination is asked here first, also one that a far
end names in a Contact or in a session description.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable


class PeerError(ValueError):
    """A destination that may not be sent to, or no address at all; the text says what to do."""


def parse_address(text: str) -> tuple[str, int]:
    """``host:port`` of a SIP endpoint; the port is 5060 where none is named.

    Raises:
        PeerError: If it is not an IPv4 address with a port.

    Example:
        >>> parse_address("127.0.0.1:5080"), parse_address("127.0.0.1")
        (('127.0.0.1', 5080), ('127.0.0.1', 5060))
    """
    host, colon, port = text.partition(":")
    number = port if colon else "5060"
    if not (number.isdecimal() and 0 <= int(number) <= 65_535):
        raise PeerError(f"{text!r}: the port is to be a number from 0 to 65535.")
    if _address(host) is None:
        raise PeerError(f"{text!r}: give an IPv4 address and a port, such as 127.0.0.1:5060.")
    return host, int(number)


class Peers:
    """The hosts that may be sent to.

    Args:
        own: Addresses (``host`` or ``host:port``) that the operator says are their own.
    """

    def __init__(self, own: Iterable[str] = ()) -> None:
        self._own = {parse_address(each)[0] for each in own}
        self._asked: dict[str, bool] = {}

    def allows(self, host: str) -> bool:
        """Whether packets may go to ``host``; a name is never looked up."""
        known = self._asked.get(host)
        if known is None:
            address = _address(host)
            known = address is not None and (address.is_loopback or host in self._own)
            if len(self._asked) < 1024:
                self._asked[host] = known
        return known

    def check(self, host: str) -> None:
        """Refuse a host that may not be sent to.

        Raises:
            PeerError: If it is neither this machine nor on the list.
        """
        if not self.allows(host):
            raise PeerError(
                f"{host} is not this machine, and calls to it may cost money or ring a phone. "
                "If it is your own, list it as such (--own, or the permit of the target)."
            )


def _address(host: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(host)
    except ValueError:
        return None
