"""Volunteers' pages: one thing to do on each, in their language, and whatever they say escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from live_stand import Browser, Stand, settings_for, the_deck

from harness.live.again import MOST
from harness.live.card_words import ENGLISH
from harness.live.feedback import cell_name
from harness.live.language import LANGUAGES
from harness.live.limits import LIMITS
from harness.live.model import Happening, Volunteer

HOSTILE = '<script>alert("x")</script>&\u202e\x00\x1b[31m{{ 7 * 7 }}'


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A drill that is not open yet."""
    made = Stand(settings_for(tmp_path))
    yield made
    made.close()


def come_to(stand: Stand, who: Volunteer, *steps: str) -> Browser:
    """Somebody's browser after they have pressed these buttons on their page."""
    browser = Browser(stand)
    browser.open(f"/v/{who.token}")
    for step in steps:
        assert browser.press(f"/{step}").status == 200
    return browser


def happened(stand: Stand, who: Volunteer) -> list[str]:
    """What is stored of somebody, in order."""
    events = stand.run(stand.hall.live.events())
    return [each.what.value for each in events if each.volunteer == who.id]


def test_from_invitation_to_thanks(stand: Stand) -> None:
    """The way that a volunteer goes, and what it leaves behind."""
    (mine,) = stand.invite(1)
    browser = Browser(stand)
    assert "not open yet" in browser.open(f"/v/{mine.token}").text
    assert happened(stand, mine) == ["invited"], "no card was opened"
    stand.happens(Happening.OPEN)

    assert "Before you begin" in browser.open(f"/v/{mine.token}").text
    card = the_deck().card(
        mine.record, difficulty=stand.hall.live.roll.by_id(mine.id).card.difficulty
    )
    assert card.codes[0] not in browser.reply.text, "no card before they agree"
    browser.press("/agree")
    for code in card.codes:
        assert code in browser.reply.text
    browser.press("/signed-in")
    for value in card.values:
        assert re.search(rf"\b{value}\b", browser.reply.text)
    assert card.place in browser.reply.text
    browser.press("/practised")
    browser.press("/sent")
    assert "not seen your report" in browser.reply.text
    stand.holds(mine)
    assert "every number is right" in browser.open(f"/v/{mine.token}").text
    browser.press("/survey", {f"sus{n}": str(1 + n % 5) for n in range(1, 10)} | {"comment": "Ok."})
    assert "Thank you for your answers" in browser.reply.text
    assert not browser.has("/survey")
    assert happened(stand, mine) == [
        "invited", "opened", "agreed", "signed_in", "practised", "sent", "seen", "surveyed",
    ]  # fmt: skip
    survey = stand.hall.live.roll.by_id(mine.id).survey
    assert survey.sus == (2, 3, 4, 5, 1, 2, 3, 4, 5, None)
    assert survey.comment == "Ok."


def test_pressing_twice_is_pressing_once(stand: Stand) -> None:
    """A double tap, or the back button, stores nothing twice and breaks nothing."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine)
    for step in ("agree", "signed-in", "practised", "sent"):
        form = browser.form(f"/{step}")
        for _ in range(3):
            assert browser.post(form.path, form.filled({})).status == 200
    survey = browser.form("/survey")
    for comment in ("first", "second"):
        browser.post(survey.path, survey.filled({"sus1": "5", "comment": comment}))
    stored = happened(stand, mine)
    assert len(stored) == len(set(stored)) == 7
    assert stand.hall.live.roll.by_id(mine.id).survey.comment == "first"


def test_a_fetched_preview_is_not_an_opened_card(stand: Stand) -> None:
    """Messengers and browsers that fetch ahead do not start anybody's clock; people do."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    for agent in ("WhatsApp/2.23", "facebookexternalhit/1.1", "Slackbot-LinkExpanding 1.0"):
        assert Browser(stand).open(f"/v/{mine.token}", **{"user-agent": agent}).status == 200
    Browser(stand).open(f"/v/{mine.token}", **{"sec-purpose": "prefetch;prerender"})
    stand.run(stand.request("HEAD", f"/v/{mine.token}", {}, b"", "192.0.2.1"))
    assert happened(stand, mine) == ["invited"]
    Browser(stand).open(f"/v/{mine.token}", **{"user-agent": "Mozilla/5.0 (iPhone)"})
    assert happened(stand, mine) == ["invited", "opened"]


def test_help_is_noted_with_the_step(stand: Stand) -> None:
    """Whoever is stuck is told whom to call, and may be stuck again elsewhere."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine, "agree", "help")
    assert "515-555-0100" in browser.reply.text
    assert browser.at.endswith("/stuck")
    browser.open(f"/v/{mine.token}")
    browser.press("/signed-in")
    browser.press("/help")
    assert [each.step for each in stand.hall.live.roll.by_id(mine.id).helps] == [
        "sign_in", "report",
    ]  # fmt: skip


def test_what_the_app_holds_is_set_against_the_card(stand: Stand) -> None:
    """Each wrong number with both sides, one tip, and a way to try again."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine, "agree", "signed-in", "sent")
    card = stand.hall.card(stand.hall.live.roll.by_id(mine.id).card)
    cell = next(c for c in range(1, 43) if len(set(str(card.values[c]))) > 1)
    wrong = int(str(card.values[cell])[::-1])
    stand.holds(mine, {cell: wrong})
    text = browser.open(f"/v/{mine.token}").text
    said = f"{cell_name(cell, ENGLISH)}: your card said {card.values[cell]}, you sent {wrong}."
    assert said in text
    assert LANGUAGES["en"].words["tip.transposed"] in text
    stand.holds(mine)
    assert "a correction since" in browser.open(f"/v/{mine.token}").text


def test_a_new_card_to_try_again(stand: Stand) -> None:
    """Another precinct, another difficulty, codes of its own; nobody else has it; not for ever."""
    mine, other = stand.invite(2)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine, "agree", "signed-in", "sent")
    assert not browser.has("/again"), "not before the first was seen"
    stand.holds(mine, {0: 1})
    for number in range(1, MOST):
        browser.open(f"/v/{mine.token}")
        browser.press("/again")
        journey = stand.hall.live.roll.by_id(mine.id)
        assert len(journey.cards) == number + 1
        assert stand.hall.card(journey.card).codes[0] in browser.reply.text
        browser.press("/signed-in")
        browser.press("/sent")
        stand.holds(mine)
    records = [each.record for each in journey.cards]
    assert len(set(records)) == MOST
    assert other.record not in records
    browser.open(f"/v/{mine.token}")
    assert browser.press("/again").status == 409
    assert "every card that you can have" in browser.reply.text
    assert stand.hall.mark(journey).first.score.correct is False, "the first report counts"


def test_hostile_text_is_escaped(tmp_path: Path) -> None:
    """Names, answers and comments come out as text, wherever they are shown."""
    handout = replace(settings_for(tmp_path).handout, title=HOSTILE, address=HOSTILE, app=HOSTILE)
    stand = Stand(settings_for(tmp_path, handout=handout))
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine, "agree")
    texts = [browser.reply.text]
    assert "javascript" not in "".join(re.findall(r'href="([^"]*)"', browser.reply.text))
    browser.press("/sent")
    browser.press("/survey", {"comment": HOSTILE})
    door = Browser(stand)
    door.open("/")
    texts += [browser.reply.text, door.press("/", {"code": HOSTILE[:30]}).text]
    organizer = Browser(stand)
    organizer.sign_in(HOSTILE[:30], "x")
    texts.append(organizer.reply.text)
    for text in texts:
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert "49" not in text or "{{ 7 * 7 }}" in text
    assert stand.hall.live.roll.by_id(mine.id).survey.comment == (
        '<script>alert("x")</script>&[31m{{ 7 * 7 }}'
    ), "kept as it was written, but for characters that cannot be seen"
    stand.close()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ask the chair", "data:text/html,x"])
def test_only_web_addresses_are_links(tmp_path: Path, address: str) -> None:
    """An address of another kind is text."""
    handout = replace(settings_for(tmp_path).handout, address=address)
    stand = Stand(settings_for(tmp_path, handout=handout))
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    text = come_to(stand, mine, "agree").reply.text
    assert f'href="{address}' not in text
    assert address in text
    stand.close()


@pytest.mark.parametrize("tag", ["es", "fr"])
def test_their_language_comes_from_the_list(stand: Stand, tag: str) -> None:
    """The organizer's list decides, a choice on the page outweighs it, for them alone."""
    first, second = stand.invite(2)
    live = stand.hall.live
    for who in (first, second):
        live.roll.add(replace(who, language=tag))
    stand.happens(Happening.OPEN)
    browser = Browser(stand, headers={"accept-language": "en"})
    assert f'<html lang="{tag}">' in browser.open(f"/v/{first.token}").text
    assert LANGUAGES[tag].words["notice.agree"] in browser.reply.text
    button = browser.form("/language").buttons.index(("language", "en"))
    browser.press("/language", button=button)
    assert '<html lang="en">' in browser.reply.text
    assert browser.at == f"/v/{first.token}"
    assert '<html lang="en">' in browser.open(f"/v/{first.token}/stuck").text
    # A phone that is handed on speaks the next one's language.
    assert f'<html lang="{tag}">' in browser.open(f"/v/{second.token}").text


def test_switching_languages_leads_nowhere_else(stand: Stand) -> None:
    """The way back is a page of ours, whatever the form says."""
    browser = Browser(stand)
    browser.open("/")
    token = browser.form("/language").values["form"]
    for back in ("https://evil.example", "//evil.example", "/\\evil.example", "evil"):
        browser.post("/language", {"form": token, "back": back, "language": "es"})
        assert browser.at == "/"


def test_deleting_ones_data(stand: Stand) -> None:
    """They are asked once more; then nothing is shown, and no form is taken any more."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine, "agree", "signed-in", "sent")
    old = browser.form("/survey")
    browser.open(f"/v/{mine.token}/delete")
    assert "erased" not in happened(stand, mine)
    browser.press("/erase")
    assert "Your data is deleted" in browser.reply.text
    assert happened(stand, mine)[-1] == "erased"
    assert browser.post(old.path, old.filled({"comment": "after all"})).status == 409
    assert browser.open(f"/v/{mine.token}/card").status == 409
    assert happened(stand, mine)[-1] == "erased"
    assert "PRACTICE" in browser.open(f"/v/{mine.token}").text


def test_after_the_drill_only_questions_are_taken(stand: Stand) -> None:
    """Nothing is reported after closing; whoever has sent may still answer."""
    sent, late = stand.invite(2)
    stand.happens(Happening.OPEN)
    browser, other = come_to(stand, sent, "agree", "sent"), come_to(stand, late, "agree")
    form = other.form("/signed-in")
    stand.happens(Happening.CLOSED)
    assert "drill is over" in other.post(form.path, form.filled({})).text
    assert "signed_in" not in happened(stand, late)
    browser.open(f"/v/{sent.token}")
    browser.post(f"/v/{sent.token}/again", {"form": browser.form("/survey").values["form"]})
    assert len(stand.hall.live.roll.by_id(sent.id).cards) == 1, "a new card has nowhere to go"
    browser.press("/survey", {"sus1": "4"})
    assert happened(stand, sent)[-1] == "surveyed"


def test_answers_are_checked(stand: Stand) -> None:
    """Anything but 1 to 5 is no answer, and a long comment is cut."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine, "agree", "sent")
    form = browser.form("/survey")
    odd = {"sus1": "6", "sus2": "0", "sus3": "-1", "sus4": "5 ", "sus5": "٥", "sus6": "x" * 99}
    browser.post(form.path, {**form.filled({}), **odd, "comment": "ab\r\n" * 3000})
    survey = stand.hall.live.roll.by_id(mine.id).survey
    assert survey.sus == (None, None, None, 5, None, None, None, None, None, None)
    assert len(survey.comment) <= 2000
    assert survey.comment.startswith("ab\nab")


def test_presses_are_limited(stand: Stand) -> None:
    """Nobody fills the disk with one link; a person's presses are far below the limit."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine)
    form = browser.form("/help")
    seen = [browser.post(form.path, form.filled({})).status for _ in range(60)]
    assert seen[: LIMITS["press"].burst] == [200] * LIMITS["press"].burst
    assert 429 in seen[LIMITS["press"].burst :]


def test_every_page_says_practice(stand: Stand) -> None:
    """Nobody takes a page for the real thing, in whichever language."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    for tag in ("en", "es", "fr"):
        browser = Browser(stand, headers={"accept-language": tag})
        word = LANGUAGES[tag].words["page.practice"]
        for path in ("/", "/nowhere", "/organize/sign-in"):
            text = browser.open(path).text
            assert text.count(f"<strong>{word}</strong>") == 2, (tag, path)
            assert word in text.partition("<title>")[2].partition("</title>")[0]
    assert "PRACTICE" in browser.open(f"/v/{mine.token}").text


def test_a_full_disk_is_told(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be stored is never said to be stored."""
    (mine,) = stand.invite(1)
    stand.happens(Happening.OPEN)
    browser = come_to(stand, mine)
    engine = stand.hall.live._store.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE events")
        connection.commit()
    assert browser.press("/agree").status == 503
    assert "could not be stored" in browser.reply.text
    assert Happening.AGREED not in stand.hall.live.roll.by_id(mine.id).times
