"""What intruders meet at the practice app, with each of its doors shut and open."""

from __future__ import annotations

import http.client
import json
import struct
from dataclasses import fields

import pytest
from reporting_night import ADMIN, REPORT, Practice, Start

from simulators.apps.reporting import photos
from simulators.apps.reporting.defects import Switches
from simulators.apps.reporting.open_doors import INTRUSIONS

CODES = {"precinct_id": "100000", "pin": "200000", "security_code": "300000"}
WRONG = CODES | {"pin": "999999"}
OTHER = {"precinct_id": "100001", "pin": "200001", "security_code": "300001"}


def png(width: int, height: int) -> bytes:
    """The beginning of a PNG of this size."""
    size = struct.pack(">II", width, height)
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + b"\x08\x02\0\0\0" + b"\0" * 64


def device_of(practice: Practice) -> dict[str, str]:
    """The mark that signing in leaves on a device."""
    connection = http.client.HTTPConnection("127.0.0.1", practice.http.port, timeout=30)
    connection.request("POST", "/api/sign-in", json.dumps(CODES))
    cookies = connection.getresponse().headers.get_all("set-cookie") or []
    connection.close()
    assert len(cookies) == 2
    assert all("HttpOnly" in each for each in cookies)
    (device,) = (each.partition(";")[0] for each in cookies if each.startswith("device="))
    return {"Cookie": device}


def test_every_door_is_a_switch() -> None:
    """What intruders may be let in by is described beside the other defects."""
    names = {each.name for each in fields(Switches)}
    assert {each.name for each in INTRUSIONS} <= names
    assert all(each.caught_by.startswith("intrusions:") for each in INTRUSIONS)


@pytest.mark.parametrize("defect", [False, True])
def test_token_survives_sign_out(start: Start, defect: bool) -> None:
    """A token that was signed out opens nothing, after a restart neither."""
    practice = start(*["token_survives_sign_out"] * defect)
    who = practice.sign_in()
    assert practice.http.post("/api/sign-out", {}, who).status == 200
    assert practice.http.get("/api/reports/IA-0001", who).status == (404 if defect else 401)
    again = start(*["token_survives_sign_out"] * defect)
    assert again.http.get("/api/reports/IA-0001", who).status == (404 if defect else 401)
    assert again.http.get("/api/reports/IA-0001", again.sign_in()).status == 404


def test_signing_out_on_a_page_ends_the_session_too(practice: Practice) -> None:
    """Whoever copied the cookie has nothing."""
    cookie = practice.http.form("/", CODES).headers["set-cookie"].partition(";")[0]
    assert practice.http.get("/report/IA-0001", {"Cookie": cookie}).status == 200
    assert practice.http.form("/sign-out", {}, {"Cookie": cookie}).status == 303
    assert practice.http.get("/report/IA-0001", {"Cookie": cookie}).status == 303


@pytest.mark.parametrize("defect", [False, True])
def test_unsigned_tokens(start: Start, defect: bool) -> None:
    """A token with another signature is nobody's."""
    practice = start(*["unsigned_tokens"] * defect)
    bearer = practice.sign_in()["Authorization"]
    forged = {"Authorization": bearer[:-1] + ("0" if bearer[-1] != "0" else "1")}
    assert practice.http.get("/api/reports/IA-0001", forged).status == (404 if defect else 401)


@pytest.mark.parametrize("defect", [False, True])
def test_replayed_code(start: Start, defect: bool) -> None:
    """The back office reads a code out; it signs one person in, once."""
    practice = start(*["replayed_code"] * defect)
    issued = practice.http.post("/admin/one-time-codes", {"account": "chair-0"}, ADMIN)
    assert issued.status == 201
    once = practice.http.post("/api/sign-in", {"one_time": issued.json()["code"]})
    assert (once.status, once.json()["precinct"]) == (200, "IA-0001")
    twice = practice.http.post("/api/sign-in", {"one_time": issued.json()["code"]})
    assert twice.status == (200 if defect else 401)


def test_one_time_codes_are_the_back_offices(practice: Practice) -> None:
    """A chair cannot have one made, nor anybody for an account that is not there."""
    who = practice.sign_in()
    for headers, account, status in (
        (who, "chair-1", 403), (ADMIN, "nobody", 404), ({}, "chair-1", 401),
    ):  # fmt: skip
        asked = practice.http.post("/admin/one-time-codes", {"account": account}, headers)
        assert asked.status == status
    assert practice.http.post("/api/sign-in", {"one_time": "AAAA"}).status == 401


@pytest.mark.parametrize("defect", [False, True])
def test_session_fixation(start: Start, defect: bool) -> None:
    """A cookie that came with the sign-in opens nothing afterwards."""
    practice = start(*["session_fixation"] * defect)
    planted = {"Cookie": "session=planted"}
    assert practice.http.post("/api/sign-in", CODES, planted).status == 200
    assert practice.http.get("/api/reports/IA-0001", planted).status == (404 if defect else 401)


@pytest.mark.parametrize("defect", [False, True])
def test_foreign_read(start: Start, defect: bool) -> None:
    """A chair reads their own precinct's report."""
    practice = start(*["foreign_read"] * defect)
    practice.submit("op-1", record="IA-0002")
    who = practice.sign_in()
    assert practice.http.get("/api/reports/IA-0002", who).status == (200 if defect else 403)


@pytest.mark.parametrize("defect", [False, True])
def test_id_enumeration(start: Start, defect: bool) -> None:
    """A receipt is shown to who sent the report, and to operators; which there are is no news."""
    practice = start(*["id_enumeration"] * defect)
    practice.submit("op-1", record="IA-0002")
    for headers, status in (
        (practice.sign_in(1), 200), (ADMIN, 200), (practice.sign_in(0), 404), ({}, 401),
    ):  # fmt: skip
        expected = 200 if defect else status
        assert practice.http.get("/api/receipts/r1", headers).status == expected
    for unknown in ("r2", "r0", "1", "rx", "r" + "9" * 30):
        assert practice.http.get(f"/api/receipts/{unknown}", ADMIN).status == 404


@pytest.mark.parametrize("defect", [False, True])
def test_mass_assignment(start: Start, defect: bool) -> None:
    """Only the back office says that a report is verified; it stays so after a restart."""
    practice = start(*["mass_assignment"] * defect)
    body = {"precinct": "IA-0001", "version": 1, "cells": REPORT, "verified": True}
    who = practice.sign_in()
    sent = practice.http.post("/api/reports", body, who | {"Idempotency-Key": "op-1"})
    assert (sent.status, sent.json()["verified"]) == (201, defect)
    assert practice.http.post("/api/reports/IA-0001/verify", {}, who).status == 403
    assert practice.http.post("/api/reports/IA-0001/verify", {}, ADMIN).json()["verified"] is True
    assert practice.http.post("/api/reports/IA-0002/verify", {}, ADMIN).status == 404
    assert start().stored()[0]["verified"] is True


@pytest.mark.parametrize("defect", [False, True])
def test_guessing_unslowed(start: Start, defect: bool) -> None:
    """Five wrong codes lock an account on every device but the one its owner knows."""
    practice = start(*["guessing_unslowed"] * defect, speed=1.0)
    device = device_of(practice)
    guesses = [practice.http.post("/api/sign-in", WRONG).status for _ in range(7)]
    assert guesses == ([401] * 7 if defect else [401] * 5 + [423] * 2)
    assert practice.http.post("/api/sign-in", CODES).status == (200 if defect else 423)
    assert practice.http.post("/api/sign-in", CODES, device).status == 200
    assert practice.http.post("/api/sign-in", OTHER).status == 200


def test_a_known_device_is_locked_by_its_own_wrong_codes(start: Start) -> None:
    """Whoever holds the device has five tries, too, and a mark that is made up counts for none."""
    practice = start(speed=1.0)
    device = device_of(practice)
    guesses = [practice.http.post("/api/sign-in", WRONG, device).status for _ in range(6)]
    assert guesses == [401] * 5 + [423]
    made_up = {"Cookie": "device=abc.def"}
    guesses = [practice.http.post("/api/sign-in", WRONG, made_up).status for _ in range(6)]
    assert guesses == [401] * 5 + [423]


@pytest.mark.parametrize("defect", [False, True])
def test_junk_crashes(start: Start, defect: bool) -> None:
    """Half a JSON, and one that is nested too deep, are refused."""
    practice = start(*["junk_crashes"] * defect)
    who = practice.sign_in() | {"Idempotency-Key": "op-1"}
    for junk in (b'{"precinct": ', b"[" * 20_000):
        answer = practice.http.send("POST", "/api/reports", who, junk)
        assert answer.status == (500 if defect else 400)


def test_a_picture_that_is_vast_once_it_is_opened_is_refused(practice: Practice) -> None:
    """A few bytes may say 3,600 million dots; 12 million are a photo."""
    who = practice.sign_in()
    for size, status in (((60_000, 60_000), 422), ((4_000, 3_000), 201)):
        kept = practice.http.upload(
            "/api/reports/IA-0001/photo", {"photo": png(*size)}, {"operation": f"p-{status}"}, who
        )
        assert kept.status == status
    assert photos.dots(b"\xff\xd8\xff") == 0
