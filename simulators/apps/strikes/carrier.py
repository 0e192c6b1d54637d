"""Orders to the phone carrier: send a text, place a call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import aiohttp

from simulators.apps.strikes.settings import Account

Post = Callable[[str, Mapping[str, str]], Awaitable[tuple[int, str]]]
"""Posts a form to one of the account's resources (``Messages``, ``Calls``): the HTTP status, and
the name (``sid``) of what came of it, empty for nothing. Raises :class:`CarrierSilent`."""

PATIENCE = 15.0  # wall seconds


class CarrierSilent(Exception):  # noqa: N818 - said in the app's own words
    """The carrier could not be reached, or did not answer."""


class Client:
    """Speaks the carrier's REST API; proxies and certificates come from the environment."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._session = aiohttp.ClientSession(
            auth=aiohttp.BasicAuth(account.sid, account.token),
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            trust_env=True,
        )

    async def post(self, resource: str, form: Mapping[str, str]) -> tuple[int, str]:
        """Give one order; see :data:`Post`."""
        base = f"{self._account.api.rstrip('/')}/2010-04-01/Accounts/{self._account.sid}"
        try:
            async with self._session.post(f"{base}/{resource}.json", data=dict(form)) as answer:
                said = await answer.json(content_type=None)
                sid = said.get("sid") if isinstance(said, dict) else None
                return answer.status, str(sid or "")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise CarrierSilent(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()
