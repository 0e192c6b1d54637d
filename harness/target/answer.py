"""An answer under examination: its body is decoded and parsed at most once."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from xml.etree import ElementTree

import orjson

from harness.target.jar import Jar
from harness.target.json_path import MISSING
from harness.target.web_form import WebForm, forms
from harness.target.wire import Response

_UNREAD: Any = object()


class Seen:
    """A response, with what captures and rules ask of it."""

    def __init__(self, response: Response, jar: Jar, url: str = "") -> None:
        self.response = response
        self.status = response.status
        self.jar = jar
        self.url = url
        self._json: Any = _UNREAD

    @property
    def json(self) -> Any:
        """The body as JSON; :data:`MISSING` if it is not."""
        # Not a cached_property: before Python 3.12 that takes a lock at its first use, and this
        # is asked of nearly every answer of a drill.
        if self._json is _UNREAD:
            try:
                self._json = orjson.loads(self.response.body)
            except orjson.JSONDecodeError:
                self._json = MISSING
        return self._json

    @cached_property
    def text(self) -> str:
        """The body as text: UTF-8, with wrong bytes marked."""
        return self.response.body.decode("utf-8", "replace")

    @cached_property
    def forms(self) -> list[WebForm]:
        """The forms of the page."""
        return forms(self.text)

    @cached_property
    def xml(self) -> ElementTree.Element | None:
        """The root of the body as XML; None if it is not, or if it declares entities."""
        return parse_xml(self.response.body)

    def header(self, name: bytes) -> str | None:
        """The first header of a name in lower case."""
        for key, value in self.response.headers:
            if key == name:
                return value.decode("latin-1")
        return None


def parse_xml(body: bytes) -> ElementTree.Element | None:
    """Parse XML from a target; a document type, which could hold an entity bomb, is refused."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return None
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - document types were refused above
    except ElementTree.ParseError:
        return None
