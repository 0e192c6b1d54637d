"""Whether buttons and links are large enough for a finger."""

from __future__ import annotations

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.telling import barriers
from harness.channels.web.looks.world import World, careful

MAIN = 44  # CSS pixels: what people over 65 hit; readiness of the persona drill
LEAST = 24  # WCAG 2.5.8, unless nothing else is near
_MEASURE = """(selectors, large, least) => {
  const main = new Set(look.main(selectors));
  const scale = Math.min(1, visualViewport?.scale ?? 1);  // of a page that is shrunk to fit
  const targets = look.shown('a[href], button, input, select, textarea, summary, [role=button],'
      + '[role=link], [role=checkbox], [role=radio], [role=tab], [role=switch], [onclick]')
    .filter((each) => each.type !== 'hidden' && !each.matches(':disabled, [inert] *'))
    .concat([...main].filter((each) => !look.visible(each)))
    .map((element) => ({element, box: look.area(element)})).filter((each) => each.box);
  const small = ({box}) => Math.min(box.width, box.height) * scale < least - 0.5;
  const middle = ({box}) => [box.left + box.width / 2, box.top + box.height / 2];
  const away = ([x, y], {box}) => Math.hypot(
    Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
  const told = (each) => look.told(each.element, {
    wide: Math.round(each.box.width * scale), high: Math.round(each.box.height * scale)});
  const short = targets.filter((each) => main.has(each.element)
    && Math.min(each.box.width, each.box.height) * scale < large - 0.5).map(told);
  const tight = targets.filter((each) => !main.has(each.element) && small(each)
    && !inSentence(each.element) && !ofTheBrowser(each.element) && crowded(each)).map(told);
  return {short, tight, seen: targets.length};

  // Whether a circle of the least size around it meets another target, or another small one's.
  function crowded(one) {
    const at = middle(one), near = least / 2 / scale;
    return targets.some((other) => other !== one && !one.element.contains(other.element)
      && !other.element.contains(one.element) && (away(at, other) < near
        || (small(other) && Math.hypot(at[0] - middle(other)[0], at[1] - middle(other)[1])
            < 2 * near)));
  }

  function inSentence(element) {
    if (element.localName !== 'a' || !/^inline/.test(getComputedStyle(element).display))
      return false;
    const around = element.closest('p, li, td, dd, figcaption, label, div')?.textContent ?? '';
    return around.trim().length > element.textContent.trim().length + 3;
  }

  function ofTheBrowser(element) {
    return /^(checkbox|radio)$/.test(element.type ?? '')
      && getComputedStyle(element).appearance !== 'none' && element.offsetWidth === 13;
  }
}"""


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Measure what people press, as it stands on this screen."""
    found = await world.ask(_MEASURE, setting.main, MAIN, LEAST)
    return Seeing(
        tuple(
            barrier
            for rule, told, says, standard in (
                ("main-target", found["short"], f"below the {MAIN} that a finger needs.", ""),
                ("target", found["tight"], f"below {LEAST}, and others are close by.",
                 "WCAG 2.5.8"),
            )
            for each in told
            for barrier in barriers(
                rule,
                [each],
                f"is {each['wide']} by {each['high']} pixels, {says}",
                standard=standard,
            )
        ),
        seen=int(found["seen"]),
    )  # fmt: skip
