"""Whether the page is in the language it should be, and says so."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from playwright.async_api import Error, Page

from harness.channels.web.looks.barrier import Barrier, Seeing, Setting
from harness.channels.web.looks.telling import MOST, quote, selector
from harness.channels.web.looks.world import Gone, World, careful, enter

_SECONDS = 10.0  # until a page's answer
_LONGEST = 400  # characters of a text that are compared
# The same in English, Spanish and French.
SAME = frozenset(
    {"ok", "pin", "sms", "total", "no", "error", "id", "qr", "app", "web", "normal", "original",
     "legal", "email", "e-mail", "url", "english", "español", "français"}
)  # fmt: skip
_TEXTS = """(longest) => {
  const texts = [], tongue = (document.documentElement.lang ?? '').split('-')[0].toLowerCase();
  const add = (element, said) => {
    const text = (said ?? '').replace(/\\s+/g, ' ').trim().slice(0, longest);
    if (text && !foreign(element)) texts.push({...look.told(element), text});
  };
  const title = document.title.replace(/\\s+/g, ' ').trim();
  if (title) texts.push({selector: 'title', what: 'text', words: title, text: title});
  let seen = 0;
  for (const each of look.shown('body *')) {
    if (/^(script|style|noscript|template|code|kbd|svg)$/.test(each.localName)) continue;
    seen += 1;
    for (const part of each.childNodes) if (part.nodeType === 3) add(each, part.data);
    for (const name of ['placeholder', 'aria-label', 'title', 'alt'])
      add(each, each.getAttribute(name));
    if (each.localName === 'select') for (const option of each.options) add(option, option.label);
    if (each.localName === 'input' && /^(submit|button|reset)$/.test(each.type))
      add(each, each.value);
  }
  return {lang: (document.documentElement.lang ?? '').slice(0, 40), texts, seen};

  // What says that it is in another language, or the same in all, is not compared.
  function foreign(element) {
    if (element.closest('[translate=no]')) return true;
    const marked = element.closest('[lang]');
    return !!marked && marked !== document.documentElement
      && marked.lang.split('-')[0].toLowerCase() !== tongue;
  }
}"""


async def texts_of(page: Page) -> frozenset[str]:
    """Every text that a page shows or reads out, for ``Setting.texts`` of another language's look.

    Empty where the page cannot be asked.
    """
    try:
        async with asyncio.timeout(_SECONDS), enter(page) as world:
            told = await world.ask(_TEXTS, _LONGEST)
    except (Error, Gone, TimeoutError):
        return frozenset()
    return frozenset(str(each["text"]) for each in told["texts"])


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Compare what the page says with what it says in the first language."""
    told = await world.ask(_TEXTS, _LONGEST)
    same = [each for each in told["texts"] if _is_untranslated(str(each["text"]), setting)]
    once = {str(each["text"]): each for each in reversed(same)}
    found = [
        Barrier(
            "untranslated",
            f"“{quote(text)}” is not translated: it is the same in the page's first language.",
            selector(each),
            "serious",
            "WCAG 3.1.2",
        )
        for text, each in list(reversed(once.items()))[:MOST]
    ]
    return Seeing((*_declared(told, setting), *found), int(told["seen"]))


def _declared(told: dict[str, Any], setting: Setting) -> tuple[Barrier, ...]:
    lang, wanted = str(told["lang"]), setting.language
    if lang.partition("-")[0].lower() == wanted.partition("-")[0].lower():
        return ()
    says = (
        f"The page says that it is in “{quote(lang)}”, but it should be in “{quote(wanted)}”: a "
        "screen reader pronounces it wrongly."
        if lang
        else "The page does not say which language it is in: a screen reader has to guess."
    )
    return (Barrier("page-language", says, "html", "serious", "WCAG 3.1.1"),)


def _is_untranslated(text: str, setting: Setting) -> bool:
    if text not in setting.texts or text.lower().strip(" :.*") in SAME:
        return False
    if not re.search(r"[^\W\d_]{2,}", text):
        return False  # numbers, dates in figures, signs
    return not any(_fits(each, text) for each in setting.untranslated)


def _fits(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return pattern == text
