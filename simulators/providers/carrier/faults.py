"""Ways in which a carrier goes wrong, each switched on and off while calls go on.

Whether a fault strikes is drawn from the seed and the name of what it would strike, so the same
calls suffer in the same way whatever else goes on. Every fault counts what it touched.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulators.providers.carrier.ids import Ids

__all__ = ["FAULTS", "Fault", "FaultError", "Faults"]

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]


class FaultError(ValueError):
    """No such fault, or settings that it does not take."""


class Fault(BaseModel):
    """Settings of a fault; one with a share strikes that share of what it may touch."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Shared(Fault):
    """Strikes a share."""

    share: Share


class TrunksFault(Fault):
    """Every trunk group carries at most this many calls."""

    lines: int = Field(ge=1)


class Silence(Fault):
    """No webhook goes out: new calls ring out, those under way wait."""


class Late(Fault):
    """Webhooks leave late, by wall seconds."""

    seconds: Seconds


class Unreachable(Shared):
    """The app's own URL cannot be reached from the carrier; its fallback, elsewhere, can."""


class Reordered(Fault):
    """Status callbacks overtake each other."""


class Digits(Shared):
    """A string of keys arrives with one key lost, doubled, or one more."""

    how: Literal["lost", "doubled", "inserted"]


class CallerId(Shared):
    """Callers' numbers are withheld, or all come from one switchboard's number."""

    how: Literal["withheld", "shared"] = "withheld"


class SmsDelay(Fault):
    """Texts arrive late, by wall seconds."""

    seconds: Seconds


class SmsSplit(Fault):
    """A long text arrives as several messages: one of more than a segment, or of ``characters``."""

    characters: int | None = Field(None, ge=1)


class Rest(Shared):
    """The REST API answers with an error."""

    status: Literal[429, 500]


class RestLate(Shared):
    """The REST API does what it is asked at once, and answers late, by wall seconds."""

    seconds: Seconds


FAULTS: dict[str, type[Fault]] = {
    "trunks": TrunksFault,
    "silence": Silence,
    "drop": Shared,
    "late": Late,
    "unreachable": Unreachable,
    "doubled": Shared,
    "reordered": Reordered,
    "digits": Digits,
    "caller_id": CallerId,
    "sms_delay": SmsDelay,
    "sms_loss": Shared,
    "sms_doubled": Shared,
    "sms_split": SmsSplit,
    "rest": Rest,
    "rest_late": RestLate,
    "rest_silent": Shared,
    "unsigned": Shared,
}


class Faults:
    """Which faults are on now, and how much each has touched since the start."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._on: dict[str, Fault] = {}
        self._mended = asyncio.Event()
        self.touched: Counter[str] = Counter()

    def switch_on(self, name: str, settings: Mapping[str, Any]) -> Fault:
        """Begin a fault, or change the settings of one that is on.

        Raises:
            FaultError: If there is no such fault, or it does not take these settings.
        """
        kind = FAULTS.get(name)
        if kind is None:
            raise FaultError(f"no fault is called {name!r}; choose one of {', '.join(FAULTS)}.")
        try:
            self._on[name] = kind.model_validate(settings)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            takes = ", ".join(kind.model_fields) or "nothing"
            raise FaultError(f"fault {name}: {where}: {first['msg']}. It takes {takes}.") from error
        return self._on[name]

    def mend(self, name: str) -> int:
        """End a fault, if it is on; returns how much it touched."""
        if self._on.pop(name, None) is not None:
            self._mended.set()
            self._mended = asyncio.Event()
        return self.touched[name]

    def on(self, name: str) -> Any:
        """Settings of a fault that is on, else None."""
        return self._on.get(name)

    def strikes(self, name: str, *key: object) -> bool:
        """Whether a fault that is on strikes the thing of this name; counts it if so."""
        fault = self._on.get(name)
        if fault is None:
            return False
        share = getattr(fault, "share", 1.0)
        if share < 1.0 and self._ids.draws("fault", name, *key).random() >= share:
            return False
        self.touched[name] += 1
        return True

    async def ends(self, name: str, within: float) -> bool:
        """Wait until a fault is mended, ``within`` wall seconds at most. False if it was not."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        while self.on(name) is not None:
            try:
                await asyncio.wait_for(self._mended.wait(), max(0.0, until - loop.time()))
            except TimeoutError:
                return self.on(name) is None
        return True

    def spoil(self, pressed: str, *key: object) -> Sequence[str]:
        """What arrives for each key of a string pressed: itself, nothing, or two keys."""
        arrives = list(pressed)
        keys = [index for index, each in enumerate(pressed) if each in "0123456789*#"]
        if not keys or not self.strikes("digits", *key):
            return arrives
        draws = self._ids.draws("digits", *key)
        where = draws.choice(keys)
        how = self._on["digits"].how  # type: ignore[attr-defined]
        if how == "lost":
            arrives[where] = ""
        elif how == "doubled":
            arrives[where] *= 2
        else:
            arrives[where] += draws.choice("0123456789")
        return arrives
