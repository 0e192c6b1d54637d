"""How looks ask a page: in a JavaScript world of our own, within a time, leaving all as it was.

A page's scripts share its elements with us and nothing else: what they redefine, as
``getComputedStyle``, we do not see, and what we define they do not.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from playwright.async_api import CDPSession, Error, Frame, Page

from harness.channels.web.looks.barrier import Look, Seeing, Setting

LONGEST = 45.0  # wall seconds of one look, on a machine that plays a drill meanwhile
_ONE_QUESTION = 15.0  # wall seconds until a page's answer
_PUT_BACK = 5.0
_LET_GO = 2.0
_HERE = Path(__file__).parent


class Gone(Exception):  # noqa: N818 - what became of the page, not an error of ours
    """The page cannot be asked any more; the text says why."""


@functools.cache
def _script() -> str:
    page = (_HERE.parent / "page.js").read_text(encoding="utf-8").rstrip().rstrip(";")
    looking = (_HERE / "looking.js").read_text(encoding="utf-8").rstrip().rstrip(";")
    return f"globalThis.look ??= Object.assign({{}}, {_bare(page)}, {_bare(looking)}); 0"


def _bare(script: str) -> str:
    """A script that is one object in brackets, without the comment above it."""
    return script[script.index("({") :]


class World:
    """Our world in one frame of a page."""

    def __init__(self, session: CDPSession, context: int) -> None:
        self.session = session
        self.context = context

    async def ask(self, function: str, *given: Any) -> Any:
        """What a JavaScript function says; ``look`` holds what page.js and looking.js define.

        Raises:
            Gone: If the page left, or the function threw.
        """
        arguments = ", ".join(orjson.dumps(each).decode() for each in given)
        return await self.evaluate(f"({function})({arguments})")

    async def evaluate(self, script: str) -> Any:
        """What a script comes to, as plain data."""
        told = await self.session.send(
            "Runtime.evaluate",
            {
                "expression": script,
                "contextId": self.context,
                "awaitPromise": True,
                "returnByValue": True,
                "timeout": _ONE_QUESTION * 1000,
            },
        )
        if thrown := told.get("exceptionDetails"):
            text = thrown.get("exception", {}).get("description") or thrown.get("text", "")
            raise Gone(f"it could not be asked: {str(text).splitlines()[0][:120]}")
        return told["result"].get("value")


@contextlib.asynccontextmanager
async def enter(where: Page | Frame, *, bare: bool = False) -> AsyncIterator[World]:
    """Our world in a page, or in a frame that has a process of its own.

    Args:
        bare: Without page.js and looking.js.
    """
    page = where if isinstance(where, Page) else where.page
    session = await page.context.new_cdp_session(where)
    try:
        tree = await session.send("Page.getFrameTree")
        yield await _world(session, tree["frameTree"]["frame"]["id"], bare=bare)
    finally:
        # A page that does not answer does not let go either; the session ends with the page.
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(_LET_GO):
                await session.detach()


async def _world(session: CDPSession, frame: str, *, bare: bool) -> World:
    made = await session.send(
        "Page.createIsolatedWorld", {"frameId": frame, "worldName": "drillhall-looks"}
    )
    world = World(session, made["executionContextId"])
    if not bare:
        await world.evaluate(_script())
    return world


async def frames_within(world: World) -> list[World]:
    """Our bare worlds in the frames of the page that share its process."""
    tree = await world.session.send("Page.getFrameTree")
    found: list[World] = []
    waiting = list(tree["frameTree"].get("childFrames", []))
    while waiting:
        each = waiting.pop()
        waiting += each.get("childFrames", [])
        with contextlib.suppress(Error):
            found.append(await _world(world.session, each["frame"]["id"], bare=True))
    return found


Inner = Callable[[Page, World, Setting], Awaitable[Seeing]]


def careful(inner: Inner) -> Look:
    """A look that is bounded in time, takes no page's word, and puts everything back."""

    @functools.wraps(inner)
    async def look(page: Page, setting: Setting) -> Seeing:
        try:
            async with asyncio.timeout(LONGEST), enter(page) as world:
                size = page.viewport_size
                await world.ask("() => look.remember()")
                try:
                    return await inner(page, world, setting)
                finally:
                    await _put_back(page, world, size)
        except TimeoutError:
            return Seeing(problem=f"it took longer than {LONGEST:g} seconds")
        except Gone as gone:
            return Seeing(problem=str(gone))
        except Error as error:
            return Seeing(problem=_why(error))

    return look


async def _put_back(page: Page, world: World, size: Any) -> None:
    # What hindered the look is told by the look; here no more can be done about it.
    with contextlib.suppress(TimeoutError, Gone, Error):
        async with asyncio.timeout(_PUT_BACK):
            if size is not None and page.viewport_size != size:
                await page.set_viewport_size(size)
                await world.ask("() => look.settled()")
            await world.ask("() => look.putBack()")


def _why(error: Error) -> str:
    text = error.message.splitlines()[0] if error.message else ""
    if any(each in text for each in ("Cannot find context", "destroyed", "closed", "detached")):
        return "the page went elsewhere while it was looked at"
    return f"it could not be asked: {text[:120]}"
