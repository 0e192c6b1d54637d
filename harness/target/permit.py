"""Leave to drill: loopback is free, anything else needs a permit and proof of control.

Addresses are resolved once and pinned, so that a name cannot lead elsewhere later. What counts
as this machine is the resolved address (127.0.0.0/8 and ::1), never the name.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.target.errors import SafetyError
from harness.target.origins import is_loopback
from harness.target.wire import Request, Response

Resolve = Callable[[str, int], list[str]]
Fetch = Callable[[Request], Response]
PROOF = "/.well-known/drillhall.txt"


@dataclass(frozen=True)
class Permit:
    """Leave to drill hosts that are not this machine.

    Attributes:
        hosts: ``name:port``, exactly.
        token: What the hosts must show to prove that their owner agrees.
        requests_per_second: The highest rate.
        begins, ends: The window, with time zone.
    """

    hosts: tuple[str, ...]
    token: str
    requests_per_second: float
    begins: datetime
    ends: datetime


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host.

    Raises:
        SafetyError: If it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise SafetyError(
            f"{host}: the name cannot be resolved, so nobody can tell whose machine it is."
        ) from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def pin(
    host: str,
    port: int,
    permit: Permit | None,
    *,
    now: datetime | None = None,
    resolver: Resolve = resolve,
) -> str:
    """The one address that requests to a host go to, if they may go there at all.

    Raises:
        SafetyError: If the host is not this machine and no permit covers it now.
    """
    addresses = resolver(host, port)
    if all(is_loopback(address) for address in addresses):
        return addresses[0]
    name = f"{host}:{port}"
    if permit is None:
        raise SafetyError(
            f"{name} ({addresses[0]}) is not this machine. Only loopback addresses are drilled "
            "without a permit; ask the owner of the host for one (harness/target/README.md)."
        )
    if name not in permit.hosts:
        raise SafetyError(
            f"{name} is not on the permit's list ({', '.join(permit.hosts)}); write it there "
            "exactly, with its port, if its owner agrees."
        )
    in_window(permit, now)
    return addresses[0]


def in_window(permit: Permit, now: datetime | None = None) -> None:
    """Check that the permit holds now.

    Raises:
        SafetyError: Before it begins, or after it ends.
    """
    now = now or datetime.now(UTC)
    if now < permit.begins:
        raise SafetyError(f"the permit begins at {permit.begins.isoformat()}, not yet.")
    if now >= permit.ends:
        raise SafetyError(f"the permit ended at {permit.ends.isoformat()}; ask for a new one.")


def prove(
    host: str,
    request: Request,
    permit: Permit,
    fetch: Fetch,
    *,
    lookup: Callable[[str], list[str]] | None = None,
) -> str:
    """Check that whoever controls the host agreed: the permit's token is shown there.

    Args:
        request: Asks the host for :data:`PROOF`.
        fetch: Sends it.
        lookup: TXT records of a name, where this machine can look them up.

    Returns:
        Where the token was found.

    Raises:
        SafetyError: If it is shown in neither place.
    """
    in_window(permit)
    response = fetch(request)
    if response.fault is None and response.status == 200:
        shown = response.body.decode("utf-8", "replace").split()
        if permit.token in shown:
            return f"{host}{PROOF}"
    if lookup is not None and permit.token in lookup(f"_drillhall.{host}"):
        return f"TXT record of _drillhall.{host}"
    also = "" if lookup is not None else " (TXT records were not looked up: no resolver here)"
    raise SafetyError(
        f"{host}: no proof of control: the permit's token is not at {PROOF}{also}. "
        "The owner of the host puts it there before a drill."
    )


def is_production(headers: Mapping[bytes, bytes]) -> bool:
    """Whether an answer's own headers say that this is the real thing."""
    said = headers.get(b"x-environment", b"").strip().lower()
    return said in (b"production", b"prod", b"live")
