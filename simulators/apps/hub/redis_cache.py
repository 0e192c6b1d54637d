"""A Redis server as the cache."""

from __future__ import annotations

import time

from redis.exceptions import RedisError

from simulators.apps.hub.redis_client import PATIENCE, client

AWAY = 1.0  # wall seconds that it is left alone once it has failed


class RedisCache:
    """In a Redis server, for all parts of the app."""

    def __init__(self, url: str) -> None:
        self._client = client(url, PATIENCE)
        self._away_until = 0.0
        self.well = True

    async def get(self, name: str) -> bytes | None:
        """What is kept under a name; nothing if the server is away."""
        if not self._tried():
            return None
        try:
            found = await self._client.get(_key(name))
        except (RedisError, OSError):
            self._fail()
            return None
        self.well = True
        return found.encode() if isinstance(found, str) else found

    async def put(self, name: str, value: bytes, seconds: float) -> None:
        """Keep something for so many wall seconds, if the server is there."""
        if self._tried():
            try:
                await self._client.set(_key(name), value, px=max(1, round(seconds * 1000)))
            except (RedisError, OSError):
                self._fail()

    async def drop(self, name: str) -> None:
        """Forget something; what a server that is away still has runs out by itself."""
        if self._tried():
            try:
                await self._client.delete(_key(name))
            except (RedisError, OSError):
                self._fail()

    async def began(self) -> float:
        """When the first of us found it empty."""
        try:
            await self._client.set(_key("began"), repr(time.time()), nx=True)
            found = await self._client.get(_key("began"))
        except (RedisError, OSError):
            self._fail()
            return time.time()
        return float(found or time.time())

    async def look(self) -> None:
        """Find out whether it answers."""
        try:
            await self._client.ping()
        except (RedisError, OSError):
            self._fail()
        else:
            self.well, self._away_until = True, 0.0

    async def close(self) -> None:
        """Let go of it."""
        await self._client.aclose()

    def _tried(self) -> bool:
        """Whether to try at all: nobody waits for a server that was just found to be away."""
        return time.monotonic() >= self._away_until

    def _fail(self) -> None:
        self.well = False
        self._away_until = time.monotonic() + AWAY


def _key(name: str) -> str:
    return f"hub:{name}"
