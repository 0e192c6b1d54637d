"""Which elements of a page its scripts listen at: what only the browser knows."""

from __future__ import annotations

import contextlib
from typing import Any

from playwright.async_api import Error

from harness.channels.web.looks.world import World

PRESSED = frozenset({"click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchend"})
KEYED = frozenset({"keydown", "keyup", "keypress"})
_MOST = 3000  # listeners that are looked at
_NOTE = """function (types) {
  const element = this.nodeType === 9 ? this.documentElement : this;
  const heard = (globalThis.look.heard ??= new Map());
  heard.set(element, [...(heard.get(element) ?? []), ...types]);
}"""


async def note_listeners(world: World) -> None:
    """Note in the page's ``look.heard`` which elements are listened at for presses and keys."""
    session = world.session
    await world.ask("() => { look.heard = new Map(); }")
    document = await session.send(
        "Runtime.evaluate", {"expression": "document", "objectGroup": "looks"}
    )
    told = await session.send(
        "DOMDebugger.getEventListeners",
        {"objectId": document["result"]["objectId"], "depth": -1, "pierce": True},
    )
    by_node: dict[int, set[str]] = {}
    for each in told["listeners"][:_MOST]:
        if each["type"] in PRESSED | KEYED and "backendNodeId" in each:
            by_node.setdefault(int(each["backendNodeId"]), set()).add(str(each["type"]))
    for node, types in by_node.items():
        with contextlib.suppress(Error):  # it has left the page since
            await _note(world, node, types)
    await session.send("Runtime.releaseObjectGroup", {"objectGroup": "looks"})


async def _note(world: World, node: int, types: set[str]) -> None:
    found = await world.session.send(
        "DOM.resolveNode",
        {"backendNodeId": node, "executionContextId": world.context, "objectGroup": "looks"},
    )
    arguments: dict[str, Any] = {
        "objectId": found["object"]["objectId"],
        "functionDeclaration": _NOTE,
        "arguments": [{"value": sorted(types)}],
    }
    await world.session.send("Runtime.callFunctionOn", arguments)
