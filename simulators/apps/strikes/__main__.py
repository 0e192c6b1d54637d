"""Starts the practice strikes app: ``python -P -m simulators.apps.strikes --port 8000``."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from simulators.apps.strikes.app import make_app
from simulators.apps.strikes.defects import DEFECTS, Switches
from simulators.apps.strikes.settings import Account, Settings
from simulators.apps.strikes.store import StoreError, open_engine

SECRET = "STRIKES_SECRET"  # noqa: S105 - the name of an environment variable
PUBLIC = "STRIKES_PUBLIC_URL"
CARRIER = {
    "api": "CARRIER_API",
    "sid": "CARRIER_ACCOUNT",
    "token": "CARRIER_TOKEN",
    "shared_key": "CARRIER_SIGNING_SECRET",
}
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


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        switches = Switches.on(given.defect)
        open_engine(given.database).dispose()
    except (ValueError, StoreError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    settings = Settings(
        given.database,
        _secret(),
        given.speed,
        switches,
        Account(**{field: os.environ.get(name, "") for field, name in CARRIER.items()}),
        os.environ.get(PUBLIC, ""),
        given.help_places,
    )
    if not settings.carrier.token:
        print("CARRIER_TOKEN is not set: no webhook will be believed.", file=sys.stderr)  # noqa: T201
    server = Server(
        uvicorn.Config(
            make_app(settings),
            host=given.host,
            port=given.port,
            loop="uvloop",
            http="httptools",
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


def _secret() -> str:
    """The admin's token; without one in the environment, a new one that is told."""
    if secret := os.environ.get(SECRET):
        return secret
    secret = secrets.token_urlsafe(24)
    print(f"{SECRET} is not set. The admin token of this run: {secret}", file=sys.stderr)  # noqa: T201
    return secret


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulators.apps.strikes", description="A practice app that strikes voters off lists."
    )
    parser.add_argument("--port", type=int, default=8000, help="0 takes any that is free")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--database",
        default="sqlite:///strikes.db",
        help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME",
    )
    parser.add_argument(
        "--speed", type=_speed, default=1.0, help="drill seconds in a wall second, for lock-outs"
    )
    parser.add_argument(
        "--help-places", type=int, default=20, help="callers that the help line holds at once"
    )
    parser.add_argument(
        "--defect",
        action="append",
        default=[],
        metavar="NAME",
        help="switch a defect on: " + ", ".join(defect.name for defect in DEFECTS),
    )
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not speed > 0:
        raise argparse.ArgumentTypeError(f"{text}: drill time goes forward; give more than 0")
    return speed


if __name__ == "__main__":
    sys.exit(main())
