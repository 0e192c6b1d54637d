"""Merging: the rule against the world's, identities, and what is made up for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hub_day import Day, Open, cells
from hypothesis import given
from hypothesis import strategies as st

from simulators.apps.hub.contact import Contact
from simulators.apps.hub.identity import known_by
from simulators.apps.hub.merging import TRUSTED, merged
from simulators.world.campaign import merge

NUMBERS = st.tuples(
    st.integers(0, 5), st.integers(0, 100), st.integers(0, 9), st.integers(0, 1)
)  # fmt: skip
HELD = st.dictionaries(st.sampled_from(TRUSTED), NUMBERS)
JO = Contact(
    "OH-000009.phone", "phone", "OH", "OH-000009", 1, "k", 0, 0, 0, 0, name="Jo Smith",
    voter_id="", phone="555-0109", line="7", email="jo@example.org", author="", received=0.0,
)  # fmt: skip


@given(HELD)
def test_the_rule_is_the_one_that_was_agreed(held: dict[str, tuple[int, int, int, int]]) -> None:
    """The app's own rule and the world's come to the same, whatever is held."""
    view = merged("OH-000001", [(source, numbers, "x") for source, numbers in held.items()])
    shown = (view.support, view.turnout, view.contacts, view.volunteer, view.sources)
    assert shown == tuple(merge(held))


@given(st.permutations(sorted(TRUSTED)))
def test_the_order_of_sources_does_not_matter(order: list[str]) -> None:
    """A merge is a function of what is held, not of what came first."""
    held = [(source, (len(source) - 3, 7, 1, 0), source) for source in order]
    assert merged("OH-000001", held) == merged("OH-000001", sorted(held))


def test_four_sources_make_one_person(day: Day) -> None:
    """Whoever is known by voter ID, line or e-mail with the name is one person, not four."""
    who = {"voter_id": "OH10000001"}
    line = {"phone": "(555) 0101", "line": "00001"}
    name = "JOSE\u0301 NGUY\u1ec4N"  # another way to put the same letters
    day.send("OH-000001.field", cells(3, contacts=1), person=who)
    day.send("OH-000777.phone", cells(4, contacts=2), person=line, name=name)
    day.send(
        "OH-000778.web", cells(1, volunteer=1), person={"email": "Jose@example.org"}, name=name
    )
    (row,) = day.people()
    assert (row["person"], row["sources"], row["support"], row["contacts"]) == (
        "OH-000001",
        3,
        3,
        3,
    )


def test_a_household_stays_several_people(day: Day) -> None:
    """A shared line or address makes nobody the same person without the name."""
    shared = {"phone": "555-0101", "line": "00001", "email": "jose@example.org"}
    day.send("OH-000777.phone", cells(4), person=shared, name="Ana Nguy\u1ec5n")
    (row,) = day.people()
    assert (row["person"], row["name"]) == ("OH-000777", "Ana Nguy\u1ec5n")


def test_who_is_new_is_remembered(day: Day) -> None:
    """Somebody whom the voter file does not know is known from their first contact on."""
    day.send("OH-000005.web", cells(1), person={"email": "new@example.org"}, name="Nia New")
    day.merge()
    day.send("OH-000006.phone", cells(2), person={"email": "new@example.org"}, name="nia  new")
    (row,) = day.people()
    assert (row["person"], row["sources"]) == ("OH-000005", 2)


@pytest.mark.parametrize("field", ["phone", "line", "email", "name"])
def test_what_is_not_said_identifies_nobody(field: str) -> None:
    """A contact without a line is not known by its number; names alone say nothing."""
    values = known_by(replace(JO, **{field: ""}))
    kinds = {each.partition(" ")[0] for each in values}
    assert kinds == {"phone": {"email"}, "line": {"email"}, "email": {"phone"}}.get(
        field, {"phone", "email"}
    )


def test_who_writes_reads_what_they_wrote(day: Day) -> None:
    """A person shows every contact that was accepted before, though no worker has been there."""
    day.send("OH-000001.field", cells(2, contacts=3))
    assert day.person("OH-000001")["contacts"] == 3
    day.amend("OH-000001.field", cells(2, contacts=4))
    day.send("OH-000001.web", cells(1, contacts=1))
    assert day.person("OH-000001")["contacts"] == 5


def test_merges_that_were_missed_are_made_up_for(open_day: Open) -> None:
    """Contacts that no queue told of are merged by the next worker that looks."""
    open_day().send("OH-000001.field", cells(2))
    later = open_day(queue="inside")
    later.until(lambda: not later.office.pulse.behind)
    assert later.people()[0]["support"] == 2


def test_a_worker_inside_needs_no_telling(open_day: Open) -> None:
    """Without a worker beside it the web server merges by itself, soon."""
    day = open_day(queue="inside")
    day.send("OH-000001.field", cells(2))
    day.until(lambda: day.get("/api/people").json()["total"] == 1)


def test_a_missing_worker_is_told(open_day: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """When contacts wait too long to be merged, /health says so; once they are, all is well."""
    monkeypatch.setattr("simulators.apps.hub.pulse.BEHIND", 0.0)
    day = open_day()
    assert day.get("/health").json()["status"] == "ok"
    day.send("OH-000001.field", cells(2))
    day.until(lambda: day.office.pulse.behind)
    found = day.get("/health")
    assert (found.status, found.json()["status"], found.json()["queue"]) == (200, "ill", "behind")
    day.merge()
    day.until(lambda: not day.office.pulse.behind)
    assert day.get("/health").json()["status"] == "ok"
