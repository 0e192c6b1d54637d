"""A picture of what a look found: the screen with the element outlined."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from playwright.async_api import Error, Page

from harness.channels.web.looks.world import Gone, World, enter

LARGEST = 150_000  # bytes of a picture
_LONGEST = 15.0  # wall seconds
_QUALITIES = (70, 40, 15)
_PART = {"width": 480, "height": 320}
# Styles are set one by one: a strict policy of the page forbids style attributes.
_DRAW = """(selector) => {
  look.remember();
  const element = look.find(selector);
  const body = element && (look.body(element) ?? element);
  if (body) {
    // Further than a person could scroll, if need be: the picture is to show it.
    body.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
  }
  const box = body?.getBoundingClientRect();
  if (!box) return [0, 0];
  const frame = document.createElement('div');
  const style = {all: 'initial', position: 'fixed', pointerEvents: 'none', zIndex: '2147483647',
    boxSizing: 'border-box', margin: '0', padding: '0', background: 'none', inset: 'auto',
    left: `${Math.max(box.left - 6, 1)}px`, top: `${Math.max(box.top - 6, 1)}px`,
    width: `${Math.min(box.width + 12, innerWidth - 2)}px`,
    height: `${Math.min(box.height + 12, innerHeight - 2)}px`,
    border: '4px solid #d4006a', outline: '2px solid #ffffff', borderRadius: '4px',
    forcedColorAdjust: 'none', display: 'block', overflow: 'visible'};
  for (const [name, value] of Object.entries(style)) frame.style[name] = value;
  frame.setAttribute('aria-hidden', 'true');
  document.documentElement.append(frame);
  // Above a dialog that is open as well.
  try { frame.popover = 'manual'; frame.showPopover(); } catch { }
  look.frame = frame;
  return [box.left + box.width / 2, box.top + box.height / 2];
}"""
_RUB_OUT = "() => { look.frame?.remove(); look.frame = null; look.putBack(); }"


async def outlined(page: Page, element: str, path: Path) -> Path | None:
    """Take a picture of the screen, with an element scrolled into view and outlined.

    Args:
        element: As ``Barrier.element`` names it; where nothing is found by it, nothing is outlined.
        path: Where to write it; a JPEG, so its ending becomes ``.jpg``.

    Returns:
        The file written, or nothing where the page lets no picture be taken.
    """
    try:
        async with asyncio.timeout(_LONGEST), enter(page) as world:
            try:
                across, down = await world.ask(_DRAW, element)
                picture = await _picture(page, (float(across), float(down)))
            finally:
                await _rub_out(world)
    except (Error, Gone, TimeoutError):
        return None
    path = path.with_suffix(".jpg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
    return path


async def _picture(page: Page, middle: tuple[float, float]) -> bytes:
    options: dict[str, Any] = {
        "type": "jpeg",
        "scale": "css",
        "caret": "initial",
        "timeout": _LONGEST * 1000,
    }
    picture = b""
    for quality in _QUALITIES:
        picture = await page.screenshot(quality=quality, **options)
        if len(picture) <= LARGEST:
            return picture
    # What is this restless is no page of text: the part around the element must do.
    size = page.viewport_size or _PART
    options["clip"] = {
        "x": max(0, min(middle[0] - _PART["width"] / 2, size["width"] - _PART["width"])),
        "y": max(0, min(middle[1] - _PART["height"] / 2, size["height"] - _PART["height"])),
        "width": min(_PART["width"], size["width"]),
        "height": min(_PART["height"], size["height"]),
    }
    return await page.screenshot(quality=_QUALITIES[-1], **options)


async def _rub_out(world: World) -> None:
    with contextlib.suppress(Error, Gone, TimeoutError):
        async with asyncio.timeout(5.0):
            await world.ask(_RUB_OUT)
