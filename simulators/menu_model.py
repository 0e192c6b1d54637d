"""The app's own phone lines in virtual time: who gets a ringing line answered, and who is cut off.

Trunks are the switchboard's; here a call rings, is answered, and may be dropped by the network or
ended by the app. What is keyed in it is ``simulators.strike_model``'s. Times are drill seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulators.clock import Clock
from simulators.people.person import Person
from simulators.phones.hotline import Call
from simulators.wire_model import PhoneFault

RINGS = (2.0, 6.0)  # seconds from dialling to the first word. Assumed
RINGS_OUT = 60.0  # seconds of ringing after which the network gives up
SORRY = 8.0  # seconds in which callers are told that there is a fault
DROPS_AFTER = 60.0  # mean seconds after which a call that is dropped is dropped


@dataclass(slots=True)
class Open:
    """A call under way.

    Attributes:
        live: It is connected and nobody has ended it.
        signed_in: The app knows who is calling.
    """

    call: Call
    ended: Callable[[str], None]
    live: bool = False
    signed_in: bool = False


class ModelMenus:
    """Answers calls to the app's lines.

    Args:
        clock: Drill time.
        faults: What is wrong with the phones, and when.
        seed: Decides how long lines ring, and which calls a fault touches.
        is_down: Whether the app's process is away at a moment: its lines say that there is a
            fault, and end the call.
        touched: Where calls that a fault touched are counted, by its name.
    """

    def __init__(
        self,
        clock: Clock,
        faults: Iterable[PhoneFault],
        seed: int,
        is_down: Callable[[float], bool],
        touched: dict[str, int],
    ) -> None:
        self._clock = clock
        self._faults = list(faults)
        self._rng = random.Random(f"{seed}/model menus")
        self._is_down = is_down
        self._touched = touched
        self._open: dict[str, Open] = {}  # by the call's id

    def dial(
        self,
        call: Call,
        person: Person,
        answered: Callable[[bool, str], None],
        ended: Callable[[str], None],
    ) -> None:
        """Place a call; see ``simulators.lines.Menus``."""
        now = self._clock.now()
        self.fault("caller_id", call.line, now)  # a sound app knows its calls by their own names
        if self._is_full(call.line, now):
            answered(False, "busy")
            return
        self._open[call.id] = Open(call, ended)
        if self.fault("silence", call.line, now):
            self._clock.at(now + RINGS_OUT, lambda: self._no_answer(call, answered))
            return
        rings = self._rng.uniform(*RINGS)
        self._clock.at(now + rings, lambda: self._answer(call, answered))

    def _is_full(self, line: str, now: float) -> bool:
        """Whether a line that has lost trunks carries all it still can; counts who is refused."""
        fault = self._fault("trunks", line, now)
        if fault is None:
            return False
        carried = sum(each.call.line == line for each in self._open.values())
        if carried < fault.lines:
            return False
        self._touched[fault.name] += 1
        return True

    def _no_answer(self, call: Call, answered: Callable[[bool, str], None]) -> None:
        if self._open.pop(call.id, None) is not None:
            answered(False, "no answer")

    def _answer(self, call: Call, answered: Callable[[bool, str], None]) -> None:
        open_ = self._open.get(call.id)
        if open_ is None:
            return  # the caller has hung up meanwhile
        now = self._clock.now()
        open_.live = True
        answered(True, "")
        if self._is_down(now) or self.fault("unreachable", call.line, now):
            self._clock.at(now + SORRY, lambda: self.end(call.id, "app_hung_up"))
        if self.fault("drop", call.line, now):
            lasts = self._rng.expovariate(1.0 / DROPS_AFTER)
            self._clock.at(now + lasts, lambda: self.end(call.id, "dropped"))

    def hang_up(self, call: Call) -> None:
        """The caller ends the call."""
        self._open.pop(call.id, None)

    # -- what the app's menu does with a call -----------------------------------------------

    def live(self, call: str) -> Open | None:
        """A call by its id, as long as it lasts."""
        open_ = self._open.get(call)
        return open_ if open_ is not None and open_.live else None

    def end(self, call: str, cause: str) -> None:
        """The app or the network ends a call, if it has not ended by now."""
        open_ = self._open.pop(call, None)
        if open_ is not None:
            open_.ended(cause)

    def fault(self, what: str, line: str, now: float) -> PhoneFault | None:
        """The fault of this kind that touches this call or message, if any; counted."""
        fault = self._fault(what, line, now)
        if fault is None or (fault.share < 1 and self._rng.random() >= fault.share):
            return None
        self._touched[fault.name] += 1
        return fault

    def _fault(self, what: str, line: str, now: float) -> PhoneFault | None:
        return next(
            (each for each in self._faults if each.what == what and each.touches(line, now)), None
        )
