"""Whether everything can be done with the keyboard alone: reached, left, and pressed."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.listeners import note_listeners
from harness.channels.web.looks.telling import barriers
from harness.channels.web.looks.walk import Walk, stops
from harness.channels.web.looks.world import World, careful

# Nothing is pressed to try it, since that might send something: what is not a control by its
# nature answers to keys only if somebody listens for them, here or further out.
_CONTROLS = """(reached) => {
  const got = new Set(reached.map((number) => look.kept[number]));
  const roles = 'button link checkbox radio switch tab menuitem option combobox textbox slider '
    .concat('spinbutton searchbox treeitem').split(' ');
  const native = 'a[href], button, input, select, textarea, summary, [contenteditable=""],'
    + '[contenteditable=true]';
  const heard = (element, types) => (look.heard?.get(element) ?? [])
    .some((type) => types.test(type));
  const outward = (element, types) => {
    for (let each = element; each; each = look.parent(each))
      if (heard(each, types)) return true;
    return false;
  };
  const presses = /click|mouse|pointer|touch/, keys = /^key/;
  const pointed = (element) => getComputedStyle(element).cursor === 'pointer';
  const modal = [...look.all('dialog:modal, [aria-modal=true]')].find((each) => look.visible(each));
  const isControl = (element) => {
    if (element.matches(native)) return element.type !== 'hidden';
    if (roles.includes(look.role(element))) return true;
    if (element.closest('label') || element.closest(native) || element.querySelector(native))
      return false;
    if (look.within(element, roles)) return false;
    // A button in all but name: it looks pressable, and somebody listens.
    const outer = look.parent(element);
    return pointed(element) && !(outer && pointed(outer)) && outward(element, presses);
  };
  const controls = look.shown('body *').filter((each) => isControl(each)
    && !each.matches(':disabled, [aria-disabled=true]') && !each.closest('[inert]')
    && (!modal || modal.contains(each)));
  const roving = (element) => {
    if (element.type === 'radio')
      return controls.some((other) => other.type === 'radio' && other.name === element.name
                                      && other.form === element.form && got.has(other));
    const group = element.closest('[role=tablist], [role=menu], [role=menubar], [role=listbox],'
      + '[role=radiogroup], [role=toolbar], [role=tree], [role=grid]');
    return !!group && [...got].some((other) => group.contains(other));
  };
  // A picture beside a link that goes to the same place is not told to the keyboard twice.
  const twice = (element) => !!element.closest('[aria-hidden=true]')
    || (element.href && [...got].some((other) => other.href === element.href));
  const unreached = controls.filter((each) => !got.has(each) && !roving(each) && !twice(each)
    && ![...got].some((other) => other.shadowRoot && each.contains(other)));
  const deaf = controls.filter((each) => got.has(each) && !each.matches(native)
    && /^(button|link|checkbox|switch|)$/.test(look.role(each))
    && outward(each, presses) && !outward(each, keys));
  return {seen: controls.length, unreached: unreached.map((each) => look.told(each)),
          deaf: deaf.map((each) => look.told(each))};
}"""


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Walk the page with Tab, and compare what was reached with what people can press."""
    await note_listeners(world)
    walk = Walk()
    async for _ in stops(page, world, walk):
        pass
    found = await world.ask(_CONTROLS, walk.reached)
    seen = int(found["seen"])
    if walk.problem:
        return Seeing(seen=seen, problem=walk.problem)
    trapped: list[dict[str, Any]] = []
    # A circle that takes in everything, as in a dialog that is open, shuts nobody out.
    if walk.trap is not None and (found["unreached"] or (len(walk.circle) == 1 and seen > 1)):
        trapped = [walk.trap.told]
    return Seeing(
        barriers(
            "keyboard-trap",
            trapped,
            "holds the keyboard: Tab never gets from there to the rest of the page.",
            impact="critical",
            standard="WCAG 2.1.2",
        )
        + barriers(
            "not-reached",
            found["unreached"],
            "cannot be reached with the keyboard.",
            impact="critical",
            standard="WCAG 2.1.1",
        )
        + barriers(
            "keys-do-nothing",
            found["deaf"],
            "can be reached with the keyboard, but neither Enter nor the space bar presses it.",
            impact="critical",
            standard="WCAG 2.1.1",
        ),
        seen,
    )
