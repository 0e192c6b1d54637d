"""The words for hostile visitors: mistakes are named, and the accounts they need are made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hostile_stand import FIELDS, description

from harness.document import DocumentError
from harness.hostile.forged_token import forge
from harness.hostile.guessed_codes import guess
from harness.hostile.hostile_upload import files, png_bomb, with_file
from harness.hostile.junk import JUNK
from harness.hostile.reserve import reserved, with_people, with_places
from harness.scenario import load_scenario, packaged, plan_for
from harness.simulate import simulate
from harness.target import Run, TargetError, load_target
from harness.target.hostile_model import Hostile
from harness.target.wire import Origin, Request

SECTION = description("http://127.0.0.1:9")["hostile"]


def complaint(tmp_path: Path, **changes: Any) -> str:
    """What the loader says of the section with some of its entries changed; None leaves one out."""
    data = description("http://127.0.0.1:9")
    section = data["hostile"] | changes
    data["hostile"] = {name: each for name, each in section.items() if each is not None}
    path = tmp_path / "target.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(TargetError) as error:
        load_target(path, run=Run("r1", 1, FIELDS))
    return str(error.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"other": {"record": "P-901"}}, "other has the record of own"),
        ({"private": None}, "foreign_read: builds on read_report, and operations describes none"),
        ({"junk": {"of": "send_text"}}, "junk: builds on send_text"),
        ({"junk": {"kinds": ["rubbish"]}}, "kinds"),
        ({"flood": {"seconds": 1, "within_s": 2}}, "stay for longer than an honest visitor"),
        ({"guessed": {}}, "guessed"),
        ({"expired_token": {}}, "expires_in, a capture of signing in"),
        ({"expired_token": {"expires_in": "lives"}}, "lives: signing in captures no such name"),
        ({"values": {"vote": 1}}, "vote: a report has no such field; it has votes"),
        (
            {"mass_assignment": SECTION["mass_assignment"] | {"places": {"other": "x"}}},
            "places says nothing of approved",
        ),
        (
            {"counted_ids": {"read": {"request": {"path": "/rows/{{ number }}"}}}},
            "number",
        ),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_a_mistake_is_named_with_its_place(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    """File, field and what to do; never a traceback."""
    found = complaint(tmp_path, **changes)
    assert "target.yaml" in found
    assert "hostile" in found
    assert said in found


def test_the_accounts_are_the_seeds_and_nobody_elses() -> None:
    """The same seed gives the same codes; the first begin with 00, as nobody's do."""
    model = Hostile.model_validate({"own": {"record": "IA-9901"}, "other": {"record": "IA-9902"}})
    own, other = reserved(model, 7)
    assert reserved(model, 7) == (own, other)
    assert reserved(model, 8) != (own, other)
    assert (own.codes[0], other.codes[0]) == ("009001", "009002")
    assert own.codes[1:] != other.codes[1:]
    scenario = load_scenario("iowa-caucus-night")
    plan = plan_for(scenario.night("rehearsal", seed=7, scale=0.02))
    people, places = plan.people_table(), plan.precinct_table()
    assert not people["codes"].list.first().str.starts_with("00").any()
    more = with_people(people, (own, other))
    assert more.schema == people.schema
    assert more["who"].is_unique().all()
    assert more["record"].to_list()[-2:] == ["IA-9901", "IA-9902"]
    wider = with_places(places, (own, other))
    assert wider.schema == places.schema
    assert wider["record"].is_unique().all()
    assert with_people(people, ()).equals(people)
    assert with_places(places, ()).equals(places)


@pytest.mark.parametrize(
    ("intruder", "said"),
    [
        ({"begins": "25:00", "ends": "19:00"}, "not a time of day"),
        ({"begins": "18:00", "ends": "19:00", "casts": ["nobody"]}, "no cast 'nobody'; it has"),
        ({"begins": "18:00", "ends": "19:00", "kinds": ["junk", "junk"]}, "stands there twice"),
        ({"begins": "18:00", "ends": "19:00", "kinds": ["magic"]}, "kinds"),
    ],
)
def test_a_scenarios_intruder_is_checked(
    intruder: dict[str, Any], said: str, tmp_path: Path
) -> None:
    """When they come, with which casts, and what they try."""
    data = yaml.safe_load(packaged()["iowa-caucus-night"].read_text()) | {"intruder": intruder}
    path = tmp_path / "night.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(DocumentError, match=said):
        load_scenario(str(path))


def test_the_modelled_app_has_no_intruder_and_says_so(tmp_path: Path) -> None:
    """In virtual time nobody is let in, because nobody comes."""
    scenario = load_scenario("iowa-caucus-night")
    folder = simulate(scenario, cast="rehearsal", seed=1, scale=0.01, out=tmp_path / "run")
    assert "intruder: the model has none" in folder.info["target"]["not_drilled"]


def test_a_forgery_differs_in_one_character() -> None:
    """Near its start or its end, and never in the last, whose bits may say nothing."""
    proof = b"eyJhbGciOi.eyJrIjoxfQ.c2lnbmF0dXJl"
    for at_end in (True, False):
        found = forge(proof, at_end=at_end)
        (place,) = (n for n, (a, b) in enumerate(zip(proof, found, strict=True)) if a != b)
        assert 0 < place < len(proof) - 1
        assert (place > len(proof) // 2) == at_end
    assert forge(b"short", at_end=True) == b"short"


def test_guesses_are_wrong_and_all_different() -> None:
    """No guess is the right code, and none comes twice."""
    codes = ("1001", "9999", "x")
    tried = {guess(codes, 1, number)[1] for number in range(1, 20)}
    assert len(tried) == 19
    assert codes[1] not in tried
    assert guess(codes, 2, 1) == ("1001", "9999", "x1")


def test_junk_is_no_honest_body() -> None:
    """Each kind differs from what was meant, in JSON and in a form."""
    for honest in (b'{"precinct": "IA-1", "version": 1, "cells": {"a": 0}}', b"record=P-1&n=2"):
        made = {kind: spoil(honest) for kind, (spoil, _) in JUNK.items()}
        assert len(set(made.values())) == len(made)
        assert honest not in made.values()
    assert b"\\u0000" in JUNK["nul"][0](b'{"precinct": "IA-1"}')
    assert len(JUNK["huge_number"][0](b'{"version": 1}')) > 5_000


def test_a_hostile_file_takes_the_honest_ones_part() -> None:
    """What else is in the form stays as it was."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\nPNG\r\n'
        b"--b--\r\n"
    )
    head = b"POST /p HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    request = Request(Origin("127.0.0.1", 1), "POST", head, body)
    file = files("mark", 1.0)["path_in_name"]
    changed = with_file(request, "photo", file).body
    assert b"hello" in changed
    assert b"\r\n\r\nPNG\r\n" not in changed
    assert b'filename="../../../mark.png"' in changed
    assert changed.endswith(b"--b--\r\n")
    assert with_file(request, None, file).body == file.content
    assert len(png_bomb()) < 100
    assert len(files("mark", 1.0)["oversized"].content) > 2 << 20


def test_a_roster_of_another_shape_is_filled_in() -> None:
    """Columns that a reserved account says nothing of are empty, and its own fields are used."""
    model = Hostile.model_validate(
        {"own": {"record": "a", "fields": {"state": "OH"}}, "other": {"record": "b"}}
    )
    table = pl.DataFrame(
        {"who": [0], "key": ["x"], "state": ["IA"], "age": [40], "codes": [["1"]], "extra": [True]},
    )
    row = with_people(table, reserved(model, 1)).row(1, named=True)
    assert (row["key"], row["state"], row["age"], row["extra"]) == ("intruder-own", "OH", 0, None)
