"""Getting every row of one reader: pages, with guards, over HTTP, SQL or a file."""

from __future__ import annotations

from collections.abc import Generator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import sqlalchemy

from harness.complaint import Where
from harness.target.access import no_operation
from harness.target.answer import Seen
from harness.target.capture import compile_capture
from harness.target.errors import ReadBackError, SafetyError, TargetError, UnfilledError
from harness.target.json_path import MISSING
from harness.target.model import Reader
from harness.target.permit import pin
from harness.target.request import Sendable
from harness.target.rows import Row, RowsError, compile_items
from harness.target.ruling import seconds_to_wait
from harness.target.scope import Scope
from harness.target.session import Session
from harness.target.target import Target
from harness.target.wire import Fault, Request, Response
from simulators.behaviours.protocol import Outcome
from simulators.people.person import Person

Pages = Generator[Request, Response, list[Row]]
_EXTRA = frozenset({"page", "offset", "cursor"})
_KNOCKS = 4  # tries at a target that refuses every connection
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0  # seconds between tries when the target asks for patience


def reader_person(role: str) -> Person:
    """Who reads back: somebody who never wrote."""
    return Person(index=-1, role=role, key=role)


class HttpReading:
    """Reads the rows of one reader over HTTP.

    Args:
        name: Of the reader, for errors.
    """

    def __init__(self, target: Target, name: str, reader: Reader) -> None:
        assert reader.request is not None
        self.target, self.name, self.reader = target, name, reader
        path: Where = ("read_back", name)
        role = reader.role or "reader"
        self.access = target.access(role) if reader.role else target.access("public")
        known = self.access.captures | _EXTRA
        requests = target.flows.requests
        self.request = requests.compile(reader.request, (*path, "request"), known)
        self.session: Session = target.session(reader_person(role if reader.role else "public"))
        try:
            self.items = compile_items(reader.items)
            self._find = {
                part: None
                if (place := getattr(reader.paging, part)) is None
                else compile_capture(place)
                for part in ("pages", "more", "next", "total")
            }
        except ValueError as error:
            raise TargetError(target.document.problem(path, str(error))) from None

    def rows(self) -> Pages:
        """Every row.

        Raises:
            ReadBackError: If they cannot be read whole.
        """
        try:
            if self.access.flow is not None and self.access.due(self.session):
                operation = no_operation(self.session.person, "read_back")
                entry = yield from self.access.sign_in(operation, self.session)
                if entry.answer_class.outcome is not Outcome.OK:
                    said = f"{entry.answer_class} ({entry.status}) {entry.detail}"
                    raise self._error(f"the reader could not sign in: {said}")
            return (yield from self._pages())
        except (UnfilledError, RowsError) as error:
            raise self._error(str(error)) from None

    def _error(self, message: str, wait: float = 0.0) -> ReadBackError:
        return ReadBackError(f"read_back.{self.name}: {self.target.redact(message)}", wait)

    def _pages(self) -> Pages:
        paging = self.reader.paging
        first = paging.first if paging.first is not None else (0 if paging.kind == "offset" else 1)
        turn = _Turn(page=first, offset=first if paging.kind == "offset" else 0)
        rows: list[Row] = []
        scope = self._scope(turn)
        sendable = self.request.build(scope)
        while True:
            seen = yield from self._page(sendable)
            page = self.items(seen.response.body)
            rows.extend(page)
            turn.count += 1
            total = self._number("total", seen)
            if not self._goes_on(seen, page, turn, len(rows), total):
                break
            if turn.count >= paging.at_most:
                raise self._error(f"still more after {turn.count} pages, the cap (paging.at_most)")
            sendable = self._next(turn, len(rows), seen, scope)
            scope = self._scope(turn)
        if total is not None and len(rows) < total:
            raise self._error(f"{len(rows)} rows came, but the target says it has {total}")
        return rows

    def _scope(self, turn: _Turn) -> Scope:
        extra = {"page": turn.page, "offset": turn.offset, "cursor": turn.cursor}
        operation = no_operation(self.session.person, "read_back")
        return Scope(operation, self.session, dict(self.session.found), extra)

    def _page(self, sendable: Sendable) -> Generator[Request, Response, Seen]:
        """One page; a target that asks for patience gets it."""
        request, url = sendable
        wait = asked = 0.0
        for attempt in range(self.reader.tries):
            response = yield Request(
                request.origin, request.method, request.head, request.body, request.timeout,
                0, wait,
            )  # fmt: skip
            seen = Seen(response, self.session.jar, url)
            if response.fault is None and response.status < 300:
                return seen
            if response.fault is None and response.status not in (429, 502, 503, 504):
                raise self._error(self._refused(seen))
            if response.fault is Fault.REFUSED and attempt + 1 >= _KNOCKS:
                break  # nobody is there; an app that starts again answers sooner than this
            asked = seconds_to_wait(seen.header(b"retry-after")) or 0.0
            wait = min(_LONGEST_WAIT, asked or _FIRST_WAIT * 2**attempt)
        fault = response.fault
        said = f"no answer ({fault})" if fault else self._refused(seen)
        raise self._error(f"{said}; tried {attempt + 1} times", asked)

    def _refused(self, seen: Seen) -> str:
        where = seen.url.partition("?")[0]
        to = f" to {seen.header(b'location')}" if 300 <= seen.status < 400 else ""
        return f"{where} answered {seen.status}{to}: {' '.join(seen.text[:120].split())}"

    def _number(self, part: str, seen: Seen) -> int | None:
        find = self._find[part]
        value = MISSING if find is None else find(seen)
        try:
            return None if value is MISSING or value is None else int(value)
        except (TypeError, ValueError):
            raise self._error(f"paging.{part}: {value!r} is not a number") from None

    def _goes_on(
        self, seen: Seen, page: list[Row], turn: _Turn, count: int, total: int | None
    ) -> bool:
        """Whether there is another page; refuses a target that sends the same one again."""
        kind = self.reader.paging.kind
        if kind == "none":
            return False
        if kind in ("next", "cursor"):
            find = self._find["next"]
            assert find is not None
            value = find(seen)
            turn.link = "" if value is MISSING or value is None else str(value)
            return bool(turn.link) and turn.link.lower() not in ("null", "none", "false")
        if page and turn.same_as_before(seen.response.body):
            raise self._error(f"page {turn.count} is the same as the page before: is it ignored?")
        pages = self._number("pages", seen)
        if pages is not None:
            return turn.count < pages
        if self._find["more"] is not None:
            more = self._find["more"](seen)
            return more is not MISSING and more not in (None, False, "", 0)
        return bool(page) and (total is None or count < total)

    def _next(self, turn: _Turn, count: int, seen: Seen, scope: Scope) -> Sendable:
        kind = self.reader.paging.kind
        if kind in ("next", "cursor"):
            if turn.link in turn.met:
                raise self._error(f"stuck: page {turn.count} leads to {turn.link!r} again")
            turn.met.add(turn.link)
        if kind == "next":
            return self.request.redirected(scope, turn.link, seen.url)
        turn.page += 1
        first = self.reader.paging.first or 0
        turn.offset, turn.cursor = first + count, turn.link
        return self.request.build(self._scope(turn))


class _Turn:
    """Where a reader is: which page, what it has met."""

    def __init__(self, page: int, offset: int) -> None:
        self.page, self.offset, self.cursor = page, offset, ""
        self.count = 0
        self.link = ""
        self.met: set[str] = set()
        self._before = b""

    def same_as_before(self, body: bytes) -> bool:
        digest = blake2b(body, digest_size=16).digest()
        same = digest == self._before
        self._before = digest
        return same


def sql_rows(target: Target, name: str, reader: Reader) -> list[Row]:
    """The rows of a read-only query.

    Raises:
        ReadBackError: If the database cannot be asked.
        SafetyError: If it is not on this machine and no permit covers it.
    """
    assert reader.sql is not None
    text = target.templates.text
    where: Where = ("read_back", name, "sql")
    known = frozenset({"data"})
    scope = data_scope(target)
    url = str(text(reader.sql.url, (*where, "url"), known).get(scope))
    query = str(text(reader.sql.query, (*where, "query"), known).get(scope))
    try:
        parsed = sqlalchemy.make_url(url)
        if parsed.host:
            pin(parsed.host, parsed.port or 5432, target.permit)
        engine = _read_only_engine(parsed)
        try:
            with engine.connect() as connection:
                return [dict(row) for row in connection.execute(sqlalchemy.text(query)).mappings()]
        finally:
            engine.dispose()
    except sqlalchemy.exc.SQLAlchemyError as error:
        said = target.redact(" ".join(str(error).splitlines()[:1]))
        raise ReadBackError(f"read_back.{name}: the database said no: {said}") from None
    except SafetyError as error:
        raise SafetyError(f"read_back.{name}: {error}") from None


def _read_only_engine(url: sqlalchemy.URL) -> sqlalchemy.Engine:
    if url.get_backend_name() == "sqlite":
        database = url.database or ""
        if database and database != ":memory:":
            path = Path(database).absolute().as_uri().removeprefix("file://")
            url = url.set(database=f"file:{path}").update_query_dict({"mode": "ro", "uri": "true"})
        return sqlalchemy.create_engine(url)
    engine = sqlalchemy.create_engine(url)
    if url.get_backend_name() == "postgresql":
        return engine.execution_options(postgresql_readonly=True)
    return engine


def file_rows(target: Target, name: str, reader: Reader) -> list[Row]:
    """The rows of a file that the target writes.

    Raises:
        ReadBackError: If it cannot be read.
    """
    leaf = target.templates.text(reader.file, ("read_back", name, "file"), frozenset({"data"}))
    path = target.folder / str(leaf.get(data_scope(target)))
    try:
        return compile_items(reader.items)(path.read_bytes())
    except (OSError, RowsError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise ReadBackError(f"read_back.{name}: {path.name}: {said}") from None


def data_scope(target: Target) -> Scope:
    """Names for readers beside the app: its data folder."""
    person = reader_person("reader")
    extra: dict[str, Any] = {"data": str(target.data or target.folder)}
    return Scope(no_operation(person), target.session(person), {}, extra)
