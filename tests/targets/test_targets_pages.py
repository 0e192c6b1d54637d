"""Roundup and I Hate Money are walked on their own pages, in a browser, from YAML alone.

Four people with hands that make it hard report on pages that were made for something else. What
they sent is looked for in the app's own SQLite file. Roundup's form is good for one post; I Hate
Money's is not, and whoever taps twice is in it twice, which the drill says. Neither app's pages
are without barriers, and some that anybody can see there are found.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from zipfile import ZipFile

import polars as pl
import pytest
from ledger_oracle import disagreements, reports_told
from target_drills import HERE, Played, check_target, drill

from harness.browser import why_no_browser
from harness.record import RunFolder

pytestmark = [
    pytest.mark.thirdparty,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser() or "-"),
]

ROW = re.compile(r"(\S+) (\S+) (\[[\d,]+\])")
APPS = ("roundup", "ihatemoney")
STORED = {
    "roundup": ("db/db", "SELECT _title, NULL FROM _issue WHERE __retired__ = 0"),
    "ihatemoney": ("bills.db", "SELECT what, amount FROM bill"),
}
# Rule, and where anybody can see that it is broken: boxes without a label, links with a picture
# and no words, a mistake that is told in colour alone, a page that does not say its language.
KNOWN = {
    "roundup": {
        ("label", "@search_text"),
        ("label", "title"),
        ("select-name", "priority"),
        ("html-has-lang", "html"),
        ("main-target", "Submit New Entry"),
    },
    "ihatemoney": {
        ("link-name", "mobile"),
        ("color-contrast", "English"),
        ("html-has-lang", "html"),
        ("main-target", "Submit"),
        ("silent-error", "How much?"),
    },
}


@pytest.fixture(scope="module", params=APPS)
def played(
    request: pytest.FixtureRequest, environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Played:
    """A few minutes on one app's pages."""
    folder = tmp_path_factory.mktemp(f"{request.param}-pages") / "run"
    target = HERE / f"{request.param}-pages.yaml"
    return drill(HERE / "pages.yaml", target=target, folder=folder)


def app_of(run: Played) -> str:
    name = json.loads((run.path / "run.json").read_text())["target"]["name"]
    return str(name).removesuffix("-pages")


def stored(run: Played) -> dict[str, list[tuple[str, dict[str, int]]]]:
    """Reports by operation key as the app's own file has them; a bill is of its attendance."""
    names = json.loads((run.path / "run.json").read_text())["fields"]
    place, query = STORED[app_of(run)]
    rows = defaultdict(list)
    with sqlite3.connect(f"file:{run.path}/app-data/{place}?mode=ro", uri=True) as store:
        for text, amount in store.execute(query):
            found = ROW.fullmatch(text)
            assert found is not None, text
            key, precinct, values = found.groups()
            cells = dict(zip(names, json.loads(values), strict=True))
            assert amount in (None, cells["attendance"])
            rows[key].append((precinct, cells))
    return rows


def doubled(run: Played) -> dict[str, int]:
    """How many times too often a precinct's report stands there."""
    rows = stored(run)
    return {each[0][0]: len(each) - 1 for each in rows.values() if len(each) > 1}


@pytest.mark.parametrize("app", APPS)
def test_its_pages_come_out_as_declared(environment: None, app: str) -> None:
    """``target check`` signs in and sends a report on the pages, and reads it back."""
    probes = {each["name"]: each["found"] for each in check_target(HERE / f"{app}-pages.yaml")}
    assert probes["web.sign_in"] == probes["web.submit_report"] == "accepted"


def test_everybody_walked_the_pages(played: Played) -> None:
    """Each of them signed in, found the form, sent it, and was told that it is in.

    Roundup's sign-in is good for one post as well. Who taps twice is told at times that it failed,
    and may give up over that.
    """
    run = RunFolder.open(played.path)
    assert run.info["web"] == {"complete": True, "problems": [], "why": ""}
    sessions = run.sessions.collect()
    who = ["double-tapper-1", "keyboard-only-1", "slow-typist-1", "small-phone-1"]
    assert sorted(sessions["session"]) == who
    out = sessions.filter(pl.col("reported").is_null())
    assert set(out["session"]) <= ({"double-tapper-1"} if app_of(played) == "roundup" else set())
    for session in out["session"]:
        details = run.steps.filter(pl.col("session") == session).collect()["detail"].to_list()
        assert "sent twice" in " ".join(details)
    for session in set(who) - set(out["session"]):
        steps = run.steps.filter(pl.col("session") == session).sort("number").collect()["step"]
        assert {"arrive", "signed in", "the form", "received"} <= set(steps)
    told = reports_told(played.path)
    accepted = {each.record for each in told.values() if each.accepted}
    assert accepted == set(sessions["record"]) - set(out["record"])


def test_what_they_sent_stands_in_its_file(played: Played) -> None:
    """Each report that the pages said yes to is there with its values, and nothing else is."""
    wrong = disagreements(reports_told(played.path), stored(played))
    assert [each for each in wrong if " times" not in each] == []
    assert len(stored(played)) >= 3
    assert played.states("pass") >= {"lost", "phantom", "altered", "misattributed"}


def test_who_taps_twice_is_in_twice_where_the_form_lets_them(played: Played) -> None:
    """A form that is good for one post takes one; the other takes as many as come."""
    sessions = RunFolder.open(played.path).sessions.collect()
    tapper = sessions.filter(pl.col("session") == "double-tapper-1")["record"].item()
    extra = doubled(played)
    assert played.finding("duplicate")["offenders"] == sum(extra.values())
    if app_of(played) == "roundup":
        assert extra == {}
        assert "duplicate" in played.states("pass")
    else:
        assert set(extra) == {tapper}
        assert (played.word, "duplicate" in played.states("fail")) == ("NO-GO", True)


def test_barriers_that_anybody_can_see_are_found(played: Played) -> None:
    """Each known barrier is among those found; what bars nobody, a date's box, is not."""
    run = RunFolder.open(played.path)
    barriers = run.barriers.collect()
    found = list(zip(barriers["rule"], barriers["says"], barriers["element"], strict=True))
    for rule, where in KNOWN[app_of(played)]:
        here = [each for each in found if each[0] == rule and where in f"{each[1]} {each[2]}"]
        assert here, f"{rule} at {where}"
    assert not {"keyboard-trap", "not-reached"} & set(barriers["rule"])
    assert run.looks.filter(pl.col("problem") != "").collect()["problem"].to_list() == []
    assert "barriers" in played.states("fail")


def test_no_secret_stays_in_a_file(played: Played) -> None:
    """What the descriptions take from the environment is in no file of ours, and in no trace."""
    secrets = (b"practice-only-code", b"practice-only-password")
    for path in played.path.rglob("*"):
        if path.is_dir() or path.is_relative_to(played.path / "app-data"):
            continue
        texts = [path.read_bytes()]
        if path.suffix == ".zip":
            with ZipFile(path) as packed:
                texts += [packed.read(name) for name in packed.namelist()]
        assert not any(secret in text for secret in secrets for text in texts), path
