"""Guards of the live drill's pages: each rule holds, and each can be seen to bite."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from live_stand import PASSWORD, Browser, Stand, settings_for

from harness.live import accounts
from harness.live.limits import LIMITS, Limits
from harness.live.model import Happening, Role
from harness.live.organizer_files import ROUTES as FILES
from harness.live.organizer_pages import ROUTES as PAGES
from harness.live.volunteer_pages import ROUTES as VOLUNTEERS
from simulators.apps.serving.refusal import Refusal

OPEN_TO_ALL = {"/organize/sign-in"}
HELPERS = {
    "/organize", "/organize/missing", "/organize/called", "/organize/volunteer",
    "/organize/not-delivered",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed in earnest in the one test that is about it."""
    monkeypatch.setattr(accounts, "_N", 2**4)
    accounts._nobodys.cache_clear()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """An open drill."""
    made = Stand(settings_for(tmp_path))
    made.happens(Happening.OPEN)
    yield made
    made.close()


def staff_of(stand: Stand, role: Role) -> Browser:
    """Somebody who is signed in with a role."""
    name = f"the-{role.value}"
    stand.run(accounts.new_password(stand.hall, name, PASSWORD, role, "test"))
    browser = Browser(stand)
    browser.sign_in(name)
    assert browser.cookies.get("drill-staff")
    return browser


def staff_routes() -> list[tuple[str, str]]:
    """Method and path of everything that only staff may do."""
    return [
        (method, route.path.replace("{form:str}", "html"))
        for route in (*PAGES, *FILES)
        for method in sorted((route.methods or set()) - {"HEAD"})
        if route.path not in OPEN_TO_ALL
    ]


def test_nobody_gets_in_without_signing_in(stand: Stand) -> None:
    """Every page and form of the staff is shut to whoever is not signed in."""
    assert len(staff_routes()) > 20
    for method, path in staff_routes():
        reply = stand.run(stand.request(method, path, {}, b"", "192.0.2.1"))
        if method == "GET":
            assert (reply.status, reply.headers["location"]) == (303, "/organize/sign-in"), path
        else:
            assert reply.status == 401, path


def test_roles(stand: Stand) -> None:
    """Helpers do what is theirs, observers have no page of the organizers."""
    for role, allowed in ((Role.HELPER, HELPERS), (Role.OBSERVER, {"/organize/sign-out"})):
        browser = staff_of(stand, role)
        for method, path in staff_routes():
            if path == "/organize/sign-out":
                continue
            given = {"cookie": f"drill-staff={browser.cookies['drill-staff']}"}
            reply = stand.run(stand.request(method, path, given, b"", "192.0.2.1"))
            # A form without its token is turned down too, but only after the role was looked at.
            refused = "may not do that" in reply.text
            assert refused == (path not in allowed), (role, method, path)
            assert (reply.status == 403) or not refused


def test_every_form_needs_its_token(stand: Stand) -> None:
    """Of all that can be sent, nothing is taken without a token, or with somebody else's."""
    mine, other = stand.invite(2)
    browser, organizer = Browser(stand), staff_of(stand, Role.ORGANIZER)
    browser.open(f"/v/{other.token}")
    wrong = browser.form("/agree").values["form"]
    before = stand.hall.live.roll.version
    sent = 0
    for route in (*VOLUNTEERS, *PAGES, *FILES):
        if "POST" not in (route.methods or set()):
            continue
        path = route.path.replace("{token}", mine.token)
        who = organizer if path.startswith("/organize") else browser
        for form in ({}, {"form": ""}, {"form": wrong}):
            assert who.post(path, {**form, "volunteer": mine.id}).status == 403, path
            sent += 1
    assert sent >= 50
    assert stand.hall.live.roll.version == before
    assert organizer.open("/organize").status == 200, "still signed in"
    browser.open(f"/v/{mine.token}")
    assert browser.press("/agree").status == 200
    assert Happening.AGREED in stand.hall.live.roll.journeys[mine.id].times


def test_another_browsers_sign_in_form_is_not_taken(stand: Stand) -> None:
    """A token for somebody who is not signed in goes with the cookie that came with it."""
    one, two = Browser(stand), Browser(stand)
    one.open("/organize/sign-in")
    two.open("/organize/sign-in")
    sent = one.form("/sign-in").filled({"name": "organizer", "password": PASSWORD})
    assert two.post("/organize/sign-in", sent).status == 403
    assert one.post("/organize/sign-in", sent).status == 200
    assert one.at == "/organize"


def test_guessed_links_are_no_pages_and_limited(stand: Stand) -> None:
    """An unknown token is a 404, many of them a 429, and good links work all the while."""
    (mine,) = stand.invite(1)
    guesser = Browser(stand)
    seen = [guesser.open(f"/v/guess-{n}").status for n in range(LIMITS["link"].burst + 1)]
    assert set(seen[:-1]) == {404}
    assert seen[-1] == 429
    assert int(guesser.reply.headers["retry-after"]) >= 1
    assert guesser.open(f"/v/{mine.token}").status == 200
    for path in ("card", "stuck", "delete"):
        assert Browser(stand, "192.0.2.9").open(f"/v/guess/{path}").status == 404
    assert Browser(stand, "192.0.2.9").post("/v/guess/agree", {}).status == 404


def test_card_codes_are_limited_by_what_goes_wrong(stand: Stand) -> None:
    """A full room behind one address gets in; a guesser is stopped, and only at their address."""
    people = stand.invite(LIMITS["card_code"].burst + 5)
    room = Browser(stand, "198.51.100.1")
    for each in people:
        room.open("/")
        assert room.press("/", {"code": each.id.lower()}).status == 200, "right codes cost nothing"
        assert room.at == f"/v/{each.token}"
    guesser = Browser(stand, "198.51.100.2")
    guesser.open("/")
    form = guesser.form("/").values
    for _ in range(LIMITS["card_code"].burst):
        assert guesser.post("/", {**form, "code": "AAAA2222"}).status == 422
    assert guesser.post("/", {**form, "code": "AAAA2222"}).status == 429
    assert guesser.post("/", {**form, "code": people[0].id}).status == 429, "no oracle"
    room.open("/")
    assert room.press("/", {"code": people[0].id}).status == 200


def test_sign_in_is_limited(stand: Stand) -> None:
    """After some failures an account is shut for that address, and open for its owner's."""
    guesser = Browser(stand, "198.51.100.2")
    guesser.open("/organize/sign-in")
    form = guesser.form("/sign-in").values | {"name": "organizer"}
    tries = [
        guesser.post("/organize/sign-in", {**form, "password": f"guess {n}"}).status
        for n in range(LIMITS["sign_in"].burst + 1)
    ]
    assert tries == [422] * LIMITS["sign_in"].burst + [429]
    assert guesser.post("/organize/sign-in", {**form, "password": PASSWORD}).status == 429
    owner = Browser(stand, "198.51.100.3")
    for _ in range(LIMITS["sign_in"].burst + 2):
        assert owner.sign_in().status == 200, "what goes right costs nothing"
    log = [deed for deed in stand.hall.live.deeds if deed.did == "sign_in_failed"]
    assert len(log) == LIMITS["sign_in"].burst


def test_buckets_fill_again() -> None:
    """A bucket gives its burst at once, then one try each so many seconds; given back is given."""
    now = [0.0]
    limits, limit = Limits(lambda: now[0]), LIMITS["survey"]
    for _ in range(limit.burst):
        limits.spend("survey", "me")
    with pytest.raises(Refusal) as refused:
        limits.spend("survey", "me")
    assert refused.value.retry_after == pytest.approx(limit.every)
    limits.spend("survey", "somebody else")
    limits.give_back("survey", "me")
    limits.spend("survey", "me")
    now[0] += limit.every
    limits.spend("survey", "me")
    with pytest.raises(Refusal):
        limits.spend("survey", "me")


def test_buckets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses come, memory does not grow, and the emptiest buckets are kept."""
    monkeypatch.setattr("harness.live.limits.MOST", 100)
    limits = Limits(lambda: 0.0)
    for _ in range(LIMITS["press"].burst):
        limits.spend("press", "a guesser")
    for number in range(1000):
        limits.spend("press", f"{number}")
    assert len(limits._full_at) <= 101
    with pytest.raises(Refusal):
        limits.require("press", "a guesser")


def test_no_address_and_no_agent_is_kept(tmp_path: Path) -> None:
    """Neither where somebody is nor what their phone is called is in the files or in memory."""
    stand = Stand(settings_for(tmp_path))
    stand.happens(Happening.OPEN)
    (mine,) = stand.invite(1)
    browser = Browser(stand, "203.0.113.77", headers={"user-agent": "SecretPhone/9"})
    browser.open("/v/guess")
    browser.open(f"/v/{mine.token}")
    browser.press("/agree")
    browser.sign_in(password="wrong wrong wrong")
    assert "203.0.113.77" not in repr(vars(stand.hall.limits))
    stand.close()
    held = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"agreed" in held
    for secret in (b"203.0.113.77", b"SecretPhone", PASSWORD.encode()):
        assert secret not in held


def test_headers_of_every_answer(stand: Stand) -> None:
    """No script, no frame, no referrer, nothing kept by browsers; of refusals and files too."""
    (mine,) = stand.invite(1)
    for path in ("/", f"/v/{mine.token}", "/v/guess", "/organize/sign-in", "/nowhere", "/live.css"):
        headers = stand.run(stand.request("GET", path, {}, b"", "192.0.2.1")).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == ("no-store" if path != "/live.css" else
                                            "public, max-age=300")  # fmt: skip
    board = stand.run(stand.request("GET", "/board", {}, b"", "192.0.2.1")).headers
    assert "script-src 'self'" in board["content-security-policy"]


def test_pages_have_nothing_inline(stand: Stand) -> None:
    """No page has a script, a style or a handler in it: the policy would break it."""
    (mine,) = stand.invite(1)
    browser, organizer = Browser(stand), staff_of(stand, Role.ORGANIZER)
    texts = [browser.open(path).text for path in ("/", f"/v/{mine.token}")]
    texts += [organizer.open(path).text for path in ("/organize", "/organize/volunteers")]
    for text in texts:
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", text)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cookies(tmp_path: Path, scheme: str) -> None:
    """No script and no other site gets a cookie; over HTTPS they insist on it."""
    handout = replace(settings_for(tmp_path).handout, link=f"{scheme}://drill.example.org/v/")
    stand = Stand(settings_for(tmp_path, handout=handout))
    browser = Browser(stand)
    browser.sign_in()
    assert len(browser.given) == 2, "one for the visit, one for the sign-in"
    for each in (cookie.lower() for cookie in browser.given):
        assert each.startswith("__host-" if scheme == "https" else "drill-")
        assert "; httponly" in each
        assert "; samesite=strict" in each
        assert "; path=/" in each
        assert "domain" not in each
        assert ("; secure" in each) == (scheme == "https")
    assert ("strict-transport-security" in browser.reply.headers) == (scheme == "https")
    stand.close()


def test_too_much_is_turned_down(stand: Stand) -> None:
    """A body that is too large, or does not say how large it is, is not read."""
    kind = {"content-type": "application/x-www-form-urlencoded"}
    large = stand.run(stand.request("POST", "/", kind, b"a" * 40_000, "192.0.2.1"))
    assert large.status == 413
    silent = {**kind, "content-length": ""}
    assert stand.run(stand.request("POST", "/", silent, b"a=b", "192.0.2.1")).status == 411
    many = "&".join(f"a{n}=1" for n in range(200)).encode()
    assert stand.run(stand.request("POST", "/", kind, many, "192.0.2.1")).status == 400


def test_a_session_ends(stand: Stand) -> None:
    """Signing out, a new password and time each end a sign-in, also for a copy of its cookie."""
    for how in ("out", "password", "time"):
        browser = staff_of(stand, Role.ORGANIZER)
        copy = Browser(stand, cookies=dict(browser.cookies))
        assert copy.open("/organize").status == 200
        assert copy.at == "/organize"
        if how == "out":
            browser.open("/organize")
            browser.press("/sign-out")
        elif how == "password":
            staff_of(stand, Role.ORGANIZER)
        else:
            stand.hall.live.now = lambda: time.time() + accounts.LASTS + 1
        copy.open("/organize")
        assert copy.at == "/organize/sign-in", how
        stand.hall.live.now = time.time


def test_passwords_are_kept_as_slow_salted_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hashes of one password differ, each fits it alone, and the work is what OWASP asks."""
    monkeypatch.undo()
    one, two = accounts.hashed(PASSWORD), accounts.hashed(PASSWORD)
    assert one != two
    assert PASSWORD not in one
    assert accounts.fits(PASSWORD, one)
    assert accounts.fits(PASSWORD, two)
    assert not accounts.fits(PASSWORD + " ", one)
    assert one.split("$")[:4] == ["scrypt", str(2**15), "8", "1"]


def test_the_first_password(tmp_path: Path) -> None:
    """Without one from outside it is drawn and told once; with a new one that one counts."""
    told: list[str] = []
    for _ in range(2):
        stand = Stand(settings_for(tmp_path, password="", told=told.append))
        stand.close()
    assert len(told) == 1
    stand = Stand(settings_for(tmp_path, password="", told=told.append))
    assert Browser(stand).sign_in(password=told[0]).status == 200
    stand.close()
    stand = Stand(settings_for(tmp_path, password="a password from outside"))
    assert Browser(stand).sign_in(password=told[0]).status == 422
    assert Browser(stand).sign_in(password="a password from outside").status == 200
    stand.close()


def test_an_unknown_name_is_hashed_for_too(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an answer takes does not tell whether there is such an account."""
    tried: list[str] = []
    real = accounts.fits
    monkeypatch.setattr(
        accounts, "fits", lambda password, stored: tried.append(stored) or real(password, stored)
    )
    assert Browser(stand).sign_in("nobody-here", "wrong wrong wrong").status == 422
    assert Browser(stand).sign_in("organizer", "wrong wrong wrong").status == 422
    assert [each.split("$")[1] for each in tried] == [str(accounts._N)] * 2
