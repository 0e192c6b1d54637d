"""Faults of the network between people and app: toxics on the proxies of one way.

They speak a Toxiproxy server's language and no other, so whether the proxies are the drill's own
or an existing server's is the same to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.injects.network_model import (
    BandwidthModel,
    BlackHoleModel,
    CutAfterModel,
    CutAnswersModel,
    LatencyModel,
    LossModel,
    NetworkInject,
    ResetModel,
    SlowCloseModel,
)
from harness.injects.toxiproxy import Toxiproxy

UP, DOWN = "upstream", "downstream"
BOTH = (UP, DOWN)


@dataclass(frozen=True)
class Ill:
    """What an inject is in Toxiproxy's words.

    Attributes:
        type: Of the toxic.
        streams: The directions that it is put on.
        attributes: What it is told.
        did: What it did, in words for people; ``{}`` is how often.
    """

    type: str
    streams: tuple[str, ...]
    attributes: dict[str, Any]
    did: str


def ill_of(model: NetworkInject) -> Ill:
    """The toxic of an inject."""
    match model:
        case CutAnswersModel():
            did = "{} answers cut after the request had arrived"
            return Ill("cut_answers", (DOWN,), {"every": model.every}, did)
        case LatencyModel():
            told = {"latency": model.latency_ms, "jitter": model.jitter_ms}
            return Ill("latency", BOTH, told, "{} pieces came later")
        case LossModel():
            return Ill("loss", BOTH, {"share": model.loss}, "{} pieces lost and sent again")
        case BandwidthModel():
            return Ill("bandwidth", BOTH, {"rate": model.kb_per_second}, "{} pieces took turns")
        case SlowCloseModel():
            return Ill("slow_close", BOTH, {"delay": model.delay_ms}, "{} ends came later")
        case ResetModel():
            return Ill("reset_peer", BOTH, {"timeout": model.after_ms}, "{} connections reset")
        case BlackHoleModel():
            return Ill("timeout", BOTH, {"timeout": 0}, "{} pieces swallowed")
        case CutAfterModel():
            return Ill("limit_data", (DOWN,), {"bytes": model.bytes}, "{} connections cut short")
    raise AssertionError(f"{model.kind} has no toxic")


@dataclass
class NetworkFault:
    """One fault of the network, on every proxy of a way.

    Args:
        name: As in the scenario.
        start: Drill seconds when it begins.
        end: Drill seconds when it is undone.
        kind: As in the scenario: ``network.loss``.
        ill: What it is in Toxiproxy's words.
        server: Whose proxies they are.
        proxies: Their names.
        done_with: Told once when the fault needs the server no more.
        count: How many operations the people of the way began in its hours, for a server that
            does not count by itself.
        gone: Whether the server, which is the drill's own, has ended by itself.
    """

    name: str
    start: float
    end: float
    kind: str
    ill: Ill
    server: Toxiproxy
    proxies: Sequence[str]
    done_with: Callable[[], None] = lambda: None
    count: Callable[[float, float], int] = lambda start, end: 0
    gone: Callable[[], bool] = lambda: False
    touched: int = 0
    detail: str = ""
    _on: list[tuple[str, str]] = field(default_factory=list, repr=False)
    _began: bool = field(default=False, repr=False)
    _counts: bool = field(default=True, repr=False)
    _closed: bool = field(default=False, repr=False)

    def begin(self) -> None:
        """Put the toxic on every proxy, for open connections too.

        Raises:
            ToxiproxyError: If the server cannot; finishing takes off those that are on.
        """
        self._began = True
        for proxy in self.proxies:
            for stream in self.ill.streams:
                toxic = f"{self.name} {stream}"
                self._on.append((proxy, toxic))
                told = {
                    "name": toxic, "type": self.ill.type, "stream": stream, "toxicity": 1.0,
                    "attributes": self.ill.attributes,
                }  # fmt: skip
                self.server.add(proxy, told)

    def finish(self) -> None:
        """Take it off again; harmless when it is not on.

        Raises:
            ToxiproxyError: If the server cannot; it may be tried again.
        """
        if self._on and self.gone():
            # Nothing of the target's is broken by that; what the fault touched, nobody knows.
            self._on, self.touched = [], 0
            self.detail = "the proxy ended by itself, and its people reached nothing more"
            return
        while self._on:
            proxy, toxic = self._on[-1]
            touched = self.server.touched(proxy, toxic)
            self.server.remove(proxy, toxic)
            self._on.pop()
            self.touched += touched or 0
            self._counts &= touched is not None
        if self._began and self._counts and not self.detail:
            self.detail = self.ill.did.format(f"{self.touched:,}")

    def close(self) -> None:
        """Say what was touched, and let go of the server; harmless the second time."""
        if self._closed:
            return
        self._closed = True
        if self._began and not self._counts:
            self.touched = self.count(self.start, self.end)
            self.detail = f"{self.touched:,} operations of the people on it meanwhile"
        try:
            self.done_with()
        except RuntimeError as error:
            self.detail = "; ".join(filter(None, [self.detail, f"proxies are left: {error}"]))
