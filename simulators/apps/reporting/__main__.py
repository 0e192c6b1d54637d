"""Starts the practice reporting app: ``python -P -m simulators.apps.reporting --port 8000``."""

from __future__ import annotations

import sys

from simulators.apps.reporting.app import make_app
from simulators.apps.reporting.defects import DEFECTS, Switches
from simulators.apps.reporting.office import Settings
from simulators.apps.reporting.schema import metadata
from simulators.apps.serving.server import parser_of, secret_of, serve
from simulators.apps.serving.store import StoreError, open_engine

SECRET = "REPORTING_SECRET"  # noqa: S105 - the name of an environment variable


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    about = "A practice app that collects caucus reports."
    given = parser_of("reporting", about, (each.name for each in DEFECTS)).parse_args(arguments)
    try:
        switches = Switches.on(given.defect)
        open_engine(given.database, metadata).dispose()
    except (ValueError, StoreError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    app = make_app(Settings(given.database, secret_of(SECRET), given.speed, switches))
    return serve(app, given.host, given.port)


if __name__ == "__main__":
    sys.exit(main())
