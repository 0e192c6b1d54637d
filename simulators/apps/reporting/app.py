"""The ASGI application: routes, what is opened and closed with it, how it says no."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.reporting import api, pages
from simulators.apps.reporting.office import Office, Settings
from simulators.apps.reporting.refusal import Refusal
from simulators.apps.reporting.requests import refuse_in_json
from simulators.apps.reporting.results import sheets

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
        routes=[*api.ROUTES, *pages.ROUTES],
        lifespan=lifespan,
        exception_handlers={Refusal: _refuse},
    )
    app.state.build = build()
    app.state.started = f"{time.time_ns():x}"  # so that no page of an earlier run is taken for ours
    app.state.sheets = sheets()
    return app


@cache
def build() -> str:
    """Version and a hash of this app's own source: changes whenever the code does."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.glob("templates/*")]):
        found.update(path.name.encode() + path.read_bytes())
    return f"{VERSION}+{found.hexdigest()[:12]}"


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if request.url.path.startswith(("/api/", "/admin/")):
        return refuse_in_json(request, error)
    return pages.refuse_on_page(request, error)
