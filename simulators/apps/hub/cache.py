"""The cache: for answers that cost much and may be a second old. Away, it is slow, never wrong."""

from __future__ import annotations

import time
from typing import Protocol

from simulators.apps.hub.settings import MEMORY


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


def cache_of(where: str) -> Cache:
    """The cache that the settings name.."""
    if where == MEMORY:
        return MemoryCache()
    from simulators.apps.hub.redis_cache import RedisCache  # an extra: most need no such server

    return RedisCache(where)
