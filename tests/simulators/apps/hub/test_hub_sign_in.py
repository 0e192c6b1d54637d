"""Signing in and out, wrong passwords, and the roster."""

from __future__ import annotations

import pytest
from hub_day import ADMIN, ROSTER, Day, Open

from simulators.apps.hub.slowing import FREE
from simulators.hub_model import HubApp, HubModel
from simulators.people.person import Person
from simulators.stage import Operation
from simulators.virtual import VirtualClock


def test_passwords_open_their_own_account(day: Day) -> None:
    """A password, or codes that join to it, opens its account and says whose state it is."""
    found = [day.sign_in(user).json() for user in ("ann", "bob", "olga")]
    assert [each["role"] for each in found] == ["canvasser", "phone_banker", "organizer"]
    assert {each["state"] for each in found} == {"OH"}
    wrong = day.sign_in("ann", "wrong")
    assert (wrong.status, wrong.json()["error"]) == (401, "wrong_password")
    assert day.sign_in("nobody").json() == wrong.json()
    assert day.sign_in("visitor").status == 401


def test_tokens_cannot_be_made_up(day: Day) -> None:
    """A token with anything changed opens nothing; neither does one that has run out."""
    token = day.sign_in("ann").json()["token"]
    for bad in ("", "x", token[1:], token[:-1], token.replace(".", ".0"), "." + token):
        assert day.get("/api/people/OH-000001", {"Authorization": f"Bearer {bad}"}).status == 401


def test_a_session_ends_after_a_day(open_day: Open) -> None:
    """Sessions last in drill time."""
    day = open_day(speed=1e9)
    reply = day.get("/api/people/OH-000001", day.token("ann"))
    assert (reply.status, reply.json()["error"]) == (401, "expired")


def test_who_signs_out_is_out_everywhere(open_day: Open) -> None:
    """A token that was signed out is not taken again, after a restart and by the other region."""
    day = open_day()
    token = day.token("ann")
    assert day.get("/api/people/OH-000001", token).status == 404
    assert day.post("/api/sign-out", {}, token).status == 200
    assert day.get("/api/people/OH-000001", token).json()["error"] == "signed_out"
    later = open_day()  # another process on the same database: it looks there once a second
    later.until(lambda: later.office.pulse.well)
    found = later.get("/api/people/OH-000001", token)
    assert found.json()["error"] == "signed_out"


def test_guessing_is_slowed_for_that_account_alone(day: Day) -> None:
    """After some wrong passwords the account has to wait, longer each time; others do not."""
    found = [day.sign_in("ann", f"guess-{each}") for each in range(FREE + 1)]
    assert [each.status for each in found] == [401] * FREE + [429]
    assert int(found[-1].headers["retry-after"]) >= 30
    assert day.sign_in("ann").status == 429
    assert day.sign_in("olga").status == 200


def test_the_modelled_hub_slows_as_this_one_does(day: Day) -> None:
    """After as many wrong passwords, and with the same answer."""
    model = HubApp(VirtualClock(), HubModel(), {}, seed=1)
    ann = Person(0, "canvasser", "ann", codes=("right",))
    statuses = []
    for _ in range(FREE + 1):
        guess = Operation("sign_in", "k", 1, ann, "api", "", 1, None, ("wrong",), 0.0, None)
        statuses.append(model.serve(guess, 0.0).status)
    assert statuses == [day.sign_in("ann", f"guess-{n}").status for n in range(FREE + 1)]


def test_slowing_lasts_in_drill_time(open_day: Open) -> None:
    """At high speed the wait is over at once, and a right password forgives the wrong ones."""
    day = open_day(speed=1e9)
    for each in range(FREE + 3):
        assert day.sign_in("ann", f"guess-{each}").status == 401
    assert day.sign_in("ann").status == 200


@pytest.mark.parametrize(
    ("people", "says"),
    [
        ([{"role": "canvasser"}], "people[0]: key is missing"),
        ([{"role": "clerk", "key": "k"}], "people[0] (k): needs a password, or codes"),
        (
            [{"role": "clerk", "key": "k", "password": "p", "record": "ohio"}],
            "people[0] (k): 'ohio' begins with no state",
        ),
    ],
)
def test_a_wrong_roster_is_named(day: Day, people: object, says: str) -> None:
    """The row that is wrong is named, and nothing of the roster is taken."""
    reply = day.post("/admin/roster", {"people": people}, ADMIN)
    assert reply.status == 422
    assert says in reply.json()["message"]


def test_a_roster_may_come_twice(day: Day) -> None:
    """Loading it again replaces accounts and adds none; others than the admin load none."""
    again = day.post("/admin/roster", ROSTER, ADMIN).json()
    assert again["people"] == 5
    assert day.get("/admin/roster").json() == again
    assert day.post("/admin/roster", ROSTER, day.token("olga")).status == 401
    voters = [{"person": "Ohio-1", "name": "x"}]
    reply = day.post("/admin/roster", {"voters": voters}, ADMIN)
    assert "voters[0]: person must be a key" in reply.json()["message"]
