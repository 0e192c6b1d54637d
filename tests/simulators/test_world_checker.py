"""The consistency check: real rows it must flag, and the fast form against the exact one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.world.awards import award_many, reproducible, thresholds
from simulators.world.caucus import CaucusError, possible_awards
from simulators.world.checker import CODES, broken_rules, broken_rules_many
from simulators.world.preferences import GROUPS, PREFERENCES
from simulators.world.rules import IOWA_2020, NEVADA_2020, RuleSet, threshold

Counts = dict[str, int]


def report(first: Counts, final: Counts, delegates: Counts) -> tuple[int, ...]:
    """The 43 cells of a report, from the groups that are not empty."""
    parts = [[part.get(name, 0) for name in PREFERENCES] for part in (first, final, delegates)]
    return (sum(first.values()), *(cell for part in parts for cell in part))


def hard(first: Counts, final: Counts, delegates: Counts, elect: int) -> set[str]:
    """Codes of a report without the soft ones and the strict E8, the two forms agreeing."""
    cells = report(first, final, delegates)
    found = broken_rules(cells, elect)
    many = broken_rules_many(np.array([cells]), np.array([elect]))[0]
    assert found == tuple(code for code, flag in zip(CODES, many, strict=True) if flag)
    return set(found) - {"S1", "S2", "E8"}


# Biden, Klobuchar, Sanders at the last row of Osceola 2; every other row as published, and
# groups the sources do not name filled in legally.
OSCEOLA_2 = {"biden": 4, "klobuchar": 3, "sanders": 4}


def test_osceola_2() -> None:
    """3 1 3 of 7 cannot follow from 4 3 4, whatever the attendance (E9); 2 2 3 can."""
    published = {"biden": 3, "klobuchar": 1, "sanders": 3}
    assert hard(OSCEOLA_2, OSCEOLA_2, published, 7) == {"E9"}
    for legal in ({"biden": 2, "klobuchar": 2, "sanders": 3},):
        assert hard(OSCEOLA_2, OSCEOLA_2, legal, 7) == set()


def test_ocheyedan() -> None:
    """The 100 % release took an only delegate away (E4, E9); the correction is clean."""
    people = {"buttigieg": 3, "klobuchar": 1, "sanders": 1}
    assert hard(people, people, {"buttigieg": 2, "klobuchar": 1}, 3) == {"E4", "E9"}
    assert hard(people, people, {"buttigieg": 1, "klobuchar": 1, "sanders": 1}, 3) == set()


def test_howard_roland() -> None:
    """19 of 112 were viable at first and are gone at the end: E2."""
    first = {"biden": 19, "buttigieg": 50, "sanders": 43}
    final = {"buttigieg": 60, "sanders": 52}
    assert hard(first, final, {"buttigieg": 2, "sanders": 1}, 3) == {"E2"}


def test_des_moines_17() -> None:
    """91 people at first and 94 at the end: E1."""
    first = {"sanders": 50, "warren": 41}
    final = {"sanders": 53, "warren": 41}
    assert hard(first, final, {"sanders": 4, "warren": 3}, 7) == {"E1"}


def test_des_moines_80() -> None:
    """No first alignment and 215 people at the end: E1 and E10."""
    final = {"sanders": 120, "warren": 95}
    assert hard({}, final, {"sanders": 5, "warren": 4}, 9) == {"E1", "E10"}


def test_west_des_moines_322() -> None:
    """Three viable groups for two delegates: E7, and no code that E7 explains."""
    people = {"biden": 40, "buttigieg": 39, "warren": 44}
    assert hard(people, people, {"biden": 1, "warren": 1}, 2) == {"E7"}


@pytest.mark.parametrize(
    ("delegates", "codes"),
    [
        ({"sanders": 3, "warren": 2}, set()),
        ({"sanders": 3, "warren": 1, "yang": 1}, {"E3", "E9"}),
        ({"sanders": 3, "warren": 3}, {"E5", "E9"}),
        ({"sanders": 2, "warren": 3}, {"E6", "E9"}),
        ({"sanders": 4, "warren": 1}, {"E9"}),
        ({"sanders": 5}, {"E4", "E9"}),
    ],
)
def test_codes_of_an_award(delegates: Counts, codes: set[str]) -> None:
    """Each way of misreading 3 and 2 delegates of 5 has its code."""
    people = {"sanders": 60, "warren": 40}
    assert hard(people, people, delegates, 5) == codes


def test_one_delegate_has_no_threshold() -> None:
    """With one delegate a small group is fine, the wrong winner and the wrong sum are not."""
    people = {"biden": 1, "sanders": 9, "yang": 2}
    assert hard(people, people, {"sanders": 1}, 1) == set()
    assert hard(people, people, {"yang": 1}, 1) == {"E6"}
    assert hard(people, people, {}, 1) == {"E5"}


def test_satellites_elect_nobody() -> None:
    """At a satellite only the people are checked, and an empty one is fine."""
    first, final = {"sanders": 30, "biden": 20}, {"sanders": 31, "biden": 20}
    assert hard(first, final, {}, 0) == {"E1"}
    assert hard(first, {"sanders": 30, "biden": 2}, {}, 0) == {"E2"}
    assert hard({}, {}, {}, 0) == set()


def test_nevada_allows_added_delegates() -> None:
    """Five delegates for four are an error in Iowa and the rule in Nevada."""
    names = ("biden", "buttigieg", "klobuchar", "sanders", "warren")
    people = dict(zip(names, (13, 13, 13, 13, 24), strict=True))
    cells = report(people, people, dict.fromkeys(names, 1))
    assert broken_rules(cells, 4, NEVADA_2020) == ()
    assert set(broken_rules(cells, 4)) == {"E5", "E7"}


def test_absurd_cells_are_flagged_not_fatal() -> None:
    """Cells far beyond any meeting still give flags."""
    cells = np.array([report({"biden": 2**31 - 1}, {"biden": -5}, {"biden": 3})])
    assert broken_rules_many(cells, np.array([3])).any()


# -- the fast form against the exact one -------------------------------------------------------

group_sizes = st.lists(
    st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 300)), min_size=6, max_size=6
).map(lambda some: some + [0] * (GROUPS - 6))
precincts = st.tuples(group_sizes, st.integers(1, 15), st.integers(0, 12))
rule_sets = st.sampled_from([IOWA_2020, NEVADA_2020])


@settings(max_examples=150, deadline=None)
@given(st.lists(precincts, min_size=1, max_size=12), rule_sets, st.integers(0, 2**32 - 1))
def test_awards_of_a_block_are_awards_of_its_precincts(
    block: list[tuple[list[int], int, int]], rules: RuleSet, seed: int
) -> None:
    """What the fast form awards is always one of the awards the exact one allows."""
    final = np.array([groups for groups, _, _ in block], dtype=np.int32).T
    delegates = np.array([elect for _, elect, _ in block], dtype=np.int32)
    attendance = final.sum(axis=0, dtype=np.int32) + np.array([gone for _, _, gone in block])
    attendance = attendance.astype(np.int32)
    ties = np.random.default_rng(seed).random(final.shape, dtype=np.float32)
    given_ = award_many(final, delegates, attendance, ties, rules)
    needed = thresholds(delegates, attendance, rules)
    fair = reproducible(final, given_, delegates, attendance, rules)
    for at, (groups, elect, _) in enumerate(block):
        people = int(attendance[at])
        assert needed[at] == threshold(elect, people, rules)
        try:
            allowed = possible_awards(groups, elect, people, rules)
        except CaucusError:
            assert not fair[at]
            continue
        assert tuple(given_[:, at].tolist()) in allowed
        assert fair[at]


@settings(max_examples=200, deadline=None)
@given(
    group_sizes,
    st.integers(1, 12),
    st.integers(0, 12),
    rule_sets,
    st.lists(st.integers(-2, 2), min_size=6, max_size=6),
)
def test_reproducible_is_membership(
    groups: list[int], elect: int, gone: int, rules: RuleSet, nudges: list[int]
) -> None:
    """An award, nudged or not, is reproducible exactly if some fall of the coins gives it."""
    people = sum(groups) + gone
    try:
        allowed = possible_awards(groups, elect, people, rules)
    except CaucusError:
        return
    for base in allowed:
        for used in (nudges, [0] * 6):
            award = [seats + nudge for seats, nudge in zip(base, used, strict=False)]
            award += list(base[6:])
            column = np.array([groups], dtype=np.int32).T, np.array([award], dtype=np.int32).T
            elects, total = np.array([elect], dtype=np.int32), np.array([people], dtype=np.int32)
            if min(award) >= 0:
                assert bool(reproducible(*column, elects, total, rules)[0]) == (
                    tuple(award) in allowed
                )


wild_sizes = st.lists(st.integers(-2, 40), min_size=6, max_size=6).map(
    lambda some: some + [0] * (GROUPS - 6)
)
any_sizes = st.one_of(group_sizes, wild_sizes)
reports = st.tuples(any_sizes, any_sizes, st.lists(st.integers(0, 4), min_size=6, max_size=6))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(reports, st.integers(0, 9), st.booleans()), max_size=8), rule_sets)
def test_both_checkers_agree(
    block: list[tuple[tuple[list[int], list[int], list[int]], int, bool]], rules: RuleSet
) -> None:
    """The fast check gives every report the codes of the exact one, however wild the report."""
    rows, elects = [], []
    for (first, other, seats), elect, stays in block:
        final = first if stays else other
        rows.append((sum(first), *first, *final, *seats, *[0] * (GROUPS - 6)))
        elects.append(elect)
    values = np.array(rows, dtype=np.int32).reshape(len(rows), 1 + 3 * GROUPS)
    flags = broken_rules_many(values, np.array(elects, dtype=np.int32), rules)
    for row, elect, flag in zip(rows, elects, flags, strict=True):
        expected = broken_rules(row, elect, rules)
        assert expected == tuple(code for code, on in zip(CODES, flag, strict=True) if on)
