"""The roll: nobody goes back, counts add up, whatever the order in which things happen."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import orjson
from hypothesis import given
from hypothesis import strategies as st
from live_people import card_of, cards, volunteer

from harness.live.funnel import steps
from harness.live.marking import STATES, Mark, Marker
from harness.live.model import CALLS, Event, Happening
from harness.live.roll import Roll

PEOPLE = 4
OF_SOMEBODY = [
    each for each in Happening
    if each not in (Happening.OPEN, Happening.CLOSED, Happening.TROUBLE)
]  # fmt: skip


def detail(what: Happening) -> st.SearchStrategy[dict[str, object]]:
    """What such an event may tell; some of it nonsense, as targets and people write it."""
    answers = st.lists(st.none() | st.integers(1, 5), max_size=12)
    match what:
        case Happening.SEEN:
            cells = st.lists(st.none() | st.integers(0, 999), max_size=5)
            return st.fixed_dictionaries({
                "values": cells, "record": st.sampled_from(["", "IA-0000", "IA-0001", "IA-0900"])
            })  # fmt: skip
        case Happening.AGAIN:
            return st.fixed_dictionaries({"record": st.sampled_from(["IA-0900", "IA-0901"])})
        case Happening.CALLED:
            return st.fixed_dictionaries({"whom": st.sampled_from(CALLS), "reached": st.booleans()})
        case Happening.SURVEYED:
            return st.fixed_dictionaries({"sus": answers, "comment": st.text(max_size=9)})
        case Happening.HELP:
            return st.just({"step": "report"})
        case _:
            return st.just({})


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Things that happen to a few people, some of them to nobody who is known."""
    found = []
    for number in range(1, draw(st.integers(0, 30)) + 1):
        what = draw(st.sampled_from(OF_SOMEBODY))
        who = f"V{draw(st.integers(0, PEOPLE)):07d}"  # the last one is not on the roll
        found.append(Event(float(number), what, who, draw(detail(what)), number))
    return found


def roll_with(happened: list[Event]) -> Roll:
    """A roll on which these things happened, in this order."""
    roll = Roll()
    for number in range(PEOPLE):
        roll.add(volunteer(number))
    for event in happened:
        roll.apply(event)
    return roll


def marks_of(roll: Roll) -> list[Mark]:
    """Everybody's mark, against cards of which one is nobody's first."""
    return Marker([*cards(PEOPLE), replace(card_of(900), record="IA-0900")]).marks(roll)


@given(events())
def test_nobody_goes_back(happened: list[Event]) -> None:
    """Nothing that happens takes anybody back to an earlier state, or moves anybody else."""
    roll = roll_with([])
    before = [0] * PEOPLE
    for event in happened:
        roll.apply(event)
        after = [STATES.index(mark.state) for mark in marks_of(roll)]
        for number, (was, state) in enumerate(zip(before, after, strict=True)):
            assert state >= was
            assert state == was or event.volunteer == f"V{number:07d}"
        before = after


@given(events())
def test_counts_add_up(happened: list[Event]) -> None:
    """Everybody is invited; no step has more people than the one before it."""
    marks = marks_of(roll_with(happened))
    found = steps(marks)
    counts = [getattr(found, name) for name in STATES]
    assert counts[0] == PEOPLE == len(marks)
    assert counts == sorted(counts, reverse=True)
    at = Counter(mark.state for mark in marks)
    assert sum(at.values()) == PEOPLE
    for place, name in enumerate(STATES):
        assert getattr(found, name) == sum(at[each] for each in STATES[place:])


@given(events(), st.randoms(use_true_random=False))
def test_order_between_people_does_not_matter(happened: list[Event], rng: object) -> None:
    """Events of different people may be told apart and interleaved in any way."""
    queues = {
        who: [each for each in happened if each.volunteer == who]
        for who in {each.volunteer for each in happened}
    }
    mixed: list[Event] = []
    while queues:
        who = rng.choice(sorted(queues))  # type: ignore[attr-defined]
        mixed.append(queues[who].pop(0))
        if not queues[who]:
            del queues[who]
    assert roll_with(mixed).journeys == roll_with(happened).journeys


@given(events())
def test_as_it_comes_back_from_disk(happened: list[Event]) -> None:
    """An event that went through JSON does the same."""
    stored = [
        Event(each.at, Happening(each.what.value), each.volunteer,
              orjson.loads(orjson.dumps(each.detail)), each.number)
        for each in happened
    ]  # fmt: skip
    assert roll_with(stored).journeys == roll_with(happened).journeys


@given(events())
def test_what_was_erased_stays_erased(happened: list[Event]) -> None:
    """No event after it brings an answer back."""
    roll = roll_with(happened)
    for each in roll:
        if each.erased:
            assert each.survey is None


def test_a_card_code_is_read_kindly() -> None:
    """Small letters, blanks and dashes do not matter; anything else does."""
    roll = Roll()
    journey = roll.add(volunteer(1))
    assert roll.by_id(" v000 0001 ") is journey
    assert roll.by_id("V000-0001") is journey
    assert roll.by_id("V0000002") is None
    assert roll.by_id("") is None


def test_a_new_card_begins_anew() -> None:
    """What was said of the old card is not said of the new one; first times stay."""
    roll = Roll()
    journey = roll.add(volunteer(1))
    for number, what in enumerate((Happening.SIGNED_IN, Happening.SENT), start=1):
        roll.apply(Event(float(number), what, "V0000001", {}, number))
    roll.apply(Event(3.0, Happening.AGAIN, "V0000001", {"record": "IA-0900"}, 3))
    assert journey.card.record == "IA-0900"
    assert not journey.since_card
    assert journey.times[Happening.SENT] == 2.0
    assert roll.by_record("IA-0001") is roll.by_record("IA-0900") is journey
    roll.apply(Event(4.0, Happening.SEEN, "V0000001", {"values": [], "record": "IA-0900"}, 4))
    assert [each.record for each in journey.seen] == ["IA-0900"]


def test_reserved_records_are_nobody_elses() -> None:
    """A card that is being dealt counts as dealt."""
    roll = Roll()
    assert not roll.has("IA-0007")
    roll.reserve("IA-0007")
    assert roll.has("IA-0007")
