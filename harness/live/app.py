"""The live drill's web application: routes, what is opened and closed with it, how it says no."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from harness.live import organizer_files, organizer_pages, volunteer_pages
from harness.live.accounts import open_door
from harness.live.guard import Headers
from harness.live.hall import Hall, LiveSettings, Service
from harness.live.pages import refuse_on_page
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.store import StoreError

_log = logging.getLogger(__name__)


def make_live_app(
    settings: LiveSettings,
    *,
    services: Sequence[Service] = (),
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The application; it opens its database when the server starts it.

    Args:
        services: What runs beside the pages, as the watcher; entered in this order.
        routes: More pages, as the board.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        hall = app.state.hall = await Hall.open(settings)
        try:
            await open_door(hall)
            async with AsyncExitStack() as running:
                for service in services:
                    await running.enter_async_context(service(hall))
                yield
        finally:
            await hall.live.close()

    return Starlette(
        routes=[
            *volunteer_pages.ROUTES,
            *organizer_pages.ROUTES,
            *organizer_files.ROUTES,
            *routes,
        ],
        lifespan=lifespan,
        middleware=[Middleware(Headers, secure=settings.secure)],
        exception_handlers={
            Refusal: refuse_on_page,
            HTTPException: _no_such_page,
            StoreError: _not_stored,
            SQLAlchemyError: _not_stored,
        },
    )


def _not_stored(request: Request, error: Exception) -> Response:
    """The disk is full, or the database cannot be written: nobody is told that something is
    stored which is not.
    """
    _log.error("not stored: %s", str(error).splitlines()[0])
    return refuse_on_page(request, Refusal(503, "not_stored", "It was not stored.", retry_after=10))


def _no_such_page(request: Request, error: Exception) -> Response:
    """What the router turns down: no such page, or not in this way."""
    assert isinstance(error, HTTPException)
    code = "no_page" if error.status_code == 404 else "not_so"
    return refuse_on_page(request, Refusal(error.status_code, code, error.detail))
