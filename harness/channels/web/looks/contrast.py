"""Whether everything can still be seen in the colours that somebody has chosen.

Only what can be told for certain: text and fields on grounds of one colour. What lies on pictures
is for people to judge.
"""

from __future__ import annotations

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.telling import barriers
from harness.channels.web.looks.world import World, careful

LEAST = 3.0  # of a field's edge to what is around it: WCAG 1.4.11
VANISHES = 2.0  # of text to its ground; axe judges what lies between this and WCAG's 4.5
_ASK = """async (least, vanishes) => {
  const forced = matchMedia('(forced-colors: active)').matches;
  const gone = [], edgeless = [], pictured = [], unticked = [];
  let seen = 0;
  for (const each of look.shown('body *')) {
    if (each.closest('[aria-hidden=true], svg') || each.matches(':disabled, :disabled *')) continue;
    const style = getComputedStyle(each);
    if (hasText(each)) {
      seen += 1;
      const ground = look.ground(each), ink = look.colour(style.color);
      if (ground && ink && look.ratio(look.over(ink, ground), ground) < vanishes
          && style.backgroundClip !== 'text') gone.push(look.told(each));
    }
    if (boxed(each)) {
      seen += 1;
      if (!edged(each, style)) edgeless.push(look.told(each));
    }
    if (forced && ticked(each) && style.appearance === 'none') {
      seen += 1;
      if (!drawn(each)) unticked.push(look.told(each));
    }
    if (forced && each.matches('button, a[href], [role=button]')) {
      seen += 1;
      if (bare(each)) pictured.push(look.told(each));
    }
  }
  return {gone, edgeless, pictured, unticked, seen, forced};

  function hasText(each) {
    if (each.localName === 'option') return false;
    return [...each.childNodes].some((part) => part.nodeType === 3 && part.data.trim())
      || (each.localName === 'input' && !!each.value
          && !/^(checkbox|radio|range|color|file|hidden)$/.test(each.type));
  }

  function boxed(each) {
    return (look.typed(each) && each.type !== 'hidden') || each.localName === 'select';
  }

  function ticked(each) { return each.matches('input[type=checkbox], input[type=radio]'); }

  // Whether the edge of a field differs from what is around it, or its inside does.
  function edged(each, style) {
    const around = look.parent(each) && look.ground(look.parent(each));
    if (!around || style.backgroundImage !== 'none') return true;
    if (!forced && style.boxShadow !== 'none') return true;
    const apart = (text) => {
      const colour = look.colour(text);
      return !colour || look.ratio(look.over(colour, around), around) >= least;
    };
    const side = (name) => parseFloat(style[`border${name}Width`])
      && !/none|hidden/.test(style[`border${name}Style`]) && apart(style[`border${name}Color`]);
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth)
      && apart(style.outlineColor);
    const sides = ['Top', 'Right', 'Bottom', 'Left'];
    return !!(sides.some(side) || ring || apart(style.backgroundColor));
  }

  // Whether a tick box that draws itself draws anything that forced colours leave.
  function drawn(each) {
    const style = getComputedStyle(each);
    if (parseFloat(style.borderTopWidth) || style.backgroundImage !== 'none') return true;
    return ['::before', '::after'].some((part) => {
      const inner = getComputedStyle(each, part);
      return inner.content !== 'none' && inner.content !== 'normal';
    });
  }

  // Whether a button has neither words nor a picture that forced colours leave.
  function bare(each) {
    if (each.innerText?.trim() || each.querySelector('img, svg, canvas, picture, video'))
      return false;
    return [each, ...each.querySelectorAll('*')].every((part) =>
      [null, '::before', '::after'].every((pseudo) => {
        const style = getComputedStyle(part, pseudo);
        const words = pseudo && !/^(none|normal|"")$/.test(style.content);
        const masked = (style.maskImage ?? 'none') !== 'none';
        return !words && (style.backgroundImage === 'none' || masked);
      }));
  }
}"""


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Look at text and edges as they are drawn now: dark, with more contrast, or forced."""
    found = await world.ask(_ASK, LEAST, VANISHES)
    colours = "in the colours of high-contrast mode" if found["forced"] else "in these colours"
    return Seeing(
        barriers(
            "text-vanishes",
            found["gone"],
            f"cannot be read {colours}: it is drawn on a ground of almost the same colour.",
            impact="critical",
            standard="WCAG 1.4.3",
        )
        + barriers(
            "edge-vanishes",
            found["edgeless"],
            f"has no edge that can be seen {colours}: nobody sees where to type.",
            standard="WCAG 1.4.11",
        )
        + barriers(
            "button-vanishes",
            found["pictured"],
            f"has neither words nor a picture that can be seen {colours}.",
            impact="critical",
            standard="WCAG 1.4.11",
        )
        + barriers(
            "tick-vanishes",
            found["unticked"],
            f"does not show {colours} whether it is ticked.",
            impact="critical",
            standard="WCAG 1.4.11",
        ),
        int(found["seen"]),
    )
