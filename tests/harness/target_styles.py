"""A web app that answers in many styles, for trying target descriptions on it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

LOGIN = """<html><body><form id="search" action="/search"><input name="q"></form>
<form id="login" method="post" action="login?next=%2Fhome&amp;x=1">
<input type="hidden" name="@csrf" value="{csrf}"><input name="username"><input name="password">
<select name="lang"><option value="en" selected>English<option value="es">Spanish</select>
<input type="checkbox" name="keep" checked value="1"><input type="submit" name="go" value="Go">
</form></body></html>"""


class Styles:
    """The app's memory and its routes."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.csrf: set[str] = set()
        self.counter = 0
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.announce = 0
        self.busy = 0
        self.app = Starlette(
            routes=[
                Route("/", lambda request: PlainTextResponse("up")),
                Route("/echo", self.echo, methods=["GET", "POST", "PUT", "PATCH"]),
                Route("/token", self.token, methods=["POST"]),
                Route("/always-200", self.always_200, methods=["POST"]),
                Route("/records", self.create, methods=["POST"]),
                Route("/records", self.listing),
                Route("/login", self.login_page),
                Route("/login", self.login, methods=["POST"]),
                Route("/home", lambda request: PlainTextResponse("home")),
                Route("/issue", self.issue, methods=["POST"]),
                Route("/pages/{kind}", self.pages),
                Route("/csv", self.csv),
                Route("/xml", self.xml),
                Route("/html", self.html),
                Route(
                    "/away",
                    lambda request: Response(
                        status_code=302, headers={"Location": "http://example.org/x"}
                    ),
                ),
                Route(
                    "/hop", lambda request: Response(status_code=302, headers={"Location": "/home"})
                ),
                Route("/once", self.once_url, methods=["POST"]),
                Route("/once/{key}", self.once, methods=["POST"]),
                Route("/busy", self.busy_then_fine),
                Route("/job", self.job),
                Route("/broken", lambda request: PlainTextResponse("no", 500)),
                Route("/production", lambda request: JSONResponse({"env": "production"})),
            ]
        )

    async def echo(self, request: Request) -> Response:
        """What was asked, as it came."""
        body = await request.body()
        self.seen.append((str(request.url), dict(request.headers), body))
        return JSONResponse(
            {
                "path": request.url.path,
                "query": request.url.query,
                "body": body.decode("utf-8", "replace"),
            }
        )

    async def token(self, request: Request) -> Response:
        """A token login; the password is ``right``."""
        data = await request.json()
        if data.get("password") != "right":
            return JSONResponse({"message": "Failed to authenticate."}, 400)
        self.counter += 1
        return JSONResponse({"data": {"token": f"t{self.counter}"}})

    async def always_200(self, request: Request) -> Response:
        """Says yes and no with a 200."""
        data = await request.json()
        if data["cells"].get("attendance", 0) < 0:
            return JSONResponse({"error": {"code": "bad-count"}})
        return JSONResponse({"edit": {"result": "Success", "id": 7}})

    async def create(self, request: Request) -> Response:
        """Stores a row once; not logged in is a 400, as some apps have it."""
        if not request.headers.get("authorization", "").startswith("t"):
            return JSONResponse({"message": "something went wrong"}, 400)
        data = await request.json()
        if data["operation"] in self.rows:
            return JSONResponse({"data": {"operation": {"code": "validation_not_unique"}}}, 400)
        self.rows[data["operation"]] = data
        return JSONResponse({"id": f"row{len(self.rows)}"})

    async def listing(self, request: Request) -> Response:
        """Rows by page number."""
        page, size = int(request.query_params.get("page", 1)), 2
        rows = list(self.rows.values())
        return JSONResponse(
            {
                "items": rows[(page - 1) * size : page * size],
                "totalPages": -(-len(rows) // size),
                "totalItems": len(rows) + self.announce,
            }
        )

    def once_url(self, request: Request) -> Response:
        """A new one-time address."""
        self.counter += 1
        self.csrf.add(f"o{self.counter}")
        return JSONResponse({"link": f"{request.base_url}once/o{self.counter}"})

    async def once(self, request: Request) -> Response:
        """Stores a row if the address has not been used."""
        key = request.path_params["key"]
        if key not in self.csrf:
            return JSONResponse({"message": f"{key} is not valid"}, 400)
        self.csrf.remove(key)
        self.rows[key] = await request.json()
        return JSONResponse({"id": key}, 201)

    def login_page(self, request: Request) -> Response:
        """A page with two forms."""
        self.counter += 1
        self.csrf.add(f"a&b={self.counter}")
        return HTMLResponse(LOGIN.format(csrf=f"a&amp;b={self.counter}"))

    async def login(self, request: Request) -> Response:
        """Checks the form and gives a cookie that must come back untouched."""
        form = await request.form()
        good = form.get("@csrf") in self.csrf and form.get("password") == "right"
        self.csrf.discard(str(form.get("@csrf")))
        good = good and form.get("lang") == "en" and form.get("keep") == "1" and "go" not in form
        if not good:
            return HTMLResponse("<p>wrong name or password</p>")
        return Response(
            status_code=302,
            headers={"Location": "/home", "Set-Cookie": 'sid=a=b"=c==; Path=/; HttpOnly'},
        )

    async def issue(self, request: Request) -> Response:
        """Needs the cookie, byte for byte."""
        if request.headers.get("cookie") != 'sid=a=b"=c==':
            return HTMLResponse("<p>please log in</p>")
        form = await request.form()
        self.rows[str(form["title"])] = dict(form)
        return Response(status_code=302, headers={"Location": f"/issue{len(self.rows)}"})

    def pages(self, request: Request) -> Response:
        """Five rows, two a page, in every style of paging."""
        kind, query = request.path_params["kind"], request.query_params
        rows = [{"key": f"k{i}", "record": f"r{i % 2}", "n": i} for i in range(5)]
        start = int(
            query.get("offset") or query.get("cursor") or (int(query.get("page", 1)) - 1) * 2
        )
        if kind in ("stuck", "ignores"):
            start = 0
        some, after = rows[start : start + 2], start + 2
        more = after < len(rows) or kind == "stuck"
        headers, body = (
            {},
            {"data": {"rows": some, "@links": {}}, "cursor": after if more else None},
        )
        if kind in ("body", "stuck") and more:
            body["data"]["@links"]["next"] = f"{kind}?offset={0 if kind == 'stuck' else after}"
        if kind == "header" and more:
            headers["Next-Page"] = f"http://{request.headers['host']}/pages/header?offset={after}"
        if kind == "link" and more:
            headers["Link"] = f'</pages/link?offset={after}>; rel="next", </x>; rel=last'
        if kind == "away":
            body["data"]["@links"]["next"] = "http://example.org/steal"
        return JSONResponse(body, headers=headers)

    def csv(self, request: Request) -> Response:
        """An export with text in one column and JSON text in another."""
        cells = json.dumps({"attendance": 12}).replace('"', '""')
        return PlainTextResponse(
            f'title,body,attendance,note\n" K1 ","{cells}","1,234",x\nk2,{{}},,y\n'
        )

    def xml(self, request: Request) -> Response:
        """Rows as XML with a namespace."""
        return Response(
            '<a xmlns="urn:x"><row id="k1"><n>3</n></row><row id="k2"><n>4</n></row></a>',
            media_type="application/xml",
        )

    def html(self, request: Request) -> Response:
        """A page where JSON was expected."""
        return HTMLResponse(
            "<!doctype html><title>Please log in</title><tr><td>k1</td><td>3</td></tr>"
        )

    def busy_then_fine(self, request: Request) -> Response:
        """429 twice, then a yes."""
        self.busy += 1
        if self.busy <= 2:
            return PlainTextResponse("later", 429, headers={"Retry-After": "0.01"})
        return JSONResponse({"n": self.busy})

    def job(self, request: Request) -> Response:
        """Done at the third look."""
        self.busy += 1
        return JSONResponse({"state": "done" if self.busy >= 3 else "working"})


@contextmanager
def serving(styles: Styles) -> Iterator[str]:
    """Serve the app on a free loopback port, in a thread."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(styles.app, log_level="critical", lifespan="off"))
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)
        listener.close()
