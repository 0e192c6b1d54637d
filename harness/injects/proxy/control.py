"""The control API: Toxiproxy's, over HTTP on loopback.

Whoever can speak to a Toxiproxy server can speak to this one, and the other way round. What is
ours beside it: the toxics ``loss`` and ``cut_answers``, and the counts ``touched`` of a toxic and
``connections`` of a proxy.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from harness.injects.proxy.proxy import Proxy, place_of
from harness.injects.proxy.toxic import ToxicError, ToxicModel

VERSION = "2.9.0-drillhall"
"""The release of Toxiproxy whose API this is; the rest tells the two apart."""

NAMES_OF_HERE = ("localhost", "")
Model = TypeVar("Model", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]


class ProxyModel(BaseModel):
    """A proxy as the API is told of it."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    listen: str = "127.0.0.1:0"
    upstream: str = ""
    enabled: bool = True
    toxics: list[dict[str, Any]] = Field(default=[], exclude=True)


class Control:
    """Every proxy, and what may be done to it.

    Args:
        seed: Decides what the connections of each proxy suffer.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.proxies: dict[str, Proxy] = {}

    def app(self) -> Starlette:
        """The API as an ASGI app."""
        one, toxics = "/proxies/{proxy}", "/proxies/{proxy}/toxics"
        routes: tuple[tuple[str, str, Handler], ...] = (
            ("/version", "GET", self.version),
            ("/reset", "POST", self.reset),
            ("/populate", "POST", self.populate),
            ("/proxies", "GET", self.index),
            ("/proxies", "POST", self.create),
            (one, "GET", self.show),
            (one, "POST PATCH", self.update),
            (one, "DELETE", self.delete),
            (toxics, "GET", self.toxics),
            (toxics, "POST", self.add_toxic),
            (toxics + "/{toxic}", "GET", self.show_toxic),
            (toxics + "/{toxic}", "POST PATCH", self.update_toxic),
            (toxics + "/{toxic}", "DELETE", self.delete_toxic),
        )
        return Starlette(
            routes=[Route(path, do, methods=methods.split()) for path, methods, do in routes],
            middleware=[Middleware(_NoBrowsers)],
            exception_handlers={ToxicError: _refused},
        )

    def close(self) -> None:
        """Every proxy stops."""
        for proxy in self.proxies.values():
            proxy.stop()
        self.proxies.clear()

    # -- proxies --------------------------------------------------------------------------------

    async def version(self, request: Request) -> Response:
        """Whom one speaks to."""
        return JSONResponse({"version": VERSION})

    async def reset(self, request: Request) -> Response:
        """No toxics, and every proxy listens."""
        for proxy in self.proxies.values():
            proxy.clear()
            await _start(proxy)
        return Response(status_code=204)

    async def index(self, request: Request) -> Response:
        """Every proxy by its name."""
        return JSONResponse({name: each.as_json() for name, each in self.proxies.items()})

    async def populate(self, request: Request) -> Response:
        """Make several proxies, in place of those that have their names."""
        told = await _body(request)
        if not isinstance(told, list):
            raise ToxicError("bad request body: a list of proxies is wanted")
        models = [_read(ProxyModel, each) for each in told]
        proxies = [self._proxy(model) for model in models]
        for model, proxy in zip(models, proxies, strict=True):
            if proxy.name in self.proxies:
                self.proxies.pop(proxy.name).stop()
            await self._keep(proxy, model)
        shown = [each.as_json() for each in proxies]
        return JSONResponse({"proxies": shown}, status_code=201)

    async def create(self, request: Request) -> Response:
        """Make one proxy."""
        model = _read(ProxyModel, await _body(request))
        proxy = self._proxy(model)
        if proxy.name in self.proxies:
            raise ToxicError("proxy already exists", 409)
        await self._keep(proxy, model)
        return JSONResponse(proxy.as_json(), status_code=201)

    async def show(self, request: Request) -> Response:
        """One proxy."""
        return JSONResponse(self._find(request).as_json())

    async def update(self, request: Request) -> Response:
        """Move a proxy, or switch it off or on; what is connected is reset by either."""
        proxy = self._find(request)
        model = _read(ProxyModel, proxy.as_json() | await _fields(request))
        listen, upstream = _here(model.listen), place_of(model.upstream)
        if (listen, upstream) != (proxy.listen, proxy.upstream) or not model.enabled:
            proxy.stop()
        proxy.listen, proxy.upstream = listen, upstream
        if model.enabled:
            await _start(proxy)
        return JSONResponse(proxy.as_json())

    async def delete(self, request: Request) -> Response:
        """Stop a proxy and forget it."""
        proxy = self._find(request)
        proxy.stop()
        del self.proxies[proxy.name]
        return Response(status_code=204)

    # -- toxics ---------------------------------------------------------------------------------

    async def toxics(self, request: Request) -> Response:
        """The toxics of a proxy."""
        return JSONResponse([each.as_json() for each in self._find(request).toxics.values()])

    async def add_toxic(self, request: Request) -> Response:
        """Add a toxic to a proxy."""
        proxy = self._find(request)
        return JSONResponse(proxy.add(_read(ToxicModel, await _body(request))).as_json())

    async def show_toxic(self, request: Request) -> Response:
        """One toxic."""
        return JSONResponse(self._find(request).find(request.path_params["toxic"]).as_json())

    async def update_toxic(self, request: Request) -> Response:
        """Change attributes or toxicity of a toxic; the rest of it stays as it is."""
        toxic = self._find(request).find(request.path_params["toxic"])
        model = _read(ToxicModel, {"toxicity": toxic.toxicity} | await _fields(request))
        toxic.retune(model.attributes, model.toxicity)
        return JSONResponse(toxic.as_json())

    async def delete_toxic(self, request: Request) -> Response:
        """Remove a toxic."""
        self._find(request).remove(request.path_params["toxic"])
        return Response(status_code=204)

    # -- both -----------------------------------------------------------------------------------

    def _proxy(self, model: ProxyModel) -> Proxy:
        for name in ("name", "upstream"):
            if not getattr(model, name):
                raise ToxicError(f"missing required field: {name}")
        return Proxy(model.name, _here(model.listen), place_of(model.upstream), self.seed)

    async def _keep(self, proxy: Proxy, model: ProxyModel) -> None:
        if model.enabled:
            await _start(proxy)
        self.proxies[proxy.name] = proxy

    def _find(self, request: Request) -> Proxy:
        name = request.path_params["proxy"]
        if name not in self.proxies:
            raise ToxicError("proxy not found", 404)
        return self.proxies[name]


async def _start(proxy: Proxy) -> None:
    try:
        await proxy.start()
    except OSError as error:
        raise ToxicError(f"listen {proxy.listen[0]}:{proxy.listen[1]}: {error}", 500) from error


def _here(address: str) -> tuple[str, int]:
    """An address of this machine's loopback: a proxy of ours is for nobody else."""
    host, port = place_of(address)
    if host not in NAMES_OF_HERE:
        try:
            here = ipaddress.ip_address(host).is_loopback
        except ValueError:
            here = False
        if not here:
            raise ToxicError(f"bad request body: listen: {address} is not on loopback")
    return host, port


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise ToxicError(f"bad request body: {error}") from error


async def _fields(request: Request) -> dict[str, Any]:
    told = await _body(request)
    if not isinstance(told, dict):
        raise ToxicError("bad request body: a mapping of fields is wanted")
    return told


def _read(model: type[Model], told: Any) -> Model:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["loc"] == ("stream",):
            raise ToxicError("stream was invalid, can be either upstream or downstream") from error
        where = ".".join(str(each) for each in first["loc"]) or "it"
        raise ToxicError(f"bad request body: {where}: {first['msg']}") from error


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, ToxicError) else 500
    return JSONResponse({"error": str(error), "status": status}, status_code=status)


class _NoBrowsers:
    """Turns browsers away, as Toxiproxy does: a page must not reach what listens on loopback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        agents = [value for name, value in scope.get("headers", ()) if name == b"user-agent"]
        if any(each.startswith(b"Mozilla/") for each in agents):
            await Response("User agent not allowed", 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
