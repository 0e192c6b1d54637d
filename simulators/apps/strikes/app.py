"""The ASGI application: routes, what is opened and closed with it, how it says no."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette

from simulators.apps.serving.build import build_of
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.requests import refuse_in_json as refuse
from simulators.apps.strikes import api, pages, webhooks
from simulators.apps.strikes.carrier import Post
from simulators.apps.strikes.office import Office
from simulators.apps.strikes.settings import Settings

VERSION = "1.0.0"


def make_app(settings: Settings, post: Post | None = None) -> Starlette:
    """The application; it opens its database when the server starts it.

    Args:
        post: Gives orders to the carrier in place of the client that the settings name.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.office = await Office.open(settings, post)
        try:
            yield
        finally:
            await app.state.office.close()

    app = Starlette(
        routes=[*webhooks.ROUTES, *api.ROUTES, *pages.ROUTES],
        lifespan=lifespan,
        exception_handlers={Refusal: refuse},
    )
    app.state.build = build_of(VERSION, Path(__file__).parent)
    app.state.switches = settings.switches
    return app
