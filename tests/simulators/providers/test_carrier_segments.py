"""Texts are cut into parts as mobile networks cut them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.providers.carrier.segments import count, is_gsm, split


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("x" * 1600, 11),
    ],
)
def test_a_part_holds_160_or_153_or_70_or_67(body: str, parts: int) -> None:
    """3GPP TS 23.038: one part of 160 septets or 70 units; of several, 153 or 67 in each."""
    assert count(body) == parts


def test_one_foreign_letter_turns_the_whole_text_to_utf_16() -> None:
    """A single typographic apostrophe more than halves what a part holds."""
    assert count("x" * 159 + "'") == 1
    assert count("x" * 159 + "’") == 3


@given(st.text(max_size=700))
def test_parts_joined_are_the_text(body: str) -> None:
    """Nothing is lost at the seams, and no character is cut in two."""
    parts = split(body)
    assert "".join(parts) == body
    if len(parts) > 1 and not is_gsm(body):
        assert all(len(part.encode("utf-16-le")) <= 2 * 67 for part in parts)
