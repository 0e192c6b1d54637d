"""What some people do that most do not: a persona's habits, acted out on the way.

Each happens once in a session, where it hurts most: with the form half filled in, or after the
report was sent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Protocol

from playwright.async_api import Error

from harness.channels.web.cut import LineCutter
from harness.channels.web.endings import Ended
from harness.channels.web.finding import Hindered, is_seen, locate
from harness.channels.web.hand import Hand
from harness.channels.web.step import Step
from harness.channels.web.window import Window
from harness.target.web_walk import Deed, Walk
from simulators.behaviours.protocol import AnswerClass, Outcome
from simulators.people.personas.persona import Habit, Persona

_SENDS = ("submit_report", "amend_report")
_HIDE = """hidden => {
  const say = (name, value) => Object.defineProperty(document, name, {value, configurable: true});
  say('visibilityState', hidden ? 'hidden' : 'visible');
  say('hidden', hidden);
  document.dispatchEvent(new Event('visibilitychange'));
  dispatchEvent(new Event(hidden ? 'blur' : 'focus'));
}"""

_CHOSEN = "list => list.selectedOptions?.[0]?.label ?? ''"


class Failures(Protocol):
    """Where a try that did not work is written down."""

    async def failed(self, step: Step) -> None:
        """One try of a step did not work."""
        ...


class Walker(Protocol):
    """What habits need of whoever walks."""

    @property
    def persona(self) -> Persona: ...
    @property
    def plan(self) -> Walk: ...
    @property
    def window(self) -> Window: ...
    @property
    def hand(self) -> Hand: ...
    @property
    def book(self) -> Failures: ...
    @property
    def step(self) -> Step | None: ...
    @property
    def done(self) -> Sequence[Deed]: ...
    @property
    def last_press(self) -> Deed | None: ...

    async def do(self, deed: Deed) -> None:
        """Do one deed."""
        ...

    async def take(self, name: str, deeds: Sequence[Deed]) -> None:
        """Do one step."""
        ...


class Habits:
    """One session's habits, and which of them have been acted out.

    Args:
        persona: Whose.

    Attributes:
        cutter: The line that goes dead; None where it does not.
    """

    def __init__(self, persona: Persona) -> None:
        self._has = persona.habits
        self._spent: set[Habit] = set()
        self._slipped: Deed | None = None
        self._looks_over = False  # whether what was typed is still there, before it is sent again
        self.cutter: LineCutter | None = None

    def _now(self, habit: Habit) -> bool:
        """Whether this habit is to be acted out now; once."""
        if habit not in self._has or habit in self._spent:
            return False
        self._spent.add(habit)
        return True

    # -- before something is done ---------------------------------------------------------------

    async def before(self, walker: Walker, deed: Deed) -> None:
        """What comes in between, before the filled-in form is sent."""
        if deed.verb != "press" or walker.plan.kind not in _SENDS or not walker.done:
            return
        if self._looks_over:
            self._looks_over = False
            await self.fill_again(walker, "when it came back")
        if self._now(Habit.INTERRUPTED):
            await self._take_a_call(walker)
        if self._now(Habit.SKIPPED_TRAINING):
            await self._take_a_wrong_turn(walker)
        if self.cutter is not None and self._now(Habit.CUT_WHILE_SENDING):
            self.cutter.arm()

    async def _take_a_call(self, walker: Walker) -> None:
        """The page is hidden, the call passes on its clock, and they come back to it."""
        page, away = walker.window.page, walker.persona.away_seconds
        assert away is not None, "who is interrupted is away for some time"
        await page.evaluate(_HIDE, True)
        await page.clock.fast_forward(round(away.value * 1000))
        await page.evaluate(_HIDE, False)
        await walker.window.rest(1.0)
        await self.fill_again(walker, "after the phone call")

    async def _take_a_wrong_turn(self, walker: Walker) -> None:
        """They leave the form and come back to it."""
        page = walker.window.page
        with contextlib.suppress(Error):
            await page.go_back(wait_until="domcontentloaded")
            await walker.hand.take_in()
            await page.go_forward(wait_until="domcontentloaded")
        await walker.window.rest(2.0)
        await self.fill_again(walker, "after a wrong turn")

    async def fill_again(self, walker: Walker, when: str) -> None:
        """Type or choose once more whatever is gone by now."""
        gone = 0
        for deed in list(walker.done):
            if await self._stands(walker, deed):
                continue
            gone += 1
            if gone == 1 and walker.step is not None:
                walker.step.failures.append(f"what had been typed was gone {when}")
                await walker.book.failed(walker.step)
            await walker.do(deed)

    async def _stands(self, walker: Walker, deed: Deed) -> bool:
        """Whether something is as they left it; what is not on this page was on another one."""
        assert deed.spot is not None
        found = locate(walker.window.page, deed.spot).first
        try:
            if not await found.count():
                return True
            if deed.verb == "check":
                return await found.is_checked(timeout=1000)
            if deed.verb == "choose":
                return str(await found.evaluate(_CHOSEN)).strip() == deed.value
            return await found.input_value(timeout=1000) == deed.value
        except Error:
            return False

    # -- filling in -----------------------------------------------------------------------------

    async def fill(self, walker: Walker, deed: Deed) -> None:
        """Fill in a box, in this person's way."""
        assert deed.spot is not None
        if deed.code and Habit.PASTES_CODES in self._has:
            try:
                await walker.hand.paste(deed.spot, deed.value)
                return
            except Hindered as why:
                assert walker.step is not None
                walker.step.failures.append(f"{deed.spot}: {why}")
                await walker.book.failed(walker.step)
        number = deed.value.isdecimal() and not deed.code and walker.plan.kind in _SENDS
        slips = number and self._now(Habit.LETTER_SLIP)
        if slips and await walker.hand.letter_slip(deed.spot, deed.value):
            self._slipped = deed  # they do not see it until the app says so
        else:
            await walker.hand.fill(deed.spot, deed.value, code=deed.code)

    # -- after an answer ------------------------------------------------------------------------

    async def after(self, walker: Walker, ended: Ended) -> bool:
        """What follows an answer; whether another one is to be waited for."""
        if walker.plan.kind not in _SENDS:
            return False
        slipped, self._slipped = self._slipped, None
        last = walker.last_press
        if slipped is not None and ended.answer_class is AnswerClass.REFUSED and last:
            self._looks_over = True
            await walker.take("the letter put right", [slipped, last])
            return True
        sent = ended.answer_class.outcome is Outcome.OK
        if sent and last is not None and self._now(Habit.DOUBLE_TAP):
            await self._send_again(walker, last)
        return False

    async def _send_again(self, walker: Walker, last: Deed) -> None:
        """They go back after sending, and press again if the button is still there."""
        assert last.spot is not None
        with contextlib.suppress(Error, Hindered):
            await walker.window.page.go_back(wait_until="domcontentloaded")
            await walker.window.rest(2.0)
            if await is_seen(walker.window.page, last.spot):
                await walker.hand.press(last.spot)
                await walker.window.rest(5.0)
