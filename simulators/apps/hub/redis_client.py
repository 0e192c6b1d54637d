"""The client of a Redis server: cache and queue share what it is told of patience."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

PATIENCE = 0.5  # wall seconds for an answer


def client(url: str, patience: float) -> Redis:
    """A client that says soon that nobody is there; it connects when it is first used."""
    return Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
