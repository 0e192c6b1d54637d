"""The hotline: trunks, a waiting room, shifts and call-backs."""

from __future__ import annotations

import pytest

from simulators.phones.hotline import Call, Hotline
from simulators.phones.trunks import Trunks


def call(caller: int, dialled: float = 0.0) -> Call:
    return Call(caller, "hotline", "", dialled)


def dialled(hotline: Hotline, count: int, at: float = 0.0) -> list[Call]:
    """So many callers who dial at once."""
    calls = [call(number, at) for number in range(count)]
    for each in calls:
        hotline.dial(each, at)
    return calls


def test_lines_of_one_group_share_its_trunks() -> None:
    """A flood on one number takes the other down with it, and frees it when it is over."""
    group = Trunks("main", 2)
    strike, office = Hotline(agents=5, trunks=group), Hotline(agents=5, trunks=group)
    first, _ = dialled(strike, 2)
    late = call(9)
    assert not office.dial(late, 1.0)
    assert (late.cause, late.ended, late.trunk) == ("busy", 1.0, "")
    strike.end(first, 2.0)
    again = call(9)
    assert office.dial(again, 3.0)
    assert again.trunk == "main"
    assert (group.in_use, group.most, group.turned_away) == (2, 2, 1)


def test_a_trunk_is_given_back_once() -> None:
    """A trunk that nobody took cannot be given back."""
    with pytest.raises(RuntimeError, match="main"):
        Trunks("main", 2).give()


def test_fewer_trunks_spare_the_calls_under_way() -> None:
    """Taking lines away cuts nobody off; new calls wait until enough have ended."""
    group = Trunks("main", 3)
    assert all(group.take() for _ in range(3))
    group.resize(1)
    group.give()
    group.give()
    assert not group.take()
    group.give()
    assert group.take()


def test_a_full_waiting_room_turns_callers_away() -> None:
    """Who finds no agent and no place to wait is told so, and their trunk is free again."""
    group = Trunks("main", 10)
    hotline = Hotline(agents=1, trunks=group, room=2)
    calls = dialled(hotline, 4)
    assert [each.cause for each in calls] == ["", "", "", "full"]
    assert (hotline.holding, group.in_use) == (2, 3)
    hotline.leave(calls[1], 1.0, "abandoned")
    assert hotline.dial(call(5), 2.0)


def test_a_room_of_none_still_answers_while_somebody_is_free() -> None:
    """Without a place to wait a call is answered or turned away."""
    first, second = dialled(Hotline(agents=1, room=0), 2)
    assert (first.agent, second.cause) == (0, "full")


def test_urgent_callers_come_first() -> None:
    """They are answered before those who hold already, and in order among themselves."""
    hotline = Hotline(agents=1)
    dialled(hotline, 2)
    for caller in (7, 8):
        hotline.dial(call(caller), 1.0, urgent=True)
    answered = [hotline.free(0, float(n)) for n in range(3)]
    assert [each.caller for each in answered if each] == [7, 8, 1]


def test_who_goes_off_duty_finishes_the_call() -> None:
    """A walk-out cuts no caller off, and takes no further call."""
    hotline = Hotline(agents=2)
    first, _, _ = dialled(hotline, 3)
    assert hotline.staff({1}, 5.0) == []
    assert first.ended is None
    hotline.end(first, 8.0)
    assert hotline.free(0, 8.0) is None
    answered = hotline.free(1, 9.0)
    assert answered is not None
    assert answered.caller == 2
    assert hotline.free(1, 10.0) is None
    next_one = call(4)
    hotline.dial(next_one, 11.0)
    assert next_one.agent == 1


def test_who_comes_on_duty_answers_those_who_hold() -> None:
    """A second shift takes the longest-holding callers at once."""
    hotline = Hotline(agents=1)
    dialled(hotline, 4)
    answered = hotline.staff({0, 5, 6}, 60.0)
    assert [(each.caller, each.agent, each.held) for each in answered] == [(1, 5, 60), (2, 6, 60)]
    assert hotline.on_duty == {0, 5, 6}


def test_who_comes_back_before_the_call_ends_stays() -> None:
    """Off duty and on again during one call is as if nothing had been."""
    hotline = Hotline(agents=1)
    first, second = dialled(hotline, 2)
    hotline.staff((), 1.0)
    assert hotline.staff({0}, 2.0) == []
    hotline.end(first, 3.0)
    assert hotline.free(0, 3.0) is second


def test_with_nobody_on_duty_callers_hold() -> None:
    """An unstaffed line still takes calls."""
    hotline = Hotline(agents=1)
    hotline.staff((), 0.0)
    dialled(hotline, 2)
    assert hotline.holding == 2


def test_a_call_back_keeps_its_place_and_frees_its_trunk() -> None:
    """Who will be phoned leaves the line but not the order of callers."""
    group = Trunks("main", 4)
    hotline = Hotline(agents=1, trunks=group)
    first, second, third, _ = dialled(hotline, 4)
    back = hotline.call_back(second, 30.0)
    assert back is not None
    assert (second.cause, second.ended, second.held) == ("called_back", 30.0, 30.0)
    assert (hotline.holding, hotline.to_phone, group.in_use) == (2, 1, 3)
    hotline.end(first, 50.0)
    assert hotline.free(0, 50.0) is back
    assert (back.caller, back.dialled, back.answered, back.agent) == (1, 50.0, 50.0, 0)
    hotline.end(back, 90.0)
    assert group.in_use == 2  # the call that was made took none
    assert hotline.free(0, 90.0) is third


def test_a_call_back_can_be_withdrawn() -> None:
    """Who is not to be phoned any more leaves the order of callers."""
    hotline = Hotline(agents=1, trunks=3)
    _, second, third = dialled(hotline, 3)
    back = hotline.call_back(second, 10.0)
    assert back is not None
    assert hotline.call_back(back, 11.0) is None
    assert hotline.leave(back, 20.0, "app")
    assert hotline.to_phone == 0
    assert hotline.free(0, 30.0) is third


def test_only_a_holding_call_can_ask_to_be_phoned() -> None:
    """An answered caller has nothing to wait for."""
    first, _ = dialled(hotline := Hotline(agents=1), 2)
    assert hotline.call_back(first, 1.0) is None
    assert first.cause == ""


def test_those_who_wait_to_be_phoned_take_no_room() -> None:
    """The waiting room holds who is on the line."""
    hotline = Hotline(agents=1, room=1)
    _, second = dialled(hotline, 2)
    hotline.call_back(second, 1.0)
    assert hotline.dial(call(3), 2.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"agents": 0}, "agents=0"), ({"agents": 1, "trunks": 0}, "trunks=0"),
     ({"agents": 1, "room": -1}, "room=-1")],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused(settings: dict[str, int], message: str) -> None:
    """Every argument out of its range is named."""
    with pytest.raises(ValueError, match=message):
        Hotline(**settings)
