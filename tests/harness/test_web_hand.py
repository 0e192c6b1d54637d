"""What a hand does where the browser does not answer."""

from __future__ import annotations

import asyncio
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from harness.channels.web import hand
from harness.channels.web.hand import Hand
from simulators.people.personas import PERSONAS


async def _never(x: float, y: float) -> None:
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("name", ["double-tapper", "steady"], ids=["finger", "mouse"])
def test_a_tap_that_nobody_acknowledges_is_not_waited_for(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page may be giving way to another one at that very moment."""
    page: Any = SimpleNamespace(
        touchscreen=SimpleNamespace(tap=_never), mouse=SimpleNamespace(click=_never)
    )
    monkeypatch.setattr(hand, "_TAKEN", 0.01)
    someone = Hand(PERSONAS[name], lambda: page, Random(1), 1.0)

    async def tap() -> None:
        async with asyncio.timeout(10):
            await someone._point(1.0, 1.0)

    asyncio.run(tap())
