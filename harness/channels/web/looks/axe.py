"""axe-core's rules of WCAG 2.2, levels A and AA, in the page and in every frame of it."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Error, Page

from harness.channels.web.looks.barrier import Barrier, Impact, Seeing, Setting
from harness.channels.web.looks.telling import MOST, called, quote, selector
from harness.channels.web.looks.world import Gone, World, careful, enter, frames_within

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_IMPACTS: tuple[Impact, ...] = ("critical", "serious", "moderate", "minor")
# Frames of other origins answer too: axe asks them by messages.
_LOAD = "\n;axe.configure({allowedOrigins: ['<unsafe_all_origins>']}); 0"
_RUN = """async (tags, off, most) => {
  const rules = Object.fromEntries(off.map((id) => [id, {enabled: false}]));
  const options = {
    runOnly: {type: 'tag', values: tags}, rules, resultTypes: ['violations'], frameWaitTime: 5000};
  const frames = [...look.all('iframe, frame')].filter((each) => look.visible(each)).length;
  let apart = 0;
  const found = await axe.run(document, options).catch((error) => {
    // A frame in a sandbox takes the script and never answers.
    if (!frames || !/frame/i.test(String(error))) throw error;
    apart = frames;
    return axe.run(document, {...options, iframes: false});
  });
  const first = (target) => Array.isArray(target[0]) ? target[0].join(' >>> ') : target[0];
  return {
    violations: found.violations.map(({id, help, tags, impact, nodes}) => ({
      id, help, tags, impact, count: nodes.length,
      nodes: nodes.slice(0, most).map((node) => {
        const here = node.target.length === 1 && look.find(first(node.target));
        return {what: 'code', words: node.html, ...(here ? look.told(here) : {}),
                selector: first(node.target), impact: node.impact};
      }),
    })),
    rules: found.passes.length + found.violations.length,
    unseen: apart || found.incomplete.filter((each) => each.id === 'frame-tested')
      .reduce((sum, each) => sum + each.nodes.length, 0),
    elements: document.querySelectorAll('body *').length,
  };
}"""


@careful
async def look(page: Page, world: World, setting: Setting) -> Seeing:
    """Run axe here, and say what it found and which frames it could not see into."""
    source = axe_source()
    if source is None:
        return Seeing(problem="axe-playwright-python is not installed; add drillhall[browser]")
    await world.evaluate(source + _LOAD)
    for frame in await frames_within(world):
        with contextlib.suppress(Error, Gone):  # axe says itself which frames do not answer
            await frame.evaluate(source + _LOAD)
    async with contextlib.AsyncExitStack() as others:
        for each in page.frames[1:]:
            with contextlib.suppress(Error, Gone):  # refused by a frame without its own process
                apart = await others.enter_async_context(enter(each, bare=True))
                await apart.evaluate(source + _LOAD)
        # Under forced colours axe judges colours that nobody sees; the contrast look judges those.
        forced = await world.evaluate("matchMedia('(forced-colors: active)').matches")
        found = await world.ask(_RUN, TAGS, ["color-contrast"] if forced else [], MOST)
    unseen = int(found["unseen"])
    return Seeing(
        tuple(barrier for each in found["violations"] for barrier in _barriers(each)),
        seen=int(found["elements"]) if found["rules"] else 0,
        problem=f"axe could not see into {unseen} frame(s)" if unseen else "",
    )


@functools.cache
def axe_source() -> str | None:
    """axe-core's script, as the package brings it; none where it is not installed."""
    spec = importlib.util.find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def _barriers(violation: dict[str, Any]) -> list[Barrier]:
    numbers = (re.fullmatch(r"wcag(\d)(\d)(\d+)", str(tag)) for tag in violation["tags"])
    standard = next((f"WCAG {'.'.join(each.groups())}" for each in numbers if each), "")
    says = quote(violation["help"])
    return [
        Barrier(
            quote(violation["id"]),
            f"{called(node)}: {says}.",
            selector(node),
            next((each for each in _IMPACTS if each == node["impact"]), "serious"),
            standard,
        )
        for node in violation["nodes"]
    ]
