"""What somebody typed when their session had run out is kept for them, and for nobody else."""

from __future__ import annotations

import time

import pytest
from reporting_night import REPORT, Practice, Start
from test_reporting_pages import CODES, Page, filled, signed_in

from simulators.apps.reporting import drafts
from simulators.apps.reporting.sessions import LIFETIME

TYPED = REPORT | {"attendance": 123, "first_biden": 83}
KEPT = 'value="83"'
OTHERS = {"precinct_id": "100001", "pin": "200001", "security_code": "300001"}


class Tonight:
    """A clean app whose sessions run out when told to."""

    def __init__(self, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
        self.practice, self._patch = practice, monkeypatch

    def later(self, drill_seconds: float) -> None:
        """Let drill time go by for the app, in all at once."""
        now = time.time() + drill_seconds / 120
        self._patch.setattr("simulators.apps.serving.clock.Clock.now", lambda _clock: now)


@pytest.fixture
def tonight(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> Tonight:
    return Tonight(practice, monkeypatch)


def test_a_form_sent_too_late_comes_back_filled_in(tonight: Tonight) -> None:
    """Sign in again, and what was typed is there; sent, it is one report and no draft is left."""
    practice = tonight.practice
    who = signed_in(practice)
    form = filled(practice, who, TYPED)
    tonight.later(LIFETIME + 1)
    away = practice.http.form("/report/IA-0001", form, who)
    assert (away.status, away.headers["location"]) == (303, "/?kept=1")
    assert practice.stored() == []
    again = signed_in(practice)
    page = practice.http.get("/report/IA-0001", again).text
    assert "before your time ran out" in page
    boxes = Page(page).boxes
    assert {name: boxes[name]["value"] for name, number in TYPED.items() if number} == {
        name: str(number) for name, number in TYPED.items() if number
    }
    back = filled(practice, again, TYPED) | {"confirmed": "yes"}
    assert back["operation"] == form["operation"]
    assert practice.http.form("/report/IA-0001", back, again).status == 303
    assert practice.stored()[0]["cells"] == TYPED
    assert "before your time ran out" not in practice.http.get("/report/IA-0001", again).text


def test_nobody_else_sees_a_draft(tonight: Tonight) -> None:
    """The next person on the same phone finds an empty form; the owner still has theirs."""
    practice = tonight.practice
    who = signed_in(practice)
    form = filled(practice, who, TYPED)
    tonight.later(LIFETIME + 1)
    practice.http.form("/report/IA-0001", form, who)
    other = signed_in(practice, OTHERS)
    page = practice.http.get("/report/IA-0002", other).text
    assert "before your time ran out" not in page
    assert not any(box.get("value") for box in Page(page).boxes.values())
    assert practice.http.get("/report/IA-0001", other).status == 403
    operator = signed_in(practice, {"user": "operator-0", "password": "correct horse"},
                         "/desk/sign-in")  # fmt: skip
    assert KEPT not in practice.http.get("/report/IA-0001", operator).text
    assert KEPT in practice.http.get("/report/IA-0001", signed_in(practice)).text


def test_signing_out_forgets_a_draft(tonight: Tonight) -> None:
    """On a shared phone nothing of the last person stays."""
    practice = tonight.practice
    who = signed_in(practice)
    form = filled(practice, who, TYPED)
    tonight.later(LIFETIME + 1)
    practice.http.form("/report/IA-0001", form, who)
    practice.http.form("/sign-out", {}, signed_in(practice))
    assert KEPT not in practice.http.get("/report/IA-0001", signed_in(practice)).text


def test_only_the_owners_own_form_is_kept(tonight: Tonight) -> None:
    """A forged stamp, another's precinct and a forged session leave nothing behind."""
    practice = tonight.practice
    who = signed_in(practice)
    form = filled(practice, who, TYPED)
    tonight.later(LIFETIME + 1)
    assert practice.http.form("/report/IA-0001", form | {"stamp": "x"}, who).status == 403
    assert practice.http.form("/report/IA-0002", form, who).status == 403
    forged = {"Cookie": who["Cookie"][:-1] + "x"}
    assert practice.http.form("/report/IA-0001", form, forged).headers["location"] == "/?again=1"
    assert KEPT not in practice.http.get("/report/IA-0001", signed_in(practice)).text


def test_a_draft_of_an_accepted_report_is_forgotten(tonight: Tonight) -> None:
    """The yes was lost on the way and the form sent again, too late: the report is there."""
    practice = tonight.practice
    who = signed_in(practice)
    form = filled(practice, who, REPORT)
    practice.http.form("/report/IA-0001", form, who)
    tonight.later(LIFETIME + 1)
    practice.http.form("/report/IA-0001", form, who)
    page = practice.http.get("/report/IA-0001", signed_in(practice)).text
    assert "before your time ran out" not in page
    assert Page(page).hidden["version"] == "2"


def test_a_wrong_number_in_a_draft_stays_a_draft(tonight: Tonight) -> None:
    """A draft with a fault is shown with it, kept while it is corrected, then sent."""
    practice = tonight.practice
    who = signed_in(practice)
    form = filled(practice, who, REPORT) | {"final_biden": "6o"}
    tonight.later(LIFETIME + 1)
    practice.http.form("/report/IA-0001", form, who)
    again = signed_in(practice)
    page = Page(practice.http.get("/report/IA-0001", again).text)
    assert page.boxes["final_biden"]["value"] == "6o"
    refused = practice.http.form("/report/IA-0001", form | page.hidden, again)
    assert refused.status == 422
    assert Page(refused.text).hidden["draft"] == "yes"


def test_old_drafts_are_forgotten(tonight: Tonight) -> None:
    """Whoever never came back does not leave their numbers for ever."""
    practice = tonight.practice
    for codes, path, wait in ((CODES, "1", 1.0), (OTHERS, "2", 120 * drafts.KEPT_AT_LEAST)):
        who = signed_in(practice, codes)
        form = Page(practice.http.get(f"/report/IA-000{path}", who).text).hidden
        tonight.later(LIFETIME + wait)
        practice.http.form(f"/report/IA-000{path}", form | {"attendance": "83"}, who)
    assert KEPT not in practice.http.get("/report/IA-0001", signed_in(practice)).text
    assert KEPT in practice.http.get("/report/IA-0002", signed_in(practice, OTHERS)).text


def test_a_draft_outlives_a_restart(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page says is kept is on disk."""
    tonight = Tonight(start(), monkeypatch)
    who = signed_in(tonight.practice)
    form = filled(tonight.practice, who, TYPED)
    tonight.later(LIFETIME + 1)
    tonight.practice.http.form("/report/IA-0001", form, who)
    again = start()
    assert KEPT in again.http.get("/report/IA-0001", signed_in(again)).text
