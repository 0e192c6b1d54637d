"""The practice app's pages: plain HTML that a chair can finish without a mouse or a script."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from reporting_night import PRECINCTS, REPORT, Practice

CODES = {"precinct_id": "100000", "pin": "200000", "security_code": "300000"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


class Page(HTMLParser):
    """What matters of a page: boxes, labels, hidden fields, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.boxes: dict[str, dict[str, str]] = {}
        self.labelled: set[str] = set()
        self.hidden: dict[str, str] = {}
        self.ids: set[str] = set()
        self.scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        self.scripts += tag == "script" or any(name.startswith("on") for name in found)
        if tag == "label":
            self.labelled.add(found["for"])
        elif tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        elif tag == "input":
            self.boxes[found["name"]] = found


def signed_in(practice: Practice, codes: dict[str, str] = CODES, path: str = "/") -> dict[str, str]:
    """Sign in on the page; returns the cookie's header."""
    answer = practice.http.form(path, codes)
    assert answer.status == 303, answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    return {"Cookie": cookie.partition(";")[0]}


def filled(practice: Practice, who: dict[str, str], report: dict[str, int]) -> dict[str, str]:
    """The form as a chair sends it back."""
    page = Page(practice.http.get("/report/IA-0001", who).text)
    typed = {name: str(number) for name, number in report.items() if number}
    return page.hidden | typed


def test_a_chair_reports_on_the_page(practice: Practice) -> None:
    """Sign-in, form and confirmation; the confirmation shows what the party holds."""
    who = signed_in(practice)
    answer = practice.http.form("/report/IA-0001", filled(practice, who, REPORT), who)
    assert (answer.status, answer.headers["location"]) == (303, "/report/IA-0001/sent")
    assert practice.stored()[0]["cells"] == REPORT
    shown = practice.http.get("/report/IA-0001/sent", who).text
    assert "Report received" in shown
    assert re.search(r"Warren</th><td>40</td><td>40</td><td>3</td>", shown)


def test_a_form_sent_twice_is_one_report(practice: Practice) -> None:
    """A double tap on the page's button is stored once."""
    who = signed_in(practice)
    form = filled(practice, who, REPORT)
    for _ in range(2):
        assert practice.http.form("/report/IA-0001", form, who).status == 303
    assert practice.stored()[0]["version"] == 1
    assert practice.totals()["cells"]["attendance"] == 100


def test_a_correction_begins_with_what_is_held(practice: Practice) -> None:
    """The form comes back filled in, and is sent as the next version."""
    who = signed_in(practice)
    practice.http.form("/report/IA-0001", filled(practice, who, REPORT), who)
    page = Page(practice.http.get("/report/IA-0001", who).text)
    assert page.boxes["first_biden"]["value"] == "60"
    practice.http.form("/report/IA-0001", filled(practice, who, REPORT | {"attendance": 120}), who)
    assert practice.stored()[0]["version"] == 2
    assert practice.totals()["cells"]["attendance"] == 120


def test_going_back_and_changing_numbers_is_not_lost(practice: Practice) -> None:
    """The old form with other numbers is shown again, with a fresh key, and then accepted."""
    who = signed_in(practice)
    form = filled(practice, who, REPORT)
    practice.http.form("/report/IA-0001", form, who)
    changed = form | {"attendance": "101"}
    answer = practice.http.form("/report/IA-0001", changed, who)
    assert answer.status == 409
    changed |= Page(answer.text).hidden
    assert practice.http.form("/report/IA-0001", changed, who).status == 303
    assert practice.stored()[0]["cells"]["attendance"] == 101


def test_a_wrong_number_is_pointed_at(practice: Practice) -> None:
    """The page comes back with what was typed, a summary with links, and the box marked."""
    who = signed_in(practice)
    answer = practice.http.form(
        "/report/IA-0001", filled(practice, who, REPORT) | {"final_biden": "6o"}, who
    )
    assert answer.status == 422
    page = Page(answer.text)
    box = page.boxes["final_biden"]
    assert (box["value"], box["aria-invalid"]) == ("6o", "true")
    assert box["aria-describedby"] in page.ids
    assert 'href="#final_biden"' in answer.text
    assert page.boxes["first_biden"]["value"] == "60"
    assert practice.stored() == []


def test_a_contradiction_is_asked_about_once(practice: Practice) -> None:
    """Counts that contradict each other need a tick that the worksheet says so."""
    who = signed_in(practice)
    form = filled(practice, who, REPORT | {"final_biden": 90})
    answer = practice.http.form("/report/IA-0001", form, who)
    assert "more than the 100 of the first" in answer.text
    assert practice.stored() == []
    assert practice.http.form("/report/IA-0001", form | {"confirmed": "yes"}, who).status == 303


def test_every_box_has_a_label_and_no_page_needs_a_script(practice: Practice) -> None:
    """On every page each box has a visible label, and no script runs."""
    who = signed_in(practice)
    operator = {"user": "operator-0", "password": "correct horse"}
    desk = signed_in(practice, operator, "/desk/sign-in")
    pages = [("/", {}), ("/desk/sign-in", {}), ("/desk?q=ames", desk), ("/results", {}),
             ("/report/IA-0001", who), ("/report/IA-0001/sent", who)]  # fmt: skip
    for path, headers in pages:
        answer = practice.http.get(path, headers)
        page = Page(answer.text)
        assert answer.status == 200
        assert set(page.boxes) <= page.labelled, path
        assert page.scripts == 0
        assert "PRACTICE" in answer.text
        assert '<html lang="en">' in answer.text


def test_codes_may_be_pasted_and_filled_in_by_the_phone(practice: Practice) -> None:
    """Codes are neither masked nor split, and the security code is offered by the phone."""
    boxes = Page(practice.http.get("/").text).boxes
    assert boxes["security_code"]["autocomplete"] == "one-time-code"
    assert all("maxlength" not in box and box.get("type") != "password" for box in boxes.values())


def test_an_operator_finds_a_site_and_keys_it(practice: Practice) -> None:
    """The back office searches by name or county and keys a report for any site."""
    operator = {"user": "operator-0", "password": "correct horse"}
    who = signed_in(practice, operator, "/desk/sign-in")
    found = practice.http.get("/desk?q=polk", who).text
    assert [site["record"] for site in PRECINCTS if f"/report/{site['record']}" in found] == [
        "IA-0004",
        "IA-0005",
    ]
    assert practice.http.form("/report/IA-0001", filled(practice, who, REPORT), who).status == 303
    assert practice.stored()[0]["author"] == "operator-0"


def test_pages_keep_strangers_out(practice: Practice) -> None:
    """Without a session there is only the sign-in; with one, only one's own precinct."""
    away = practice.http.get("/report/IA-0001")
    assert (away.status, away.headers["location"]) == (303, "/?again=1")
    assert practice.http.get("/desk").headers["location"] == "/desk/sign-in?again=1"
    who = signed_in(practice)
    assert practice.http.get("/report/IA-0002", who).status == 403
    assert practice.http.get("/desk", who).status == 403
    form = filled(practice, who, REPORT) | {"stamp": "forged"}
    assert practice.http.form("/report/IA-0001", form, who).status == 403
    assert practice.stored() == []


def test_wrong_codes_on_the_page(practice: Practice) -> None:
    """The page says what to do, keeps the precinct ID and forgets the secret codes."""
    answer = practice.http.form("/", CODES | {"pin": "1"})
    assert answer.status == 401
    assert 'role="alert"' in answer.text
    boxes = Page(answer.text).boxes
    assert (boxes["precinct_id"]["value"], boxes["pin"].get("value", "")) == ("100000", "")


@pytest.mark.parametrize(
    ("image", "status"), [(PNG, 200), (b"GIF89a", 422), (b"", 422), (PNG + b"0" * 6_400_000, 413)]
)
def test_a_photo_is_kept_or_refused(practice: Practice, image: bytes, status: int) -> None:
    """JPEG and PNG up to 6 MB are kept; anything else is explained."""
    who = signed_in(practice)
    hidden = Page(practice.http.get("/report/IA-0001/sent", who).text).hidden
    answer = practice.http.upload("/report/IA-0001/photo", {"photo": image}, hidden, who)
    assert answer.status == status
    assert ("Photo received" in answer.text) == (status == 200)


def test_a_photo_by_the_api_is_stored_once(practice: Practice) -> None:
    """A retry of a photo is known; another picture with its key is refused."""
    who = practice.sign_in(0) | {"Idempotency-Key": "photo-1"}
    path = "/api/reports/IA-0001/photo"
    answers = [practice.http.upload(path, {"photo": each}, {}, who) for each in (PNG, PNG, PNG * 2)]
    assert [answer.status for answer in answers] == [201, 200, 409]
    assert practice.http.send("POST", path, who, PNG).status == 200
    other = practice.http.send("POST", "/api/reports/IA-0002/photo", who, PNG)
    assert other.status == 403


def test_uploads_have_a_limit_before_they_are_read(practice: Practice) -> None:
    """A form that is too long, or does not say how long it is, is turned down."""
    who = practice.sign_in(0) | {"Content-Type": "multipart/form-data; boundary=x"}
    path = "/api/reports/IA-0001/photo"
    long = practice.http.send("POST", path, who, b"0" * 7_000_000)
    assert (long.status, long.json()["error"]) == (413, "too_large")
    chunked = practice.http.send("POST", path, who | {"Transfer-Encoding": "chunked"}, b"0\r\n\r\n")
    assert chunked.status == 411


def test_results_are_public(practice: Practice) -> None:
    """Anybody sees totals and how many sites are in, the leader first."""
    practice.submit("op-1")
    page = practice.http.get("/results").text
    assert "1 of 6 sites" in page
    assert page.index("Biden") < page.index("Warren") < page.index("Bennet")
