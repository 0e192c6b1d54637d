"""Parts: shares dealt out by count, so that no seed leaves one out."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from simulators.people.cast import Cast, Codes, Habits, Keying, Persistence
from simulators.people.parts import SURE, Parts, deal_parts

REHEARSAL = Cast()


def dealt(seed: int, cast: Cast, sheets: np.ndarray, late: np.ndarray | None = None) -> Parts:
    return deal_parts(seed, cast, sheets, np.ones(len(sheets), bool) if late is None else late)


def able(count: int) -> np.ndarray:
    return np.ones(count, bool)


@pytest.mark.parametrize("seed", range(25))
def test_every_seed_has_every_part(seed: int) -> None:
    """A plan of 40 chairs has a wrong code, a double tap, a wrong precinct and a correction."""
    parts = dealt(seed, REHEARSAL, able(SURE))
    assert set(parts.slip.tolist()) == {0, 1, 2}
    assert parts.double_tap.any()
    assert parts.wrong_precinct.any()
    assert (parts.phones_at_once & ~parts.uses_app).any()
    assert (parts.errs & parts.notices & parts.uses_app).any()


def test_nobody_does_what_the_cast_rules_out() -> None:
    """A share of 0 is nobody, in a plan of any size."""
    none = Cast(
        codes=Codes(swapped=0, mistyped=0),
        keying=Keying(noticed=0),
        habits=Habits(
            double_tap=0,
            wrong_precinct=0,
            phones_at_once=0,
            photo=0,
            reads_back=0,
            tries_on_hold=0,
        ),
    )
    parts = dealt(1, none, able(2000))
    assert parts.uses_app.all()
    for name in ("slip", "double_tap", "wrong_precinct", "photo", "reads_back", "errs", "notices"):
        assert not getattr(parts, name).any(), name


def test_shares_are_exact() -> None:
    """A quarter of 1,765 chairs is 439 to the chair: 24.9 % of sites reported by app in 2020."""
    parts = dealt(3, replace(REHEARSAL, ready=0.249, trained=0.25), able(1765))
    assert parts.ready.sum() == 439
    assert parts.trained[parts.ready].sum() == 110
    assert parts.trained.sum() == pytest.approx(0.25 * 1765, abs=1)


def test_untrained_people_give_up_at_the_casts_share() -> None:
    """Half of the untrained never get through a working app, and none of the trained."""
    parts = dealt(3, replace(REHEARSAL, trained=0.5, untrained_give_up=0.5), able(1000))
    gave_up = ~parts.uses_app & ~parts.phones_at_once
    assert not (parts.trained & gave_up).any()
    assert gave_up.sum() == 250


def test_parts_of_the_app_go_to_people_who_use_it() -> None:
    """Nobody without a way through the app taps twice in it."""
    parts = dealt(3, replace(REHEARSAL, ready=0.3), able(500))
    for name in ("double_tap", "wrong_precinct", "photo", "notices", "errs", "reads_back"):
        assert not (getattr(parts, name) & ~parts.uses_app).any(), name
    assert not parts.slip[~parts.uses_app].any()


def test_an_empty_sheet_shows_no_error() -> None:
    """Who corrects in any case, or types a wrong key, holds a sheet with numbers on it."""
    sheets = np.zeros(100, bool)
    sheets[[3, 50]] = True
    for seed in range(10):
        parts = dealt(seed, REHEARSAL, sheets)
        assert set(np.flatnonzero(parts.errs)) <= {3, 50}
        assert parts.errs.sum() == 1
        assert set(np.flatnonzero(parts.wrong_precinct)) <= {3, 50}
        assert parts.wrong_precinct.sum() == 1


def test_the_seed_decides_the_parts() -> None:
    """Same seed, same parts; another seed, others."""

    def flat(seed: int) -> list[list[bool]]:
        parts = dealt(seed, REHEARSAL, able(500))
        return [getattr(parts, each.name).tolist() for each in fields(parts)]

    assert flat(7) == flat(7)
    assert flat(7) != flat(8)


def test_only_late_chairs_type_a_wrong_key() -> None:
    """The precinct whose key they type has reported by then."""
    late = np.arange(1000) >= 900
    parts = dealt(3, REHEARSAL, able(1000), late)
    assert parts.wrong_precinct.any()
    assert not (parts.wrong_precinct & ~late).any()


def test_shares_of_the_ways_out_are_exact() -> None:
    """Of 1,000 chairs 300 would send a photo and 200 others a text, when the phone is in vain."""
    cast = replace(REHEARSAL, persistence=Persistence(then_photo=0.3, then_text=0.2))
    assert np.bincount(dealt(1, cast, able(1000)).gives_way_to).tolist() == [500, 300, 200]
    everybody = replace(REHEARSAL, persistence=Persistence(then_photo=1.0))
    assert set(dealt(1, everybody, able(100)).gives_way_to.tolist()) == {1}


def test_a_photo_at_once_is_neither_app_nor_phone() -> None:
    """And only those who phone mail one beside it."""
    cast = replace(REHEARSAL, ready=0.5, habits=Habits(photo_at_once=0.1, mails_photo=1.0))
    parts = dealt(1, cast, able(1000))
    assert parts.photo_at_once.sum() == 49  # a tenth of 500 ready ones less ten who phone at once
    assert not (parts.photo_at_once & (parts.uses_app | parts.mails_photo)).any()
    assert (parts.mails_photo == ~parts.uses_app & ~parts.photo_at_once).all()
