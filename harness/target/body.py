"""Request bodies, compiled from their descriptions: JSON, forms, multipart, XML, GraphQL, text."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import orjson

from harness.complaint import Where
from harness.document import Document, DocumentError
from harness.target.errors import TargetError, UnfilledError
from harness.target.flow_model import Graphql, Piece, RequestModel
from harness.target.scope import Getter, Scope, photo
from harness.target.template import Leaf, Templates, as_text, fixed, in_xml

Body = Callable[[Scope], bytes]
Fields = Callable[[Scope], list[tuple[str, str]]]

JSON = b"application/json"
FORM = b"application/x-www-form-urlencoded"


class Bodies:
    """Compiles bodies.

    Args:
        templates: Of the document.
        folder: Where ``file:`` parts are looked for.
    """

    def __init__(self, templates: Templates, folder: Path) -> None:
        self.templates = templates
        self.folder = folder
        seed = templates.names.run.id.encode()
        self.boundary = b"drillhall-" + blake2b(seed, digest_size=12).hexdigest().encode()

    def compile(
        self, request: RequestModel, path: Where, known: frozenset[str]
    ) -> tuple[bytes, Body] | None:
        """Content type and body of a request; None if it has none."""
        kind = request.body
        if kind == "json_value":
            return JSON, _json(self.structure(request.json_value, (*path, "json"), known))
        if kind == "graphql" and request.graphql is not None:
            return JSON, _json(self._graphql(request.graphql, (*path, "graphql"), known))
        if kind == "form":
            fields = self.fields(request.form or {}, (*path, "form"), known)
            return FORM, lambda scope: urlencoded(fields(scope)).encode()
        if kind == "xml":
            leaf = self.templates.text(request.xml, (*path, "xml"), known, in_xml)
            return b"application/xml; charset=utf-8", lambda scope: leaf.get(scope).encode()
        if kind == "text":
            leaf = self.templates.text(request.text, (*path, "text"), known)
            return b"text/plain; charset=utf-8", lambda scope: leaf.get(scope).encode()
        if kind == "multipart":
            where = (*path, "multipart")
            parts = [
                self._part(name, part, (*where, name), known)
                for name, part in (request.multipart or {}).items()
            ]
            return b"multipart/form-data; boundary=" + self.boundary, self._multipart(parts)
        return None

    def structure(self, data: Any, path: Where, known: frozenset[str]) -> Leaf:
        """A JSON value with templates in its leaves; a key is never a template."""
        if isinstance(data, dict):
            leaves = [
                (str(key), self.structure(value, (*path, key), known))
                for key, value in data.items()
            ]
            if all(leaf.constant for _, leaf in leaves):
                return fixed({key: leaf.value for key, leaf in leaves})
            getters = [(key, leaf.get) for key, leaf in leaves]
            return Leaf(_filled(getters))
        if isinstance(data, list):
            inner = [self.structure(each, (*path, i), known) for i, each in enumerate(data)]
            if all(leaf.constant for leaf in inner):
                return fixed([leaf.value for leaf in inner])
            return Leaf(lambda scope: [leaf.get(scope) for leaf in inner])
        leaf, names = self.templates.value(data, path, known), self.templates.names
        return Leaf(names.cells_json) if leaf.get is names.row["cells"] else leaf

    def fields(self, data: dict[str, Any], path: Where, known: frozenset[str]) -> Fields:
        """Names and texts of a form or query; a list repeats its name, a null leaves it out."""
        leaves: list[tuple[str, Getter]] = []
        for name, given in data.items():
            values = given if isinstance(given, list) else [given]
            for i, value in enumerate(values):
                where = (*path, name, i) if isinstance(given, list) else (*path, name)
                leaves.append((str(name), self.templates.value(value, where, known).get))

        def filled(scope: Scope) -> list[tuple[str, str]]:
            found: list[tuple[str, str]] = []
            for name, get in leaves:
                value = get(scope)
                if value is not None:
                    found.append((name, as_text(value)))
            return found

        return filled

    def _graphql(self, given: Graphql, path: Where, known: frozenset[str]) -> Leaf:
        data: dict[str, Any] = {"query": given.query, "variables": given.variables}
        if given.operation is not None:
            data["operationName"] = given.operation
        variables = self.structure(given.variables, (*path, "variables"), known)
        return Leaf(lambda scope: {**data, "variables": variables.get(scope)})

    # -- multipart --------------------------------------------------------------------------

    def _part(self, name: str, given: Any, path: Where, known: frozenset[str]) -> Part:
        """One part: its head without the boundary, and its content (None leaves it out)."""
        if not isinstance(given, dict):
            leaf = self.templates.value(given, path, known)
            return _head(name, None, None), _text_or_nothing(leaf.get)
        piece = self._piece(given, path)
        filename, kind, content = piece.filename, piece.type, self._content(piece, path, known)
        if piece.file is not None:
            filename, kind = filename or Path(piece.file).name, kind or "application/octet-stream"
        elif piece.image is not None:
            filename, kind = filename or "sheet.png", kind or "image/png"
        elif piece.xml is not None:
            kind = kind or "application/xml"
        elif "json_value" in piece.model_fields_set and filename is not None:
            kind = kind or "application/json"
        return _head(name, filename, kind), content

    def _piece(self, given: dict[str, Any], path: Where) -> Piece:
        document = self.templates.document
        try:
            return Document("", given).validate(Piece)
        except DocumentError as error:
            raise TargetError(document.problem(path, str(error).removeprefix(": "))) from None

    def _content(self, piece: Piece, path: Where, known: frozenset[str]) -> Content:
        text = self.templates.text
        if piece.image is not None:
            return lambda scope: photo(scope.operation.key)
        if piece.file is not None:
            return self._file(piece.file, path, known)
        if piece.xml is not None:
            leaf = text(piece.xml, (*path, "xml"), known, in_xml)
            return lambda scope: leaf.get(scope).encode()
        if piece.text is not None:
            leaf = text(piece.text, (*path, "text"), known)
            return lambda scope: leaf.get(scope).encode()
        return _json(self.structure(piece.json_value, (*path, "json"), known))

    def _file(self, name: str, path: Where, known: frozenset[str]) -> Content:
        leaf = self.templates.text(name, (*path, "file"), known)
        if not leaf.constant:
            return lambda scope: self._read(leaf.get(scope))
        try:
            data = self._read(leaf.value)
        except UnfilledError as error:
            problem = self.templates.document.problem((*path, "file"), str(error))
            raise TargetError(problem) from None
        return lambda scope: data

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise UnfilledError(f"{name}: cannot be read: {error.strerror}") from None

    def _multipart(self, parts: list[Part]) -> Body:
        boundary = self.boundary

        def body(scope: Scope) -> bytes:
            filled = ((head, content(scope)) for head, content in parts)
            return encode_parts(
                boundary, [(head, data) for head, data in filled if data is not None]
            )

        return body


Content = Callable[[Scope], bytes | None]
Part = tuple[bytes, Content]


def encode_parts(boundary: bytes, parts: list[tuple[bytes, bytes]]) -> bytes:
    """A multipart body (RFC 7578)."""
    pieces: list[bytes] = []
    for head, data in parts:
        pieces += [b"--", boundary, b"\r\n", head, b"\r\n", data, b"\r\n"]
    return b"".join([*pieces, b"--", boundary, b"--\r\n"])


def plain_part(name: str, text: str) -> tuple[bytes, bytes]:
    """One plain field of a multipart body."""
    return _head(name, None, None), text.encode()


def urlencoded(fields: list[tuple[str, str]]) -> str:
    """Fields as a form or a query carries them."""
    return "&".join([f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields])


def _head(name: str, filename: str | None, kind: str | None) -> bytes:
    line = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if filename is not None:
        line += f'; filename="{_quoted(filename)}"'
    if kind is not None:
        line += f"\r\nContent-Type: {kind}"
    return line.encode() + b"\r\n"


def _quoted(text: str) -> str:
    # As browsers do: HTML Living Standard, "multipart form data".
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _text_or_nothing(get: Getter) -> Content:
    def content(scope: Scope) -> bytes | None:
        value = get(scope)
        return None if value is None else as_text(value).encode()

    return content


def _filled(getters: list[tuple[str, Getter]]) -> Getter:
    def fill(scope: Scope) -> dict[str, Any]:
        made = {}
        for key, get in getters:  # before Python 3.12 a comprehension is one call more
            made[key] = get(scope)
        return made

    return fill


def _json(leaf: Leaf) -> Body:
    dumps = orjson.dumps
    if leaf.constant:
        data = dumps(leaf.value)
        return lambda scope: data
    get = leaf.get

    def body(scope: Scope) -> bytes:
        return dumps(get(scope), default=str)

    return body
