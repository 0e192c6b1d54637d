"""The funnel and the missing-reports list say what happened, and mix no groups of people."""

from __future__ import annotations

from typing import Any

import pytest
from live_people import OPENED, cards, happen, roll_of, seen, volunteer

from harness.live.funnel import Funnel, funnels, time_to
from harness.live.marking import Mark, Marker
from harness.live.missing import GIVE, RINGS, missing, recovery
from harness.live.model import Happening
from harness.live.roll import Roll
from harness.live.scoring import Terms


def marks(roll: Roll) -> list[Mark]:
    return Marker(cards(30), Terms(within=600.0)).marks(roll)


def funnel_of(roll: Roll, group: str = "volunteers") -> Funnel:
    return funnels(marks(roll), opened=roll.opened)[group]


def test_everybody_invited_is_in_every_denominator() -> None:
    """Who never opened their card, or whose invitation came back, still counts."""
    roll = roll_of([volunteer(number) for number in range(10)])
    happen(roll, 1.0, Happening.NOT_DELIVERED, 9)
    for number in range(8):
        happen(roll, 10.0, Happening.OPENED, number)
    happen(roll, 20.0, Happening.SIGNED_IN, 0)
    for number in range(1, 6):
        seen(roll, 60.0 * number, number, {0: 999} if number == 5 else None)
    found = funnel_of(roll)
    counts = found.steps
    assert (counts.invited, counts.opened, counts.signed_in) == (10, 8, 6)
    assert (counts.practised, counts.reported, counts.correct, counts.on_time) == (5, 5, 4, 4)
    assert found.not_delivered == 1
    assert found.seconds_to == {50: 300.0, 90: None, 98: None}
    assert found.errors == {"other": 1}


def test_groups_are_never_mixed() -> None:
    """Volunteers, insiders and robots have a funnel each."""
    roll = roll_of([
        volunteer(0), volunteer(1, insider=True), volunteer(2, source="robot"),
        volunteer(3, source="robot", insider=True),
    ])  # fmt: skip
    for number in (1, 2, 3):
        seen(roll, 30.0, number)
    found = funnels(marks(roll), opened=OPENED)
    assert {name: (each.steps.invited, each.steps.reported) for name, each in found.items()} == {
        "volunteers": (1, 0), "insiders": (1, 1), "robots": (2, 2),
    }  # fmt: skip


def test_cohorts_of_fewer_than_five_are_not_shown() -> None:
    """A cohort small enough to be a person in the room has no figures."""
    people = [volunteer(n, county="Polk" if n < 5 else "Adair", language="es") for n in range(9)]
    found = funnel_of(roll_of(people))
    assert [(each.kind, each.value, each.steps.invited) for each in found.cohorts] == [
        ("county", "Polk", 5), ("language", "es", 9), ("device", "android", 9),
        ("first_time", "first time", 9),
    ]  # fmt: skip
    assert found.too_few == {"county": 4}


def test_first_report_counts_for_accuracy_and_all_are_kept() -> None:
    """A correction makes the last report right, and leaves the first one wrong."""
    roll = roll_of([volunteer(0)])
    seen(roll, 30.0, 0, {0: 7}, channel="web")
    seen(roll, 90.0, 0, channel="api")
    (mark,) = marks(roll)
    assert mark.correct is False
    assert mark.last is not None
    assert mark.last.score.correct
    assert [report.at - OPENED for report in mark.reports] == [30.0, 90.0]
    assert funnel_of(roll).channels == {"web": 1}


def test_second_card_is_for_learning() -> None:
    """A right report of a new card does not mend the first one's."""
    roll = roll_of([volunteer(0)])
    seen(roll, 30.0, 0, {0: 7})
    happen(roll, 60.0, Happening.AGAIN, 0, record="IA-0020", account="chair-20")
    values = list(cards(30)[20].values)
    happen(roll, 90.0, Happening.SEEN, 0, values=values, record="IA-0020")
    (mark,) = marks(roll)
    assert mark.correct is False
    assert mark.reports[1].score.correct
    assert mark.reports[1].score.seconds == 30.0
    assert funnel_of(roll).steps.correct == 0


def test_report_on_time_is_counted_from_the_card() -> None:
    """A late report may be right, and is not in time."""
    roll = roll_of([volunteer(0), volunteer(1)])
    for number, opened in ((0, 0.0), (1, 500.0)):
        happen(roll, opened, Happening.OPENED, number)
        seen(roll, 700.0, number)
    counts = funnel_of(roll).steps
    assert (counts.correct, counts.on_time) == (2, 1)


def test_marks_are_kept_until_something_happens() -> None:
    """Asking again costs nothing; a new report is seen at once."""
    roll, marker = roll_of([volunteer(0), volunteer(1)]), Marker(cards(30))
    seen(roll, 30.0, 0)
    before = marker.marks(roll)
    assert all(a is b for a, b in zip(before, marker.marks(roll), strict=True))
    seen(roll, 60.0, 1)
    after = marker.marks(roll)
    assert after[0] is before[0]
    assert after[1].correct


@pytest.mark.parametrize(
    ("share", "times", "expected"),
    [(0.5, [1.0, 2.0], 1.0), (0.98, [float(n) for n in range(100)], 97.0),
     (0.9, [1.0] * 9 + [None], 1.0), (0.98, [1.0] * 9 + [None], None), (0.5, [], None)],
)  # fmt: skip
def test_time_to_a_share_counts_everybody(share: float, times: Any, expected: Any) -> None:
    """Whoever has not reported keeps the share down."""
    assert time_to(share, times) == expected


# -- the missing-reports list ----------------------------------------------------------------------


def test_missing_are_those_without_a_report_after_a_while() -> None:
    """Who has just opened their card is not missed yet; who never did is, and who reported not."""
    roll = roll_of([volunteer(number) for number in range(4)])
    happen(roll, 10.0, Happening.OPENED, 0)
    happen(roll, 550.0, Happening.OPENED, 1)
    happen(roll, 20.0, Happening.OPENED, 2)
    seen(roll, 30.0, 2)
    listed = missing(marks(roll), roll, now=OPENED + 700.0, after=600.0)
    assert [(each.id[-1], each.state, each.since) for each in listed] == [
        ("3", "invited", 100.0), ("0", "opened", 90.0)
    ]  # fmt: skip


def test_nobody_is_missing_before_the_drill_is_open_or_because_it_is_over() -> None:
    """What is due is due while the drill goes on."""
    roll = roll_of([volunteer(0)], opened=False)
    assert missing(marks(roll), roll, now=OPENED + 9e6, after=600.0) == []
    happen(roll, 0.0, Happening.OPEN)
    happen(roll, 500.0, Happening.CLOSED)
    assert missing(marks(roll), roll, now=OPENED + 9e6, after=600.0) == []


def test_three_are_called_in_turn() -> None:
    """The volunteer first, then the coordinator, then the back-up; then nobody is left."""
    roll = roll_of([volunteer(0)])

    def next_one(after: float) -> tuple[str, float]:
        (one,) = missing(marks(roll), roll, now=OPENED + after, after=60.0)
        return one.next_call, one.wait

    assert next_one(100.0) == ("volunteer", 0.0)
    happen(roll, 100.0, Happening.CALLED, 0, whom="volunteer", reached=False)
    assert next_one(101.0) == ("coordinator", RINGS - 1.0)
    happen(roll, 300.0, Happening.CALLED, 0, whom="coordinator", reached=True)
    assert next_one(301.0) == ("coordinator", GIVE - 1.0)
    assert next_one(301.0 + GIVE) == ("coordinator", 0.0)
    happen(roll, 1000.0, Happening.CALLED, 0, whom="coordinator", reached=False)
    assert next_one(1200.0) == ("back_up", 0.0)
    happen(roll, 1200.0, Happening.CALLED, 0, whom="back_up", reached=False)
    assert next_one(2000.0) == ("", 0.0)


def test_report_after_a_call_is_recovered() -> None:
    """What came in after a call was won by it; what came before was not."""
    roll = roll_of([volunteer(0), volunteer(1), volunteer(2)])
    seen(roll, 50.0, 1)
    for number in range(3):
        happen(roll, 100.0, Happening.CALLED, number, whom="volunteer", reached=number == 0)
    seen(roll, 400.0, 0)
    found = recovery(marks(roll))
    assert (found.called, found.reached, found.recovered, found.seconds) == (3, 1, 1, (300.0,))


def test_whoever_had_their_data_erased_is_not_called() -> None:
    """Somebody who left is left alone."""
    roll = roll_of([volunteer(0)])
    happen(roll, 10.0, Happening.ERASED, 0)
    assert missing(marks(roll), roll, now=OPENED + 9e6, after=60.0) == []
