"""Every kind of try, on an app with the door shut, with it open, and where nobody can tell."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hostile_stand import Doors, open_to, raided

from harness.engine.wire import Wire
from harness.hostile import slow_clients
from harness.hostile.intruder import Intruder, intruding
from harness.hostile.kinds import TRIES
from harness.hostile.raid import Raid
from harness.ledger import intrusion_log
from harness.target.hostile_model import KINDS, Kind

OPEN: tuple[tuple[Kind, str, str, str], ...] = (
    ("foreign_read", "foreign_read", "let_in", "the app said yes"),
    ("foreign_write", "foreign_write", "let_in", "submit_report"),
    ("forged_token", "forged_token", "let_in", "changed near its end"),
    ("old_token", "old_token", "let_in", "the app said yes"),
    ("expired_token", "expired_token", "let_in", "after its time was over"),
    ("replayed_code", "replayed_code", "let_in", "the app said yes"),
    ("fixed_session", "fixed_session", "let_in", "the app said yes"),
    ("counted_ids", "counted_ids", "let_in", "the app said yes"),
    ("mass_assignment", "mass_assignment", "let_in", "approved stuck"),
    ("guessed_codes", "guessed_codes", "let_in", "never slowed"),
    ("guessed_codes", "guessing_shuts_owner_out", "harmed", "on the device they had used before"),
    ("guessed_codes", "guessing_shuts_all_out", "harmed", "who has nothing to do with it"),
    ("slow_clients", "slow_clients", "harmed", "an honest visitor"),
    ("flood", "flood", "harmed", "an honest visitor"),
    ("junk", "junk_fails", "harmed", "half json"),
    ("junk", "junk_taken", "let_in", "half json"),
    ("hostile_upload", "uploads", "let_in", "oversized"),
    ("hostile_upload", "path_in_name", "let_in", "outside of its folder"),
)
UNKNOWN: tuple[tuple[Kind, str, str], ...] = (
    ("foreign_read", "silent", "timeout"),
    ("foreign_read", "mumbles", "hm"),
    ("foreign_read", "shut_to_owner", "could not read their own"),
    ("forged_token", "shut_to_owner", "could not read their own"),
    ("fixed_session", "shut_to_owner", "could not read their own"),
    ("old_token", "no_logout", "signing out failed"),
    ("replayed_code", "no_codes", "no code was issued"),
    ("counted_ids", "no_ids", "no id with a number"),
    ("slow_clients", "shut_to_owner", "could not read their own"),
    ("flood", "shut_to_owner", "could not read their own"),
    ("foreign_read", "other_is_gone", "intruder-other could not read their own"),
    ("foreign_read", "slows_all", "slowed before it was looked at"),
    ("foreign_read", "loses_sessions", "after that"),
    ("foreign_write", "no_writes", "could not do an honest submit_report"),
    ("foreign_write", "conflicts", "was there already"),
    ("expired_token", "tells_no_time", "does not say for how long"),
    ("expired_token", "lives_long", "lives for 3,600 s"),
    ("fixed_session", "other_cookie", "gives a cookie called sid"),
    ("counted_ids", "own_ids_only", "under any id but one's own"),
    ("mass_assignment", "no_writes", "could not do an honest amend_report"),
    ("guessed_codes", "slows_sign_in", "slowed before it was looked at"),
    ("junk", "no_writes", "could not do an honest submit_report"),
    ("hostile_upload", "no_photos", "could not do an honest send_photo"),
)


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """A folder three below another, for a path to lead out of."""
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_an_app_that_keeps_its_doors_shut_is_told_so(
    kind: Kind, tmp_path: Path, uploads: Path
) -> None:
    """Each try is refused or slowed, and none of them is left undecided."""
    tried = raided(Doors(folder=uploads), kind, tmp_path / "journal.jsonl")
    assert not tried.is_empty()
    assert set(tried["outcome"].cast(str)) <= {"refused", "slowed"}, tried.rows()
    assert tried["number"].to_list() == list(range(1, len(tried) + 1))


@pytest.mark.parametrize("kind", ["forged_token", "old_token", "expired_token"])
def test_an_intruder_does_not_sign_in_where_people_would(kind: Kind, tmp_path: Path) -> None:
    """People sign in again when their time is over; a try with what is over is none after that."""
    tried = raided(Doors(), kind, tmp_path / "journal.jsonl", returning=True)
    assert set(tried["outcome"].cast(str)) == {"refused"}, tried.rows()


@pytest.mark.parametrize(("kind", "door", "outcome", "said"), OPEN, ids=lambda each: str(each))
def test_an_open_door_is_found(
    kind: Kind, door: str, outcome: str, said: str, tmp_path: Path, uploads: Path
) -> None:
    """The try that it is open to says so, and how."""
    tried = raided(Doors(door, folder=uploads), kind, tmp_path / "journal.jsonl")
    wrong = tried.filter(tried["outcome"].cast(str).is_in(["let_in", "harmed"]))
    assert not wrong.is_empty(), tried.rows()
    assert wrong["outcome"].cast(str)[0] == outcome
    assert said in wrong["detail"][0]


@pytest.mark.parametrize(("kind", "door", "said"), UNKNOWN, ids=lambda each: str(each))
def test_what_nobody_can_tell_is_unknown(kind: Kind, door: str, said: str, tmp_path: Path) -> None:
    """An app that does not answer, or does not serve its owner either, is never found sound."""
    tried = raided(Doors(door), kind, tmp_path / "journal.jsonl")
    unknown = tried.filter(tried["outcome"].cast(str) == "unknown")
    assert not unknown.is_empty(), tried.rows()
    assert said in unknown["detail"][0]


def test_where_a_path_led_cannot_be_seen_from_afar(tmp_path: Path) -> None:
    """Only the app's folder says whether a file was stored under the path in its name."""
    tried = raided(Doors(), "hostile_upload", tmp_path / "journal.jsonl")
    last = tried.row(-1, named=True)
    assert (last["outcome"], last["detail"][:12]) == ("unknown", "path in name")


def test_a_kind_that_was_cut_short_is_unknown(tmp_path: Path) -> None:
    """The drill is stopped after the first of eight kinds of junk: that one alone is no pass."""
    journal = tmp_path / "journal.jsonl"
    doors = Doors()
    with open_to(doors) as target:
        intruder = Intruder(
            target, ("junk",), begins=0.0, ends=60.0, speed=1.0, seed=1, journal=journal
        )
        for person in intruder.people:
            doors.accounts[person.key] = (person.codes[1], person.record)
        intruder.settle_in()
        assert intruder._raid is not None
        intruder._raid.most_per_second = 5.0
        with intruding(intruder, lambda: True) as begin:
            begin(time.time())
            while not journal.is_file():
                time.sleep(0.01)
    tried = intrusion_log.table(journal)
    assert len(tried) < 8
    last = tried.row(-1, named=True)
    assert (last["outcome"], "over before" in last["detail"]) == ("unknown", True)


def test_slow_clients_that_never_came_prove_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An honest visitor who is served beside nobody says nothing of the app."""

    async def refused(*_: object) -> bool:
        return False

    monkeypatch.setattr(slow_clients, "_trickle", refused)
    tried = raided(Doors(), "slow_clients", tmp_path / "journal.jsonl")
    assert tried["outcome"].cast(str).to_list() == ["unknown"]
    assert "no slow connection" in tried["detail"][0]


def test_a_flood_that_never_arrived_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An honest visitor who is served beside no junk says nothing of the app."""
    usual = Raid.new_wire

    def astray(raid: Raid, connections: int = 8) -> Wire:
        wire = usual(raid, connections)
        if connections > 8:  # a crowd's
            wire.addresses["127.0.0.1"] = "127.0.0.9"
        return wire

    monkeypatch.setattr(Raid, "new_wire", astray)
    tried = raided(Doors(), "flood", tmp_path / "journal.jsonl")
    assert tried["outcome"].cast(str).to_list() == ["unknown"]
    assert "whether any arrived" in tried["detail"][0]


def test_every_word_has_its_try() -> None:
    """What a description may name is what is done."""
    assert set(TRIES) == set(KINDS)
