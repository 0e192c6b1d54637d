"""The ASGI application: routes, what is opened and closed with it, how it says no."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from starlette.applications import Starlette

from simulators.apps.strikes import api, pages, webhooks
from simulators.apps.strikes.carrier import Post
from simulators.apps.strikes.office import Office
from simulators.apps.strikes.refusal import Refusal
from simulators.apps.strikes.requests import refuse
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
    app.state.build = build()
    app.state.switches = settings.switches
    return app


@cache
def build() -> str:
    """Version and a hash of this app's own source: changes whenever the code does."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.glob("templates/*")]):
        found.update(path.name.encode() + path.read_bytes())
    return f"{VERSION}+{found.hexdigest()[:12]}"
