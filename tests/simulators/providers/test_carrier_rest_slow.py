"""The REST API answers late, or not at all."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from carrier_front_stand import ACCOUNT, PERSON, STRIKE, TOKEN, Stand, stand


def drive(folder: Path, play: Callable[[Stand, aiohttp.ClientSession], Awaitable[None]]) -> None:
    async def run() -> None:
        login = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        async with stand(folder) as here, aiohttp.ClientSession(headers=headers) as session:
            await play(here, session)

    asyncio.run(run())


async def text(here: Stand, session: aiohttp.ClientSession, within: float) -> int:
    """The status of what the API says to a text; TimeoutError if nothing comes in time."""
    url = f"{here.front.rest}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    limit = aiohttp.ClientTimeout(total=within)
    form = {"To": PERSON, "From": STRIKE, "Body": "x"}
    async with session.post(url, data=form, timeout=limit) as response:
        return response.status


def test_a_late_answer_comes_after_the_deed(tmp_path: Path) -> None:
    """Whoever gives up and asks again has sent two texts."""

    async def play(here: Stand, session: aiohttp.ClientSession) -> None:
        here.carrier.switch_on("rest_late", {"seconds": 30.0, "share": 1.0})
        with pytest.raises(TimeoutError):
            await text(here, session, within=0.2)
        assert here.texts.counts["sent"] == 1
        waiting = asyncio.create_task(text(here, session, within=20))
        await here.until(lambda: here.texts.counts["sent"] == 2)
        assert not here.logged("rest")
        assert here.carrier.faults.mend("rest_late") == 2
        assert await waiting == 201
        await here.until(lambda: len(here.logged("rest")) == 2)
        assert {(each.fault, each.status) for each in here.logged("rest")} == {("rest_late", 201)}

    drive(tmp_path, play)


def test_silence_does_nothing_and_says_nothing(tmp_path: Path) -> None:
    """No text is sent; once it is over, connections that still hold are cut, and all is well."""

    async def play(here: Stand, session: aiohttp.ClientSession) -> None:
        here.carrier.switch_on("rest_silent", {"share": 1.0})
        with pytest.raises(TimeoutError):
            await text(here, session, within=0.2)
        waiting = asyncio.create_task(text(here, session, within=20))
        await here.until(lambda: here.carrier.faults.touched["rest_silent"] == 2)
        assert here.carrier.faults.mend("rest_silent") == 2
        with pytest.raises(aiohttp.ClientError):
            await waiting
        assert here.texts.counts["sent"] == 0
        assert await text(here, session, within=20) == 201
        await here.until(lambda: len(here.logged("rest")) == 3)
        told = sorted((each.fault, each.status or 0) for each in here.logged("rest"))
        assert told == [("", 201), ("rest_silent", 0), ("rest_silent", 0)]

    drive(tmp_path, play)


def test_a_share_of_requests_is_left_without_an_answer(tmp_path: Path) -> None:
    """The seed says which; the others are answered at once."""

    async def play(here: Stand, session: aiohttp.ClientSession) -> None:
        here.carrier.switch_on("rest_silent", {"share": 0.5})
        asked = [text(here, session, within=0.5) for _ in range(20)]
        said = await asyncio.gather(*asked, return_exceptions=True)
        silent = sum(isinstance(each, TimeoutError) for each in said)
        assert 0 < silent < 20
        assert here.texts.counts["sent"] == said.count(201) == 20 - silent

    drive(tmp_path, play)
