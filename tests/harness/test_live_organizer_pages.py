"""Organizers' pages: what they do is done, stored, and in the audit log."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from live_stand import PASSWORD, Browser, Stand, settings_for

from harness.live import accounts
from harness.live.cards import spaced
from harness.live.language import LANGUAGES
from harness.live.model import Happening, Role
from harness.live.organizer_pages import TROUBLES

ROSTER = "name,id,county,language,training,insider\n" + "".join(
    f"Person {n},P-{n},,{'es' if n % 3 == 0 else 'en'},session,{'yes' if n == 4 else 'no'}\n"
    for n in range(1, 11)
)


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    """A drill that is not open yet."""
    monkeypatch.setattr(accounts, "_N", 2**4)
    accounts._nobodys.cache_clear()
    made = Stand(settings_for(tmp_path))
    yield made
    made.close()


@pytest.fixture
def organizer(stand: Stand) -> Browser:
    """The organizer, signed in."""
    browser = Browser(stand)
    browser.sign_in()
    return browser


def deeds(stand: Stand) -> list[tuple[str, str]]:
    """What the audit log says: who did what."""
    return [(each.who, each.did) for each in stand.hall.live.deeds]


def rows_of(text: str) -> list[dict[str, str]]:
    """A CSV file as spreadsheets read it."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_opening_and_closing(stand: Stand, organizer: Browser) -> None:
    """The target is looked at before the drill opens; both are events and deeds."""
    order: list[str] = []

    async def look() -> None:
        order.append("looked, open" if stand.hall.live.roll.is_open else "looked")

    stand.hall.look = look
    organizer.open("/organize")
    organizer.press("/open")
    assert order == ["looked"]
    assert stand.hall.live.roll.is_open
    assert "The drill is open." in organizer.reply.text
    organizer.press("/close")
    assert not stand.hall.live.roll.is_open
    assert ("organizer", "drill_opened") in deeds(stand)
    assert ("organizer", "drill_closed") in deeds(stand)
    assert "opened the drill" in organizer.open("/organize/audit").text


def test_a_page_from_before_opens_nothing_that_is_over(stand: Stand, organizer: Browser) -> None:
    """A drill opens once, however often it is pressed; after its end, by another button alone."""
    organizer.open("/organize")
    old = organizer.form("/open")
    closing = dict(old.values)
    organizer.post("/organize/close", closing)
    assert "The drill is closed" not in organizer.open("/organize").text
    organizer.post(old.path, old.filled({}))
    organizer.post(old.path, old.filled({}))
    organizer.post("/organize/close", closing)
    organizer.post(old.path, old.filled({}))
    assert not stand.hall.live.roll.is_open
    assert deeds(stand).count(("organizer", "drill_opened")) == 1
    organizer.open("/organize")
    organizer.press("/open")
    assert stand.hall.live.roll.is_open


def test_two_who_open_at_once_open_it_once(stand: Stand, organizer: Browser) -> None:
    """The second waits until the first has looked at the target."""
    looks: list[str] = []

    async def look() -> None:
        looks.append("looked")
        for _ in range(50):  # the other request comes meanwhile
            await asyncio.sleep(0)

    stand.hall.look = look
    organizer.open("/organize")
    form = organizer.form("/open")
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "cookie": "; ".join(f"{name}={value}" for name, value in organizer.cookies.items()),
    }
    body = urlencode(form.filled({})).encode()

    async def both() -> None:
        await asyncio.gather(
            *(stand.request("POST", form.path, headers, body, "192.0.2.7") for _ in range(2))
        )

    stand.run(both())
    assert looks == ["looked"]
    assert deeds(stand).count(("organizer", "drill_opened")) == 1


def test_a_list_becomes_invitations(stand: Stand, organizer: Browser) -> None:
    """Everybody on it has a link that works; their own ids are in that one file, no name is."""
    organizer.open("/organize/volunteers")
    reply = organizer.upload("/list", "roster", "people.csv", ROSTER.encode())
    assert reply.status == 200
    assert reply.headers["content-disposition"] == 'attachment; filename="invitations.csv"'
    rows = rows_of(reply.text)
    assert [row["id"] for row in rows] == [f"P-{n}" for n in range(1, 11)]
    assert "Person" not in reply.text
    assert len({row["record"] for row in rows}) == 10
    for row in rows:
        journey = stand.hall.live.roll.by_token(row["link"].rpartition("/")[2])
        assert journey.volunteer.id == row["card_code"]
        assert journey.volunteer.language == row["language"]
    assert sum(each.volunteer.insider for each in stand.hall.live.roll) == 1
    again = rows_of(organizer.open("/organize/invitations.csv").text)
    assert [row["link"] for row in again] == [row["link"] for row in rows]
    assert {row["id"] for row in again} == {""}
    held = b"".join(each.read_bytes() for each in stand.hall.live.path.parent.iterdir())
    assert b"Person 3" not in held
    assert b"P-3" not in held


def test_a_second_list_gets_other_cards(stand: Stand, organizer: Browser) -> None:
    """Cards of the first list, and those to try again with, are not dealt twice."""
    organizer.open("/organize/volunteers")
    organizer.press("/count", {"count": "40"})
    first = next(iter(stand.hall.live.roll))
    stand.happens(Happening.OPEN)
    browser = Browser(stand)
    browser.open(f"/v/{first.volunteer.token}")
    browser.press("/agree")
    browser.press("/sent")
    stand.holds(first.volunteer)
    browser.open(f"/v/{first.volunteer.token}")
    browser.press("/again")
    organizer.open("/organize/volunteers")
    left = len(stand.hall.settings.deck.places) - 41
    assert organizer.press("/count", {"count": str(left)}).status == 200
    records = [card.record for each in stand.hall.live.roll for card in each.cards]
    assert len(records) == len(set(records)) == left + 41
    organizer.open("/organize/volunteers")
    assert organizer.press("/count", {"count": "1"}).status == 422


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"id,county\nA,Nowhere\nB,Elsewhere\n", "list.csv:2: county"),
        (b"id,colour\nA,red\n", "&#39;colour&#39;"),
        (b"\xff\xff\xff", "not text in UTF-8"),
        (b"id\n<script>\n", "&lt;script&gt;"),
        (b"", "empty"),
    ],
)
def test_mistakes_of_a_list_are_named(
    stand: Stand, organizer: Browser, data: bytes, said: str
) -> None:
    """Line, column, what was found; nobody is invited, and nothing hostile comes back as markup."""
    organizer.open("/organize/volunteers")
    reply = organizer.upload("/list", "roster", "../../list.csv", data)
    assert reply.status == 422
    assert said in reply.text
    assert "<script" not in reply.text
    assert "Traceback" not in reply.text
    assert not len(stand.hall.live.roll)


@pytest.mark.parametrize("count", ["0", "-1", "1e3", "٣", "999999", "", "1 000"])
def test_a_count_that_is_none(stand: Stand, organizer: Browser, count: str) -> None:
    """Only a number of people that there are cards for is taken."""
    organizer.open("/organize/volunteers")
    form = organizer.form("/count")
    assert organizer.post(form.path, {**form.values, "count": count}).status == 422
    assert not len(stand.hall.live.roll)


def test_cards_to_print(stand: Stand, organizer: Browser) -> None:
    """Everybody's card stands in the page to print, and no other paper is known."""
    people = stand.invite(3)
    text = organizer.open("/organize/cards.html?paper=a4").text
    assert all(spaced(each.id, 4) in text for each in people)
    assert "PRACTICE" in text
    assert "attachment" in organizer.reply.headers["content-disposition"]
    assert organizer.open("/organize/cards.html?paper=a5").status == 422
    assert organizer.open("/organize/cards.html?what=what").status == 422


def test_cards_without_a_printer(
    stand: Stand, organizer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no browser can print, it says so and what to do instead."""
    stand.invite(1)
    monkeypatch.setattr("harness.live.printing.find_browser", lambda: None)
    reply = organizer.open("/organize/cards.pdf?paper=letter")
    assert reply.status == 503
    assert "no Chromium on this machine" in reply.text
    assert "print that" in reply.text


def test_exports(stand: Stand, organizer: Browser) -> None:
    """Both have every event, as it was stored."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.SURVEYED, mine, sus=[1, None] * 5, comment='=1+1,"ñ";=2+2')
    lines = organizer.open("/organize/events.jsonl").text.splitlines()
    events = [json.loads(line) for line in lines]
    stored = stand.run(stand.hall.live.events())
    assert [each["number"] for each in events] == [each.number for each in stored]
    assert events[-1]["detail"]["comment"] == '=1+1,"ñ";=2+2'
    text = organizer.open("/organize/events.csv").text
    assert ";" not in text  # where those part cells, the rest would be a formula
    rows = rows_of(text)
    assert [row["what"] for row in rows] == [each.what.value for each in stored]
    assert json.loads(rows[-1]["detail"]) == events[-1]["detail"]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert deeds(stand).count(("organizer", "exported")) == 2


def test_calling_about_missing_reports(stand: Stand, organizer: Browser) -> None:
    """A helper notes each call; the next of the three is called after one in vain."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    stand.happens(Happening.OPENED, mine)
    stand.run(accounts.new_password(stand.hall, "helper-1", PASSWORD, Role.HELPER, "organizer"))
    helper = Browser(stand)
    helper.sign_in("helper-1")
    assert "No report is due" in helper.open("/organize/missing").text
    opened = stand.hall.live.roll.opened
    stand.hall.live.now = lambda: opened + 7200
    form = (helper.open("/organize/missing"), helper.form("/called"))[1]
    assert form.values["whom"] == "volunteer"
    helper.post(form.path, form.filled({}, button=1))
    stand.hall.live.now = lambda: opened + 7800
    helper.open("/organize/missing")
    assert helper.form("/called").values["whom"] == "coordinator"
    (call,) = stand.hall.live.roll.by_id(mine.id).calls
    assert (call.whom, call.reached, call.by) == ("volunteer", False, "helper-1")
    bad = {**form.values, "whom": "the press", "reached": "yes"}
    assert helper.post(form.path, bad).status == 422


def test_looking_somebody_up(stand: Stand, organizer: Browser) -> None:
    """By their card code, however it is read out; what happened to them, and no answers."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.HELP, mine, step="report")
    stand.happens(Happening.SURVEYED, mine, sus=[1] * 10, comment="a private thought")
    text = organizer.open(f"/organize/volunteer?code={mine.id.lower()}").text
    assert "Asked for help" in text
    assert "a private thought" not in text
    assert mine.token not in text
    organizer.open(f"/organize/volunteer?code={mine.id}")
    organizer.press("/not-delivered")
    assert Happening.NOT_DELIVERED in stand.hall.live.roll.by_id(mine.id).times
    assert "No card" in organizer.open("/organize/volunteer?code=<b>").text


def test_trouble_is_written_down(stand: Stand, organizer: Browser) -> None:
    """Each kind goes on and off, and nothing else is taken."""
    text = organizer.open("/organize/trouble").text
    assert "Nothing here breaks anything" in text
    assert "Write down that it begins: App down" in text
    given = organizer.form("/trouble").values
    for what in TROUBLES:
        organizer.post("/organize/trouble", {**given, "what": what, "on": "yes"})
    organizer.post("/organize/trouble", {**given, "what": "app_down", "on": "no"})
    assert organizer.open("/organize/trouble").text.count('class="now"') == len(TROUBLES) - 1
    assert [each.detail["what"] for each in stand.hall.live.roll.troubles] == [
        *TROUBLES, "app_down",
    ]  # fmt: skip
    odd = {**given, "what": "fire", "on": "yes"}
    assert organizer.post("/organize/trouble", odd).status == 422


def test_accounts(stand: Stand, organizer: Browser) -> None:
    """One is made, signs in, gets another role, goes; mistakes are named at their boxes."""
    organizer.open("/organize/accounts")
    new = {"name": "Helper-2", "password": PASSWORD, "role": "helper"}
    assert "stored" in organizer.press("/accounts", new).text
    helper = Browser(stand)
    assert helper.sign_in("helper-2").status == 200
    assert stand.hall.live.accounts["helper-2"].role is Role.HELPER
    organizer.press("/accounts", {**new, "role": "observer"})
    helper.open("/organize")
    assert helper.at == "/organize/sign-in", "a new role is a new sign-in"
    for wrong, said in (
        ({"password": "short"}, "10 to 200"),
        ({"name": "<b>"}, "small letters"),
        ({"name": "organizer"}, "stays an organizer"),
    ):
        organizer.open("/organize/accounts")
        assert organizer.press("/accounts", {**new, **wrong}).status == 422
        assert said in organizer.reply.text
    organizer.open("/organize/accounts")
    organizer.press("/drop")
    assert list(stand.hall.live.accounts) == ["organizer"]
    form = {**organizer.form("/accounts").values, "name": "organizer"}
    assert organizer.post("/organize/accounts/drop", form).status == 422


def test_deleting_everything(stand: Stand, organizer: Browser) -> None:
    """Only with the word; then no answer is left in the file, and the counts are."""
    people = stand.invite(5)
    for each in people:
        stand.happens(Happening.SURVEYED, each, sus=[2] * 10, comment=f"thought {each.number} !")
    organizer.open("/organize/delete")
    assert organizer.press("/delete", {"word": "delete"}).status == 422
    assert not any(each.erased for each in stand.hall.live.roll)
    organizer.press("/delete", {"word": "DELETE"})
    assert all(each.erased for each in stand.hall.live.roll)
    held = b"".join(each.read_bytes() for each in stand.hall.live.path.parent.iterdir())
    assert b"thought" not in held
    assert ("organizer", "erased_all") in deeds(stand)
    assert "<dd>5</dd>" in organizer.open("/organize").text


def test_every_deed_has_words(stand: Stand, organizer: Browser) -> None:
    """Whatever is in the audit log can be shown in every language."""
    source = Path(accounts.__file__).parent
    code = "".join(path.read_text() for path in source.glob("*.py"))
    for key in LANGUAGES["en"].words:
        if key.startswith("did."):
            assert f'"{key.removeprefix("did.")}"' in code, key
    for tag in ("es", "fr"):
        organizer.headers = {"accept-language": tag}
        assert organizer.open("/organize/audit").status == 200


def test_the_audit_log_is_only_added_to() -> None:
    """Nothing in our code changes or removes a line of it, or an event's place and kind."""
    source = Path(accounts.__file__).parent
    code = "".join(path.read_text() for path in source.glob("*.py"))
    for forbidden in ("delete(tables.audit", "update(tables.audit", "delete(tables.events"):
        assert forbidden not in code
