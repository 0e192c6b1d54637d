"""Whether a code can be pasted or filled in by the browser, so that nobody copies it by hand."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Barrier, Seeing, Setting
from harness.channels.web.looks.telling import barriers
from harness.channels.web.looks.world import World, careful

_MOST = 12  # fields that are tried
# Too short to be a whole code: a page that sends itself when the code is whole must not do so.
_PASTED = "12"
_FIND = """(selectors, most) => {
  const kinds = 'pin|code|código|codigo|token|otp|password|contraseña|clave';
  const secret = new RegExp(`(^|[^a-z])(${kinds})([^a-z]|$)`, 'i');
  const told = look.chosen(selectors).filter((each) => look.typed(each) && look.body(each));
  const found = told.length ? told : look.fields().filter((each) => look.typed(each)
    && (each.type === 'password' || each.autocomplete === 'one-time-code'
        || secret.test(`${each.name} ${each.id} ${look.words(each)}`)));
  return found.filter((each) => !each.readOnly).slice(0, most).map((each) => {
    const digits = each.inputMode === 'numeric' || each.type === 'number' || each.type === 'tel'
      || /^(\\^)?(\\\\d|\\[0-9\\])/.test(each.pattern ?? '');
    return look.told(each, {number: look.keep(each), digits,
      type: each.type, short: each.maxLength > 2 && each.maxLength <= 12,
      single: each.maxLength === 1, offered: (each.getAttribute('autocomplete') ?? '')
        .toLowerCase().trim().split(/\\s+/).pop()});
  });
}"""
# A page may refuse at the key, at the event, or at the text itself.
_REFUSES = """(number, text) => {
  const field = look.kept[number];
  field.focus({preventScroll: true});
  field.select?.();
  const before = field.value;
  const sent = (event) => !field.dispatchEvent(event);
  const copied = new DataTransfer();
  copied.setData('text/plain', text);
  const options = {bubbles: true, cancelable: true, composed: true};
  const refused = [
    new KeyboardEvent('keydown', {...options, key: 'v', code: 'KeyV', ctrlKey: true}),
    new ClipboardEvent('paste', {...options, clipboardData: copied}),
    new InputEvent('beforeinput', {...options, inputType: 'insertFromPaste', data: text}),
  ].map(sent).some(Boolean);
  const taken = field.value !== before || look.fields().some((each) => each.value === text[0]);
  field.select?.();
  return {refused: refused && !taken, own: refused && taken};
}"""
_HELD = "(number) => look.kept[number].value ?? look.kept[number].textContent"


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Paste two digits into each box for a code; the text that was there is put back."""
    fields = await world.ask(_FIND, setting.codes, _MOST)
    found: list[Barrier] = []
    for each in fields:
        found += await _try(page, world, each)
    return Seeing(tuple(found), len(fields))


async def _try(page: Page, world: World, field: dict[str, Any]) -> list[Barrier]:
    told = await world.ask(_REFUSES, field["number"], _PASTED)
    refused = bool(told["refused"])
    if not refused and not told["own"] and not field["single"]:
        await page.keyboard.insert_text(_PASTED)
        held = str(await world.ask(_HELD, field["number"]) or "")
        refused = not all(digit in held for digit in _PASTED)
    by_hand = "people must copy the code by hand."
    rules = [
        ("paste-refused", refused, f"refuses what is pasted: {by_hand}", "serious", "WCAG 3.3.8"),
        ("code-not-offered", field["offered"] == "off",
         f"forbids the browser to fill it in: {by_hand}", "moderate", "WCAG 3.3.8"),
        ("code-unnamed", not field["offered"],
         "does not say which code it takes (autocomplete), so that no phone offers it.",
         "minor", ""),
        ("code-masked", field["type"] == "password" and field["digits"],
         "hides the code that is typed: nobody sees a slip.", "minor", ""),
        ("code-cut", field["digits"] and field["short"] and not told["own"],
         "cuts off a code that is pasted with spaces in it.", "minor", ""),
    ]  # fmt: skip
    return [
        barrier
        for rule, broken, says, impact, standard in rules
        if broken
        for barrier in barriers(rule, [field], says, impact=impact, standard=standard)  # type: ignore[arg-type]
    ]
