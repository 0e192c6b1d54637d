"""The cache: for answers that cost much and may be a second old. Away, it is slow, never wrong."""

from __future__ import annotations

import time
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from simulators.apps.hub.settings import MEMORY

PATIENCE = 0.5  # wall seconds for an answer of the cache
AWAY = 1.0  # wall seconds that it is left alone once it has failed


class Cache(Protocol):
    """What the app needs of one."""

    @property
    def well(self) -> bool:
        """Whether it answers."""

    async def get(self, name: str) -> bytes | None:
        """What is kept under a name, if anything is."""

    async def put(self, name: str, value: bytes, seconds: float) -> None:
        """Keep something for so many wall seconds."""

    async def drop(self, name: str) -> None:
        """Forget something."""

    async def began(self) -> float:
        """When this cache began to be filled: Unix time."""

    async def look(self) -> None:
        """Find out whether it answers."""

    async def close(self) -> None:
        """Let go of it."""


class MemoryCache:
    """In this process."""

    well = True

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, bytes]] = {}
        self._began = time.time()

    async def get(self, name: str) -> bytes | None:
        """What is kept under a name, if anything is."""
        until, value = self._kept.get(name, (0.0, b""))
        return value if time.monotonic() < until else None

    async def put(self, name: str, value: bytes, seconds: float) -> None:
        """Keep something for so many wall seconds."""
        self._kept[name] = time.monotonic() + seconds, value

    async def drop(self, name: str) -> None:
        """Forget something."""
        self._kept.pop(name, None)

    async def began(self) -> float:
        """When this process started."""
        return self._began

    async def look(self) -> None:
        """It is there as long as we are."""

    async def close(self) -> None:
        """Nothing to let go of."""


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


def cache_of(where: str) -> Cache:
    """The cache that the settings name."""
    return MemoryCache() if where == MEMORY else RedisCache(where)


def client(url: str, patience: float) -> Redis:
    """A client that says soon that nobody is there; it connects when it is first used."""
    return Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


def _key(name: str) -> str:
    return f"hub:{name}"
