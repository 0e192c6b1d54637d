"""The one page: what this is, and how to report a code. Plain HTML that needs no JavaScript."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.apps.strikes import strikes
from simulators.apps.strikes.requests import office

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_FOLDER = Path(__file__).parent / "templates"


async def front(request: Request) -> Response:
    """What this is, how to report, and how many are struck so far."""
    here = office(request)
    found = await here.store.read(strikes.totals)
    places = here.directory.precincts
    page = (
        _environment()
        .get_template("front.html")
        .render(
            struck=sum(found.values()),
            voters=sum(len(each.codes) for each in places.values()),
            rows=[
                (each.number, each.name, each.county, found.get(each.number, 0), len(each.codes))
                for each in list(places.values())[:SHOWN]
            ],
            precincts=len(places),
        )
    )
    return Response(page, media_type="text/html", headers=HEADERS)


async def style(_request: Request) -> Response:
    """The page's style."""
    sheet = (_FOLDER / "style.css").read_bytes()
    return Response(sheet, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


SHOWN = 200  # precincts in the page's table; the API has all


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("simulators.apps.strikes", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


ROUTES = [Route("/", front), Route("/style.css", style)]
