"""Whether the page fits its screen, and one of 320 by 256: nothing sideways, nothing cut off."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Barrier, Seeing, Setting
from harness.channels.web.looks.telling import barriers, called, selector
from harness.channels.web.looks.world import World, careful

NARROW = {"width": 320, "height": 256}  # a screen of 1280 by 1024 at 400 %: WCAG 1.4.10
# A page that is too wide makes a phone's innerWidth grow with it; clientWidth stays.
_WIDE = """(width) => {
  const root = document.documentElement;
  const told = {laid: root.clientWidth, width, over: root.scrollWidth - root.clientWidth, out: []};
  const held = (element) => {
    for (let box = look.parent(element); box && box !== root && box !== document.body;
         box = look.parent(box))
      if (getComputedStyle(box).overflowX !== 'visible') return true;
    return false;
  };
  if (told.over > 1)
    for (const each of look.all('body *')) {
      if (told.out.length >= 5) break;
      const box = each.getBoundingClientRect();
      const sticks = (other) => other.getBoundingClientRect().right > root.clientWidth + 1;
      if (box.right + scrollX > root.clientWidth + 1 && look.visible(each) && !held(each)
          && ![...each.children].some(sticks))
        told.out.push(look.told(each));
    }
  return told;
}"""
_CUT = """() => {
  const cut = [];
  let seen = 0;
  const own = (element) => [...element.childNodes].some(
    (each) => each.nodeType === 3 && each.data.trim());
  for (const each of look.shown('body *')) {
    const text = own(each) || /^(submit|button)$/.test(each.type ?? '');
    if (!text || each.closest('[aria-hidden=true]')) continue;
    seen += 1;
    const style = getComputedStyle(each), size = parseFloat(style.fontSize);
    const box = each.getBoundingClientRect();
    if (box.width < 4 || box.height < 4) continue;  // put away for screen readers alone
    const wide = /hidden|clip/.test(style.overflowX) && each.scrollWidth > each.clientWidth + 2
      && style.display !== 'inline';
    const high = /hidden|clip/.test(style.overflowY)
      && each.scrollHeight > each.clientHeight + size / 2 && style.display !== 'inline';
    const range = document.createRange();
    range.selectNodeContents(each);
    if (wide || high || outside(each, range.getBoundingClientRect())) cut.push(look.told(each));
  }
  return {cut, seen};

  // Whether most of a text lies where a box around it hides what does not fit.
  function outside(element, text) {
    if (!text.width) return false;
    for (let box = look.parent(element); box; box = look.parent(box)) {
      const style = getComputedStyle(box);
      if (style.position === 'fixed') return false;
      const frame = box.getBoundingClientRect();
      if (box === document.body || box === document.documentElement) {
        if (!/hidden|clip/.test(style.overflowX)) continue;
        if (text.left + text.width / 2 > document.documentElement.clientWidth) return true;
        continue;
      }
      if (/auto|scroll/.test(style.overflow)) return false;
      if (frame.width < 4 || frame.height < 4) return false;
      if (/hidden|clip/.test(style.overflowX) && text.left + text.width / 2 > frame.right)
        return true;
      if (/hidden|clip/.test(style.overflowY) && text.top + text.height / 2 > frame.bottom)
        return true;
    }
    return false;
  }
}"""


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Measure the page as it stands, and again on the narrowest screen that must do."""
    found: dict[tuple[str, str], Barrier] = {}
    seen = 0
    here = page.viewport_size or NARROW
    sizes = [here] if here["width"] <= NARROW["width"] else [here, NARROW]
    for size in sizes:
        if size != page.viewport_size:
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        await world.ask("() => look.settled()")
        wide = await world.ask(_WIDE, size["width"])
        cut = await world.ask(_CUT)
        seen = max(seen, int(cut["seen"]))
        told = [*_too_wide(wide), *_cut_off(cut["cut"])]
        for each in told:
            found.setdefault((each.rule, each.element), each)
    return Seeing(tuple(found.values()), seen)


def _too_wide(told: dict[str, Any]) -> list[Barrier]:
    width, standard = int(told["width"]), "WCAG 1.4.10"
    if told["laid"] > width + 1:
        says = (
            f"The page is laid out for a screen {int(told['laid'])} wide and shrunk to fit one of "
            f"{width}: its text is too small to read."
        )
        return [Barrier("no-small-layout", says, "html", "serious", standard)]
    if told["over"] <= 1:
        return []
    says = f"the right edge of a screen {width} wide: people must scroll sideways to read the page."
    if told["out"]:
        first = told["out"][0]
        return [
            Barrier("sideways", f"{called(first)} reaches past {says}", selector(first), "serious",
                    standard)
        ]  # fmt: skip
    return [Barrier("sideways", f"Something reaches past {says}", "html", "serious", standard)]


def _cut_off(told: list[dict[str, Any]]) -> tuple[Barrier, ...]:
    return barriers(
        "cut-off", told, "is cut off: part of it cannot be read.", standard="WCAG 1.4.10"
    )
