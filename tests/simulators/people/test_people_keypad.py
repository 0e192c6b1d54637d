"""Tests of codes keyed on a phone, and of who plays which part among the watchers."""

from __future__ import annotations

import numpy as np

from simulators.people.keypad import NEIGHBOURS, hindrance, mistyped
from simulators.people.watching import Thumbs


def test_a_slip_never_leaves_the_code_as_it_was() -> None:
    """Whatever goes wrong, four digits come out, and others than were meant."""
    draws = [each / 20 for each in range(20)]
    for code in ("0000", "4711", "1121", "9999"):
        for kind in draws:
            for place in draws:
                wrong = mistyped(code, (kind, place, kind))
                assert len(wrong) == 4
                assert wrong.isdigit()
                assert wrong != code


def test_a_finger_that_misses_hits_a_key_beside() -> None:
    """A replaced digit is a neighbour on the keypad."""
    wrong = mistyped("4711", (0.9, 0.0, 0.0))
    assert wrong[1:] == "711"
    assert wrong[0] in NEIGHBOURS["4"]


def test_age_and_cold_slow_people_down() -> None:
    """Both together more than either."""
    ages, cold = np.array([40, 70, 40, 70]), np.array([False, False, True, True])
    factors = hindrance(Thumbs(aged=1.5, cold_factor=1.4), ages, cold)
    assert factors.tolist() == [1.0, 1.5, 1.4, 1.5 * 1.4]
