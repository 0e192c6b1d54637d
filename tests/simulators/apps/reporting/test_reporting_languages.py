"""The practice app's pages in English and Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
import yaml
from reporting_night import PRECINCTS, REPORT, Practice
from test_reporting_pages import CODES, Page, filled, signed_in

from simulators.apps.reporting import app
from simulators.apps.reporting.form import NAMES
from simulators.apps.reporting.language import LANGUAGES, language_of, say

SPANISH = {"Accept-Language": "es-US,es;q=0.9,en;q=0.5"}
OPERATOR = {"user": "operator-0", "password": "correct horse"}
TOLD = ("placeholder", "aria-label", "title", "alt")  # attributes that people read or hear
# Names, numbers, and the few words that are the same in both languages.
SAME = re.compile(
    rf"({'|'.join(name.title() for name in NAMES)}|PIN|SDE|515-555-0142|[\d\W]+|IA-\S+|r\d+)[.,]?"
)


class Texts(HTMLParser):
    """Every text that people read on a page, and where it stands in another language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.tags: list[str] = []
        self._kept: list[bool] = []  # for each open tag: its words are nobody's to translate
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.tags.append(given["lang"])
        self.found |= {given[name] for name in TOLD if given.get(name)}
        if tag in ("input", "meta", "link", "img"):
            return
        outer = bool(self._kept) and self._kept[-1]
        foreign = "lang" in given and tag != "html"
        self._kept.append(outer or foreign or given.get("translate") == "no")

    def handle_endtag(self, _tag: str) -> None:
        self._kept.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._kept and self._kept[-1]):
            self.found.add(data.strip())


def every_page(practice: Practice, language: dict[str, str]) -> dict[str, str]:
    """Each page that people see, in a language, by what it is."""
    http, fields = practice.http, "/report/IA-0001"
    who = signed_in(practice) | language
    desk = signed_in(practice, OPERATOR, "/desk/sign-in") | language
    form = filled(practice, who, REPORT)
    found = {
        "sign-in": http.get("/", language),
        "signed out": http.get("/?again=1", language),
        "kept": http.get("/?kept=1", language),
        "empty": http.form("/", dict.fromkeys(CODES, ""), language),
        "wrong": http.form("/", CODES | {"pin": "1"}, language),
        "desk sign-in": http.get("/desk/sign-in", language),
        "desk": http.get("/desk?q=ames", desk),
        "desk, nothing": http.get("/desk?q=nowhere", desk),
        "form": http.get(fields, who),
        "satellite": http.get("/report/IA-S01", desk),
        "one delegate": http.get("/report/IA-0003", desk),
        "wrong number": http.form(fields, form | {"attendance": "6o", "final_yang": "-1"}, who),
        "odd": http.form(fields, form | {"first_yang": "9", "final_yang": "99"}, who),
        "nothing yet": http.get(fields + "/sent", who),
        "not yours": http.get("/report/IA-0002", who),
        "no such": http.get("/report/IA-9999", desk),
        "not the desk": http.get("/desk", who),
        "stamp": http.form(fields, form | {"stamp": "forged"}, who),
        "no length": http.send("POST", "/", language | {"Transfer-Encoding": "chunked"}, b""),
    }
    assert http.form(fields, form, who).status == 303
    hidden = Page(http.get(fields + "/sent", who).text).hidden
    found |= {
        "sent": http.get(fields + "/sent", who),
        "again": http.form(fields, form | {"attendance": "101"}, who),
        "no picture": http.upload(fields + "/photo", {"photo": b"GIF"}, hidden, who),
        "results": http.get("/results", language),
    }
    return {name: reply.text for name, reply in found.items()}


def test_both_files_have_the_same_sentences() -> None:
    """Each sentence is there in each language, with the same placeholders."""

    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text)} - {None}

    english, spanish = LANGUAGES["en"].words, LANGUAGES["es"].words
    assert english.keys() == spanish.keys()
    for key, text in english.items():
        assert places(text) == places(spanish[key]), key
        assert (text != spanish[key]) or SAME.fullmatch(text), key


def test_no_page_leaves_a_word_untranslated(practice: Practice) -> None:
    """Nothing but names and numbers is the same on a page in English and in Spanish."""
    english, spanish = every_page(practice, {}), every_page(practice, SPANISH)
    for name, text in spanish.items():
        told, before = Texts(text), Texts(english[name])
        assert (told.tags, before.tags) == (["es"], ["en"]), name
        left = {each for each in told.found & before.found if not SAME.fullmatch(each)}
        assert left == set(), name
        assert len(told.found) > 5


def test_the_description_calls_things_as_the_pages_do() -> None:
    """Each word that target.yaml looks for is in the catalogue of its language."""
    given = yaml.safe_load(Path(app.__file__).with_name("target.yaml").read_text("utf-8"))["web"]
    named = list(_by_language(given))
    assert len(named) > 30
    for words in named:
        assert words.keys() == LANGUAGES.keys()
        for tag, text in words.items():
            said = LANGUAGES[tag].words.values()
            pattern = re.fullmatch(r"/(.+)/i?", text)
            if pattern:
                assert any(re.search(pattern[1], each, re.IGNORECASE) for each in said), text
            else:
                assert text in said, text


def _by_language(node: object) -> Iterator[dict[str, str]]:
    """Every ``{en: ..., es: ...}`` within."""
    if isinstance(node, dict) and "en" in node:
        yield node
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _by_language(each)


def test_an_english_word_on_a_spanish_page_would_be_seen() -> None:
    """The test above can fail: it sees a text, a placeholder and a label left in English."""
    page = '<html lang="es"><body><p>Send</p><input placeholder="Name"><b lang="en">English</b>'
    assert Texts(page).found == {"Send", "Name"}


@pytest.mark.parametrize(
    ("chosen", "header", "tag"),
    [
        ("", "", "en"),
        ("", "es-US", "es"),
        ("", "ES", "es"),
        ("", "fr, es;q=0.4, en;q=0.7", "en"),
        ("", "fr-CA, es;q=0.7", "es"),
        ("", "de", "en"),
        ("", ";;q=,es;q=x", "en"),
        ("es", "en-US", "es"),
        ("en", "es-US", "en"),
        ("xx", "es-US", "es"),
    ],
)
def test_the_language_is_the_readers_choice_else_their_browsers(
    chosen: str, header: str, tag: str
) -> None:
    """A choice counts first, then the browser's weights; English where neither is ours."""
    assert language_of(chosen, header).tag == tag


def test_a_choice_is_remembered(practice: Practice) -> None:
    """The switch is a link that leads back, and the phone keeps the choice."""
    page = practice.http.get("/desk/sign-in?again=1").text
    (link,) = re.findall(r'href="(/language/es[^"]*)"', page)
    answer = practice.http.get(link)
    assert (answer.status, answer.headers["location"]) == (303, "/desk/sign-in?again=1")
    chosen = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert "Oficina central" in practice.http.get("/desk/sign-in", chosen).text


@pytest.mark.parametrize("back", ["//example.org", "https://example.org", "/\\example.org", "x"])
def test_the_switch_leads_nowhere_else(practice: Practice, back: str) -> None:
    """No link of ours sends people to another site."""
    assert practice.http.get(f"/language/es?back={back}").headers["location"] == "/"


def test_switching_in_the_form_keeps_what_was_typed(practice: Practice) -> None:
    """The form comes back in the other language, with its numbers, and nothing is sent."""
    who = signed_in(practice)
    form = filled(practice, who, REPORT | {"attendance": 123})
    answer = practice.http.form("/report/IA-0001", form | {"language": "es"}, who)
    page = Page(answer.text)
    assert page.boxes["attendance"]["value"] == "123"
    assert page.hidden["operation"] == form["operation"]
    assert "language=es" in answer.headers["set-cookie"]
    assert "Enviar reporte" in answer.text
    assert practice.stored() == []


def test_results_in_two_languages_are_kept_apart(practice: Practice) -> None:
    """A reader's copy of one language is not taken for the other, nor shown by a cache."""
    english, spanish = (practice.http.get("/results", each) for each in ({}, SPANISH))
    assert "Results so far" in english.text
    assert "Resultados hasta ahora" in spanish.text
    assert english.headers["etag"] != spanish.headers["etag"]
    assert english.headers["vary"] == "Accept-Language, Cookie"
    known = SPANISH | {"If-None-Match": spanish.headers["etag"]}
    assert practice.http.get("/results", known).status == 304


def test_numbers_are_grouped_as_readers_of_both_languages_write_them(practice: Practice) -> None:
    """Thousands have a comma and decimals a point, as es-US has them too."""
    many = {"attendance": 1500, "first_biden": 1500, "final_biden": 1500, "delegates_biden": 7}
    practice.submit("op-1", REPORT | {"first_warren": 0, "final_warren": 0} | many)
    page = practice.http.get("/results", SPANISH).text
    assert re.search(r"Biden</th><td>\d\.\d{3}</td><td>1,500</td>", page)


def test_the_api_speaks_english(practice: Practice) -> None:
    """Programs get the same words whatever their language header says."""
    body = {"precinct_id": "100000", "pin": "1", "security_code": "2"}
    told = practice.http.post("/api/sign-in", body, SPANISH).json()["message"]
    assert told == LANGUAGES["en"].words["refused.wrong_codes"]
    assert LANGUAGES["es"].of(say("refused.wrong_codes")) != told


def test_every_page_tells_the_help_line(practice: Practice) -> None:
    """Whoever is stuck finds a number to call, and a phone can dial it."""
    for name, text in every_page(practice, SPANISH).items():
        assert 'href="tel:+15155550142"' in text, name


def test_hostile_names_are_escaped(practice: Practice) -> None:
    """A site's name is a text in sentences too."""
    hostile = PRECINCTS[0] | {"name": "<b>{id}</b>", "county": "<i>&", "sde_per_delegate": 1.0}
    admin = {"Authorization": "Bearer practice-secret"}
    practice.http.post("/admin/roster", {"precincts": [hostile]}, admin)
    who = signed_in(practice)
    practice.submit("op-1")
    for path in ("/report/IA-0001", "/report/IA-0001/sent"):
        text = practice.http.get(path, who).text
        assert "&lt;b&gt;{id}&lt;/b&gt;" in text
        assert "<b>" not in text
        assert "<i>" not in text
