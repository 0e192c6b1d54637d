"""Whether people who do not see the page are told that something went wrong."""

from __future__ import annotations

from playwright.async_api import Page

from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.telling import barriers
from harness.channels.web.looks.world import World, careful

# Told by a live region, by the focus that goes there, or by the page's title, read out first.
_ASK = """() => {
  const bad = /(^|[-_ ])(error|errors|danger|invalid|failure)([-_ ]|$)/i;
  const title = /error|problem|erreur|problème|problema/i.test(document.title);
  const named = (each) => bad.test(`${each.getAttribute('class') ?? ''} ${each.id}`);
  const shown = look.shown('body *').filter((each) => (named(each) || look.role(each) === 'alert')
    && each.innerText?.trim() && !look.isField(each)
    && !each.querySelector('input, select, textarea') && !each.closest('label, button, a'));
  const outer = shown.filter((each) => !shown.some((other) => other !== each
                                                   && other.contains(each)));
  const live = '[role=alert], [role=status], [role=log], [aria-live=polite], [aria-live=assertive]';
  const now = look.focused();
  const described = (each) => {
    const ids = [each, ...each.querySelectorAll('[id]')].map((part) => part.id).filter(Boolean);
    const fields = look.fields().filter((field) => ['aria-describedby', 'aria-errormessage']
      .some((name) => (field.getAttribute(name) ?? '').split(/\\s+/)
        .some((id) => ids.includes(id))));
    return fields.includes(now);
  };
  const silent = outer.filter((each) => !title && !each.closest(live) && !each.querySelector(live)
    && !(now && now !== document.body && (each.contains(now) || described(each))));
  return {seen: outer.length, silent: silent.map((each) => look.told(each))};
}"""


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Look for what says that something is wrong, and whether it is told; most pages have none."""
    found = await world.ask(_ASK)
    return Seeing(
        barriers(
            "silent-error",
            found["silent"],
            "says that something is wrong, but only to those who see it: it is not announced.",
            standard="WCAG 4.1.3",
        ),
        int(found["seen"]),
    )
