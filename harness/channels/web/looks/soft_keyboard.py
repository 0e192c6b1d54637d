"""Whether a phone's keyboard, which covers the lower part, leaves what people need in reach."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.telling import barriers
from harness.channels.web.looks.world import World, careful

COVERS = 0.45  # part of the screen
_MOST = 30  # fields that are tried
_FIELDS = """(most) => look.fields()
  .filter((each) => (look.typed(each) || each.isContentEditable) && !each.readOnly)
  .slice(0, most).map((each) => look.keep(each))"""
_TAPPED = """async (number) => {
  look.kept[number].focus({preventScroll: true});
  await look.settled();
}"""
_MAIN = "(selectors) => look.main(selectors).slice(0, 10).map((each) => look.keep(each))"
# As a phone does: what has the focus is brought into what is left of the screen.
_REACH = "(number) => ({...look.sight([look.kept[number]], true), ...look.told(look.kept[number])})"


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Tap each field, take away what the keys cover, and look for the field and the main button."""
    size = page.viewport_size
    if not setting.phone or size is None:
        return Seeing(problem="not a phone: nothing covers the screen")
    fields = await world.ask(_FIELDS, _MOST)
    if not fields:
        return Seeing()
    main = await world.ask(_MAIN, setting.main)  # some pages hide it when the keys come up
    left = {"width": size["width"], "height": round(size["height"] * (1 - COVERS))}
    await page.set_viewport_size({"width": left["width"], "height": left["height"]})
    tried = []
    for number in fields:
        await world.ask(_TAPPED, number)
        tried.append(await world.ask(_REACH, number))
    buttons = [await world.ask(_REACH, number) for number in main]
    hidden = [each for each in tried if _is_out(each)]
    lost = [each for each in buttons if _is_out(each)]
    return Seeing(
        barriers(
            "field-under-keys",
            hidden,
            "cannot be seen while the on-screen keyboard is up.",
            standard="WCAG 1.4.10",
        )
        + barriers(
            "button-under-keys",
            lost,
            "cannot be reached while the on-screen keyboard is up.",
            standard="WCAG 1.4.10",
        ),
        len(tried) + len(buttons),
    )


def _is_out(told: dict[str, Any]) -> bool:
    return bool(told["why"]) and told["why"] != "disabled"
