"""The phone side of one engine: its line to the carrier, and the drivers of voice and texts."""

from __future__ import annotations

from harness.channels.control import ControlLink
from harness.channels.dispatch import Dispatch
from harness.channels.sms import TextDriver
from harness.channels.voice import VoiceDriver
from harness.engine.live_app import LiveApp
from harness.target.phone import Phone


class Phones:
    """Drives channels ``voice`` and ``sms`` of a target through the carrier.

    Args:
        live: The live app, whose ledger, clock and end it shares.
        phone: The target's lines, menus and texts.
        carrier: The carrier's control socket, ``host:port``.

    Attributes:
        voice: Answers the lines that the app answers, and the operations in those calls.
        texts: Sends texts.
    """

    def __init__(self, live: LiveApp, phone: Phone, carrier: str) -> None:
        self._carrier = carrier
        self._dispatch = Dispatch(live)
        self._link = ControlLink(lambda why: live.fail("crashed", why))
        self.voice = VoiceDriver(self._dispatch, self._link, phone)
        self.texts = TextDriver(self._dispatch, self._link, phone)

    @property
    def in_flight(self) -> int:
        """Operations that wait for their answer."""
        return len(self._dispatch.in_flight)

    async def connect(self) -> None:
        """Connect to the carrier.

        Raises:
            OSError: If it does not answer.
        """
        await self._link.connect(self._carrier)

    def close(self) -> None:
        """Hang up every call and let go of the carrier; what is still under way stays unknown."""
        self._dispatch.abandon()
        self.voice.close()
        self._link.close()
