"""How a practice app is started: its options, its secret, and a server that says where it is."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from simulators.apps.serving.patience import PatientProtocol

STOPS = (signal.SIGTERM, signal.SIGINT)


class Server(uvicorn.Server):
    """Says where it listens as soon as it does."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Bind, then print the address."""
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            name = f"[{host}]" if ":" in host else host
            print(f"http://{name}:{port}", flush=True)  # noqa: T201 - whoever started us waits for it

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop in good order when told to, and exit with 0: being stopped is no failure."""
        old = {each: signal.signal(each, self.handle_exit) for each in STOPS}
        try:
            yield
        finally:
            for each, handler in old.items():
                signal.signal(each, handler)


def serve(app: Starlette, host: str, port: int) -> int:
    """Serve until told to stop; returns the exit code."""
    server = Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http=PatientProtocol,
            ws="none",
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=5,
            backlog=4096,
        )
    )
    server.run()
    return 0 if server.started else 1


def secret_of(name: str) -> str:
    """The admin's token from the environment; without one there, a new one that is told."""
    if secret := os.environ.get(name):
        return secret
    secret = secrets.token_urlsafe(24)
    print(f"{name} is not set. The admin token of this run: {secret}", file=sys.stderr)  # noqa: T201
    return secret


def parser_of(app: str, about: str, defects: Iterable[str]) -> argparse.ArgumentParser:
    """The options that every practice app takes.

    Args:
        app: Its folder's name, also that of its database file.
        defects: Names of the defects that can be switched on.
    """
    parser = argparse.ArgumentParser(prog=f"simulators.apps.{app}", description=about)
    parser.add_argument("--port", type=int, default=8000, help="0 takes any that is free")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--database",
        default=f"sqlite:///{app}.db",
        help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME",
    )
    parser.add_argument(
        "--speed", type=_speed, default=1.0, help="drill seconds in a wall second, for lock-outs"
    )
    parser.add_argument(
        "--defect",
        action="append",
        default=[],
        metavar="NAME",
        help="switch a defect on: " + ", ".join(defects),
    )
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not speed > 0:
        raise argparse.ArgumentTypeError(f"{text}: drill time goes forward; give more than 0")
    return speed
