"""Text from a target: controls made visible, credentials taken out, length bounded."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.cleaning import clean


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_becomes_valid_xml(text: str) -> None:
    """Whatever a target says can be written as XML 1.0 and read back the same."""
    element = Element("x")
    element.text = clean(text)
    assert (fromstring(tostring(element, encoding="unicode")).text or "") == clean(text)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\x00b\x07", "a\\x00b\\x07"),
        ("safe\u202egnp.exe", "safe⟨U+202E⟩gnp.exe"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("lone \ud800", "lone ⟨U+D800⟩"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("Muñoz, 98 %", "Muñoz, 98 %"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_code(said: str, shown: str) -> None:
    """Escapes and direction marks show as their code; ordinary text is left alone."""
    assert clean(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "Authorization: Bearer hunter2hunter2",
        "token=hunter2hunter2",
        '{"password": "hunter2hunter2"}',
        "PIN: hunter2hunter2",
        "x-api-key: hunter2hunter2",
        "Cookie: sid=hunter2hunter2",
        "https://admin:hunter2hunter2@app.example.org/x",
        "eyJhbGciOiJIUzI1NiJ9.hunter2hunter2.c2ln",
        "postgresql://u:hunter2hunter2@localhost/db",
        "session_id='hunter2hunter2'",
    ],
)
def test_credentials_are_taken_out(said: str) -> None:
    """What looks like a credential is not passed on, whatever surrounds it."""
    assert "hunter2" not in clean(said)
    assert "[secret]" in clean(said)


@pytest.mark.parametrize("said", ["the PIN was wrong", "no token was sent", "Bearer of bad news"])
def test_words_about_credentials_stay(said: str) -> None:
    """Only a value goes; a sentence that speaks of one stays."""
    assert clean(said) == said


def test_long_text_is_cut_and_says_so() -> None:
    """Text has a largest length, and a cut shows."""
    assert clean("x" * 50, longest=10) == "x" * 9 + "…"


def test_a_flood_is_cut_before_it_is_searched() -> None:
    """Megabytes from a target cost no more than what is shown."""
    assert len(clean("password=" * 1_000_000)) <= 400
