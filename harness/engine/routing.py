"""Which driver an operation travels by: its channel decides, once."""

from __future__ import annotations

from collections.abc import Callable

from harness.channels.phones import Phones
from harness.channels.web.channel import Pages
from harness.engine.live_app import LiveApp
from simulators.behaviours.protocol import Answer, AnswerClass, Outcome
from simulators.stage import Operation

Perform = Callable[[Operation, Callable[[Answer], None]], None]

_NOT_DRILLED = Answer(Outcome.REFUSED, AnswerClass.UNREACHABLE, 0.0, "not drilled")


class Router:
    """Hands each operation to whoever drives its channel; see ``simulators.stage.App``.

    Args:
        live: Drives ``api``, and whatever people key into the app for others.
        phones: Drives ``voice`` and ``sms``; None where the target describes no phone, and
            whoever calls or texts is then refused without a trace in the ledger.
        pages: Drives ``web``; None where the target describes no pages or there is no browser,
            and personas are then refused likewise.
    """

    def __init__(self, live: LiveApp, phones: Phones | None, pages: Pages | None = None) -> None:
        self._live: Perform = live.perform
        self._others: dict[str, Perform] = {"voice": _refuse, "sms": _refuse, "web": _refuse}
        if phones is not None:
            self._others |= {"voice": phones.voice.perform, "sms": phones.texts.perform}
        if pages is not None:
            self._others["web"] = pages.perform

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Begin an operation."""
        self._others.get(operation.channel, self._live)(operation, answered)


def _refuse(operation: Operation, answered: Callable[[Answer], None]) -> None:
    answered(_NOT_DRILLED)
