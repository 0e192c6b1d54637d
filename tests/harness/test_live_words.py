"""The words of the live drill's pages: every language says the same, key by key."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import harness.live
from harness.live.card_words import WORDS
from harness.live.language import ENGLISH, LANGUAGES, language_of
from harness.live.slips import KINDS

FOLDER = Path(harness.live.__file__).parent
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.j2"))
)


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def differences(words: dict[str, str], other: dict[str, str]) -> list[str]:
    """Keys that only one has, or whose placeholders differ."""
    return sorted(
        key
        for key in words.keys() | other.keys()
        if key not in words
        or key not in other
        or placeholders(words[key]) != placeholders(other[key])
    )


@pytest.mark.parametrize("tag", ["es", "fr"])
def test_every_language_says_everything(tag: str) -> None:
    """The same keys with the same placeholders."""
    assert differences(dict(ENGLISH.words), dict(LANGUAGES[tag].words)) == []


@pytest.mark.parametrize("tag", ["en", "es", "fr"])
def test_words_are_text(tag: str) -> None:
    """YAML takes some words for truth values (on, off, no) unless they are quoted."""
    odd = {key: said for key, said in LANGUAGES[tag].words.items() if not isinstance(said, str)}
    assert odd == {}


def test_a_missing_word_or_placeholder_is_seen() -> None:
    """The comparison finds a key left out, and a placeholder that was translated."""
    words = dict(LANGUAGES["es"].words)
    del words["sent.look"]
    words["sent.differ"] = words["sent.differ"].replace("{expected}", "{esperado}")
    assert differences(dict(ENGLISH.words), words) == ["sent.differ", "sent.look"]


@pytest.mark.parametrize("tag", ["es", "fr"])
def test_sentences_are_translated(tag: str) -> None:
    """A sentence of three words or more is not the English one."""
    same = [
        key
        for key, text in LANGUAGES[tag].words.items()
        if text == ENGLISH.words[key] and len(re.findall(r"[^\W\d]{2,}", text)) > 2
    ]
    assert same == []


def test_no_word_is_left_over() -> None:
    """Every key stands in a template or in code, itself or by its beginning."""
    whole = set(re.findall(r'"([a-z]+\.[a-z_0-9]+)"', CODE))
    begun = set(re.findall(r'"([a-z]+\.[a-z_]*)" ~', CODE)) | {"refused.", "staff."}
    unused = [
        key for key in ENGLISH.words
        if key not in whole and not any(key.startswith(each) for each in begun)
    ]  # fmt: skip
    assert unused == []


def test_every_slip_has_a_tip() -> None:
    """Whatever can be wrong with a cell, there is a minute's advice about it."""
    assert {key.removeprefix("tip.") for key in ENGLISH.words if key.startswith("tip.")} == set(
        KINDS
    )


@pytest.mark.parametrize("tag", ["en", "es", "fr"])
def test_the_card_names_the_button_as_the_page_does(tag: str) -> None:
    """What the printed card tells people to press is what stands on the page."""
    assert LANGUAGES[tag].words["help.button"] in WORDS[tag].call


def test_sus_is_the_official_wording() -> None:
    """Ten items in Brooke's order, praise and blame in turn; the scale has five points."""
    items = [ENGLISH.words[f"survey.q{number}"] for number in range(1, 11)]
    assert items[0] == "I think that I would like to use this system frequently."
    assert items[7] == "I found the system very cumbersome to use."
    assert (
        items[9] == "I needed to learn a lot of things before I could get going with this system."
    )
    assert all("system" in item for item in items)


def test_values_are_escaped_and_markup_is_not() -> None:
    """What goes into a sentence is text, whoever wrote it."""
    said = ENGLISH("sent.differ", cell="<b>", expected=1, found='"&')
    assert said == "&lt;b&gt;: your card said 1, you sent &#34;&amp;."


def test_the_weightiest_choice_counts() -> None:
    """What was chosen, then the list, then the browser, then the drill's first language."""
    offered = ("en", "es", "fr")
    assert language_of(["fr", "es"], "en", offered).tag == "fr"
    assert language_of(["", "es"], "en", offered).tag == "es"
    assert language_of(["", ""], "fr;q=0.3, es;q=0.9", offered).tag == "es"
    assert language_of(["zz", ""], "zz;q=x, de", ("es", "fr")).tag == "es"
    assert language_of(["en"], "", ("es",)).tag == "es", "not offered here"
