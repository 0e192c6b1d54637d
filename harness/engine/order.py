"""The order: what one engine is to play, as one line of JSON on its standard input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.target.wire import Origin
from simulators.line_model import Group, group_told

_HERE = "127.0.0.1"  # where proxies listen


@dataclass(frozen=True)
class Via:
    """A way through proxies that some participants take to the target.

    Attributes:
        group: Which participants.
        through: The proxy of each of the target's origins. One of TLS has the name of the origin
            itself, which its certificate is for; :attr:`addresses` says where it is.
    """

    group: Group
    through: Mapping[Origin, Origin]

    def carries(self, index: int) -> bool:
        """Whether this participant's requests go through the proxies."""
        return self.group.has(index)

    @property
    def addresses(self) -> dict[str, str]:
        """Where proxies are that have an origin's name, by ``host:port``."""
        return {f"{each.host}:{each.port}": _HERE for each in self.through.values() if each.tls}


@dataclass(frozen=True)
class Order:
    """One engine's order.

    Attributes:
        folder: The run folder; the ledger goes to ``ledger/engine-<shard>.jsonl``.
        night: The night, as plain data.
        target: Path of a target.yaml, or its contents.
        base_url: Where the target listens, if not where it says itself.
        ways: Ways through the proxies of network injects; who is on none goes straight.
        run: Name of the run.
        start_at: Unix seconds of drill second 0; None waits for a line that says so.
        ends_drill: Drill second at which nobody begins anything more.
        max_in_flight: Operations on their way at once; what exceeds it is shed.
        grace: Wall seconds that answers still on their way get at the end.
        carrier: The phone carrier's control socket, ``host:port``; empty if there is none.
        browser: The control socket of the browser's process; empty if there is none.
        parts: ``module:function`` that makes plan and target from the order instead.
        settings: The order as it came, for ``parts``.
    """

    folder: Path
    night: dict[str, Any]
    target: str | dict[str, Any]
    base_url: str | None
    ways: tuple[Via, ...]
    shard: int
    shards: int
    seed: int
    speed: float
    start_at: float | None
    ends_drill: float
    max_in_flight: int
    run: str
    grace: float
    carrier: str
    browser: str
    parts: str | None
    settings: Mapping[str, Any]

    @property
    def ledger(self) -> Path:
        """Where this engine's ledger goes."""
        return self.folder / "ledger" / f"engine-{self.shard:02}.jsonl"


class OrderError(ValueError):
    """An order that cannot be played; the message names the key."""


def read_order(order: Mapping[str, Any]) -> Order:
    """Read an order.

    Raises:
        OrderError: If a key is missing or makes no sense.
    """
    try:
        read = Order(
            folder=Path(order["folder"]),
            night=order.get("night") or {},
            target=order.get("target") or {},
            base_url=order.get("base_url"),
            ways=tuple(_way(each) for each in order.get("ways") or ()),
            shard=order["shard"],
            shards=order["shards"],
            seed=order["seed"],
            speed=float(order["speed"]),
            start_at=order.get("start_at"),
            ends_drill=float(order["ends_drill"]),
            max_in_flight=order.get("max_in_flight") or 1000,
            run=order["run"],
            grace=float(order.get("grace", 10.0)),
            carrier=order.get("carrier") or "",
            browser=order.get("browser") or "",
            parts=order.get("parts"),
            settings=order,
        )
    except KeyError as error:
        raise OrderError(f"the order has no {error.args[0]!r}.") from error
    if not (0 <= read.shard < read.shards and read.speed > 0 and read.max_in_flight > 0):
        raise OrderError(
            f"shard={read.shard} of shards={read.shards}, speed={read.speed}, "
            f"max_in_flight={read.max_in_flight}: shards count from 0, the others are above 0."
        )
    return read


def _way(told: Mapping[str, Any]) -> Via:
    through = {}
    for url, proxy in told["through"].items():
        origin, port = origin_of(url), int(proxy.rpartition(":")[2])
        through[origin] = replace(origin, host=origin.host if origin.tls else _HERE, port=port)
    return Via(group_told(told), through)


def origin_of(url: str) -> Origin:
    """The origin of a URL.

    Example:
        >>> origin_of("http://127.0.0.1:8000/x")
        Origin(host='127.0.0.1', port=8000, tls=False)
    """
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OrderError(f"{url!r}: not an http or https address.")
    tls = parts.scheme == "https"
    return Origin(parts.hostname, parts.port or (443 if tls else 80), tls)
