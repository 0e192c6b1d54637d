"""What a call, or a text, may ask of the carrier that carries it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.config import Manners, Number
from simulators.providers.carrier.faults import Faults
from simulators.providers.carrier.hearing import Rule
from simulators.providers.carrier.ids import Ids
from simulators.providers.carrier.queues import Queues
from simulators.providers.carrier.tasks import Tasks
from simulators.providers.carrier.webhook import Webhooks
from simulators.quick import record

__all__ = ["Ear", "FarEnd", "Premises", "Recording", "Texted", "Texts"]


class Ear(Protocol):
    """The person at one end of a call. Told at once; answers by the call's own methods."""

    def answered(self) -> None:
        """The call is connected."""
        ...

    def heard(self, words: str) -> None:
        """Words were spoken to the end, or a recording of that name was played."""
        ...

    def undecided(self) -> float:
        """Wall seconds that whoever plays this person may still take to say what it does next.

        A drill's own latency is not the person's silence: a gather that would end waits for it.
        """
        ...

    def sent(self, at: float) -> None:
        """What was keyed went out to the app; ``at`` in seconds since 1970."""
        ...

    def ended(self, cause: str, code: int) -> None:
        """The call is over: ``hung_up``, ``app_hung_up``, ``dropped``, ``busy``, ``no answer`` or
        ``failed``, with the provider's error code, 0 for none."""
        ...


@dataclass(frozen=True, slots=True)
class FarEnd:
    """Somebody whom the app calls: nobody is, so this is what would come of it.

    Attributes:
        result: ``completed``, ``busy``, ``no-answer`` or ``failed``.
        pick_up: Drill seconds until the phone is answered.
        talk: Drill seconds that this person stays.
    """

    result: str
    pick_up: float
    talk: float


@dataclass(frozen=True, slots=True)
class Recording:
    """What a caller said after the beep: nobody recorded it, so these are its words."""

    sid: str
    call_sid: str
    seconds: int
    words: str
    made: float


@record(frozen=True, slots=True)
class Texted:
    """What came of a text from a person to the app: the class of the reply, or ``no_answer``."""

    answer_class: str
    reply: str = ""
    segments: int = 1


class Sent(Protocol):
    """A text on its way."""

    @property
    def sid(self) -> str: ...


class Texts(Protocol):
    """The network of text messages; ``counts`` are its figures since the start."""

    counts: Counter[str]

    async def send_in(
        self,
        *,
        key: str,
        from_: str,
        to: str,
        body: str,
        replies: Sequence[Rule] = (),
        within: float | None = None,
    ) -> Texted:
        """A person texts the app and waits ``within`` wall seconds for a reply.

        Args:
            key: Name of the text, from which its sid and its luck are drawn.
        """
        ...

    def send_out(self, *, from_: str, to: str, body: str, callback: str = "") -> Sent:
        """The app texts a person; returns the message, whose ``sid`` is told to the app."""
        ...


class Premises(Protocol):
    """What a carrier has, beside its calls."""

    account: str
    numbers: dict[str, Number]
    clock: Clock
    ids: Ids
    web: Webhooks
    faults: Faults
    queues: Queues
    tasks: Tasks
    manners: Manners
    recordings: dict[str, Recording]
    texts: Texts | None
    rest: str

    def far_end(self, to: str) -> FarEnd:
        """Who answers a number that is not the app's own."""
        ...
