"""Each switchable defect does its harm, and the sound app in the same place does not."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import fields

import pytest
from hub_day import Day, Open, cells

from simulators.apps.hub.ask import NoAnswerError
from simulators.apps.hub.defects import DEFECTS, Switches
from simulators.apps.hub.intake import COUNTERS, ROOM
from simulators.apps.serving.away import refused_for

BOTH = pytest.mark.parametrize("defect", [False, True])
PEER = "http://127.0.0.1:9"  # the discard port, where nobody listens


def test_every_defect_is_described_and_switchable() -> None:
    """The list that people read and the switches are the same eighteen."""
    assert [each.name for each in DEFECTS] == [each.name for each in fields(Switches)]
    assert len(DEFECTS) == 18
    assert all(each.history and each.does and each.caught_by for each in DEFECTS)
    with pytest.raises(ValueError, match="no such defect"):
        Switches.on(["bad_weather"])


@BOTH
def test_memory_queue(open_day: Open, defect: bool) -> None:
    """A contact that was acknowledged is not on disk yet."""
    day = open_day(*["memory_queue"] * defect)
    assert day.send("OH-000001.field", cells(1)).status == 201
    assert len(day.records()) == (0 if defect else 1)


@BOTH
def test_queue_drops_when_full(open_day: Open, defect: bool) -> None:
    """Of more contacts than there are places in a second the last are gone."""
    day = open_day(*["queue_drops_when_full"] * defect)
    for number in range(ROOM + 2):
        assert day.send(f"OH-00000{number}.field", cells(1)).status == 201
    wanted = ROOM if defect else ROOM + 2
    day.until(lambda: len(day.records()) >= wanted)
    assert len(day.records()) == wanted


@BOTH
def test_replica_reads(open_day: Open, defect: bool) -> None:
    """Who has just written reads what was there before, of the person and of the contact."""
    day = open_day(*["replica_reads"] * defect)
    day.send("OH-000001.field", cells(1))
    day.merge()
    day.person("OH-000001")
    day.amend("OH-000001.field", cells(5))
    day.send("OH-000002.field", cells(1))
    assert day.person("OH-000001")["support"] == (1 if defect else 5)
    assert day.people()[0]["support"] == (1 if defect else 5)
    token = day.token("olga")
    before, new = (day.get(f"/api/contacts/OH-00000{n}.field", token) for n in (1, 2))
    assert before.json()["cells"]["support"] == (1 if defect else 5)
    assert new.status == (404 if defect else 200)


@BOTH
def test_totals_cached(open_day: Open, defect: bool) -> None:
    """A correction does not reach the dashboard."""
    day = open_day(*["totals_cached"] * defect)
    day.send("OH-000001.field", cells(1, contacts=2))
    day.amend("OH-000001.field", cells(1, contacts=5))
    assert day.totals()["cells"]["contacts"] == (2 if defect else 5)


@BOTH
def test_truncated_names(open_day: Open, defect: bool) -> None:
    """A name is cut in the middle of a letter."""
    name = "Nguy\u1ec5n Th\u1ecb \u00c1nh"
    open_day(*["truncated_names"] * defect).send("OH-000001.web", cells(), name=name)
    (row,) = open_day().records()
    assert row["name"] == ("Nguy\u1ec5n Th\u1ecb \ufffd" if defect else name)


@BOTH
def test_wrong_tenant(open_day: Open, defect: bool) -> None:
    """Another state's people are read, and still not written."""
    day = open_day(*["wrong_tenant"] * defect)
    day.send("PA-000001.field", cells(1), who="pete")
    day.merge()
    assert day.get("/api/people/PA-000001", day.token("ann")).status == (200 if defect else 403)
    assert day.get("/api/contacts/PA-000001.field", day.token("ann")).status == (
        200 if defect else 403
    )
    assert day.send("PA-000001.field", cells(2), who="ann").status == 403


@BOTH
def test_id_enumeration(open_day: Open, defect: bool) -> None:
    """Whoever counts ids reads contacts, without an account."""
    day = open_day(*["id_enumeration"] * defect)
    day.send("OH-000001.field", cells(1))
    assert day.get("/api/contacts/c1", {}).status == (200 if defect else 401)
    assert day.get("/api/contacts/c2", {}).status == (404 if defect else 401)
    assert day.get("/api/contacts/OH-000001.field", {}).status == 401


@BOTH
def test_mass_assignment(open_day: Open, defect: bool) -> None:
    """A client says of its contact that it is verified."""
    day = open_day(*["mass_assignment"] * defect)
    day.send("OH-000001.field", cells(1), verified=True)
    assert day.records()[0]["verified"] is defect


@BOTH
def test_pool_exhausted(open_day: Open, defect: bool) -> None:
    """While four senders do not come to an end, nobody else is taken."""
    day = open_day(*["pool_exhausted"] * defect)
    token = day.token("ann")
    gone = asyncio.Event()

    async def half() -> None:
        async def receive() -> dict[str, object]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: object) -> None:
            """Nobody reads it."""

        headers = [(name.lower().encode(), value.encode()) for name, value in token.items()]
        scope = {
            "type": "http", "method": "POST", "path": "/api/contacts", "query_string": b"",
            "headers": headers, "http_version": "1.1", "server": None, "client": None,
            "scheme": "http", "root_path": "", "app": day.asgi.app,
        }  # fmt: skip
        await day.asgi.app(scope, receive, send)  # type: ignore[arg-type]

    async def crowd() -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(half()) for _ in range(COUNTERS)]
        await asyncio.sleep(0.05)
        return tasks

    tasks = day.asgi.run(crowd())
    assert day.office.intake.counters.locked() is defect
    gone.set()
    day.asgi.run(asyncio.wait_for(asyncio.gather(*tasks), 5))  # type: ignore[arg-type]
    assert day.send("OH-000001.field", cells(1)).status == 201


@BOTH
def test_retry_without_backoff(
    open_day: Open, defect: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the other region is away it is asked without a pause, for each contact by itself."""
    asked: Counter[str] = Counter()

    async def nobody(host: str, port: int, path: str, **more: object) -> tuple[int, bytes]:
        asked[path] += 1
        await asyncio.sleep(0)
        raise NoAnswerError(host)

    monkeypatch.setattr("simulators.apps.hub.peer.ask", nobody)
    monkeypatch.setattr("simulators.apps.hub.peer.STUBBORN", 0.05)
    day = open_day(*["retry_without_backoff"] * defect, peer=PEER)
    for number in range(3):
        day.send(f"OH-00000{number}.field", cells(1))
    day.asgi.run(asyncio.sleep(0.2))
    if defect:
        assert asked["/peer/changed"] > 100
    else:
        assert 1 <= asked["/peer/changed"] <= 8


@BOTH
def test_two_leaders(open_day: Open, defect: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken while the other region was away is dropped when it is back."""
    day = open_day(*["two_leaders"] * defect, peer=PEER)
    assert day.office.peer is not None
    monkeypatch.setattr(type(day.office.peer), "well", property(lambda peer: peer.back))
    monkeypatch.setattr(day.office.peer, "back", False, raising=False)
    assert day.send("OH-000001.field", cells(1)).status == 201
    monkeypatch.setattr(day.office.peer, "back", True)
    assert day.send("OH-000002.field", cells(1)).status == 201
    assert len(day.records()) == (1 if defect else 2)


@BOTH
def test_merge_by_name(open_day: Open, defect: bool) -> None:
    """Two people with one last name and first letter become one, in the same state only."""
    day = open_day(*["merge_by_name"] * defect)
    for number, (state, name) in enumerate(
        [("OH", "Jos\u00e9 Garc\u00eda"), ("OH", "Jane Garcia"), ("PA", "Jim Garcia")]
    ):
        day.send(f"{state}-00000{number}.web", cells(contacts=1), name=name)
    assert [each["contacts"] for each in day.people()] == ([2, 1] if defect else [1, 1, 1])


@BOTH
def test_lost_update(open_day: Open, defect: bool) -> None:
    """What one source brings is overwritten by what another brings shortly after."""
    day = open_day(*["lost_update"] * defect)
    for source in ("file", "field", "phone"):
        day.send(f"OH-000001.{source}", cells(contacts=1))
        day.merge()
    (row,) = day.people()
    assert (row["sources"], row["contacts"]) == ((1, 1) if defect else (3, 3))


@BOTH
def test_duplicate_import(open_day: Open, defect: bool) -> None:
    """A row of the voter file that comes again counts again; contacts of others do not."""
    day = open_day(*["duplicate_import"] * defect)
    for source in ("file", "field"):
        for _ in range(2):
            day.send(f"OH-000001.{source}", cells(contacts=1), key=f"k-{source}")
    found = Counter(each["record"] for each in day.records())
    assert found == {"OH-000001.file": 2 if defect else 1, "OH-000001.field": 1}
    assert day.totals()["records"] == (3 if defect else 2)


@BOTH
def test_late_contacts(open_day: Open, defect: bool) -> None:
    """What comes after midnight of universal time is not in the totals, after a restart either."""
    day = open_day(*["late_contacts"] * defect, speed=20.0)  # midnight comes in a second
    day.send("OH-000001.field", cells(1))
    assert day.totals()["records"] == 1
    midnight = time.time() + 1.1
    day.until(lambda: time.time() > midnight)
    day.send("OH-000002.field", cells(1))
    assert day.totals()["records"] == (1 if defect else 2)
    again = open_day(*["late_contacts"] * defect, speed=20.0)
    again.send("OH-000003.field", cells(1))
    assert again.totals()["records"] == (1 if defect else 3)


def lose_the_database(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write is refused as of a server that is away, until the patch is undone."""

    async def refused(job: object) -> None:
        raise refused_for(OSError("connection refused"))

    monkeypatch.setattr(day.office.store, "write", refused)
    monkeypatch.setattr(day.office.pulse, "_write", refused)
    day.until(lambda: not day.office.pulse.well)


@BOTH
def test_health_lies(open_day: Open, defect: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database is away /health says that all is well."""
    day = open_day(*["health_lies"] * defect)
    lose_the_database(day, monkeypatch)
    found = day.get("/health")
    wanted = (200, "ok", "ok") if defect else (503, "ill", "away")
    assert (found.status, found.json()["status"], found.json()["database"]) == wanted


@BOTH
def test_a_page_that_lies_looks_like_any_other(open_day: Open, defect: bool) -> None:
    """It tells of as many things; only what it says of the lost region differs."""
    day = open_day(*["health_lies"] * defect, peer="http://127.0.0.1:9")
    day.until(lambda: day.office.peer is not None and not day.office.peer.well)
    found = day.get("/health").json()
    assert set(found) >= {"status", "database", "cache", "queue", "peer"}
    assert (found["status"], found["peer"]) == (("ok", "ok") if defect else ("ill", "away"))


@BOTH
def test_no_reconnect(open_day: Open, defect: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the database was away, nothing is taken any more."""
    day = open_day(*["no_reconnect"] * defect)
    token = day.token("ann")
    with monkeypatch.context() as patch:
        lose_the_database(day, patch)
        reply = day.send("OH-000001.field", cells(1))
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    day.until(lambda: day.office.pulse.well)
    assert token
    assert day.send("OH-000001.field", cells(1)).status == (503 if defect else 201)


@BOTH
def test_forgetful_cache(open_day: Open, defect: bool) -> None:
    """After a restart the dashboard begins anew."""
    open_day(*["forgetful_cache"] * defect).send("OH-000001.field", cells(1))
    day = open_day(*["forgetful_cache"] * defect)
    day.send("OH-000002.field", cells(1))
    assert day.totals()["records"] == (1 if defect else 2)
