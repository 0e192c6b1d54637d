"""One persona's way over a running app's pages, outside of any drill: to try a flow out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from harness.channels.web.crew import open_crew
from harness.channels.web.endings import Ended
from harness.channels.web.errand import Errand
from harness.channels.web.guests import config_of, guest_of, other_of
from harness.channels.web.journal import ListJournal
from harness.channels.web.looks.barrier import Look
from harness.target.target import Target
from simulators.people.person import Person
from simulators.people.personas.persona import Persona
from simulators.stage import Operation


@dataclass(frozen=True)
class Tried:
    """What came of a trial.

    Attributes:
        ended: What came of each operation, in order; after one that failed, there is none.
        lines: What the journal has: ``session``, ``step``, ``walk``, ``look``, ``barrier``.
    """

    ended: dict[str, Ended] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The journal's lines of one kind."""
        return [line for line in self.lines if line["k"] == kind]


def try_out(
    target: Target,
    persona: Persona,
    operations: Sequence[Operation],
    folder: Path,
    *,
    speed: float = 100.0,
    looks: Mapping[str, Look] | None = None,
    before: Person | None = None,
    ways: Sequence[Mapping[str, Any]] = (),
) -> Tried:
    """Let a persona do some operations on a target that is up, one after the other.

    Args:
        operations: All of the same person; see :func:`errands`.
        folder: Where screenshots go.
        looks: Those to be made at every step and at further states; none if left out.
        before: Who was signed in on the same phone before, and out again.
        ways: Who is on which network, as a drill's browser is told of it.

    Raises:
        KeyError: If the pages have no way for an operation.
        RuntimeError: If there is no browser.
    """
    return asyncio.run(_try_out(target, persona, operations, folder, speed, looks, before, ways))


async def _try_out(
    target: Target,
    persona: Persona,
    operations: Sequence[Operation],
    folder: Path,
    speed: float,
    looks: Mapping[str, Look] | None,
    before: Person | None,
    ways: Sequence[Mapping[str, Any]],
) -> Tried:
    web = target.web
    assert web is not None
    person = operations[0].actor
    tried, journal = Tried(), ListJournal()
    guest = guest_of(target, person, persona, f"{persona.name}-1")
    if before is not None:
        guest = replace(guest, other=other_of(target, before, persona, (before.record,)))
    config = config_of(target, (guest,), folder, speed=speed, looks=looks is not None)
    session = web.session(person)
    async with open_crew(config, journal, looks or {}) as crew:
        crew.take_ways(ways)
        for operation, next_one in zip_longest(operations, operations[1:]):
            walk = web.walk(operation, session, guest.language)
            name = f"{operation.key}-{operation.attempt}"
            ended = await crew.do(
                Errand(name, person.index, operation.key, operation.attempt, walk, 1.0,
                       operation.within)
            )  # fmt: skip
            tried.ended[operation.kind] = ended
            again = next_one is not None and next_one.key == operation.key
            if ended.answer_class.outcome != "ok" and not again:
                break
        await crew.look_further()
    tried.lines.extend(journal.lines)
    return tried


def errands(person: Person, values: Sequence[int], key: str = "trial") -> list[Operation]:
    """Signing in, sending a report and reading it back, on the pages."""

    def operation(kind: str, given: tuple[int, ...] | None = None) -> Operation:
        codes = person.codes if kind == "sign_in" else ()
        return Operation(
            kind, f"{key}-{kind}", 1, person, "web", person.record, 1, given, codes, 0.0, None
        )

    return [operation("sign_in"), operation("submit_report", tuple(values)),
            operation("read_report")]  # fmt: skip
