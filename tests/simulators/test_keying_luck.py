"""Entry errors are spread over the reports by count: how many go wrong is nearly sure."""

from __future__ import annotations

from random import Random
from statistics import fmean, pstdev

import numpy as np

from simulators.people.cast import Cast
from simulators.people.keying import FORM_ERRORS, as_keyed
from simulators.people.parts import deal_parts

SHEET = tuple(range(1, 15))  # fourteen numbers


def test_small_luck_is_an_error_and_large_luck_is_none() -> None:
    """A report is keyed wrong where its luck lies below the chance of any error."""
    chance = 0.01
    edge = 1 - (1 - chance) ** len(SHEET)
    assert as_keyed(SHEET, chance, FORM_ERRORS, Random(1), luck=edge - 1e-9) != SHEET
    assert as_keyed(SHEET, chance, FORM_ERRORS, Random(1), luck=edge + 1e-9) == SHEET


def test_lucks_dealt_to_a_state_make_the_number_of_wrong_reports_sure() -> None:
    """Of 1,765 equal sheets as many are wrong as expected, to one or two, whatever the seed."""
    wrong = []
    for seed in range(12):
        parts = deal_parts(seed, Cast(ready=0.25), np.ones(1765, bool), np.zeros(1765, bool))
        wrong.append(
            sum(
                as_keyed(SHEET, 0.0025, FORM_ERRORS, Random(row), luck=luck) != SHEET
                for row, luck in enumerate(parts.luck.tolist())
            )
        )
    # Drawn one by one the standard deviation would be 7.7.
    assert abs(fmean(wrong) - 1765 * (1 - 0.9975**14)) < 1.5
    assert pstdev(wrong) < 1.5
