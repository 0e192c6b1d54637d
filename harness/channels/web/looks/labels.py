"""Whether every field says what belongs in it, for all to see, and what was wrong with it."""

from __future__ import annotations

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.telling import barriers
from harness.channels.web.looks.world import World, careful

# A placeholder is gone as soon as somebody types, and a name for screen readers is seen by nobody.
_ASK = """() => {
  const fields = look.fields();
  const said = (element) => !!element && onScreen(element) && !!element.innerText?.trim();
  const byIds = (field, name) => (field.getAttribute(name) ?? '').split(/\\s+/).filter(Boolean)
    .map((id) => field.getRootNode().getElementById(id)).filter(Boolean);
  const bad = /(^|[-_ ])(error|invalid|errors)([-_ ]|$)/i;
  const bare = [], untied = [];
  for (const field of fields) {
    if (!labelled(field)) bare.push(look.told(field, {placeholder: !!field.placeholder}));
    const told = [...byIds(field, 'aria-describedby'), ...byIds(field, 'aria-errormessage'),
                  ...(field.labels ?? [])];
    const message = around(field) && [...around(field).querySelectorAll('*')].find((each) =>
      bad.test(`${each.getAttribute('class') ?? ''} ${each.id}`) && said(each)
      && !look.isField(each) && !each.querySelector('input, select, textarea'));
    const invalid = field.getAttribute('aria-invalid') === 'true';
    const tied = message ? told.some((each) => each.contains(message) || message.contains(each))
      : told.some((each) => said(each) && each.localName !== 'label');
    if ((invalid || message) && !tied) untied.push(look.told(field));
  }
  return {bare, untied, seen: fields.length};

  function onScreen(element) {
    const box = element.getBoundingClientRect();
    return look.visible(element) && box.width > 3 && box.height > 3
      && box.right + scrollX > 0 && box.bottom + scrollY > 0
      && !/inset\\(50%|rect\\(0px, 0px|rect\\(1px, 1px/.test(
        getComputedStyle(element).clipPath + getComputedStyle(element).clip);
  }

  // The box around a field, and what belongs to it alone.
  function around(field) {
    let found = null;
    for (let box = field.parentElement, steps = 0; box && steps < 2; steps += 1) {
      if (/^(body|form|main|section|article|table|tr|fieldset)$/.test(box.localName)) break;
      if (fields.filter((each) => box.contains(each)).length > 1) break;
      found = box;
      box = box.parentElement;
    }
    return found;
  }

  function labelled(field) {
    if ([...(field.labels ?? [])].some(words)) return true;
    if (byIds(field, 'aria-labelledby').some(said)) return true;
    return inTable(field) || beside(field) || named(field);
  }

  // A label's words without those of the field in it.
  function words(label) {
    if (!onScreen(label)) return false;
    const walk = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode())
      if (text.data.trim() && !text.parentElement.closest('select, textarea, button')
          && onScreen(text.parentElement)) return true;
    return false;
  }

  function inTable(field) {
    const cell = field.closest('td, th'), row = cell?.parentElement;
    if (!row?.cells) return false;
    const column = row.closest('table')?.tHead?.rows[0]?.cells[cell.cellIndex];
    return [...row.cells].some((each) => each !== cell && each.localName === 'th' && said(each))
      || said(column);
  }

  // Words just before or after it that belong to no other field, and are no heading or message.
  function beside(field) {
    const box = around(field);
    if (!box) return false;
    const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    const told = byIds(field, 'aria-describedby');
    for (let text = walk.nextNode(); text; text = walk.nextNode()) {
      const holder = text.parentElement;
      if (text.data.trim() && onScreen(holder)
          && !holder.closest('button, a, select, textarea, h1, h2, h3, [role=alert], small')
          && !told.some((each) => each.contains(holder))
          && !bad.test(holder.className)) return true;
    }
    return false;
  }

  // A search box whose button says what it is for needs no further words (technique G167).
  function named(field) {
    const form = field.form, name = field.getAttribute('aria-label')?.trim().toLowerCase();
    if (!form || !name || fields.filter((each) => each.form === form).length > 1) return false;
    return [...form.querySelectorAll('button, input[type=submit]')].some((each) => {
      const words = look.words(each).toLowerCase();
      return words && (name.includes(words) || words.includes(name)) && look.visible(each);
    });
  }
}"""


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Look at each field for words that stay, and at its message if it was filled in wrong."""
    found = await world.ask(_ASK)
    in_it = [each for each in found["bare"] if each["placeholder"]]
    without = [each for each in found["bare"] if not each["placeholder"]]
    return Seeing(
        barriers(
            "placeholder-label",
            in_it,
            "has its label inside it only: the words vanish as soon as somebody types.",
            standard="WCAG 3.3.2",
        )
        + barriers(
            "no-visible-label",
            without,
            "has no label that people can see.",
            standard="WCAG 3.3.2",
        )
        + barriers(
            "error-not-tied",
            found["untied"],
            "was filled in wrong, and what is said about it is not tied to it: a screen reader "
            "does not read it out there.",
            standard="WCAG 3.3.1",
        ),
        int(found["seen"]),
    )
