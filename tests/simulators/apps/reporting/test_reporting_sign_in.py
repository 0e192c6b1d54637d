"""Signing in at the practice app: three codes, lock-outs in drill time, the roster."""

from __future__ import annotations

import time

import pytest
from reporting_night import ADMIN, ROSTER, SECRET, Practice, Start

from simulators.apps.reporting.codes import Lockouts, digest
from simulators.apps.reporting.defects import Switches
from simulators.apps.reporting.sessions import LIFETIME, Sessions
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal


class Stopped(Clock):
    """A clock that a test moves."""

    wall_now = 1000.0

    def now(self) -> float:
        return Stopped.wall_now


def test_all_three_codes_are_needed(practice: Practice) -> None:
    """A wrong PIN, a wrong security code, an unknown precinct and swapped boxes are all 401."""
    assert practice.try_codes("100000", "200000", "300000").status == 200
    for codes in (
        ("100000", "200001", "300000"),
        ("100000", "200000", "300001"),
        ("999999", "200000", "300000"),
        ("100000", "100000", "300000"),
    ):
        answer = practice.try_codes(*codes)
        assert (answer.status, answer.json()["error"]) == (401, "wrong_codes")


def test_five_wrong_tries_lock_an_account(practice: Practice) -> None:
    """The sixth try is 423, even with the right codes, and says when to come back."""
    for _ in range(5):
        assert practice.try_codes("100000", "0", "0").status == 401
    locked = practice.try_codes("100000", "200000", "300000")
    assert locked.status == 423
    # 15 drill minutes at speed 120 are 7.5 wall seconds.
    assert 6 <= int(locked.headers["retry-after"]) <= 8
    assert locked.json()["retry_after_seconds"] == pytest.approx(7.5, abs=1)
    assert practice.try_codes("100001", "200001", "300001").status == 200


def test_a_lock_opens_after_15_drill_minutes() -> None:
    """Lock-outs are drill time: 450 wall seconds at speed 2."""
    lockouts = Lockouts(Stopped(speed=2.0))
    for _ in range(5):
        lockouts.wrong("100000", "Story")
    Stopped.wall_now = 1449.0
    with pytest.raises(Refusal, match="locked"):
        lockouts.check("100000", "Story")
    Stopped.wall_now = 1451.0
    lockouts.check("100000", "Story")
    Stopped.wall_now = 1000.0


def test_a_right_code_forgives_the_wrong_ones(practice: Practice) -> None:
    """Only wrong codes in a row count."""
    for _ in range(3):
        for _ in range(4):
            practice.try_codes("100000", "0", "0")
        assert practice.try_codes("100000", "200000", "300000").status == 200


def test_sessions_end_in_drill_time() -> None:
    """After 12 drill hours a token is refused as expired; a forged one is never good."""
    clock = Stopped(speed=3600.0)
    sessions = Sessions("secret", clock)
    session, token = sessions.begin("chair-0", "chair", "IA-0001")
    assert sessions.read(token) == session
    Stopped.wall_now = 1000.0 + LIFETIME / 3600 + 0.1
    with pytest.raises(Refusal) as caught:
        sessions.read(token)
    with_defect = Sessions("secret", clock, Switches(tokens_never_expire=True))
    assert with_defect.read(token) == session
    Stopped.wall_now = 1000.0
    assert caught.value.code == "expired"
    for forged in (token[:-1] + "0", Sessions("other", clock).begin("a", "chair", "b")[1], "", "."):
        with pytest.raises(Refusal) as caught:
            sessions.read(forged)
        assert caught.value.code == "not_signed_in"


def test_a_session_may_be_asked_to_be_short(practice: Practice) -> None:
    """So many drill minutes, a wall second at least; what is no such number is refused."""
    codes = {"precinct_id": "100000", "pin": "200000", "security_code": "300000"}
    for minutes, seconds in ((5, 2.5), (1, 1.0), (None, 360.0)):
        answer = practice.http.post("/api/sign-in", codes | {"minutes": minutes})
        lives = answer.json()["expires_in_seconds"]
        assert seconds - 0.5 < lives <= seconds
    for wrong in (0, 721, "5", 2.5):
        answer = practice.http.post("/api/sign-in", codes | {"minutes": wrong})
        assert (answer.status, list(answer.json()["fields"])) == (422, ["minutes"])


def test_nothing_private_is_open_without_signing_in(practice: Practice) -> None:
    """Reports, the export, photos and the roster need a token."""
    for url in ("/api/reports", "/api/export", "/api/reports/IA-0001", "/admin/roster"):
        assert practice.http.get(url).status == 401
    assert practice.submit("op-1", who={}).status == 401
    chair = practice.sign_in(0)
    for url in ("/api/reports", "/api/export"):
        assert practice.http.get(url, chair).status == 403
    assert practice.http.post("/admin/roster", ROSTER, chair).status == 401


def test_stored_codes_cannot_be_read(practice: Practice, tmp_path: object) -> None:
    """What is stored of the codes is salted and takes milliseconds to try."""
    began = time.perf_counter()
    one, other = digest(("200000", "300000"), b"a" * 16), digest(("200000", "300000"), b"b" * 16)
    assert one != other
    assert time.perf_counter() - began > 2 * 0.001
    assert b"200000" not in (tmp_path / "reporting.db").read_bytes()  # type: ignore[operator]


def test_the_roster_answers_with_counts(practice: Practice) -> None:
    """Loading says how many there are; loading again replaces and adds nobody."""
    wanted = {"people": 7, "chairs": 6, "operators": 1, "precincts": 6}
    again = practice.http.post("/admin/roster", ROSTER, ADMIN)
    assert again.json() == wanted
    assert practice.http.get("/admin/roster", ADMIN).json() == wanted


def test_a_roster_may_be_two_csv_files(start: Start) -> None:
    """CSV with codes in one column, or in three, does as well as JSON."""
    practice = start()
    people = (
        "key,role,record,codes,precinct_id,pin,security_code\n"
        'new-1,chair,XX-1,"700001 1 2",,,\n'
        "new-2,chair,XX-1,,700002,3,4\n"
        "op-9,operator,,900000|55|66,,,\n"
        "visitor,public,,,,,\n"
    )
    precincts = "record,name,county,delegates,sde_per_delegate\nXX-1,New,Story,3,0.5\n"
    files = {"people": people.encode(), "precincts": precincts.encode()}
    answer = practice.http.upload("/admin/roster", files, {}, ADMIN)
    assert answer.json() == {"people": 10, "chairs": 8, "operators": 2, "precincts": 7}
    assert practice.try_codes("700001", "1", "2").status == 200
    assert practice.try_codes("700002", "3", "4").status == 200
    operator = {"user": "op-9", "password": "5566"}
    assert practice.http.post("/api/sign-in", operator).status == 200


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"key": "a", "role": "chair", "record": "IA-0001", "codes": ["1", "2"]}, "three codes"),
        ({"key": "a", "role": "chair", "codes": ["1", "2", "3"]}, "record is missing"),
        ({"key": "a", "role": "chair", "record": "ZZ", "codes": ["1", "2", "3"]}, "in no roster"),
        ({"key": "a", "role": "operator"}, "needs a password"),
        ({"role": "operator"}, "key is missing"),
    ],
)
def test_a_bad_roster_is_refused_by_row(
    practice: Practice, row: dict[str, object], said: str
) -> None:
    """A row that cannot become an account is named, and nobody is loaded."""
    answer = practice.http.post("/admin/roster", {"people": [row]}, ADMIN)
    assert answer.status == 422
    assert said in answer.json()["message"]
    assert practice.http.get("/admin/roster", ADMIN).json()["people"] == 7


def test_the_admin_token_is_an_operator(practice: Practice) -> None:
    """Whoever runs the app may read everything."""
    admin = {"Authorization": f"Bearer {SECRET}"}
    assert practice.http.get("/api/export", admin).status == 200
