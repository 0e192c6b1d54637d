"""Who answers the phones and reads the inboxes, dealt out among workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulators.behaviours.protocol import Keyed
from simulators.lines import AgentLine
from simulators.night import Hours, Night, night_from_dict, night_to_dict
from simulators.people.cast import Cast, Inbox, Staffing
from simulators.people.person import Person
from simulators.people.shifts import Shift, WalkOut
from simulators.phones.hotline import Call
from simulators.plan import Plan
from simulators.staffing import MAIN, lines_of
from simulators.switchboard import Lines
from simulators.traffic import Traffic
from simulators.world import WorldSpec

FULL = Cast(
    hotline=Staffing(
        shifts=(Shift(6), Shift(4, begins=3600.0)),
        walk_outs=(WalkOut(at=1800.0, share=0.5),),
        trunks=21,
        waiting_room=10,
        call_back_minutes=10.0,
        barred_after=2,
    ),
    photos=Inbox(readers=3),
    texts=Inbox(readers=1, begins=7200.0),
)


def night(cast: Cast = FULL, scale: float = 1.0) -> Night:
    return Night("staffed", WorldSpec(), cast, Traffic(), Hours(), 11, scale)


def person(number: int) -> Person:
    return Person(1000 + number, "operator", f"operator-{number}")


def lines(cast: Cast = FULL, shard: int = 0, shards: int = 1, role: str = "chair") -> Lines:
    return lines_of(night(cast), person, lambda caller: role, shard, shards)


def people_of(line: AgentLine) -> list[int]:
    """Numbers of the people at a line, by their seats."""
    report = Keyed("IA-0001", 1, (1,), "t-1")
    seats = sorted({seat for _, on in line.duty for seat in on} or line.hotline.on_duty)
    taken = [line.operators.take(seat, Call(0, line.name, "", 0.0), report) for seat in seats]
    return [who.index - 1000 for who, _, _ in taken]


def on_duty(line: AgentLine, at: float) -> Iterator[int]:
    """Numbers of the people on duty."""
    people = people_of(line)
    last = [seats for since, seats in line.duty if since <= at][-1]
    return (people[seat] for seat in last)


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_any_number_of_workers_has_the_same_people_on_duty(shards: int) -> None:
    """Together their lines have everybody once, before and after the walk-out and the shift."""
    parts = [lines(shard=shard, shards=shards) for shard in range(shards)]
    desks = [part.agents[0] for part in parts]
    assert sorted(n for desk in desks for n in people_of(desk)) == list(range(10))
    for at, expected in (
        (0.0, range(6)),
        (1800.0, range(3)),
        (3600.0, [0, 1, 2, 6, 7, 8, 9]),
    ):
        there = sorted(n for desk in desks for n in on_duty(desk, at))
        assert there == list(expected), at
    assert sum(part.trunks[MAIN].lines or 0 for part in parts) == 21


@pytest.mark.parametrize("shards", [1, 3])
def test_readers_come_after_the_agents(shards: int) -> None:
    """Three who read photos, then one who reads texts, who begins later; one sits in many rooms."""
    parts = [lines(shard=shard, shards=shards) for shard in range(shards)]
    photos = sorted(n for part in parts for n in people_of(part.inboxes[0]))
    assert photos == [10, 11, 12]
    for part in parts:
        text = part.inboxes[1]
        assert people_of(text) == [13]
        assert [(since, len(seats)) for since, seats in text.duty] == [(0.0, 0), (7200.0, 1)]
        assert (part.inboxes[0].channel, text.channel) == ("photo", "text")


def test_an_inbox_without_readers_is_there_and_unread() -> None:
    """So is one whose readers would begin after the end."""
    late = replace(FULL, photos=Inbox(readers=4, begins=50_000.0), texts=Inbox())
    for inbox in lines(late).inboxes:
        assert inbox.duty == ((0.0, ()),)


def test_everybody_is_there_all_night_unless_shifts_say_otherwise() -> None:
    """No change is scheduled at all."""
    (desk,) = lines(Cast(hotline=Staffing(agents=5))).agents
    assert desk.duty == ()
    assert desk.hotline.on_duty == frozenset(range(5))


def test_a_share_of_callers_takes_the_call_back() -> None:
    """Six in ten by default, after the minutes that the staffing says; the same on any worker."""
    (one,) = lines().agents
    (two,) = lines(shard=1, shards=2).agents
    offers = [one.calls_back(caller) for caller in range(2000)]
    assert set(offers) == {600.0, None}
    assert sum(each is not None for each in offers) / 2000 == pytest.approx(0.6, abs=0.03)
    assert offers == [two.calls_back(caller) for caller in range(2000)]
    (none,) = lines(Cast()).agents
    assert none.calls_back(1) is None


def test_a_number_is_barred_after_two_nuisance_calls() -> None:
    """The line asks the desk; a withheld number, one in five, is never barred."""
    (desk,) = lines(role="nuisance").agents
    for caller in range(500):
        assert not desk.barred(caller)
        for _ in range(2):
            assert not desk.barred(caller)
            desk.operators.take(0, Call(caller, "results", "", 0.0), None)
    barred = sum(desk.barred(caller) for caller in range(500)) / 500
    assert barred == pytest.approx(0.8, abs=0.06)


def test_who_asks_for_help_is_never_barred() -> None:
    """However often they call."""
    (desk,) = lines(role="help_caller").agents
    for _ in range(5):
        desk.operators.take(0, Call(1, "results", "", 0.0), None)
    assert not desk.barred(1)


def test_the_roster_has_an_account_for_every_reader() -> None:
    """Agents of all shifts, then readers: all of them operators."""
    plan = Plan(night(scale=0.1))
    # Rounded up: 1 + 1 agents, 1 and 1 readers.
    assert len(plan.desk) == 4
    assert plan.lines().inboxes[1].operators.take(
        0, Call(0, "texts", "", 0.0), Keyed("IA-0001", 1, (1,), "t")
    )[0] == plan.desk.person(3)


def test_the_staffing_survives_a_trip_through_json() -> None:
    """Shifts, walk-outs and inboxes reach the workers as they are."""
    assert night_from_dict(night_to_dict(night())) == night()
