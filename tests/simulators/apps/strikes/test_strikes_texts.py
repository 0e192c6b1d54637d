"""Strikes by text: whole or not at all, replies in whole words, STOP heeded."""

from __future__ import annotations

import pytest
from strikes_day import ADMIN, ANNE, BOB, ROSTER, Day

from simulators.apps.strikes.segments import GSM_CHARACTERS, fits, split
from simulators.apps.strikes.sms import IF_WRONG

MANY = [f"{code:04d}" for code in range(60)]


def test_a_text_of_codes_is_taken(day: Day) -> None:
    """The reply begins with OK and says how many, for which precinct, and which."""
    assert day.text("0012 4821 4711 4712") == [
        f"OK 2 codes for precinct 0012: 4711 4712. {IF_WRONG}"
    ]
    assert day.text("0012, 4821,\n4713") == [f"OK 1 code for precinct 0012: 4713. {IF_WRONG}"]
    assert day.struck() == ["WI-0012-4711", "WI-0012-4712", "WI-0012-4713"]
    assert {row["channel"] for row in day.get("/api/strikes")["strikes"]} == {"sms"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("0012 4821 4711 4799", "Not on the list of precinct 0012: 4799. Nothing was taken."),
        ("0012 0000 4711", "This is no PIN of precinct 0012. Nothing was taken."),
        ("0099 4821 4711", "There is no precinct '0099' on our lists. Nothing was taken."),
        ("0012 4821 4711 471", "Not four digits: 471. Nothing was taken."),
        ("0012 4821", "Codes are missing. Nothing was taken."),
        ("hello there", "Not four digits: hello there. Nothing was taken."),
    ],
)
def test_a_text_with_a_fault_is_not_taken_at_all(day: Day, body: str, said: str) -> None:
    """The reply names what is wrong and says what to do; nothing of it is stored."""
    (reply,) = day.text(body)
    assert reply.startswith(said)
    assert "send" in reply or "0012 4821 4711 4712" in reply
    assert day.struck() == []


def test_a_text_again_is_known(day: Day) -> None:
    """Codes that are known are said to be; the same webhook twice gets the same words."""
    day.text("0012 4821 4711")
    assert day.text("0012 4821 4711 4712", token="t") == [
        f"OK 2 codes for precinct 0012 (1 recorded before): 4711 4712. {IF_WRONG}"
    ]
    assert day.text("0012 4821 4711 4712", token="t")[0].startswith("OK 2 codes")
    assert day.struck() == ["WI-0012-4711", "WI-0012-4712"]


def test_a_code_twice_in_one_text_counts_once(day: Day) -> None:
    """Whoever writes a code twice means one voter."""
    assert day.text("0012 4821 4711 4711") == [f"OK 1 code for precinct 0012: 4711. {IF_WRONG}"]
    assert day.struck() == ["WI-0012-4711"]


def test_a_long_reply_comes_in_whole_words(day: Day) -> None:
    """Each part fits into one text and says which it is; together they name every code."""
    voters = [{"precinct": "0012", "code": code} for code in MANY]
    day.post("/admin/roster", {"precincts": ROSTER["precincts"], "voters": voters}, ADMIN)
    parts = day.text(f"0012 4821 {' '.join(MANY)}")
    assert len(parts) == 3
    assert parts[0].startswith("OK 60 codes")
    assert all(fits(part) for part in parts)
    assert [part[-5:] for part in parts] == ["(1/3)", "(2/3)", "(3/3)"]
    words = " ".join(part[:-6] for part in parts).removesuffix(f". {IF_WRONG}").split()
    assert words[-60:] == MANY


@pytest.mark.parametrize("text", ["x" * 400, "ж " * 100, "€" * 200, "a " * 1200])
def test_every_part_of_any_text_fits(text: str) -> None:
    """Whatever is split, nothing is lost and every part fits; a word too long is torn."""
    parts = split(text)
    assert all(fits(part) for part in parts)
    assert "".join("".join(part.split(" ")[:-1]) for part in parts) == "".join(text.split())
    assert len(parts) > 1


def test_extended_characters_take_the_room_of_two() -> None:
    """A euro sign counts twice (3GPP TS 23.038)."""
    assert fits("€" * (GSM_CHARACTERS // 2))
    assert not fits("€" * (GSM_CHARACTERS // 2) + "x")


def test_stop_start_and_help(day: Day) -> None:
    """STOP is confirmed once and then nothing is sent, codes are still taken; START undoes it."""
    assert "0012 4821 4711 4712" in day.text("Help")[0]
    assert day.text(" stop ")[0].startswith("You get no more texts")
    assert day.text("STOP") == []
    assert day.text("0012 4821 4711") == []
    assert day.struck() == ["WI-0012-4711"]
    assert day.text("0012 4821 4712", caller=BOB) == [
        f"OK 1 code for precinct 0012: 4712. {IF_WRONG}"
    ]
    assert day.text("start")[0].startswith("You get texts again")
    assert day.text("0012 4821 4713") == [f"OK 1 code for precinct 0012: 4713. {IF_WRONG}"]


def test_who_opted_out_gets_no_confirmation(day: Day) -> None:
    """A call of somebody who said STOP is not confirmed by text."""
    day.text("STOP")
    day.call("CA1", ANNE).signed_in().key("4711").hang_up()
    day.call("CA2", BOB).signed_in().key("4712").hang_up()
    assert [to for to, _ in day.sent(1)] == [BOB]


def test_stop_is_heeded_at_the_last_moment(day: Day) -> None:
    """A text that waits for a carrier that is down is not sent after STOP."""
    day.carrier.statuses = [0, 0]
    day.call("CA1").signed_in().key("4711").hang_up()
    day.text("STOP")
    orders = [to for to, _ in day.sent()]
    (row,) = day.get("/api/messages")["messages"]
    assert (row["status"] == "opted_out") == (not orders or len(orders) < 2)
