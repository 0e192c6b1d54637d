"""The style sheet's colours: readable in light and in dark, by WCAG 2.2 contrast."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

CSS = files("reports").joinpath("templates/report.css").read_text("utf-8")
TEXT = ("ink", "soft", "link", "go", "conditions", "nogo", "unsure")
ON_HEAT = (("ink", "h0"), ("c1", "h1"), ("c2", "h2"), ("c3", "h3"), ("c4", "h4"))


def colours(theme: str) -> dict[str, str]:
    """The variables of the light rule, with those of the dark rule over them if asked."""
    rules = re.findall(r":root\{([^}]*)\}", CSS)
    read = [dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", rule)) for rule in rules]
    return read[0] if theme == "light" else read[0] | read[1]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, WCAG 2.2, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_that_of_the_standard() -> None:
    """Black on white is 21, and #767676 on white is just above 4.5."""
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable(theme: str) -> None:
    """All text has a contrast of at least 4.5 with what lies behind it."""
    palette = colours(theme)
    pairs = [(each, behind) for each in TEXT for behind in ("bg", "panel")]
    for text, behind in [*pairs, *ON_HEAT, ("warn-ink", "warn-bg")]:
        assert contrast(palette[text], palette[behind]) >= 4.5, f"{text} on {behind}, {theme}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_of_charts_are_visible(theme: str) -> None:
    """Chart lines have a contrast of at least 3 with the page."""
    palette = colours(theme)
    for kind in range(4):
        assert contrast(palette[f"s{kind}"], palette["bg"]) >= 3


def test_series_differ_by_more_than_colour() -> None:
    """Each kind of line after the first has a dash of its own."""
    dashes = re.findall(r"\.s[123]\{[^}]*stroke-dasharray:([^}]*)\}", CSS)
    assert len(set(dashes)) == 3


def test_paper_is_always_light() -> None:
    """A reader whose screen is dark prints black on white all the same."""
    assert "@media screen and (prefers-color-scheme:dark)" in CSS
    assert CSS.count("prefers-color-scheme") == 1
