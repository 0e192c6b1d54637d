"""What the REST API says: resources as JSON, pages of lists, and errors.

Names of fields are those that the official SDK reads. Dates are RFC 2822 in GMT.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

__all__ = ["VERSION", "Page", "Refusal", "date", "page_of"]

VERSION = "2010-04-01"


class Refusal(Exception):  # noqa: N818 - it is an answer of the API, not a fault of ours
    """The API says no.

    Attributes:
        status: Of HTTP.
        code: The provider's own.
    """

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def body(self) -> dict[str, object]:
        """As the API words it."""
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def date(unix: float | None) -> str | None:
    """A moment as the API writes it.

    Example:
        >>> date(0)
        'Thu, 01 Jan 1970 00:00:00 +0000'
    """
    return None if unix is None else format_datetime(datetime.fromtimestamp(int(unix), UTC))


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list was asked for; ``number`` counts from 0."""

    number: int
    size: int

    @staticmethod
    def asked(query: Mapping[str, str], usual: int) -> Page:
        """The page that a query asks for: at most 1000 entries, ``usual`` unless it says.

        Raises:
            Refusal: If a number in it is none.
        """
        size = _count(query, "PageSize", usual)
        return Page(_count(query, "Page", 0), max(1, min(size, 1000)))


def page_of(
    key: str, items: Sequence[dict[str, object]], page: Page, path: str, query: Mapping[str, str]
) -> dict[str, object]:
    """One page of a list, with the addresses of its neighbours.

    Args:
        key: What the entries are called: ``calls``.
        items: Those on this page, and one more if there is a next page.
        path: Of the request, without its query.
        query: Of the request: filters stay in the addresses.
    """
    start = page.number * page.size

    def at(number: int) -> str:
        return f"{path}?{urlencode({**query, 'PageSize': page.size, 'Page': number})}"

    shown = list(items[: page.size])
    return {
        key: shown,
        "page": page.number,
        "page_size": page.size,
        "start": start,
        "end": start + max(0, len(shown) - 1),
        "uri": at(page.number),
        "first_page_uri": at(0),
        "previous_page_uri": at(page.number - 1) if page.number else None,
        "next_page_uri": at(page.number + 1) if len(items) > page.size else None,
    }


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise Refusal(400, 20001, f"{name} is {text!r}; it must be a whole number")
    return int(text)
