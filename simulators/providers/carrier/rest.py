"""The REST API that an app calls: calls, messages and queues of one account.

It speaks HTTP on loopback for apps that can be given a base URL, and HTTPS with the drill's own
certificate for those that come through the proxy. Requests carry the account's sid and token
(Basic); errors are the provider's own: 20003, 20404, 20429 and those of each resource (docs:
usage/twilios-response, api/errors). What it does not have is a 404 that says so.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.faults import Faults
from simulators.providers.carrier.log import Entry, Log
from simulators.providers.carrier.rest_answers import VERSION, Refusal
from simulators.providers.carrier.rest_calls import CallsResource
from simulators.providers.carrier.rest_messages import MessagesResource
from simulators.providers.carrier.rest_queues import QueuesResource
from simulators.providers.carrier.rest_request import Asked, Said

__all__ = ["RestApi"]

Handler = Callable[[Asked], Awaitable[Said]]
_LARGEST = 256 * 1024
_LOOK = 0.2  # wall seconds between looks at whether whoever asked has given up
_FAULTS = {429: (20429, "Too Many Requests"), 500: (20500, "Internal Server Error")}


class RestApi:
    """The API of one account, on two ports of loopback."""

    def __init__(
        self,
        account: str,
        token: str,
        clock: Clock,
        log: Log,
        faults: Faults,
        *,
        calls: CallsResource,
        messages: MessagesResource,
        queues: QueuesResource,
    ) -> None:
        self._account = account
        self._secret = f"{account}:{token}".encode()
        self._clock = clock
        self._log = log
        self._faults = faults
        self._requests = 0
        self._over = False
        self._runner: web.AppRunner | None = None
        self._app = web.Application(client_max_size=_LARGEST)
        self._add_routes(calls, messages, queues)

    async def start(self, tls: ssl.SSLContext) -> tuple[str, tuple[str, int]]:
        """Listen; returns the base URL, and the address where it speaks TLS."""
        runner = self._runner = web.AppRunner(self._app, access_log=None, handle_signals=False)
        await runner.setup()
        plain, secure = _loopback(), _loopback()
        await web.SockSite(runner, plain, backlog=1024).start()
        await web.SockSite(runner, secure, ssl_context=tls, backlog=1024).start()
        host, port = secure.getsockname()
        return f"http://127.0.0.1:{plain.getsockname()[1]}", (host, port)

    async def close(self) -> None:
        """Stop listening, and end what is open."""
        self._over = True
        if self._runner is not None:
            await self._runner.cleanup()

    def _add_routes(
        self, calls: CallsResource, messages: MessagesResource, queues: QueuesResource
    ) -> None:
        base = f"/{VERSION}/Accounts/{{account}}"
        routes: list[tuple[str, str, Handler]] = [
            ("GET", ".json", self._account_itself),
            ("GET", "/Calls.json", calls.listed),
            ("POST", "/Calls.json", calls.create),
            ("GET", "/Calls/{sid}.json", calls.fetch),
            ("POST", "/Calls/{sid}.json", calls.modify),
            ("DELETE", "/Calls/{sid}.json", calls.delete),
            ("GET", "/Messages.json", messages.listed),
            ("POST", "/Messages.json", messages.create),
            ("GET", "/Messages/{sid}.json", messages.fetch),
            ("POST", "/Messages/{sid}.json", messages.modify),
            ("DELETE", "/Messages/{sid}.json", messages.delete),
            ("GET", "/Queues.json", queues.listed),
            ("POST", "/Queues.json", queues.create),
            ("GET", "/Queues/{sid}.json", queues.fetch),
            ("POST", "/Queues/{sid}.json", queues.modify),
            ("DELETE", "/Queues/{sid}.json", queues.delete),
            ("GET", "/Queues/{sid}/Members.json", queues.members),
            ("GET", "/Queues/{sid}/Members/{member}.json", queues.member),
            ("POST", "/Queues/{sid}/Members/{member}.json", queues.dequeue),
        ]
        for method, path, handler in routes:
            self._app.router.add_route(method, base + path, self._serving(handler))
        self._app.router.add_route("*", "/{rest:.*}", self._serving(_not_here))

    def _serving(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            began = self._clock.unix()
            self._requests += 1
            number = self._requests
            if self._faults.strikes("rest_silent", number):
                return await self._say_nothing(request, began)
            fault = ""
            try:
                self._check_credentials(request)
                self._check_fault(number)
                said = await handler(await _read(request))
                code, detail = 0, ""
            except Refusal as refusal:
                said = Said(refusal.status, refusal.body())
                code, detail = refusal.code, str(refusal)
                fault = "rest" if isinstance(refusal, _Injected) else ""
            late = self._faults.on("rest_late")
            if late is not None and self._faults.strikes("rest_late", number):
                fault = fault or "rest_late"
                await self._faults.ends("rest_late", late.seconds)
            self._note(request, began, said, error=code, fault=fault, detail=detail)
            return _written(said)

        return serve

    async def _say_nothing(self, request: web.Request, began: float) -> web.Response:
        """Do nothing of what was asked, and hold the connection until whoever asked gives up."""
        transport = request.transport
        while not (self._over or transport is None or transport.is_closing()):
            if await self._faults.ends("rest_silent", _LOOK):
                break
        self._note(request, began, None, fault="rest_silent", detail="no answer")
        if isinstance(transport, asyncio.Transport):
            transport.abort()
        return web.Response(status=500)  # to nobody

    def _note(
        self,
        request: web.Request,
        began: float,
        said: Said | None,
        *,
        error: int = 0,
        fault: str,
        detail: str,
    ) -> None:
        self._log.write(
            Entry(
                began,
                self._clock.unix() - began,
                "rest",
                sid="" if said is None else said.sid,
                status=None if said is None else said.status,
                error=error,
                fault=fault,
                detail=f"{request.method} {request.path[:120]} {detail}".strip()[:500],
            )
        )

    def _check_credentials(self, request: web.Request) -> None:
        """Only the account of this drill, with its token, is answered."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        try:
            secret = base64.b64decode(given, validate=True) if scheme.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            secret = b""
        if not hmac.compare_digest(secret, self._secret):
            raise Refusal(401, 20003, "Authenticate")
        if request.match_info.get("account", self._account) != self._account:
            raise Refusal(404, 20404, f"The requested resource {request.path} was not found")

    def _check_fault(self, number: int) -> None:
        fault = self._faults.on("rest")
        if fault is not None and self._faults.strikes("rest", number):
            raise _Injected(fault.status, *_FAULTS[fault.status])

    async def _account_itself(self, asked: Asked) -> Said:
        return Said(
            200,
            {
                "sid": self._account,
                "friendly_name": "Drillhall",
                "status": "active",
                "type": "Full",
                "owner_account_sid": self._account,
                "uri": f"/{VERSION}/Accounts/{self._account}.json",
            },
            self._account,
        )


class _Injected(Refusal):
    """A refusal that the drill ordered."""


async def _not_here(asked: Asked) -> Said:
    raise Refusal(
        404, 20404, f"The requested resource {asked.path} was not found: this stand-in has no such"
    )


async def _read(request: web.Request) -> Asked:
    query: Mapping[str, str] = dict(request.query)
    try:
        form = await request.post()
    except (ValueError, web.HTTPRequestEntityTooLarge) as error:
        raise Refusal(400, 20001, f"The body is not a form: {error}") from error
    return Asked(
        request.path,
        request.match_info.get("sid", ""),
        request.match_info.get("member", ""),
        query,
        form,  # type: ignore[arg-type]  # files in a form are not texts, and no resource takes one
    )


def _written(said: Said) -> web.Response:
    if said.body is None:
        return web.Response(status=said.status)
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if said.status == 401 else {}
    return web.json_response(said.body, status=said.status, headers=headers)


def _loopback() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening
