"""Starts the practice strikes app: ``python -P -m simulators.apps.strikes --port 8000``."""

from __future__ import annotations

import os
import sys

from simulators.apps.serving.server import parser_of, secret_of, serve
from simulators.apps.serving.store import StoreError, open_engine
from simulators.apps.strikes.app import make_app
from simulators.apps.strikes.defects import DEFECTS, Switches
from simulators.apps.strikes.schema import metadata
from simulators.apps.strikes.settings import Account, Settings

SECRET = "STRIKES_SECRET"  # noqa: S105 - the name of an environment variable
PUBLIC = "STRIKES_PUBLIC_URL"
CARRIER = {
    "api": "CARRIER_API",
    "sid": "CARRIER_ACCOUNT",
    "token": "CARRIER_TOKEN",
    "shared_key": "CARRIER_SIGNING_SECRET",
}


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    about = "A practice app that strikes voters off lists."
    parser = parser_of("strikes", about, (each.name for each in DEFECTS))
    parser.add_argument(
        "--help-places", type=int, default=20, help="callers that the help line holds at once"
    )
    given = parser.parse_args(arguments)
    try:
        switches = Switches.on(given.defect)
        open_engine(given.database, metadata).dispose()
    except (ValueError, StoreError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    settings = Settings(
        given.database,
        secret_of(SECRET),
        given.speed,
        switches,
        Account(**{field: os.environ.get(name, "") for field, name in CARRIER.items()}),
        os.environ.get(PUBLIC, ""),
        given.help_places,
    )
    if not settings.carrier.token:
        print("CARRIER_TOKEN is not set: no webhook will be believed.", file=sys.stderr)  # noqa: T201
    return serve(make_app(settings), given.host, given.port)


if __name__ == "__main__":
    sys.exit(main())
