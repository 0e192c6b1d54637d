"""The ASGI application: routes, what is opened and closed with it, how it says no."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.reporting import api, page, pages
from simulators.apps.reporting.office import Office, Settings
from simulators.apps.reporting.results import sheets
from simulators.apps.reporting.slots import Slots
from simulators.apps.serving.build import build_of
from simulators.apps.serving.patience import Patience
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import refuse_in_json

VERSION = "1.0.0"
REPORTED = 0.06  # wall seconds that telling somebody of a refusal takes, with refusals_block


def make_app(settings: Settings) -> Starlette:
    """The application; it opens its database when the server starts it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.office = await Office.open(settings)
        try:
            yield
        finally:
            await app.state.office.close()

    starved = settings.switches.slow_clients_starve
    app = Starlette(
        routes=[*api.ROUTES, *pages.ROUTES],
        lifespan=lifespan,
        middleware=[Middleware(Slots if starved else Patience)],
        exception_handlers={Refusal: _refuse},
    )
    app.state.build = build_of(VERSION, Path(__file__).parent)
    app.state.started = f"{time.time_ns():x}"  # so that no page of an earlier run is taken for ours
    app.state.sheets = sheets(settings.help_line, settings.barriers)
    return app


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if request.app.state.office.switches.refusals_block:
        time.sleep(REPORTED)  # stops everybody: that is the defect
    if request.url.path.startswith(("/api/", "/admin/")):
        return refuse_in_json(request, error)
    return page.refuse_on_page(request, error)
