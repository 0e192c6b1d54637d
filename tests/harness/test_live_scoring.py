"""Scoring names what keying got wrong, and never stumbles over what a target may hold."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.live.model import Card, Sighting
from harness.live.scoring import Cards, Terms, detail_of, score, sighting_of
from harness.live.slips import KINDS, explanations, slips
from simulators.people.keying import FORM_ERRORS, VOICE_ERRORS, as_keyed

SHEET = (148, 0, 61, 0, 44, 0, 0, 9, 34, 0, 0, 60, 0, 0, 48, 12, 0, 7)
OTHER = (97, 3, 0, 0, 51, 0, 22, 0, 0, 21, 0, 0, 0, 8, 0, 31, 5, 0)
NAMES = {
    "omitted": {"omitted"}, "digit": {"digit"}, "spurious": {"spurious"}, "several": {"other"},
    "length": {"extra_digit", "lost_digit"}, "swapped": {"transposed"},
    "sounds_like": {"sounds_like"},
}  # fmt: skip
"""What each of keying's kinds is called when it is found again."""

counts = st.integers(0, 2000)
sheets = st.lists(counts, min_size=3, max_size=43).filter(lambda values: any(values)).map(tuple)
anything = st.one_of(st.none(), st.integers(), st.just(10**400), st.just(-(10**400)))


def card(values: tuple[int, ...] = SHEET, record: str = "P1") -> Card:
    return Card(record, f"Place {record}", values, ("123456",))


def scored(values: Any, **asked: Any) -> Any:
    about = {"at": 100.0, "opened": 40.0, "terms": Terms()} | asked
    return score(Sighting(tuple(values), record=about.pop("record", "")), card(), **about)


@given(sheets)
def test_right_report_has_no_slips(values: tuple[int, ...]) -> None:
    """A report that says what the card says has nothing wrong with it."""
    assert slips(values, values) == ()


@given(sheets, st.sampled_from(sorted({*FORM_ERRORS, *VOICE_ERRORS})), st.integers(0, 2**32))
def test_every_kind_of_keying_error_is_named(values: tuple[int, ...], kind: str, seed: int) -> None:
    """What went wrong in keying is among the ways from the one number to the other."""
    keyed = as_keyed(values, 0.0, {kind: 1.0}, Random(seed), at_least=1)
    wrong = slips(values, keyed)
    # What cannot be done to a number (13 for 30, to a 7) is keyed as a wrong digit.
    names = NAMES[kind] | ({"digit"} if kind != "omitted" else set())
    assert len(wrong) == 1
    (slip,) = wrong
    assert (slip.expected, slip.found) == (values[slip.cell], keyed[slip.cell])
    assert names & set(explanations(slip.expected, slip.found)), (kind, slip)
    assert slip.kind == next(iter(explanations(slip.expected, slip.found)))


@given(sheets, st.floats(0, 1), st.integers(0, 2**32))
def test_every_wrong_cell_is_found_and_no_other(
    values: tuple[int, ...], chance: float, seed: int
) -> None:
    """As many slips as cells that differ, each with a name."""
    keyed = as_keyed(values, chance, FORM_ERRORS, Random(seed))
    wrong = slips(values, keyed)
    assert [each.cell for each in wrong] == [
        at for at, pair in enumerate(zip(values, keyed, strict=True)) if pair[0] != pair[1]
    ]
    assert {each.kind for each in wrong} <= set(KINDS)


@pytest.mark.parametrize(
    ("expected", "found", "kind"),
    [
        (48, 84, "transposed"), (120, 12, "lost_digit"), (12, 120, "extra_digit"),
        (44, 444, "extra_digit"), (44, 4, "lost_digit"), (48, 43, "digit"), (48, 0, "omitted"),
        (48, None, "omitted"), (0, 5, "spurious"), (13, 30, "sounds_like"),
        (70, 17, "sounds_like"), (48, 91, "other"), (48, -48, "other"), (48, 10**30, "other"),
    ],
)  # fmt: skip
def test_one_cell_is_named(expected: int, found: int | None, kind: str) -> None:
    """Each kind has the name that people would give it."""
    assert next(iter(explanations(expected, found))) == kind


def test_two_cells_exchanged_are_no_two_errors_of_digits() -> None:
    """Values that stand in each other's cells are named for that."""
    wrong = slips((61, 44, 34, 9), (61, 9, 34, 44))
    assert [(each.cell, each.kind) for each in wrong] == [
        (1, "swapped_columns"), (3, "swapped_columns")
    ]  # fmt: skip


@given(
    st.lists(st.integers(1, 900), min_size=2, max_size=10, unique=True), st.sampled_from([1, -1])
)
def test_run_of_numbers_one_row_off_is_shifted(numbers: list[int], step: int) -> None:
    """A run of two or more numbers that all stand one row off is one kind of error."""
    paper = (0, *numbers, 0)
    held = (0, 0, *numbers) if step == 1 else (*numbers, 0, 0)
    wrong = slips(paper, held)
    assert wrong
    assert {each.kind for each in wrong} == {"shifted"}


def test_number_read_twice_is_not_a_shift() -> None:
    """Two numbers that were each read into the next empty line as well are spurious."""
    assert [each.kind for each in slips((12, 0, 7, 0), (12, 12, 7, 7))] == ["spurious"] * 2


def test_blank_is_right_where_the_card_says_zero() -> None:
    """Nobody is told off for leaving a zero out."""
    assert scored([each or None for each in SHEET]).correct


def test_another_cards_values_are_a_wrong_precinct() -> None:
    """A report copied from somebody else's card is known for one, also with a slip in it."""
    cards = Cards([card(), card(OTHER, "P2")])
    nearly = (*OTHER[:3], 1, *OTHER[4:])
    for values in (OTHER, nearly):
        assert cards.source_of(Sighting(values), "P1") == "P2"
        assert cards.source_of(Sighting(values), "P2") == "P2"
    wrong = scored(OTHER, elsewhere=True)
    assert not wrong.correct
    assert set(wrong.kinds) == {"wrong_precinct"}


@given(st.floats(0, 0.3), st.integers(0, 2**32))
def test_slips_alone_are_never_taken_for_another_precinct(chance: float, seed: int) -> None:
    """However badly a card is keyed, it stays that card."""
    cards = Cards([card(), card(OTHER, "P2")])
    keyed = as_keyed(SHEET, chance, FORM_ERRORS, Random(seed))
    assert cards.source_of(Sighting(keyed), "P1") == "P1"


def test_two_cards_alike_are_nobodys_wrong_precinct() -> None:
    """Where two cards fit a report equally well, neither is said to be its source."""
    cards = Cards([card(), card(OTHER, "P2"), card(OTHER, "P3")])
    assert cards.source_of(Sighting(OTHER), "P1") == "P1"


def test_right_values_at_another_record_are_wrong() -> None:
    """The right numbers in the wrong place are not a correct report."""
    assert scored(SHEET, record="P2").kinds == ["wrong_precinct"]
    assert not scored(SHEET, record="P2").correct
    assert scored(SHEET, record="P1").correct


def test_time_runs_from_opening_the_card() -> None:
    """A report is on time by the seconds since its card was opened, and before the deadline."""
    terms = Terms(within=60.0, deadline=110.0)
    assert scored(SHEET, terms=terms).seconds == 60.0
    assert scored(SHEET, terms=terms).on_time
    assert not scored(SHEET, terms=terms, at=100.5).on_time
    assert not scored(SHEET, terms=terms, at=111.0, opened=110.9).on_time
    assert scored(SHEET, terms=terms, opened=None).on_time


def test_report_without_values_is_received_and_not_judged() -> None:
    """Where the target shows no values, nobody can say whether they are right."""
    found = scored(())
    assert found.correct is None
    assert found.kinds == []


@given(sheets, st.lists(anything, max_size=50), st.lists(anything, max_size=50))
def test_nothing_a_target_holds_stops_the_scoring(
    values: tuple[int, ...], mine: list[Any], theirs: list[Any]
) -> None:
    """Holes, nonsense and numbers of any size are scored like everything else."""
    cards = Cards([card(values), card(OTHER, "P2")])
    for held in (mine, theirs):
        sighting = Sighting(tuple(held))
        cards.source_of(sighting, "P1")
        cards.source_of(sighting, "nowhere")
        wrong = slips(values, held)
        assert all(each.kind in KINDS for each in wrong)


@pytest.mark.parametrize(
    "detail",
    [
        {}, {"values": None}, {"values": "12"}, {"values": {"0": 1}}, {"key": 7, "record": None},
        {"values": [True, 1.5, "<script>", None, [1], 10**400]}, {"channel": ["web"]},
    ],
)  # fmt: skip
def test_any_detail_reads_as_a_sighting(detail: dict[str, Any]) -> None:
    """An event of a hostile target is read with holes, not with an error."""
    sighting = sighting_of(detail)
    assert all(each is None or type(each) is int for each in sighting.values)
    scored(sighting.values)


def test_sighting_goes_through_an_event_unchanged() -> None:
    """What is stored of a sighting is what is read again."""
    sighting = Sighting((1, None, 3), "k1", "web", "r17", "P2")
    assert sighting_of(detail_of(sighting)) == sighting
