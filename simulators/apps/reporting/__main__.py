"""Starts the practice reporting app: ``python -P -m simulators.apps.reporting --port 8000``."""

from __future__ import annotations

import argparse
import re
import sys

from simulators.apps.reporting.app import make_app
from simulators.apps.reporting.barriers import BARRIERS, chosen
from simulators.apps.reporting.defects import DEFECTS
from simulators.apps.reporting.office import HELP_LINE, Settings
from simulators.apps.reporting.schema import metadata
from simulators.apps.serving.server import parser_of, secret_of, serve
from simulators.apps.serving.store import StoreError, open_engine

SECRET = "REPORTING_SECRET"  # noqa: S105 - the name of an environment variable


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    about = "A practice app that collects caucus reports."
    parser = parser_of("reporting", about, (each.name for each in (*DEFECTS, *BARRIERS)))
    parser.add_argument(
        "--help-line", type=_number, default=HELP_LINE, help="the number that every page tells"
    )
    given = parser.parse_args(arguments)
    try:
        switches, barriers = chosen(given.defect)
        open_engine(given.database, metadata).dispose()
    except (ValueError, StoreError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    settings = Settings(
        given.database, secret_of(SECRET), given.speed, switches, barriers, given.help_line
    )
    app = make_app(settings)
    return serve(app, given.host, given.port)


def _number(text: str) -> str:
    if not re.fullmatch(r"(\d{3}-)?555-01\d\d", text):
        raise argparse.ArgumentTypeError(
            f"{text}: a practice app tells a number that rings nowhere, 555-0100 to 555-0199, "
            "with or without an area code, as 515-555-0142"
        )
    return text


if __name__ == "__main__":
    sys.exit(main())
