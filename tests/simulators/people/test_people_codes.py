"""Sign-in codes: unique accounts, and codes typed wrong in the ways people do."""

from __future__ import annotations

from random import Random

import pytest

from simulators.people.codes import as_typed, draw_codes

CODES = ("123456", "654321", "246810")


@pytest.mark.parametrize("seed", [0, 1, 2020])
def test_codes_name_one_account_each(seed: int) -> None:
    """No two accounts share a precinct ID, and no PIN is its own precinct ID."""
    codes = draw_codes(seed, 5000)
    assert len(set(codes[:, 0].tolist())) == 5000
    assert (codes[:, 0] != codes[:, 1]).all()
    assert codes.min() >= 100_000
    assert codes.max() <= 999_999


def test_an_account_keeps_its_codes_when_more_are_drawn() -> None:
    """A longer list of accounts begins with the shorter one."""
    assert (draw_codes(7, 5000)[:100] == draw_codes(7, 100)).all()
    assert (draw_codes(7, 100) != draw_codes(8, 100)).any()


def test_more_accounts_than_six_digits_get_longer_ids() -> None:
    """A million accounts are told apart by seven digits."""
    first = draw_codes(7, 1_000_000)[:, 0]
    assert len(set(first.tolist())) == 1_000_000
    assert first.min() >= 1_000_000


def test_swapped_codes_put_the_precinct_id_in_the_pin_box() -> None:
    """The slip seen in 2020."""
    assert as_typed(CODES, "swapped", Random(1)) == ("123456", "123456", "246810")


def test_a_mistyped_code_differs_in_one_digit_and_not_in_the_precinct_id() -> None:
    """A mistyped precinct ID would be an attempt at somebody else's account."""
    for seed in range(100):
        typed = as_typed(CODES, "mistyped", Random(seed))
        wrong = [(a, b) for a, b in zip("".join(typed), "".join(CODES), strict=True) if a != b]
        assert len(wrong) == 1
        assert typed[0] == CODES[0]


def test_codes_without_a_slip_are_the_codes() -> None:
    """Most people type what they were given."""
    assert as_typed(CODES, "", Random(1)) == CODES
