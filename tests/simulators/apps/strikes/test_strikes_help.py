"""The help line: a place in the queue, told aloud, or a call back."""

from __future__ import annotations

import asyncio
from typing import Any

from strikes_day import ADMIN, ANNE, HELP, Day, Open

PEOPLE = [f"+1555555{number:04d}" for number in range(150, 160)]


def ring(day: Day, index: int) -> Any:
    return day.call(f"CA{index}", PEOPLE[index], HELP)


def orders(day: Day, count: int) -> list[dict[str, str]]:
    """Calls that the app placed, once there are so many."""

    async def wait() -> None:
        while len(day.carrier.orders) < count:
            await asyncio.sleep(0.005)

    day.run(asyncio.wait_for(wait(), 5))
    return [form for name, form in day.carrier.orders if name == "Calls"]


def test_callers_wait_and_hear_their_place(day: Day) -> None:
    """Who calls is put in the queue, and hears at each turn which place they have."""
    caller = ring(day, 0)
    assert caller.verbs == ["Say", "Enqueue"]
    caller.action = "/voice/help/wait"
    caller.key("", QueuePosition="3")
    assert "You are number 3 in line" in caller.heard
    assert "Press 1" in caller.heard
    assert caller.key("", QueuePosition="2").heard.startswith("You are number 2")


def test_who_presses_1_leaves_the_line_and_is_called_back(day: Day) -> None:
    """They leave, are told so, and are called as soon as there is a place."""
    caller = ring(day, 0)
    caller.action = "/voice/help/choice"
    assert caller.key("1").verbs == ["Leave"]
    caller.action = "/voice/help/left"
    assert "call you back" in caller.key("", QueueResult="leave").heard
    (order,) = orders(day, 1)
    assert order == {"To": PEOPLE[0], "From": HELP, "Url": "http://testserver/voice/help/back"}
    back = day.hook("/voice/help/back", CallSid="CB1", From=HELP, To=PEOPLE[0])
    assert "<Enqueue" in back.text


def test_a_full_line_offers_a_call_back(open_day: Open) -> None:
    """Beyond its places the line says so and offers to call back; a freed place keeps the word."""
    day = open_day(help_places=2)
    callers = [ring(day, index) for index in range(3)]
    assert [each.verbs[-1] for each in callers] == ["Enqueue", "Enqueue", "Gather"]
    assert "cannot let you wait" in callers[2].heard
    assert "We call you back" in callers[2].key("1").heard
    assert day.get("/api/help")["callbacks"][0]["status"] == "waiting"
    callers[0].hang_up()
    (order,) = orders(day, 1)
    assert order["To"] == PEOPLE[2]
    assert len(day.get("/api/help")["waiting"]) == 1


def test_a_full_line_is_plain_with_withheld_numbers(open_day: Open) -> None:
    """Who cannot be called back is asked to call again."""
    day = open_day(help_places=1)
    ring(day, 0)
    caller = day.call("CA9", "anonymous", HELP)
    assert "call again in a quarter of an hour" in caller.heard
    assert caller.verbs[-1] == "Hangup"


def test_the_carriers_own_queue_may_be_full(day: Day) -> None:
    """A queue that the carrier says is full leads to the same offer."""
    caller = ring(day, 0)
    caller.action = "/voice/help/left"
    assert "Press 1" in caller.key("", QueueResult="queue-full").heard


def test_nobody_is_called_back_twice(open_day: Open) -> None:
    """Who asks again while they wait to be called is still called once."""
    day = open_day(help_places=1)
    first = ring(day, 0)
    for index in (1, 2):
        day.call(f"CA{index}", ANNE, HELP).key("1")
    first.hang_up()
    assert [each["To"] for each in orders(day, 1)] == [ANNE]


def test_an_operator_takes_the_next_caller(day: Day) -> None:
    """The app rings the operator's phone and connects it with the queue."""
    who = day.sign_in(user="operator-0", password="correct horse")
    answer = day.post("/api/help/next", {"to": ANNE, "from": HELP}, who)
    assert answer.status == 201
    (order,) = orders(day, 1)
    assert (order["To"], order["From"]) == (ANNE, HELP)
    assert "<Queue>help</Queue>" in order["Twiml"]
    assert day.post("/api/help/next", {"to": "112", "from": HELP}, who).status == 422
    assert day.post("/api/help/next", {"to": ANNE, "from": HELP}, day.sign_in()).status == 403
    day.carrier.statuses = [400]
    assert day.post("/api/help/next", {"to": ANNE, "from": HELP}, ADMIN).status == 502
