"""Seeded defects: small nights with one thing wrong, and what each check must say of them.

Nights are registered by the files beside this one, each about one noun (``checks_*_cases.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from build_run import FIELDS, Run, record_key

Mutate = Callable[[Run], None]
CASES: dict[str, tuple[Mutate, dict[str, str]]] = {}


def case(**expected: str) -> Callable[[Mutate], Mutate]:
    """Register a night; expected statuses by check, or check__subject."""

    def register(mutate: Mutate) -> Mutate:
        name = mutate.__name__
        CASES[name] = (mutate, {key.replace("__", ":"): value for key, value in expected.items()})
        return mutate

    return register


def rows(run: Run, index: int, source: str = "store") -> list[dict[str, Any]]:
    """What a reader says of one record, in every round."""
    key = record_key(index)
    return [row for row in run.readback if row["source"] == source and row["record"] == key]


def drop(run: Run, index: int, *rounds: str) -> None:
    """Take a record out of what the store says."""
    gone = [row for row in rows(run, index) if not rounds or row["round"] in rounds]
    run.readback = [row for row in run.readback if not any(row is each for each in gone)]


def hold(run: Run, index: int, values: tuple[int | None, ...]) -> None:
    """Let the store hold something else."""
    for row in rows(run, index):
        row["values"] = list(values)


def publish_again(run: Run) -> None:
    """Let the totals be those of what the store holds now."""
    held = [row for row in run.readback if row["mode"] == "keyed" and row["round"] == "settled"]
    for row in run.readback:
        if row["source"] == "results":
            place = FIELDS.index(row["key"])
            row["number"] = float(sum(each["values"][place] or 0 for each in held))
