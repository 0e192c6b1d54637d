"""Keying: entry errors at the published rates, of the published kinds."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.people.keying import FORM_ERRORS, LONGEST, VOICE_ERRORS, as_keyed

SHEET = (103, 0, 41, 0, 25, 0, 0, 18, 0, 0, 30, 0, 7, 0, 0, 41, 0, 38, 0, 0, 24, 3, 2, 2, 0, 1)
NUMBERS = sum(1 for value in SHEET if value)


def one_error(value: int, kind: str, seed: int, sheet: tuple[int, ...] | None = None) -> int:
    return as_keyed(sheet or (value,), 1.0, {kind: 1.0}, Random(seed))[0]


def changed(keyed: tuple[int, ...]) -> int:
    return sum(a != b for a, b in zip(keyed, SHEET, strict=True))


@pytest.mark.parametrize(
    ("chance", "kinds"), [(0.042, FORM_ERRORS), (0.0045, VOICE_ERRORS), (0.3, VOICE_ERRORS)]
)
def test_each_number_errs_at_the_given_rate(chance: float, kinds: dict[str, float]) -> None:
    """Errors for each number that is not zero come at the channel's rate."""
    rng, sheets = Random(7), 20_000
    wrong = sum(changed(as_keyed(SHEET, chance, kinds, rng)) for _ in range(sheets))
    expected = sheets * NUMBERS * chance
    # Four standard errors; two errors on one sheet may hit one cell once, so 1 % more.
    assert wrong == pytest.approx(expected, abs=4 * expected**0.5 + 0.01 * expected)


def test_the_published_share_of_reports_has_an_error() -> None:
    """At 4.2 % an item and 13 items, 0.43 of reports have an error (SOURCES.md S7: 0.44)."""
    rng = Random(3)
    share = sum(as_keyed(SHEET, 0.042, FORM_ERRORS, rng) != SHEET for _ in range(20_000)) / 20_000
    assert share == pytest.approx(1 - (1 - 0.042) ** NUMBERS, abs=0.015)


def test_kinds_of_error_come_in_their_shares() -> None:
    """Omissions and numbers out of nowhere are as common as in the published corrections."""
    rng, found = Random(5), Counter[str]()
    for _ in range(20_000):
        keyed = as_keyed(SHEET, 0.0, FORM_ERRORS, rng, at_least=1)
        (cell,) = [n for n, (a, b) in enumerate(zip(keyed, SHEET, strict=True)) if a != b]
        if SHEET[cell] == 0:
            found["spurious"] += 1
        elif keyed[cell] == 0:
            found["omitted"] += 1
    assert found["spurious"] / 20_000 == pytest.approx(0.18, abs=0.02)
    # A digit of a one-digit number may be mistyped as 0, which looks like an omission.
    assert 0.34 < found["omitted"] / 20_000 < 0.39


@pytest.mark.parametrize(
    ("kind", "value", "allowed"),
    [
        ("omitted", 41, {0}),
        ("swapped", 41, {14}),
        ("sounds_like", 13, {30}),
        ("sounds_like", 70, {17}),
        ("length", 12, {1, 2, 112, 122}),
    ],
)
def test_a_kind_of_error_does_what_its_name_says(kind: str, value: int, allowed: set[int]) -> None:
    """Each kind turns a number into one of its own misreadings."""
    assert {one_error(value, kind, seed) for seed in range(60)} == allowed


@pytest.mark.parametrize(("kind", "value"), [("swapped", 7), ("swapped", 44), ("sounds_like", 41)])
def test_an_error_that_would_change_nothing_is_a_wrong_digit(kind: str, value: int) -> None:
    """An error is never silent: swapping 44 mistypes a digit instead."""
    for seed in range(60):
        keyed = one_error(value, kind, seed)
        assert keyed != value
        assert keyed < 10 ** len(str(value))


def test_a_spurious_number_is_read_into_an_empty_line_beside_it() -> None:
    """The number stays where it belongs and stands in an empty neighbour as well."""
    assert as_keyed((9, 0, 5), 1.0, {"spurious": 1.0}, Random(1)) != (9, 0, 5)
    assert as_keyed((0, 41, 8), 0.0, {"spurious": 1.0}, Random(4), at_least=1)[0] in (0, 41)


@given(
    sheet=st.lists(st.integers(0, LONGEST), min_size=1, max_size=43),
    chance=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_what_is_keyed_can_be_a_count(sheet: list[int], chance: float, seed: int) -> None:
    """However wrong, every cell stays a whole number of at most four digits."""
    for kinds in (FORM_ERRORS, VOICE_ERRORS):
        keyed = as_keyed(sheet, chance, kinds, Random(seed))
        assert len(keyed) == len(sheet)
        assert all(0 <= value <= LONGEST for value in keyed)


def test_an_error_is_made_where_one_is_wanted() -> None:
    """``at_least`` makes an error even where chance would not; an empty sheet has none to make."""
    for seed in range(100):
        assert changed(as_keyed(SHEET, 0.0, FORM_ERRORS, Random(seed), at_least=1)) == 1
    assert as_keyed((0, 0), 0.0, FORM_ERRORS, Random(1), at_least=1) == (0, 0)


def test_nobody_errs_at_a_chance_of_zero() -> None:
    """A chance of 0 keys the sheet as it stands."""
    assert as_keyed(SHEET, 0.0, FORM_ERRORS, Random(1)) == SHEET
