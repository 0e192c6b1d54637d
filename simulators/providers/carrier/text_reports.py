"""Status callbacks of texts: the app is told how its messages fare."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from simulators.providers.carrier.exchange import Premises
from simulators.providers.carrier.message import Message, status_params
from simulators.providers.carrier.webhook import Ask, any_answer

__all__ = ["TextReports"]


class TextReports:
    """Tells the app, on the side: no message waits for it."""

    def __init__(self, exchange: Premises) -> None:
        self._exchange = exchange

    def tell(
        self, message: Message, statuses: Sequence[str], after: asyncio.Task[None] | None = None
    ) -> asyncio.Task[None] | None:
        """Tell the app of statuses one by one, once ``after`` is done.

        Returns:
            The task that does so; None if the app does not want to know.
        """
        if not message.callback:
            return None
        return self._exchange.tasks.start(self._report(message, statuses, after))

    async def _report(
        self, message: Message, statuses: Sequence[str], after: asyncio.Task[None] | None
    ) -> None:
        if after is not None:
            await asyncio.wait({after})
        number = self._exchange.numbers.get(message.from_)
        for status in statuses:
            ask = Ask(
                purpose="text_status",
                line=number.name if number is not None else "",
                sid=message.sid,
                url=message.callback,
                method="POST",
                params=status_params(message, self._exchange.account, status),
                token=self._exchange.ids.token(f"text_status/{message.sid}/{status}"),
            )
            await self._exchange.web.ask(ask, any_answer)
