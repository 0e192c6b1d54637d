"""The ASGI application of a web server: routes, what is opened with it, how it says no."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect

from simulators.apps.hub import api
from simulators.apps.hub.office import Office
from simulators.apps.hub.settings import Settings
from simulators.apps.serving.build import build_of
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import refuse_in_json as refuse

VERSION = "1.0.0"


def make_app(settings: Settings) -> Starlette:
    """The application; it opens its database when the server starts it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.office = await Office.open(settings)
        try:
            yield
        finally:
            await app.state.office.close()

    app = Starlette(
        routes=api.ROUTES,
        lifespan=lifespan,
        exception_handlers={Refusal: refuse, ClientDisconnect: api.hung_up},
    )
    app.state.build = build_of(VERSION, Path(__file__).parent)
    return app
