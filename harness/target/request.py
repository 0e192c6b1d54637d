"""Requests, compiled: most of the head is rendered when the target is loaded."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from harness.complaint import Where
from harness.target.body import FORM, Bodies, Body, encode_parts, plain_part, urlencoded
from harness.target.errors import TargetError, UnfilledError
from harness.target.flow_model import RequestModel
from harness.target.origins import Origins, Place, clean_target
from harness.target.scope import Scope
from harness.target.template import Leaf, Templates, as_text, in_path
from harness.target.web_form import WebForm
from harness.target.wire import Request

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_BRACES = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
Sendable = tuple[Request, str]  # and the address it goes to, for links on its answer


def in_header(value: object) -> str:
    """A value inside a header: line ends, which could begin another header, become spaces."""
    return as_text(value).replace("\r", " ").replace("\n", " ")


class RequestMaker:
    """Compiles requests of one target.

    Args:
        templates, bodies, origins: Of the target.
        headers: Sent with every request: names and templates.
        timeout: Wall seconds for an answer, unless a request has its own.
    """

    def __init__(
        self,
        templates: Templates,
        bodies: Bodies,
        origins: Origins,
        headers: dict[str, str],
        timeout: float,
    ) -> None:
        self.templates = templates
        self.bodies = bodies
        self.origins = origins
        self.timeout = timeout
        self.general = self._compiled(headers, ("headers",), frozenset())

    def compile(self, model: RequestModel, path: Where, known: frozenset[str]) -> CompiledRequest:
        """Compile one request of the document.

        Raises:
            TargetError: If a template or header in it is wrong.
        """
        return CompiledRequest(self, model, path, known)

    def header_lines(self, headers: dict[str, str], path: Where, known: frozenset[str]) -> Leaf:
        """The lines of some headers, each with its CRLF."""
        return _joined(list(self._compiled(headers, path, known).values()))

    def all_lines(self, headers: dict[str, str], path: Where, known: frozenset[str]) -> Leaf:
        """The lines of every request, those of one request in their place."""
        own = self._compiled(headers, path, known)
        named = {name.lower() for name in own}
        general = [leaf for name, leaf in self.general.items() if name.lower() not in named]
        return _joined([*general, *own.values()])

    def _compiled(
        self, headers: dict[str, str], path: Where, known: frozenset[str]
    ) -> dict[str, Leaf]:
        lines: dict[str, Leaf] = {}
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name):
                problem = f"{name!r} cannot be the name of a header"
                raise TargetError(self.templates.document.problem((*path, name), problem))
            text = self.templates.text(value, (*path, name), known)
            lines[name] = _line(name, text)
        return lines


class CompiledRequest:
    """One request, ready to be filled in."""

    def __init__(
        self, maker: RequestMaker, model: RequestModel, path: Where, known: frozenset[str]
    ) -> None:
        self._origins = maker.origins
        self._place = maker.origins.base
        self._start = f"{self._place.url}{self._place.prefix}/"  # what links are relative to
        self._timeout = model.timeout_s or maker.timeout
        body = maker.bodies.compile(model, path, known)
        self.method = model.method or ("GET" if body is None and not model.form_from else "POST")
        self._given_method = model.method
        self._body: Body | None = body[1] if body else None
        self._boundary = maker.bodies.boundary
        named = {name.lower() for name in (*maker.general, *model.headers)}
        self._own_host = "host" in named
        self._lines = maker.all_lines(model.headers, (*path, "headers"), known)
        typed = body is None or "content-type" in named
        self._kind = b"" if typed or body is None else b"Content-Type: " + body[0] + b"\r\n"
        self._query = maker.bodies.fields(model.query, (*path, "query"), known)
        self._has_query = bool(model.query)
        self._form_from = model.form_from
        self._form = maker.bodies.fields(model.form or {}, (*path, "form"), known)
        self._path, self._url = self._address(maker, model, path, known)
        self._constant_line = self._prerender(model)

    def _address(
        self, maker: RequestMaker, model: RequestModel, path: Where, known: frozenset[str]
    ) -> tuple[Leaf | None, Leaf | None]:
        text = maker.templates.text
        if model.path is not None:
            pieces = _BRACES.split(model.path)
            cleaned = "".join(
                x if i % 2 else clean_target(x) if x else "" for i, x in enumerate(pieces)
            )
            return text(cleaned, (*path, "path"), known, in_path), None
        if model.url is not None:
            return None, text(model.url, (*path, "url"), known)
        return None, None

    def _prerender(self, model: RequestModel) -> bytes | None:
        """Request line and all headers, where they are the same for everybody."""
        if self._path is None or not self._path.constant or not self._lines.constant:
            return None
        query = ""
        if self._has_query:
            if any("{{" in str(value) or "{%" in str(value) for value in model.query.values()):
                return None
            query = urlencoded(self._query(None))  # type: ignore[arg-type]  # constants need no scope
        target = _joined_query(self._place.prefix + self._path.value, query)
        self._constant_target = target
        return self._head(self._place, target, self._lines.value.encode(), self._kind)

    def _head(self, place: Place, target: str, lines: bytes, kind: bytes) -> bytes:
        host = b"" if self._own_host else place.host
        return b"".join(
            (self.method.encode(), b" ", target.encode(), b" HTTP/1.1\r\n", host, lines, kind)
        )

    def build(self, scope: Scope, *, credentials: bool = True, after: float = 0.0) -> Sendable:
        """The request for one attempt, and its whole address.

        Raises:
            UnfilledError: If a template cannot be filled in, or a link leads off the list.
        """
        session = scope.session
        within = scope.operation.within
        timeout = self._timeout if within is None or within > self._timeout else within
        if self._form_from is not None:
            return self._build_form(scope, credentials, timeout, after)
        if self._constant_line is not None and not (credentials and session.query):
            place, target, head = self._place, self._constant_target, self._constant_line
        else:
            place, target = self._target(scope, session.query if credentials else "")
            head = self._head(place, target, self._lines.get(scope).encode(), self._kind)
        if credentials:
            head += session.head
        head += session.jar.header(target.partition("?")[0].encode())
        body = b"" if self._body is None else self._body(scope)
        request = Request(place.origin, self.method, head, body, timeout, 0, after)
        return request, place.url + target

    def _target(self, scope: Scope, credentials: str) -> tuple[Place, str]:
        """Origin and request target, with the query and the secrets that travel in it."""
        if self._path is not None:
            place = self._place
            target = place.prefix + self._path.get(scope)
        else:
            assert self._url is not None
            place, target = self._origins.find(self._url.get(scope), scope.page or self._start)
        query = urlencoded(self._query(scope)) if self._has_query else ""
        return place, _joined_query(_joined_query(target, query), credentials)

    def _build_form(
        self, scope: Scope, credentials: bool, timeout: float, after: float
    ) -> Sendable:
        form = scope.found.get(self._form_from or "")
        if not isinstance(form, WebForm):
            raise UnfilledError(f"form_from: no form was captured as {self._form_from}")
        own = self._form(scope)
        replaced = {name for name, _ in own}
        fields = [pair for pair in form.fields if pair[0] not in replaced] + own
        if self._path is not None or self._url is not None:
            place, target = self._target(scope, "")
        else:
            place, target = self._origins.find(form.action, scope.page or self._start)
        method = self._given_method or ("GET" if form.method == "GET" else "POST")
        body, kind = b"", b""
        if method == "GET":
            target = _joined_query(target.partition("?")[0], urlencoded(fields))
        elif form.multipart:
            body = encode_parts(self._boundary, [plain_part(*pair) for pair in fields])
            kind = b"Content-Type: multipart/form-data; boundary=" + self._boundary + b"\r\n"
        else:
            body, kind = urlencoded(fields).encode(), b"Content-Type: " + FORM + b"\r\n"
        session = scope.session
        self_head = self._head(place, target, self._lines.get(scope).encode(), kind)
        head = self_head.replace(self.method.encode(), method.encode(), 1)
        head += session.head if credentials else b""
        head += session.jar.header(target.partition("?")[0].encode())
        return Request(place.origin, method, head, body, timeout, 0, after), place.url + target

    def redirected(self, scope: Scope, location: str, page: str) -> Sendable:
        """The GET that follows a redirect.

        Raises:
            UnfilledError: If it leads off the list.
        """
        place, target = self._origins.find(location, page)
        session = scope.session
        lines = self._lines.get(scope).encode()
        host = b"" if self._own_host else place.host
        head = b"".join((b"GET ", target.encode(), b" HTTP/1.1\r\n", host, lines, session.head))
        head += session.jar.header(urlsplit(target).path.encode())
        return Request(place.origin, "GET", head, b"", self._timeout), place.url + target


def _line(name: str, leaf: Leaf) -> Leaf:
    start = f"{name}: "
    if leaf.constant:
        value = f"{start}{in_header(leaf.value).strip()}\r\n"
        return Leaf(lambda scope: value, constant=True, value=value)
    get = leaf.get
    return Leaf(lambda scope: f"{start}{in_header(get(scope))}\r\n")


def _joined(parts: list[Leaf]) -> Leaf:
    if all(part.constant for part in parts):
        value = "".join(part.value for part in parts)
        return Leaf(lambda scope: value, constant=True, value=value)
    getters: list[Callable[[Scope], str]] = [part.get for part in parts]
    return Leaf(lambda scope: "".join([get(scope) for get in getters]))


def _joined_query(target: str, query: str) -> str:
    if not query:
        return target
    return f"{target}{'&' if '?' in target else '?'}{query}"
