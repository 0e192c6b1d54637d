"""A plain HTTP client for the practice app's tests: one connection a request, no cookies."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

BOUNDARY = "practice-boundary"


@dataclass(frozen=True)
class Reply:
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Http:
    """Sends requests to a port of this machine."""

    port: int

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """GET."""
        return self.send("GET", path, headers or {}, b"")

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Reply:
        """POST an object as JSON."""
        typed = {"Content-Type": "application/json", **(headers or {})}
        return self.send("POST", path, typed, json.dumps(body).encode())

    def put(self, path: str, body: object, headers: Mapping[str, str]) -> Reply:
        """PUT an object as JSON."""
        typed = {"Content-Type": "application/json", **headers}
        return self.send("PUT", path, typed, json.dumps(body).encode())

    def form(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Reply:
        """POST a form as a browser does."""
        typed = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.send("POST", path, typed, urlencode(fields).encode())

    def upload(
        self,
        path: str,
        files: Mapping[str, bytes],
        fields: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> Reply:
        """POST files and fields as multipart."""
        parts = [
            b'Content-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s'
            % (name.encode(), name.encode(), body)
            for name, body in files.items()
        ] + [
            b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (name.encode(), text.encode())
            for name, text in fields.items()
        ]
        line = f"--{BOUNDARY}".encode()
        body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
        typed = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers}
        return self.send("POST", path, typed, body)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send any request and read the whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()
