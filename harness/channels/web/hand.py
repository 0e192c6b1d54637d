"""The hand of a persona: how somebody taps, clicks, tabs and types.

Touch taps with a finger, which misses small buttons; a mouse clicks; the keyboard alone goes from
one thing to the next with Tab and never jumps. On a phone the keys cover the lower part of the
screen as soon as something is typed, until they are put away.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from random import Random

from playwright.async_api import Error, Page

from harness.channels.web.finding import Hindered, Sight, Strayed, ask, sight
from harness.channels.web.rhythm import Keyed, Rhythm
from harness.target.web_walk import Spot
from simulators.people.personas.persona import Habit, Persona

BIG = 44.0
"""CSS pixels of a side that nobody misses: 6.9 mm on a small phone; persona's ``tap_misses``."""
TABS = 200  # keys of Tab after which something cannot be reached
_KEYS_COVER = 0.45  # part of a phone's screen
_BESIDE = 10.0  # CSS pixels beside a button that was missed
_NOTICED = 0.3  # wall seconds until somebody sees that a tap did nothing
_TO_THE_KEYS = 0.05  # wall seconds from a tap to the first key
_TAKEN = 5.0  # wall seconds in which the browser says that it has taken a tap
_TRAPPED = 4  # keys of Tab that leave the focus where it is


class Hand:
    """Acts on whatever page is in front of somebody.

    Args:
        page: Says which page that is now.
        speed: Drill seconds in a wall second: how people act is faster by that.

    Attributes:
        helped: Somebody on the phone says what to press.
        keyed: What has been keyed since it was last looked at.
        missed: Taps that went beside, of the last thing that was pressed.
    """

    def __init__(
        self, persona: Persona, page: Callable[[], Page], rng: Random, speed: float
    ) -> None:
        self.persona = persona
        self.speed = speed
        self.keyed = Keyed()
        self.missed = 0
        self._page = page
        self._rng = rng
        self._rhythm = Rhythm(persona.key_seconds.value / speed, persona.key_spread.value, rng)
        self.helped = False
        self._keys_shown = False

    async def pause(self, seconds: float) -> None:
        """Let drill seconds pass."""
        await asyncio.sleep(seconds / self.speed)

    async def take_in(self) -> None:
        """Look at what is there before acting."""
        await self.pause(self.persona.look_seconds.value)

    # -- pressing -------------------------------------------------------------------------------

    async def press(self, spot: Spot) -> None:
        """Press a button or follow a link.

        Raises:
            Hindered: If it cannot be done.
        """
        seen = await self._reach(spot)
        again = Habit.DOUBLE_TAP in self.persona.habits
        if self.persona.hands == "keyboard":
            await self._strike("Enter")
            return
        await self._hit(seen)
        if again:
            await self._point(seen.x, seen.y)  # at the same place, whatever is there by now

    async def check(self, spot: Spot) -> None:
        """Tick a box or choose a radio button.

        Raises:
            Hindered: If it cannot be done, or stays as it was.
        """
        seen = await self._reach(spot)
        if await _checked(seen):
            return
        if self.persona.hands == "keyboard":
            await self._strike("Space")
        else:
            await self._hit(seen)
        if not await _checked(seen):
            raise Hindered("it was pressed and is not ticked")

    async def _hit(self, seen: Sight) -> None:
        """Press until it is hit; what is small is missed at times.

        Raises:
            Strayed: If a miss hit something else, which led to another page.
            Hindered: If it is missed too often.
        """
        self.missed = 0
        small = f"too small to hit: {seen.width:.0f} by {seen.height:.0f} pixels"
        while seen.small_side < BIG and self._rng.random() < self.persona.tap_misses.value:
            self.missed += 1
            before = await self._document()
            narrow = seen.height <= seen.width
            beside = seen.small_side / 2 + _BESIDE
            await self._point(
                seen.x if narrow else seen.x + beside, seen.y + beside if narrow else seen.y
            )
            await asyncio.sleep(_NOTICED)
            if await self._document() != before:
                raise Strayed(f"{small}, and what is beside it leads to another page")
            if self.missed >= self.persona.tries.value:
                raise Hindered(small)
        await self._point(seen.x, seen.y)

    async def _document(self) -> tuple[str, float]:
        """Which page is in front: two that came one after the other differ, whatever they show."""
        page = self._page()
        try:
            return page.url, float(await page.evaluate("performance.timeOrigin"))
        except Error:
            return "", 0.0  # it is about to be another one

    async def _point(self, x: float, y: float) -> None:
        page = self._page()
        # A tap into a page that is just giving way to another may never be acknowledged. Nobody
        # waits for that: what came of it is seen on the page.
        with contextlib.suppress(TimeoutError), _gone_is_hindered():
            async with asyncio.timeout(_TAKEN):
                if self.persona.hands == "touch":
                    await page.touchscreen.tap(x, y)
                else:
                    await page.mouse.click(x, y)

    # -- reaching -------------------------------------------------------------------------------

    async def _reach(self, spot: Spot) -> Sight:
        """Bring something under the finger, or the focus to it."""
        seen = await sight(self._page(), spot, helped=self.helped)
        if self.persona.hands == "keyboard":
            await self._tab_to(seen)
        return seen

    async def _tab_to(self, seen: Sight) -> None:
        """Press Tab until the focus is there: round the page once, and no further than that."""
        page, turns, stays, last = self._page(), 0, 0, -1
        for _ in range(TABS):
            if await ask(seen.locator, "holds"):
                await asyncio.sleep(_TO_THE_KEYS)  # some pages take the focus back
                if await ask(seen.locator, "holds"):
                    return
            at = await ask(page, "focus")
            turns += at["number"] == 0
            stays = stays + 1 if at["number"] == last > 0 and not at["parts"] else 0
            if turns > 2:  # the focus came back to the top of the page
                break
            if stays >= _TRAPPED:
                raise Hindered(f"the keyboard is trapped at {at['name']}")
            last = at["number"]
            await self._strike("Tab")
        raise Hindered("cannot be reached with the keyboard")

    async def _strike(self, key: str) -> None:
        await asyncio.sleep(self._rhythm.gap())
        with _gone_is_hindered():
            await self._page().keyboard.press(key)
        self.keyed.keys += 1

    # -- typing ---------------------------------------------------------------------------------

    async def fill(self, spot: Spot, value: str, *, code: bool = False) -> None:
        """Type into a box what is to be in it, instead of what is in it now.

        Args:
            code: It is nobody else's to know, and is not told.

        Raises:
            Hindered: If it cannot be done, or something else stands in the box afterwards.
        """
        seen = await self._focus(spot)
        if seen.value and seen.value != value:
            await self._clear(seen)
        if seen.value != value:
            await self._key(value)
        stands = await self._stands(seen)
        if stands is not None and not _same(stands, value):
            shown = "nothing" if not stands else repr(stands[:40])
            if code:
                said = f"a code of {len(value)} signs was typed and the box holds {len(stands)}"
                raise Hindered(said)
            raise Hindered(f"{value!r} was typed and the box holds {shown}")

    async def paste(self, spot: Spot, value: str) -> None:
        """Paste into a box what was copied from a message.

        Raises:
            Hindered: If it cannot be done, or the box does not take it.
        """
        page = self._page()
        message = await page.context.new_page()
        try:
            await message.set_content("<textarea></textarea>")
            await message.locator("textarea").fill(value)
            await message.locator("textarea").select_text()
            await message.keyboard.press("Control+C")
        finally:
            await message.close()
        await page.bring_to_front()
        seen = await self._focus(spot)
        if seen.value:
            await self._clear(seen)
        with _gone_is_hindered():
            await page.keyboard.press("Control+V")
        self.keyed.keys += 1
        stands = await self._stands(seen)
        if stands is not None and not _same(stands, value):
            raise Hindered("the box does not take what is pasted")

    async def letter_slip(self, spot: Spot, value: str) -> bool:
        """Type a letter among the digits; whether the box took it."""
        seen = await self._focus(spot)
        if seen.value:
            await self._clear(seen)
        half = len(value) // 2
        wrong = f"{value[:half]}o{value[half:]}"
        await self._key(wrong)
        return "o" in (await self._stands(seen) or "")

    async def _focus(self, spot: Spot) -> Sight:
        seen = await self._reach(spot)
        if seen.read_only:
            raise Hindered("it cannot be typed in")
        if self.persona.hands != "keyboard":
            await self._hit(seen)
        if not await ask(seen.locator, "holds"):
            raise Hindered("it was pressed and cannot be typed in")
        await self._show_keys()
        await asyncio.sleep(_TO_THE_KEYS)
        return seen

    async def _key(self, text: str) -> None:
        with _gone_is_hindered():
            on_screen = self.persona.screen.phone
            self.keyed.add(await self._rhythm.key(self._page(), text, on_screen=on_screen))

    async def _clear(self, seen: Sight) -> None:
        """Mark what is in a box, so that what is typed replaces it."""
        with _gone_is_hindered():
            await seen.locator.select_text(timeout=1000)

    async def _stands(self, seen: Sight) -> str | None:
        """What is in a box now; None if the page has moved on."""
        try:
            return await seen.locator.input_value(timeout=1000)
        except Error:
            return None

    # -- choosing -------------------------------------------------------------------------------

    async def choose(self, spot: Spot, value: str) -> None:
        """Choose an option of a list by what it says, as a native picker offers it.

        Raises:
            Hindered: If it cannot be done, or there is no such option.
        """
        seen = await self._reach(spot)
        try:
            await seen.locator.select_option(label=value, timeout=1000)
        except Error:
            raise Hindered(f"there is no option {value!r}") from None

    async def upload(self, spot: Spot, file: dict[str, str | bytes]) -> None:
        """Choose a file.

        Raises:
            Hindered: If it cannot be done.
        """
        seen = await sight(self._page(), spot, helped=self.helped)
        try:
            await seen.locator.set_input_files(file, timeout=5000)  # type: ignore[arg-type]
        except Error as error:
            raise Hindered(f"it takes no file: {error.message.splitlines()[0][:80]}") from None

    # -- the keys of a phone --------------------------------------------------------------------

    async def _show_keys(self) -> None:
        """On a phone, let the keys cover the lower part of the screen."""
        screen = self.persona.screen
        if screen.phone and not self._keys_shown:
            self._keys_shown = True
            height = round(screen.height * (1 - _KEYS_COVER))
            await self._page().set_viewport_size({"width": screen.width, "height": height})

    async def keys_follow(self) -> None:
        """The keys go away by themselves once nothing can be typed any more."""
        if self._keys_shown and not await ask(self._page(), "texting"):
            await self._take_keys_away()

    async def put_keys_away(self) -> bool:
        """Put the keys away to see more; whether they were there."""
        if not self._keys_shown:
            return False
        await self._page().evaluate("document.activeElement?.blur()")
        await self._take_keys_away()
        return True

    async def _take_keys_away(self) -> None:
        self._keys_shown = False
        screen = self.persona.screen
        await self._page().set_viewport_size({"width": screen.width, "height": screen.height})


async def _checked(seen: Sight) -> bool:
    try:
        return await seen.locator.is_checked(timeout=1000)
    except Error:
        return True  # the page has moved on


def _same(stands: str, value: str) -> bool:
    """Whether a box holds what was typed, but for what it puts between groups of digits."""
    strip = str.maketrans("", "", " ,.-\u00a0\u202f")
    return stands.translate(strip) == value.translate(strip)


@contextlib.contextmanager
def _gone_is_hindered() -> Iterator[None]:
    try:
        yield
    except Error as error:
        raise Hindered(f"the page went away: {error.message.splitlines()[0][:80]}") from None
