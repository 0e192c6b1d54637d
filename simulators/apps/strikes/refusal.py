"""How the app says no to a program or to a page; callers and texters are told in words."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer to a request, not a fault of the program
    """A request that the app turns down for a reason it can name.

    Attributes:
        status: HTTP status.
        code: One word or two for programs (``wrong_pin``, ``not_on_list``, ``locked``).
        message: One or two plain sentences for people.
        retry_after: Wall seconds until it is worth trying again, None where it never is.
    """

    def __init__(
        self, status: int, code: str, message: str, *, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
