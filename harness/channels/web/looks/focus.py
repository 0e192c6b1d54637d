"""Whether people see where the keyboard is: each stop looks different, and is on the screen."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.telling import barriers
from harness.channels.web.looks.walk import Walk, stops
from harness.channels.web.looks.world import World, careful

_PICTURES = 12  # stops whose styles say nothing, and that are compared as pictures
# What shows focus by the element's own style. Anything else shows in a picture alone.
_LOOKS = """
  const drawn = (element) => {
    const style = getComputedStyle(element);
    const clear = (colour) => /, 0\\)$|transparent/.test(colour);
    const ring = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) === 0
      || clear(style.outlineColor) ? '' : `${style.outlineStyle} ${style.outlineWidth}`;
    const sides = ['Top', 'Right', 'Bottom', 'Left'].map((side) =>
      parseFloat(style[`border${side}Width`]) ? style[`border${side}Color`]
        + style[`border${side}Width`] + style[`border${side}Style`] : '').join();
    return [ring, style.boxShadow, sides, style.backgroundColor, style.textDecorationLine];
  };"""
# Transitions are taken to their end, or the first moment of one would be compared.
_FOCUSED = (
    "async (number) => {"
    + _LOOKS
    + """
  const element = look.kept[number], body = look.body(element) ?? element;
  for (const each of [element, body])
    for (const moving of each.getAnimations()) try { moving.finish(); } catch { }
  for (let tries = 0; tries < 8 && !inView(body); tries += 1)  // it may be scrolled to slowly
    await new Promise((done) => setTimeout(done, 60));
  const box = body.getBoundingClientRect();
  const told = {
    style: drawn(element), away: !inView(body), covered: '',
    box: {x: Math.max(box.left - 8, 0), y: Math.max(box.top - 8, 0), width: box.width + 16,
          height: box.height + 16},
    screen: [document.documentElement.clientWidth, innerHeight]};
  if (!told.away) {
    const points = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].map(([x, y]) =>
      [box.left + box.width * x, box.top + box.height * y])
      .filter(([x, y]) => x >= 0 && y >= 0 && x < told.screen[0] && y < told.screen[1]);
    const hits = points.map(([x, y]) => look.deepest(x, y)).filter(Boolean);
    if (hits.length && hits.every((hit) => !look.same(element, body, hit) && !hit.contains(body)))
      told.covered = look.named(hits[0]);
  }
  return told;

  function inView(each) {
    const at = each.getBoundingClientRect();
    return at.bottom > 1 && at.right > 1 && at.top < innerHeight - 1
      && at.left < document.documentElement.clientWidth - 1;
  }
}"""
)
_BLURRED = (
    "(numbers) => {"
    + _LOOKS
    + """
  look.focused()?.blur?.();
  return numbers.map((number) => {
    const element = look.kept[number];
    for (const moving of element.getAnimations()) try { moving.finish(); } catch { }
    return drawn(element);
  });
}"""
)
# A caret that blinks shows where the focus is no better than it did before.
_ON = """(number) => {
  look.still = new CSSStyleSheet();
  look.still.replaceSync('* { caret-color: transparent !important }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, look.still];
  look.kept[number].focus({preventScroll: true, focusVisible: true});
}"""
_OFF = "(number) => look.kept[number].blur()"
_MOVING = """() => {
  document.adoptedStyleSheets = [...document.adoptedStyleSheets]
    .filter((each) => each !== look.still);
}"""


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Walk with Tab, note how each stop is drawn, and compare it with how it is drawn without."""
    walk = Walk()
    told: dict[int, dict[str, Any]] = {}
    async for stop in stops(page, world, walk):
        if stop.told["what"] != "frame":
            told[stop.number] = stop.told | await world.ask(_FOCUSED, stop.number)
    numbers = list(told)
    plain = await world.ask(_BLURRED, numbers)
    same = [number for number, style in zip(numbers, plain, strict=True)
            if told[number]["style"] == style and not told[number]["away"]]  # fmt: skip
    unseen = [
        told[number]
        for number in same[:_PICTURES]
        if not await _differs(page, world, number, told[number])
    ]
    everything = told.values()
    return Seeing(
        barriers(
            "focus-not-shown",
            unseen,
            "looks the same with the keyboard on it as without: nobody sees where they are.",
            standard="WCAG 2.4.7",
        )
        + barriers(
            "focus-off-screen",
            [each for each in everything if each["away"]],
            "is off the screen when the keyboard is on it.",
            standard="WCAG 2.4.7",
        )
        + barriers(
            "focus-covered",
            [each for each in everything if each["covered"]],
            "is covered by something else when the keyboard is on it.",
            standard="WCAG 2.4.11",
        ),
        len(told),
        walk.problem,
    )


async def _differs(page: Page, world: World, number: int, told: dict[str, Any]) -> bool:
    """Whether the screen around a stop changes when the focus comes to it."""
    await world.ask(_ON, number)
    box = (await world.ask(_FOCUSED, number))["box"]
    wide, high = told["screen"]
    clip = {
        "x": box["x"],
        "y": box["y"],
        "width": max(1.0, min(box["width"], wide - box["x"])),
        "height": max(1.0, min(box["height"], high - box["y"])),
    }
    options: Any = {"clip": clip, "timeout": 5000, "animations": "disabled", "caret": "initial"}
    focused = await page.screenshot(**options)
    await world.ask(_OFF, number)
    plain = await page.screenshot(**options)
    await world.ask(_MOVING)
    return bool(focused != plain)
