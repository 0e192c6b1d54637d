"""The web fallback, what headquarters reads, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from strikes_day import ADMIN, ROSTER, SECRET, Day, Open


def strike(day: Day, code: str, who: dict[str, str], **more: str) -> tuple[int, Any]:
    reply = day.post("/api/strikes", {"code": code, **more}, who)
    return reply.status, reply.json()


def test_a_watcher_strikes_on_the_web(day: Day) -> None:
    """News is 201, what is known 200; both say which record it is."""
    who = day.sign_in()
    status, first = strike(day, "4711", who)
    assert (status, first["status"], first["record"]) == (201, "accepted", "WI-0012-4711")
    status, again = strike(day, "4711", who, precinct="0012")
    assert (status, again["status"]) == (200, "already_have_it")
    assert day.struck() == ["WI-0012-4711"]


@pytest.mark.parametrize(
    ("code", "precinct", "status", "error"),
    [
        ("4799", "", 422, "not_on_list"),
        ("471", "", 422, "invalid"),
        ("8080", "0031", 403, "not_your_precinct"),
        ("4711", "0099", 404, "no_such_precinct"),
    ],
)
def test_what_is_refused_is_named(
    day: Day, code: str, precinct: str, status: int, error: str
) -> None:
    """A refusal has a code for programs and words for people; nothing is stored."""
    found, answer = strike(day, code, day.sign_in(), precinct=precinct)
    assert (found, answer["error"]) == (status, error)
    assert answer["message"].endswith(".")
    assert day.struck() == []


def test_headquarters_strikes_for_any_precinct(day: Day) -> None:
    """An operator with a password keys what is phoned in."""
    who = day.sign_in(user="operator-0", password="correct horse")
    assert strike(day, "8080", who, precinct="0031")[0] == 201
    assert day.get("/api/strikes")["strikes"][0]["author"] == "operator-0"


@pytest.mark.parametrize(
    "codes",
    [
        {"precinct": "0012", "pin": "0000"},
        {"user": "operator-0", "password": "x"},
        {"user": "w-1", "password": "4821"},
    ],
)
def test_wrong_codes_do_not_sign_in(day: Day, codes: dict[str, str]) -> None:
    """Wrong PINs and passwords are 401; a watcher is no operator."""
    assert day.post("/api/sign-in", codes).status == 401


def test_a_restart_signs_nobody_out(open_day: Open) -> None:
    """Tokens carry their own proof."""
    who = open_day().sign_in()
    assert strike(open_day(), "4711", who)[0] == 201


@pytest.mark.parametrize("token", ["", "nonsense", "bm9uc2Vuc2U=.0", SECRET + "x"])
def test_strangers_are_turned_away(day: Day, token: str) -> None:
    """Nobody strikes or reads without a token that is right."""
    who = {"Authorization": f"Bearer {token}"}
    assert strike(day, "4711", who)[0] == 401
    for path in ("/api/strikes", "/api/lists", "/api/lists/0012", "/api/messages", "/api/help"):
        assert day.asgi.send("GET", path, who).status == 401
    assert day.post("/admin/roster", ROSTER, who).status == 401


def test_a_watcher_reads_no_lists(day: Day) -> None:
    """Lists and strikes are the admin's."""
    assert day.asgi.send("GET", "/api/strikes", day.sign_in()).status == 401


def test_totals_are_open_and_follow_at_once(day: Day) -> None:
    """In all, by county and by precinct."""
    day.text("0012 4821 4711 4712")
    strike(day, "8080", ADMIN, precinct="0031")
    found = day.asgi.send("GET", "/api/totals").json()
    assert (found["struck"], found["counties"]) == (3, {"Dane": 2, "Brown": 1})
    assert found["precincts"][0] == {
        "precinct": "0012", "record": "WI-0012", "struck": 2, "voters": 3,
    }  # fmt: skip


def test_lists_for_door_knockers_follow(day: Day) -> None:
    """Who is struck is off the list at the next look."""
    assert day.get("/api/lists/0012")["still_to_visit"] == ["4711", "4712", "4713"]
    assert day.get("/api/lists")["struck_off"] == []
    day.text("0012 4821 4712")
    found = day.get("/api/lists/0012")
    assert (found["still_to_visit"], found["struck_off"]) == (["4711", "4713"], ["4712"])
    (row,) = day.get("/api/lists")["struck_off"]
    assert row == {"record": "WI-0012-4712", "precinct": "0012", "code": "4712"}
    assert day.asgi.send("GET", "/api/lists/0099", ADMIN).status == 404


def test_strikes_come_in_pages(day: Day) -> None:
    """Pages have a fixed size and say how many there are."""
    day.text("0012 4821 4711 4712 4713")
    pages = [day.get(f"/api/strikes?per_page=2&page={number}") for number in (1, 2, 3)]
    assert [[row["code"] for row in each["strikes"]] for each in pages] == [
        ["4711", "4712"], ["4713"], [],
    ]  # fmt: skip
    assert (pages[0]["pages"], pages[0]["total"]) == (2, 3)
    assert day.asgi.send("GET", "/api/strikes?page=0", ADMIN).status == 422


def test_a_roster_comes_as_files(day: Day) -> None:
    """people.csv, precincts.csv and voters.csv with the columns that a drill writes."""
    people = (
        "key,role,record,name,precinct_id,pin,security_code\n"
        "w-9,poll_watcher,WI-0040,Ada,0040,0007,\n"
        "operator-9,operator,,Bo,900000,55,66\n"
        "call-1,nuisance,,,,,\n"
    )
    parts = {
        "people": people,
        "precincts": "record,name,county\nWI-0040,Ward 40,Dane\n",
        "voters": "precinct,code\n0040,0001\n0040,0002\n",
    }
    body = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.csv"\r\n\r\n'
        f"{text}\r\n"
        for name, text in parts.items()
    )
    headers = {**ADMIN, "Content-Type": "multipart/form-data; boundary=B"}
    reply = day.asgi.send("POST", "/admin/roster", headers, f"{body}--B--\r\n".encode())
    assert reply.status == 200, reply.text
    counts = {"people": 5, "watchers": 3, "operators": 2, "precincts": 3, "voters": 7}
    assert reply.json() == day.get("/admin/roster") == counts
    assert day.text("0040 0007 0002")[0].startswith("OK 1 code for precinct 0040: 0002")
    who = day.sign_in(user="operator-9", password="5566")
    assert strike(day, "0001", who, precinct="0040")[0] == 201


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        ({"people": [{"key": "w", "role": "poll_watcher", "codes": ["12", "1"]}]}, "4 digits"),
        ({"people": [{"key": "o", "role": "operator"}]}, "password"),
        ({"people": "w"}, "list of objects"),
        ({"precincts": [{"record": "WI-12"}]}, "WI-12"),
        ({"precincts": [{"name": "x"}]}, "record is missing"),
        ({"voters": [{"precinct": "0040", "code": "1"}]}, "voters[0]"),
        ({"voters": [{"precinct": "0040", "code": "0001"}]}, "not among the precincts"),
    ],
)
def test_a_wrong_roster_is_named_by_its_row(day: Day, roster: dict[str, Any], said: str) -> None:
    """The answer says which row is wrong and what it lacks; nothing of it is loaded."""
    reply = day.post("/admin/roster", roster, ADMIN)
    assert reply.status == 422
    assert said in reply.json()["message"]
    assert day.get("/admin/roster")["people"] == 3


def test_a_roster_may_come_again(day: Day) -> None:
    """The same roster twice changes nothing; strikes stay."""
    day.text("0012 4821 4711")
    before = day.get("/admin/roster")
    assert day.post("/admin/roster", ROSTER, ADMIN).json() == before
    assert day.struck() == ["WI-0012-4711"]


def test_health_says_that_it_is_for_practice(day: Day) -> None:
    """Which app, which build, and no production."""
    found = day.asgi.send("GET", "/health").json()
    assert (found["app"], found["environment"]) == ("strikes", "practice")
    assert "+" in found["build"]
