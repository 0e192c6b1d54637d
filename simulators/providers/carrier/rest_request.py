"""A request to the REST API, read; and an answer, not yet written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from multidict import MultiMapping

from simulators.providers.carrier.rest_answers import Refusal

__all__ = ["Asked", "Said", "check_number", "check_url"]

_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an app asks.

    Attributes:
        path: Without the query.
        sid: Of the resource, or "".
        member: The call of a queue's member: its sid or ``Front``; or "".
        form: What was posted; names may repeat.
    """

    path: str
    sid: str
    member: str
    query: Mapping[str, str]
    form: MultiMapping[str]

    def not_found(self) -> Refusal:
        """What is said of a resource that is not there."""
        return Refusal(404, 20404, f"The requested resource {self.path} was not found")


@dataclass(frozen=True, slots=True)
class Said:
    """The answer: a body as JSON or none, and the sid of what it is about."""

    status: int
    body: Mapping[str, object] | None
    sid: str = ""


def check_number(text: str, *, missing: int, wrong: int = 21211) -> str:
    """A phone number that may be called or texted.

    Raises:
        Refusal: With the code ``missing`` or ``wrong``.
    """
    if not text:
        raise Refusal(400, missing, "A 'To' phone number is required")
    if not _E164.fullmatch(text):
        raise Refusal(400, wrong, f"Invalid 'To' Phone Number: {text[:40]}")
    return text


def check_url(text: str, code: int, name: str) -> str:
    """An absolute URL over HTTP; "" stays "".

    Raises:
        Refusal: With ``code``, naming the parameter.
    """
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or len(text) > 4000:
        raise Refusal(400, code, f"{name} is not a valid URL: {text[:200]}")
    return text
