"""Contacts: taken once, corrected, refused with a reason, and read by whoever may."""

from __future__ import annotations

from typing import Any

import pytest
from hub_day import ADMIN, Day, Open, cells


def test_a_contact_is_taken_once(day: Day) -> None:
    """The same key is the same contact, however often it is sent."""
    first = day.send("OH-000001.field", cells(2, contacts=3), key="k-1")
    again = day.send("OH-000001.field", cells(2, contacts=3), key="k-1")
    assert (first.status, first.json()["status"]) == (201, "accepted")
    assert (again.status, again.json()["status"]) == (200, "already_have_it")
    assert again.json()["id"] == first.json()["id"]
    assert [each["cells"] for each in day.records()] == [cells(2, contacts=3)]


def test_a_key_is_not_used_for_two_contacts(day: Day) -> None:
    """A key that was used for another contact is refused, and the first one stands."""
    day.send("OH-000001.field", cells(2), key="k-1")
    reply = day.send("OH-000001.field", cells(4), key="k-1")
    assert (reply.status, reply.json()["error"]) == (409, "operation_reused")
    assert [each["cells"] for each in day.records()] == [cells(2)]


def test_the_last_correction_counts(day: Day) -> None:
    """A correction takes the place of what was there, whoever of the source's people sends it."""
    day.send("OH-000001.field", cells(2))
    assert day.amend("OH-000001.field", cells(5, contacts=1)).status == 201
    assert day.amend("OH-000001.field", cells(3, contacts=1), version=3).status == 201
    (row,) = day.records()
    assert (row["version"], row["cells"]) == (3, cells(3, contacts=1))
    assert day.totals()["cells"] == cells(3, contacts=1)


def test_names_come_back_as_they_were_sent(day: Day) -> None:
    """Names are text in any script, byte for byte."""
    for number, name in enumerate(
        ["Jose\u0301 A.", "Nguy\u1ec5n Th\u1ecb \u00c1nh", "\u041e\u0439\u043b\u0430"]
    ):
        assert day.send(f"OH-00001{number}.web", cells(), name=name).json()["name"] == name
    assert [each["name"] for each in day.records()] == [
        "Jose\u0301 A.", "Nguy\u1ec5n Th\u1ecb \u00c1nh", "\u041e\u0439\u043b\u0430",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "more", "says"),
    [
        ("OH-1.field", {}, "record must be a key"),
        ("OH-000001.fax", {}, "record must be a key"),
        ("OH-000001.field", {"source": "phone"}, "source must be field"),
        ("OH-000001.field", {"version": 0}, "version must be"),
        ("OH-000001.field", {"version": True}, "version must be"),
        ("OH-000001.field", {"cells": cells() | {"turnout": 101}}, "turnout must be"),
        ("OH-000001.field", {"cells": {}}, "support must be"),
        ("OH-000001.field", {"cells": cells() | {"contacts": "3"}}, "contacts must be"),
        ("OH-000001.field", {"name": "a\u0000b"}, "name must be a text"),
        ("OH-000001.field", {"person": {"email": "x" * 201}}, "email must be a text"),
        ("OH-000001.field", {"key": "not printable \n"}, "Idempotency-Key"),
    ],
)
def test_what_is_no_contact_is_refused(day: Day, record: str, more: Any, says: str) -> None:
    """Each mistake is named, and nothing is stored."""
    numbers = more.pop("cells", cells())
    reply = day.send(record, numbers, who="ann", **more)
    assert reply.status == 422
    assert says in reply.json()["message"]
    assert day.records() == []


def test_each_brings_their_own(day: Day) -> None:
    """A source's contacts come from its own people, for their own state; a stranger brings none."""
    assert day.send("OH-000001.phone", cells(), who="ann").json()["error"] == "not_your_source"
    assert day.send("PA-000001.field", cells(), who="ann").json()["error"] == "not_your_state"
    assert day.send("OH-000001.field", cells(), who="olga").json()["error"] == "not_your_source"
    record = {"record": "OH-000001.field", "person": {}, "cells": cells()}
    assert day.post("/api/contacts", record).status == 401
    sign_up = day.post("/api/sign-ups", record, {"Idempotency-Key": "k"})
    assert sign_up.json()["error"] == "not_your_source"
    assert day.records() == []


def test_a_state_reads_its_own_people(day: Day) -> None:
    """Who works for a state reads its people and contacts, and no other's; ids are one's own."""
    for record, who in (("OH-000001.field", "ann"), ("PA-000001.field", "pete")):
        day.send(record, cells(1), who=who)
    assert day.person("OH-000001", "ann")["support"] == 1
    assert day.person("PA-000001", "ann") == 403
    assert day.get("/api/contacts/PA-000001.field", day.token("ann")).status == 403
    ann, pete, nobody = day.token("ann"), day.token("pete"), dict[str, str]()
    found = [day.get("/api/contacts/c1", who).status for who in (ann, pete, nobody, ADMIN)]
    assert found == [200, 403, 401, 200]
    assert day.get("/api/contacts/c99", pete).status == 403
    assert day.get("/api/contacts", ann).status == 401
    assert day.get("/api/people", ann).status == 401


def test_only_headquarters_says_that_a_contact_is_verified(day: Day) -> None:
    """What a client says of it is not taken."""
    day.send("OH-000001.field", cells(1), verified=True)
    assert not day.records()[0]["verified"]
    path = "/admin/contacts/OH-000001.field/verified"
    assert day.post(path, {}, day.token("ann")).status == 401
    assert day.post(path, {}, ADMIN).status == 200
    assert day.records()[0]["verified"]
    assert day.post("/admin/contacts/OH-000009.field/verified", {}, ADMIN).status == 404


def test_the_dashboard_adds_up(day: Day) -> None:
    """Totals are of what counts, by source and by state; people by the merged view."""
    day.send("OH-000001.field", cells(1, contacts=2))
    day.send("OH-000001.file", cells(0, turnout=70))
    day.send("PA-000001.field", cells(4, contacts=1, volunteer=1), who="pete")
    day.merge()
    found = day.totals()
    assert found["records"] == 3
    assert found["cells"] == cells(5, 70, 3, 1)
    assert found["sources"]["field"] == {"records": 2, "contacts": 3}
    ohio, pennsylvania = found["states"]
    assert (ohio["people"], ohio["supporters"], pennsylvania["supporters"]) == (1, 1, 0)
    assert ohio["cells"] == cells(1, 70, 2)


def test_totals_are_shown_again_for_a_second_but_not_past_a_correction(open_day: Open) -> None:
    """A cached answer is as old as a second; a correction drops it at once."""
    day = open_day()
    day.send("OH-000001.field", cells(1))
    assert day.get("/api/totals", {}).json()["records"] == 1
    day.send("OH-000002.field", cells(1))
    assert day.get("/api/totals", {}).json()["records"] == 1
    day.amend("OH-000001.field", cells(5))
    assert day.get("/api/totals", {}).json()["cells"]["support"] == 6


def test_pages_hold_everything_once(day: Day) -> None:
    """Pages of contacts and people come to all of them."""
    for number in range(5):
        day.send(f"OH-00000{number}.field", cells(1))
    pages = [day.get(f"/api/contacts?page={page}&per_page=2").json() for page in (1, 2, 3)]
    assert [len(each["contacts"]) for each in pages] == [2, 2, 1]
    assert {each["total"] for each in pages} == {5}
    assert len({row["record"] for each in pages for row in each["contacts"]}) == 5
    assert len(day.people()) == 5


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"[" * 20_000, b'{"record": 1e999}', b'"\xff"', b"x" * 100_000]
)
def test_junk_is_refused(day: Day, body: bytes) -> None:
    """A body that is none is the sender's mistake, and never the app's."""
    for path in ("/api/contacts", "/api/sign-ups", "/api/sign-in"):
        reply = day.asgi.send("POST", path, day.token("ann"), body)
        assert 400 <= reply.status < 500, reply.text
