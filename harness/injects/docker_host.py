"""The Docker engine of this machine, by the Docker SDK; optional at run time."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

SOCKET = "unix:///var/run/docker.sock"
_TIMEOUT = 60  # seconds that one call of the engine may take
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class DockerError(RuntimeError):
    """Docker cannot do what is asked; the message says why, and what to do where it can be said."""


class ForeignEngineError(DockerError):
    """The engine runs on another machine, where Drillhall breaks nothing."""


def engine_address() -> str:
    """Where the engine is: ``DOCKER_HOST``, or the socket that it mostly has."""
    return os.environ.get("DOCKER_HOST") or SOCKET


@contextmanager
def engine_at(address: str) -> Iterator[None]:
    """While the block runs, that is the engine: what is not found on another one is not gone."""
    before = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = address
    try:
        yield
    finally:
        if before is None:
            del os.environ["DOCKER_HOST"]
        else:
            os.environ["DOCKER_HOST"] = before


def engine() -> Any:
    """A client of this machine's engine, which answers.

    Raises:
        DockerError: If the SDK is not installed or no engine answers.
        ForeignEngineError: If ``DOCKER_HOST`` names another machine.
    """
    address = engine_address()
    parts = urlsplit(address)
    if parts.scheme not in ("unix", "npipe") and parts.hostname not in _LOOPBACK:
        raise ForeignEngineError(
            f"DOCKER_HOST is {parts.scheme}://{parts.hostname}, another machine. Drillhall breaks "
            "containers of this machine only: unset DOCKER_HOST, or drill over there."
        )
    return _client(address)


@cache
def _client(address: str) -> Any:
    try:
        import docker
    except ImportError:
        raise DockerError(
            "the Docker SDK is not installed: pip install 'drillhall[containers]'"
        ) from None
    _refuse_silence(address)
    with told():
        client = docker.DockerClient(base_url=address, timeout=_TIMEOUT)
        client.ping()
    return client


def _refuse_silence(address: str) -> None:
    """Knock first: where nobody answers, the SDK leaves its own socket open."""
    if not address.startswith("unix://"):
        return
    with socket.socket(socket.AF_UNIX) as ours:
        ours.settimeout(_TIMEOUT)
        try:
            ours.connect(address.removeprefix("unix://"))
        except OSError:
            raise DockerError(f"no Docker engine answers at {address}: is it running?") from None


def why_no_docker() -> str:
    """Why nothing can be done with containers here; empty if it can."""
    try:
        engine().ping()
    except Exception as error:  # whatever it is, there is no Docker then
        return str(error) or type(error).__name__
    return ""


@contextmanager
def told() -> Iterator[None]:
    """What the SDK raises in the block, as :class:`DockerError` with the engine's own words."""
    import docker.errors
    import requests

    try:
        yield
    except docker.errors.APIError as error:
        raise DockerError(str(error.explanation or error)) from error
    except docker.errors.DockerException as error:
        text = str(error)
        if "FileNotFoundError" in text or "ConnectionRefused" in text or "Errno" in text:
            text = f"no Docker engine answers at {engine_address()}: is it running?"
        raise DockerError(text) from error
    except requests.RequestException as error:
        raise DockerError(f"the Docker engine does not answer: {error}") from error
