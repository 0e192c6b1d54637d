"""A lookout reads a target's pages on the caller's loop, tries once, and says why it could not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from target_styles import Styles, serving

from harness.target import ReadBackError, Run, load_target
from harness.target.lookout import Lookout


def lookout(url: str, **reader: Any) -> Lookout:
    """A lookout for one reader of the app of many styles."""
    data = {
        "name": "styles", "base_url": url, "classes": [{"class": "accepted", "status": 200}],
        "operations": {"submit_report": {"request": {"path": "/echo", "json": {}}}},
        "read_back": {"records": reader},
    }  # fmt: skip
    return Lookout(load_target(data, run=Run("run-7", 7, ("n",))), "records")


def test_every_page_is_read_and_counted() -> None:
    """Five rows on three pages are five records, again and again on one connection."""

    async def look(url: str) -> None:
        reader = lookout(
            url, key="key", record="record", items={"json": "data.rows"}, paging={"kind": "page"},
            fields={}, request={"path": "/pages/page", "query": {"page": "{{ page }}"}},
        )  # fmt: skip
        for _ in range(2):
            rows = await reader.rows()
            assert [each.values for each in reader.records(rows)] == [[n] for n in range(5)]
            assert reader.requests >= 3
        reader.close()

    with serving(Styles()) as url:
        asyncio.run(look(url))


def test_target_that_asks_for_patience_is_not_asked_again() -> None:
    """One request, one error with the seconds that it asked for; the next look is a new one."""

    async def look(url: str) -> None:
        reader = lookout(url, key="n", request={"path": "/busy"})
        for _ in range(2):
            with pytest.raises(ReadBackError, match=r"429.*tried 1 times") as refused:
                await reader.rows()
            assert refused.value.wait == 0.01
        assert reader.records(await reader.rows())[0].key == "3"
        reader.close()

    with serving(Styles()) as url:
        asyncio.run(look(url))


def test_nobody_there_is_said_at_once() -> None:
    """A target that is down is an error after one try."""
    with serving(Styles()) as url:
        pass
    reader = lookout(url, key="n", request={"path": "/busy"})
    with pytest.raises(ReadBackError, match="no answer"):
        asyncio.run(reader.rows())
