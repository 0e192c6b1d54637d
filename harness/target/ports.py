"""Ports on this machine: those that a description declares, and any that are free."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from harness.target.service_model import Services


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def service_ports(services: Services, given: Mapping[str, int]) -> dict[str, int]:
    """The port of each service: given by whoever started it, declared, or any that is free."""
    ports = {}
    for name, service in services.items():
        declared = service.port if service.process is None else service.process.port
        ports[name] = given.get(name) or declared or free_port()
    return ports


def is_open(port: int, *, within: float = 1.0) -> bool:
    """Whether something on this machine takes connections at a port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=within):
            return True
    except OSError:
        return False
