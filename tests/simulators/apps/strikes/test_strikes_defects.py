"""Each switchable defect does its harm, and the sound app in the same place does not."""

from __future__ import annotations

from dataclasses import fields

import pytest
from strikes_day import ADMIN, ANNE, HELP, LINE, ROSTER, Day, Open

from simulators.apps.strikes.defects import DEFECTS, Switches
from simulators.apps.strikes.segments import fits

BOTH = pytest.mark.parametrize("defect", [False, True])


def test_every_defect_is_described_and_switchable() -> None:
    """The list that people read and the switches are the same twelve."""
    assert [each.name for each in DEFECTS] == [each.name for each in fields(Switches)]
    assert len(DEFECTS) == 12
    assert all(each.history and each.does and each.caught_by for each in DEFECTS)
    with pytest.raises(ValueError, match="no such defect"):
        Switches.on(["bad_weather"])


@BOTH
def test_no_signature_check(open_day: Open, defect: bool) -> None:
    """Anybody may speak as the carrier."""
    day = open_day(*["no_signature_check"] * defect)
    forged = {"MessageSid": "SM1", "From": ANNE, "To": LINE, "Body": "0012 4821 4711"}
    reply = day.form("/sms", forged, {"X-Twilio-Signature": "forged"})
    assert reply.status == (200 if defect else 403)
    assert len(day.struck()) == defect


@BOTH
def test_retry_loses_digits(open_day: Open, defect: bool) -> None:
    """The same webhook twice: the code that was confirmed is gone."""
    day = open_day(*["retry_loses_digits"] * defect)
    caller = day.call("CA1").signed_in()
    for _ in range(2):
        caller.action = "/voice/code"
        assert "is recorded" in caller.key("4711", token="again").heard
    assert day.struck() == ([] if defect else ["WI-0012-4711"])


@BOTH
def test_code_twice(open_day: Open, defect: bool) -> None:
    """Each delivery stores a row and counts, of a webhook and of a text."""
    day = open_day(*["code_twice"] * defect)
    caller = day.call("CA1").signed_in()
    for _ in range(2):
        caller.action = "/voice/code"
        caller.key("4711", token="again")
        day.text("0012 4821 4712", token="text")
    assert len(day.struck()) == (4 if defect else 2)
    assert day.get("/api/totals")["struck"] == (4 if defect else 2)


@BOTH
def test_session_shared(open_day: Open, defect: bool) -> None:
    """Two callers who withhold their numbers: one's code is stored for the other's precinct."""
    day = open_day(*["session_shared"] * defect)
    one = day.call("CA1", "anonymous").signed_in()
    day.call("CA2", "anonymous").signed_in("0031", "5555")
    one.key("4711")
    assert day.struck() == (["WI-0031-4711"] if defect else ["WI-0012-4711"])


@BOTH
def test_queue_drops_on_overflow(open_day: Open, defect: bool) -> None:
    """A full help line says nothing and hangs up."""
    day = open_day(*["queue_drops_on_overflow"] * defect, help_places=1)
    day.call("CA1", ANNE, HELP)
    turned_away = day.call("CA2", "+15555550150", HELP)
    assert turned_away.verbs == (["Hangup"] if defect else ["Gather"])
    assert bool(turned_away.heard) != defect


@BOTH
def test_fallback_dead(open_day: Open, defect: bool) -> None:
    """The fallback fails as the app does."""
    day = open_day(*["fallback_dead"] * defect)
    reply = day.form("/voice/sorry", {"ErrorCode": "11200"}, {})
    assert reply.status == (500 if defect else 200)
    assert ("Please text" in reply.text) != defect


@BOTH
def test_menu_timeout_too_short(open_day: Open, defect: bool) -> None:
    """Every prompt of the menu waits one second for the next key."""
    caller = open_day(*["menu_timeout_too_short"] * defect).call("CA1")
    waits = [caller.gather["timeout"]]
    for keys in ("0012", "4821", "4711"):
        waits.append(caller.key(keys).gather["timeout"])
    assert set(waits) == ({"1"} if defect else {"15"})


@BOTH
def test_reply_split_wrong(open_day: Open, defect: bool) -> None:
    """Of a long reply the beginning, which says OK, never comes; short ones are whole."""
    day = open_day(*["reply_split_wrong"] * defect)
    assert day.text("0012 4821 4711")[0].startswith("OK 1 code")
    codes = [f"{code:04d}" for code in range(30)]
    voters = [{"precinct": "0012", "code": code} for code in codes]
    day.post("/admin/roster", {"precincts": ROSTER["precincts"], "voters": voters}, ADMIN)
    replies = day.text(f"0012 4821 {' '.join(codes)}")
    assert all(map(fits, replies))
    assert len(replies) == (1 if defect else 2)
    assert replies[0].startswith("OK 30 codes") != defect


@BOTH
def test_opt_out_ignored(open_day: Open, defect: bool) -> None:
    """After STOP replies and confirmations go on."""
    day = open_day(*["opt_out_ignored"] * defect)
    day.text("STOP")
    assert bool(day.text("0012 4821 4712")) == defect
    day.call("CA1").signed_in().key("4711").hang_up()
    assert [to for to, _ in day.sent(int(defect))] == [ANNE] * defect


@BOTH
def test_state_lost_on_restart(open_day: Open, defect: bool) -> None:
    """Codes that were confirmed are gone after a restart, and the call is not known any more."""
    switched = ["state_lost_on_restart"] * defect
    day = open_day(*switched)
    caller = day.call("CA1").signed_in().key("4711")
    assert "is recorded" in caller.heard
    assert len(day.struck()) == 1
    caller.day = open_day(*switched)
    assert caller.day.struck() == ([] if defect else ["WI-0012-4711"])
    assert ("do not know this call" in caller.key("4712").heard) == defect


@BOTH
def test_stored_at_hang_up(open_day: Open, defect: bool) -> None:
    """A code is confirmed but stored only when the call ends; a restart before loses it."""
    switched = ["stored_at_hang_up"] * defect
    day = open_day(*switched)
    caller = day.call("CA1").signed_in().key("4711")
    assert "is recorded" in caller.heard
    assert len(day.struck()) == (not defect)
    caller.hang_up()
    assert day.struck() == ["WI-0012-4711"]
    other = day.call("CA2").signed_in().key("4712").key("4713")
    other.day = open_day(*switched)
    other.hang_up()
    assert len(other.day.struck()) == (1 if defect else 3)


def test_stored_at_hang_up_stores_at_a_star_too(open_day: Open) -> None:
    """With the defect, ending the call by the menu stores as hanging up does."""
    day = open_day("stored_at_hang_up")
    day.call("CA1").signed_in().key("4711").key("*")
    assert day.struck() == ["WI-0012-4711"]


@BOTH
def test_strike_list_stale(open_day: Open, defect: bool) -> None:
    """The list stays as it was first made, over a restart too; what is stored is right."""
    switched = ["strike_list_stale"] * defect
    day: Day = open_day(*switched)
    day.text("0012 4821 4711")
    assert len(day.get("/api/lists")["struck_off"]) == 1
    day = open_day(*switched)
    day.text("0012 4821 4712")
    assert day.get("/api/totals")["struck"] == 2
    assert len(day.get("/api/lists")["struck_off"]) == (1 if defect else 2)
    assert ("4712" in day.get("/api/lists/0012")["still_to_visit"]) == defect
