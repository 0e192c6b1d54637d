"""What there is to prove: the practice apps that have a proof drill, and their seeded defects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from harness.document import nearest
from harness.prove import hub, reporting, strikes
from harness.prove.proof import Proof
from simulators.apps.serving.defect import Defect

PROOFS: dict[str, Proof] = {each.app: each for each in (reporting.PROOF, strikes.PROOF, hub.PROOF)}


class ProveError(Exception):
    """What cannot be proven; the message says what to do."""


@dataclass(frozen=True)
class Asked:
    """What is to be proven.

    Attributes:
        defects: Those asked for, by app.
        without: Checks whose findings are left out of the judging.
    """

    defects: dict[str, tuple[Defect, ...]]
    without: frozenset[str] = frozenset()


def defects_of(app: str) -> tuple[Defect, ...]:
    """An app's seeded defects, as it lists them."""
    found: tuple[Defect, ...] = import_module(f"simulators.apps.{app}.defects").DEFECTS
    return found


def asked_for(
    apps: Sequence[str], defects: Sequence[str], without: Sequence[str], checks: Sequence[str]
) -> Asked:
    """Apps, defects and checks by name; all apps and all their defects if none are named.

    Args:
        checks: Names of every check there is.

    Raises:
        ProveError: If there is none of a name; the nearest right one is given.
    """
    for app in apps:
        _require(app, list(PROOFS), f"no practice app {app!r} has a proof drill")
    found = {app: defects_of(app) for app in PROOFS if app in (apps or PROOFS)}
    known = [each.name for listed in found.values() for each in listed]
    for name in defects:
        _require(name, known, f"no defect {name!r} in {' or '.join(found)}")
    for check in without:
        _require(check, checks, f"no check {check!r}")
    if defects:
        kept = {
            app: tuple(each for each in all_there_are if each.name in defects)
            for app, all_there_are in found.items()
        }
        found = {app: some for app, some in kept.items() if some}
    return Asked(found, frozenset(without))


def _require(name: str, known: Sequence[str], problem: str) -> None:
    if name not in known:
        raise ProveError(
            f"{problem}{nearest(name, list(known)) or '.'} There is: {', '.join(known)}."
        )
