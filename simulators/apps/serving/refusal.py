"""How the app says no."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 - an answer to a request, not a fault of the program
    """A request that the app turns down for a reason it can name.

    Attributes:
        status: HTTP status.
        code: One word or two for programs (``wrong_codes``, ``locked``, ``not_on_list``).
        message: One or two plain sentences for people.
        fields: A message for each field that is wrong.
        retry_after: Wall seconds until it is worth trying again, None where it never is.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.retry_after = retry_after
