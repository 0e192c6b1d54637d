"""Records made for every request are as good as frozen ones, and cheaper to make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from timeit import repeat

from simulators.behaviours.protocol import Keyed, Submit
from simulators.quick import record


@record(frozen=True, slots=True)
class Quick:
    """Five fields."""

    a: int
    b: int
    c: int
    d: int
    e: int = 5


@dataclass(frozen=True, slots=True)
class Slow:
    """The same, guarded."""

    a: int
    b: int
    c: int
    d: int
    e: int = 5


def test_records_are_equal_hashed_and_replaced_by_their_fields() -> None:
    """As with frozen dataclasses: equal fields make equal records with equal hashes."""
    one, two = (Submit(Keyed("IA-0001", 1, (3, 4), "key")) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert replace(one, taps=2) != one
    assert not hasattr(one, "__dict__")


def test_a_record_is_made_in_less_than_two_thirds_of_the_time() -> None:
    """What it saves is why it stands where a frozen dataclass would."""
    quick = min(repeat(lambda: Quick(1, 2, 3, 4), number=2000, repeat=15))
    slow = min(repeat(lambda: Slow(1, 2, 3, 4), number=2000, repeat=15))
    assert quick < slow * 2 / 3
