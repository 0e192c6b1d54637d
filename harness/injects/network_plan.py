"""From a scenario's ``network.*`` injects to ways through proxies, and faults on them.

The proxies are the drill's own, in a process that ends with it; or those of a Toxiproxy server
that the target's description names, which are made for the drill and removed after it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from harness.channels.child import Child, ChildError
from harness.injects.lease import Leases
from harness.injects.network import NetworkFault, ill_of
from harness.injects.network_model import CutAnswersModel, NetworkInject
from harness.injects.network_ways import Counties, Way, nobody_on, way_name, ways_of
from harness.injects.on_the_way import operations_between
from harness.injects.toxiproxy import LACKS, Toxiproxy, ToxiproxyError
from harness.injects.undo import Undo, mend
from harness.target import Target
from harness.target.wire import url_of

MODULE = "harness.injects.proxy"
OURS = "drillhall"  # what our own server adds to its version


@dataclass(frozen=True)
class Line:
    """One origin of the target's, as a proxy reaches it.

    Attributes:
        url: Scheme, host and port.
        upstream: Address and port.
        tls: Whether it speaks TLS, which no proxy reads.
    """

    url: str
    upstream: str
    tls: bool


@dataclass(frozen=True)
class Detour:
    """A way, and where its people connect instead.

    Attributes:
        through: ``host:port`` of the proxy, by the origin's URL.
    """

    way: Way
    through: Mapping[str, str]

    def told(self) -> dict[str, Any]:
        """As an engine and the browser are told of it."""
        return {**self.way.group.told(), "through": dict(self.through)}


@dataclass(frozen=True)
class Around:
    """What network injects need to know of the drill.

    Attributes:
        lines: The target's origins.
        seed: Of the drill.
        speed: Drill seconds a wall second.
        folder: The run folder.
        toxiproxy: ``host:port`` of a server that takes the place of our own proxy; empty for ours.
        leases: Where what is made at such a server is written down; None to write nothing.
        counties: Who is where; see :func:`harness.injects.network_ways.ways_of`.
    """

    lines: Sequence[Line]
    seed: int
    speed: float
    folder: Path
    toxiproxy: str = ""
    leases: Leases | None = None
    counties: Counties = field(default_factory=dict)


def around_of(
    target: Target, counties: Counties, *, speed: float, folder: Path, leases: Leases | None
) -> Around:
    """What network injects need to know of a drill of this target."""
    lines: dict[str, Line] = {}
    for place in target.origins.places:
        origin = place.origin
        address = target.addresses[origin.host]
        host = f"[{address}]" if ":" in address else address
        lines.setdefault(url_of(origin), Line(url_of(origin), f"{host}:{origin.port}", origin.tls))
    said = target.description.network
    control = "" if said is None else said.control
    return Around(list(lines.values()), target.run.seed, speed, folder, control, leases, counties)


class Network:
    """The server of one drill's proxies; it ends with the last fault that needs it."""

    def __init__(
        self, server: Toxiproxy, end: Callable[[], object], gone: Callable[[], bool]
    ) -> None:
        self.server, self.end, self.gone, self.users = server, end, gone, 0

    def let_go(self) -> None:
        """One fault needs it no more."""
        self.users -= 1
        if not self.users:
            self.end()


@dataclass
class NetworkPlan:
    """What will be played.

    Attributes:
        faults: For the schedule.
        detours: Ways that some fault is on.
        not_drilled: Why others cannot be played.
    """

    faults: list[NetworkFault] = field(default_factory=list)
    detours: list[Detour] = field(default_factory=list)
    not_drilled: list[str] = field(default_factory=list)


def plan_network(
    models: Sequence[object], hours: Callable[[NetworkInject], tuple[float, float]], around: Around
) -> NetworkPlan:
    """Open the proxies, which pass everything through until a fault begins.

    Args:
        models: Every inject of the cast.
        hours: Drill seconds at which one begins and ends.
    """
    wanted = [each for each in models if isinstance(each, NetworkInject)]
    if not wanted:
        return NetworkPlan()
    ways = ways_of(wanted, around.counties)
    names = {
        way: [_proxy_name(number, way, place) for place in range(len(around.lines))]
        for number, way in enumerate(ways)
    }
    try:
        network = _open(around, [each for some in names.values() for each in some])
        try:
            return _planned(wanted, ways, names, hours, around, network)
        except BaseException:
            with contextlib.suppress(RuntimeError):  # a lease of what is left stays open
                network.end()
            raise
    except (ChildError, ToxiproxyError) as error:
        return NetworkPlan(not_drilled=[f"{each.name}: {error}" for each in wanted])


def _planned(
    wanted: Sequence[NetworkInject],
    ways: Mapping[str, Way],
    names: Mapping[str, Sequence[str]],
    hours: Callable[[NetworkInject], tuple[float, float]],
    around: Around,
    network: Network,
) -> NetworkPlan:
    plan, server = NetworkPlan(), network.server
    lacks = frozenset[str]() if server.version().endswith(OURS) else LACKS
    for each in wanted:
        ill, (start, end), way = ill_of(each), hours(each), ways[way_name(each)]
        if nobody := nobody_on(way, each):
            plan.not_drilled.append(nobody)
        elif ill.type in lacks:
            plan.not_drilled.append(f"{each.name}: no Toxiproxy server has {each.kind}")
        elif isinstance(each, CutAnswersModel) and any(line.tls for line in around.lines):
            plan.not_drilled.append(f"{each.name}: the target speaks TLS, which nobody can read")
        else:
            network.users += 1
            count = partial(operations_between, around.folder, around.speed, way)
            fault = NetworkFault(each.name, start, end, each.kind, ill, server, names[way.name])
            fault.done_with, fault.count, fault.gone = network.let_go, count, network.gone
            plan.faults.append(fault)
    for way in ways.values():
        if any(each.proxies is names[way.name] for each in plan.faults):
            plan.detours.append(_detour(way, names[way.name], server, around.lines))
    if not plan.faults:
        network.end()
    return plan


def _detour(way: Way, names: Sequence[str], server: Toxiproxy, lines: Sequence[Line]) -> Detour:
    made = zip(names, lines, strict=True)
    return Detour(way, {line.url: server.make(name, line.upstream) for name, line in made})


def _proxy_name(number: int, way: str, place: int) -> str:
    """A name that can stand in a path, and that no other way or origin has."""
    plain = re.sub(r"[^a-z0-9]+", "-", way.lower()).strip("-")[:40]
    return f"drillhall-{number}-{plain}-{place}"


def _open(around: Around, names: list[str]) -> Network:
    """The server, ours or theirs, and what ends our use of it."""
    if not around.toxiproxy:
        child = Child(MODULE, "the network's proxy")
        told = orjson.dumps({"seed": around.seed}) + b"\n"
        ready = child.start(told, around.folder / "network")
        return Network(Toxiproxy(str(ready["control"])), child.close, lambda: not child.alive)
    server = Toxiproxy(around.toxiproxy)
    server.version()
    needs = {"control": around.toxiproxy, "names": names}
    says = f"removes the proxies of this drill from the Toxiproxy server at {around.toxiproxy}"
    undo = Undo("toxiproxy.forget", says, needs)
    forget = partial(mend, undo) if around.leases is None else around.leases.take(undo).undo
    return Network(server, forget, lambda: False)
