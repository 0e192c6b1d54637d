"""Webhooks: signed requests to the app, with the provider's time limits, retries and fallback.

Every time here is wall time. The rules and codes are the provider's (docs: usage/webhooks,
api/errors): 15 seconds for everything, two attempts to connect of 5 seconds each, no other retry
unless the URL's fragment asks for it, one idempotency token for all tries, 10 redirects at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Generic, TypeVar
from urllib.parse import quote_plus, urlsplit

from simulators.providers.carrier.addresses import led_to, server_of
from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.faults import Faults
from simulators.providers.carrier.log import Entry, Log
from simulators.providers.carrier.overrides import Overrides, read_overrides
from simulators.providers.carrier.signature import Signer
from simulators.providers.carrier.tasks import Tasks
from simulators.providers.carrier.transport import Reply, Transport, TransportError
from simulators.quick import record

__all__ = ["Ask", "Cookies", "Fetched", "Reader", "Reading", "Webhooks", "any_answer"]

REDIRECTS = 10
MOST_ACTIONS = 20
"""Addresses of one line that are remembered: a path may hold the name of its call."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
T = TypeVar("T")
Cookies = dict[str, dict[str, str]]
"""Cookies of one call, by host."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One webhook to make.

    Attributes:
        purpose: As in the log.
        line: Name of the number.
        sid: Of the call or message.
        token: Told to the app with every try.
        fallback: Asked, with the error's code, if ``url`` fails; empty for none.
        cookies: Sent back, and added to, as the call goes on.
        keyed: As in the log.
    """

    purpose: str
    line: str
    sid: str
    url: str
    method: str
    params: Mapping[str, str]
    token: str
    fallback: str = ""
    fallback_method: str = "POST"
    cookies: Cookies = field(default_factory=dict)
    keyed: str = ""


@record(frozen=True, slots=True)
class Reading(Generic[T]):
    """What an answer's body says.

    Attributes:
        value: None if it cannot be used.
        error: The provider's code; with a value it is a warning, and the call goes on.
    """

    value: T | None
    error: int = 0
    detail: str = ""


@record(frozen=True, slots=True)
class Fetched(Generic[T]):
    """What came of a webhook.

    Attributes:
        value: What the reader made of the answer; None if the webhook failed.
        url: Where the answer came from, after redirects; without fragment and parameters.
        status: Of the last try; None without an answer.
        error: The provider's code, 0 for none.
        fallback: Whether this is the fallback's answer; ``first_error`` is then why it was asked.
        kind: The kind of failure that retries are chosen by.
    """

    value: T | None
    url: str
    status: int | None = None
    error: int = 0
    detail: str = ""
    kind: str = ""
    fallback: bool = False
    first_error: int = 0


Reader = Callable[[Reply], Reading[T]]


def any_answer(reply: Reply) -> Reading[bool]:
    """Reads the answer to a status callback: what it says does not matter."""
    return Reading(True)


class Webhooks:
    """Asks the app.

    Args:
        hosts: Servers that may be asked, as ``host:port``, besides this machine's. An app's
            document may name any URL; a drill sends nothing to a server that its configuration
            does not name.
        limit: The provider's limit on one webhook, wall seconds.
        headers: Sent with every request.

    Attributes:
        actions: Where each line's app has had keys and words sent to: one URL a path, and its
            method.
    """

    def __init__(
        self,
        transport: Transport,
        signer: Signer,
        clock: Clock,
        log: Log,
        faults: Faults,
        tasks: Tasks,
        *,
        hosts: Iterable[str] = (),
        limit: float = 15.0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._transport = transport
        self._signer = signer
        self._forger = signer.forged()
        self._clock = clock
        self._log = log
        self._faults = faults
        self._tasks = tasks
        self._hosts = frozenset(hosts)
        self._limit = limit
        self.actions: dict[str, dict[str, tuple[str, str]]] = {}
        self._headers = {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*", **(headers or {})}

    async def ask(self, ask: Ask, read: Reader[T]) -> Fetched[T]:
        """Ask the app, and its fallback if that fails."""
        if ask.purpose == "action":
            self._note(ask)
        if self._faults.on("silence") and not await self._held(ask):
            return Fetched(None, ask.url, None, 11200, "the carrier was silent", "rt")
        if ask.fallback and self._faults.strikes("unreachable", ask.token):
            first: Fetched[T] = self._cut_off(ask)
        else:
            first = await self._tried(ask, read)
        if first.value is not None or not ask.fallback:
            return first
        params = {
            **ask.params,
            "ErrorCode": str(first.error),
            "ErrorUrl": ask.url.partition("#")[0],
        }
        second = await self._tried(
            replace(ask, url=ask.fallback, method=ask.fallback_method, params=params),
            read,
            fallback=True,
        )
        return Fetched(
            second.value,
            second.url,
            second.status,
            second.error,
            second.detail,
            second.kind,
            True,
            first.error,
        )

    def may_ask(self, url: str) -> bool:
        """Whether a URL's host is part of the drill."""
        try:
            self._allowed(url)
        except TransportError:
            return False
        return True

    async def forge(self, ask: Ask) -> int | None:
        """One request whose signature is wrong; the HTTP status, None without an answer."""
        rules = read_overrides(ask.url, self._limit)
        where = urlsplit(ask.url).path
        fetched = await self._attempt(
            replace(ask, purpose="forged"),
            lambda reply: Reading(True, detail=f"served at {where}"),
            rules,
            rules.total,
            1,
            False,
            self._forger,
        )
        return fetched.status

    def _note(self, ask: Ask) -> None:
        """Remember where keys are sent, as far as that is few places."""
        known = self.actions.setdefault(ask.line, {})
        if len(known) < MOST_ACTIONS:
            url = ask.url.partition("#")[0]
            known.setdefault(url.partition("?")[0], (url, ask.method))

    def _cut_off(self, ask: Ask) -> Fetched[T]:
        """The network between carrier and app is cut: nothing of this request arrives."""
        detail = "the app could not be reached"
        self._write(
            ask, self._clock.unix(), None, 11205, attempt=1, fault="unreachable", detail=detail
        )
        return Fetched(None, ask.url, None, 11205, detail, "ct")

    async def _held(self, ask: Ask) -> bool:
        """Hold a webhook while the carrier is silent; False if that takes longer than the limit."""
        began = self._clock.unix()
        self._faults.strikes("silence")
        if await self._faults.ends("silence", self._limit):
            return True
        self._write(
            ask, began, None, 11200, attempt=1, fault="silence", detail="the carrier was silent"
        )
        return False

    async def _tried(self, ask: Ask, read: Reader[T], fallback: bool = False) -> Fetched[T]:
        """Try as often as the rules allow, within the total time."""
        rules = read_overrides(ask.url, self._limit)
        if late := self._faults.on("late"):
            self._faults.strikes("late")
            await asyncio.sleep(late.seconds)
        if self._faults.strikes("doubled", ask.token):
            self._double(ask, rules, fallback)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + rules.total
        attempt = 1
        while True:
            left = deadline - loop.time()
            fetched = await self._attempt(ask, read, rules, left, attempt, fallback, self._signer)
            again = rules.tries_again(fetched.kind) and attempt <= rules.retries
            if fetched.value is not None or not again or deadline - loop.time() <= 0:
                return fetched
            attempt += 1

    def _double(self, ask: Ask, rules: Overrides, fallback: bool) -> None:
        """Send the same webhook once more, at the same moment; its answer goes nowhere."""
        again = replace(ask, cookies={host: dict(jar) for host, jar in ask.cookies.items()})
        self._tasks.start(
            self._attempt(
                again, any_answer, rules, rules.total, 1, fallback, self._signer, "doubled"
            )
        )

    async def _attempt(
        self,
        ask: Ask,
        read: Reader[T],
        rules: Overrides,
        left: float,
        attempt: int,
        fallback: bool,
        signer: Signer,
        fault: str = "",
    ) -> Fetched[T]:
        """One try, redirects followed; written to the log."""
        began = self._clock.unix()
        struck = [name for name in (fault, "late" if self._faults.on("late") else "") if name]
        unsigned = self._faults.strikes("unsigned", ask.token, attempt)
        if unsigned:
            struck.append("unsigned")
        try:
            async with asyncio.timeout(left):
                fetched = await self._follow(ask, read, rules, None if unsigned else signer)
        except TimeoutError:
            code = 11203 if rules.shortened else 11205
            fetched = Fetched(
                None, ask.url, None, code, f"no whole answer within {rules.total:.3g} s", "rt"
            )
        except TransportError as error:
            fetched = Fetched(None, ask.url, None, error.code, str(error), error.kind)
        self._write(
            ask,
            began,
            fetched.status,
            fetched.error,
            attempt=attempt,
            fallback=fallback,
            fault=",".join(struck),
            detail=fetched.detail or "; ".join(f"override {m}?" for m in rules.mistakes),
        )
        return fetched

    async def _follow(
        self, ask: Ask, read: Reader[T], rules: Overrides, signer: Signer | None
    ) -> Fetched[T]:
        url, method, params = ask.url.partition("#")[0], ask.method, ask.params
        for _ in range(REDIRECTS + 1):
            reply = await self._send(ask, url, method, params, rules, signer)
            if not 300 <= reply.status < 400:
                return _read(url, reply, read)
            if reply.status not in (301, 302, 303, 307) or not reply.location:
                detail = f"HTTP {reply.status} with Location {reply.location!r} leads nowhere"
                return Fetched(None, url, reply.status, 11216, detail, "other")
            if reply.status != 307 and method == "POST":
                method, params = "GET", {}
            url = led_to(url, reply.location).partition("#")[0]
        detail = f"more than {REDIRECTS} redirects, the last to {url}"
        return Fetched(None, url, reply.status, 11215, detail, "other")

    async def _send(
        self,
        ask: Ask,
        url: str,
        method: str,
        params: Mapping[str, str],
        rules: Overrides,
        signer: Signer | None,
    ) -> Reply:
        """Send one request; the parameters of a GET go into its query."""
        host = self._allowed(url)
        headers = {**self._headers, "I-Twilio-Idempotency-Token": ask.token}
        body: bytes | None = None
        form: Mapping[str, str] = {}
        if method == "POST":
            body, form = _encoded(params).encode(), params
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        elif params:
            url += ("&" if "?" in url else "?") + _encoded(params)
        if signer is not None:
            headers.update(signer.headers(url, form))
        jar = ask.cookies.get(host)
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        reply = await self._transport.send(
            method, url, headers, body, connect=rules.connect, read=rules.read
        )
        if reply.cookies:
            _keep_cookies(ask.cookies.setdefault(host, {}), reply.cookies)
        return reply

    def _allowed(self, url: str) -> str:
        """The host of a URL that may be asked.

        Raises:
            TransportError: If it may not; nothing is sent.
        """
        try:
            server = server_of(url)
        except ValueError:
            said = f"{url[:200]!r} is not a URL that can be asked"
            raise TransportError(11100, "other", said) from None
        host = server.rpartition(":")[0]
        if host not in _LOOPBACK and server not in self._hosts:
            raise TransportError(
                11210, "other", f"host {server[:200]!r} is not part of this drill: nothing was sent"
            )
        return host

    def _write(
        self,
        ask: Ask,
        began: float,
        status: int | None,
        error: int,
        *,
        attempt: int,
        fallback: bool = False,
        fault: str = "",
        detail: str = "",
    ) -> None:
        self._log.write(
            Entry(
                began,
                self._clock.unix() - began,
                ask.purpose,
                ask.line,
                ask.sid,
                status,
                error,
                fallback,
                ask.token,
                attempt,
                fault,
                detail[:500],
                ask.keyed,
            )
        )


# The same numbers and sids are sent again and again; escaping them is the dearest part of a form.
_quoted = lru_cache(maxsize=65_536)(quote_plus)


def _encoded(params: Mapping[str, str]) -> str:
    """A form, as a browser would send it.

    Example:
        >>> _encoded({"From": "+15555550170", "Body": "a & b"})
        'From=%2B15555550170&Body=a+%26+b'
    """
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in params.items()])


def _read(url: str, reply: Reply, read: Reader[T]) -> Fetched[T]:
    """What a final answer says."""
    if reply.status >= 400:
        kind = "4xx" if reply.status < 500 else "5xx"
        detail = f"11200/11217: the app answered HTTP {reply.status}"
        return Fetched(None, url, reply.status, 11200, detail, kind)
    if not 200 <= reply.status < 300:
        detail = f"the app answered HTTP {reply.status}"
        return Fetched(None, url, reply.status, 11206, detail, "other")
    reading = read(reply)
    kind = "" if reading.value is not None else "other"
    return Fetched(reading.value, url, reply.status, reading.error, reading.detail, kind)


def _keep_cookies(jar: dict[str, str], set_cookies: Iterable[str]) -> None:
    for text in set_cookies:
        try:
            morsels = SimpleCookie(text)
        except CookieError:
            continue  # an ill-formed cookie is not kept, as browsers do
        for name, morsel in morsels.items():
            if morsel["max-age"] == "0" or not morsel.coded_value:
                jar.pop(name, None)
            else:
                jar[name] = morsel.coded_value
