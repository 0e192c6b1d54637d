"""Roundup, an issue tracker, is driven by REST and by its web form from YAML alone.

By REST: Basic credentials, mandatory headers, and one-time addresses, thanks to which answers
lost on the way double nothing. By its form: a login page, a token that is good for one post, and
refusals that come as 200; a form has no way to say "I have sent this already", so lost answers
do double reports there, and the drill says so. Rows are read from its own SQLite file.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from ledger_oracle import disagreements, reports_told, tries
from target_drills import HERE, Played, check_target, drill

pytestmark = [pytest.mark.thirdparty, pytest.mark.slow]

ROW = re.compile(r"(\S+) (\S+) (\[[\d,]+\])")
WAYS = ("rest", "web")


@pytest.fixture(scope="module", params=WAYS)
def played(
    request: pytest.FixtureRequest, environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Played:
    """A twentieth of a small night by one way in."""
    folder = tmp_path_factory.mktemp(f"roundup-{request.param}") / "run"
    target = HERE / f"roundup-{request.param}.yaml"
    return drill(HERE / "slow-app.yaml", "--scale", "0.05", target=target, folder=folder)


def way(run: Played) -> str:
    """``rest`` or ``web``."""
    name = json.loads((run.path / "run.json").read_text())["target"]["name"]
    return str(name).removeprefix("roundup-")


def stored(run: Path) -> dict[str, list[tuple[str, dict[str, int]]]]:
    """Reports by operation key as Roundup's own file has them: titles of issues."""
    names = json.loads((run / "run.json").read_text())["fields"]
    rows = defaultdict(list)
    with sqlite3.connect(f"file:{run}/app-data/db/db?mode=ro", uri=True) as store:
        for (title,) in store.execute("SELECT _title FROM _issue WHERE __retired__ = 0"):
            found = ROW.fullmatch(title)
            assert found is not None, title
            key, precinct, values = found.groups()
            rows[key].append((precinct, dict(zip(names, json.loads(values), strict=True))))
    return rows


@pytest.mark.parametrize("by", WAYS)
def test_its_probes_come_out_as_declared(environment: None, by: str) -> None:
    """A repeat to a one-time address is known for one; a form takes it for a new report."""
    probes = {probe["name"]: probe["found"] for probe in check_target(HERE / f"roundup-{by}.yaml")}
    repeat = {"rest": "already_have_it (400)", "web": "accepted (302)"}[by]
    nobody = {"rest": "refused (403)", "web": "auth_expired (403)"}[by]
    assert probes["repeat"].startswith(repeat)
    assert probes["no_sign_in"].startswith(nobody)
    assert by == "rest" or probes["wrong_codes"].startswith("refused (200)")


def test_every_site_is_in_as_sent(played: Played) -> None:
    """Its own file holds each accepted report with its values, and nothing that was not sent."""
    told, rows = reports_told(played.path), stored(played.path)
    wrong = disagreements(told, rows)
    assert [each for each in wrong if " times" not in each] == []
    assert len({each.record for each in told.values() if each.accepted}) >= 88
    assert played.states("fail") <= {"duplicate"}
    assert played.states("pass") >= {"lost", "phantom", "altered", "misattributed", "completeness"}


def test_doubled_reports_are_those_that_stand_twice_in_its_file(played: Played) -> None:
    """By one-time address there are none; by the form, one for each retry of a lost answer."""
    rows = stored(played.path)
    extra = sum(Counter({key: len(each) - 1 for key, each in rows.items()}).values())
    assert played.finding("duplicate")["offenders"] == extra
    if way(played) == "rest":
        assert extra == 0
        assert played.word in ("GO", "GO WITH CONDITIONS"), played.said
        assert len(tries(played.path, answer_class="already_have_it")) >= 3
    else:
        assert extra >= 5
        assert (played.word, played.states("fail")) == ("NO-GO", {"duplicate"})


def test_its_form_says_no_with_a_200(played: Played) -> None:
    """Yes and no are both a page with status 200 at its login; Basic has no login to send."""
    if way(played) == "rest":
        assert tries(played.path, kind="sign_in", outcome="refused") == []
        return
    refused = tries(played.path, kind="sign_in", outcome="refused")
    assert {(each["status"], each["answer_class"]) for each in refused} == {(200, "refused")}
    assert {each["status"] for each in tries(played.path, kind="sign_in", outcome="ok")} == {200}
