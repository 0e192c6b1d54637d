"""What an engine plays, made from its order: the plan's shard, and the target's adapter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from harness.engine.order import Order
from harness.target.phone import Phone
from harness.target.web import Web
from harness.target.wire import Exchange
from simulators.people.person import Person
from simulators.stage import Lines, Operation, Participant


class Adapter(Protocol):
    """The part of a target that an engine needs."""

    @property
    def operations(self) -> Iterable[str]:
        """Kinds of operations that the target's description lists."""
        ...

    def session(self, person: Person) -> Any:
        """A new session of one person: cookies, tokens."""
        ...

    def perform(self, operation: Operation, session: Any) -> Exchange:
        """The requests of one operation, and what its answers mean."""
        ...


@dataclass(frozen=True)
class Parts:
    """Who plays, against what.

    Attributes:
        addresses: Host names of the target, pinned to the addresses they were checked at.
        ca_file: Certificates to trust instead of the system's.
        phone: The target's lines, menus and texts, or None.
        web: The target's pages, or None.
    """

    participants: Iterable[Participant]
    target: Adapter
    lines: Lines = field(default_factory=Lines)
    addresses: Mapping[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    phone: Phone | None = None
    web: Web | None = None


def make_parts(order: Order) -> Parts:
    """Make the plan's shard and load the target."""
    if order.parts is not None:
        module, _, name = order.parts.partition(":")
        made = getattr(import_module(module), name)(order)
        assert isinstance(made, Parts)
        return made
    from harness.target import Run, load_target
    from simulators.night import night_from_dict
    from simulators.plans import plan_of

    plan = plan_of(night_from_dict(order.night))
    run = Run(order.run, order.seed, tuple(plan.fields), plan.world.lookup)
    target = load_target(order.target, run=run, base_url=order.base_url)
    return Parts(
        participants=plan.participants(order.shard, order.shards),
        target=target,
        lines=plan.lines(order.shard, order.shards),
        addresses=target.addresses,
        ca_file=target.ca_file,
        phone=target.phone,
        web=target.web,
    )
