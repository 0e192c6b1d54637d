"""Charts: well-formed, titled, and true to their figures."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest

from reports import svg


def frame(**changes: object) -> svg.Frame:
    settings: dict[str, object] = {
        "name": "t", "title": "A title", "description": "A note", "x_end": 100.0,
        "x_ticks": (0.0, 50.0, 100.0), "y_end": 10.0, "x_text": "{:g}".format,
        "y_text": "{:g}".format, "x_label": "x", "y_label": "y",
    }  # fmt: skip
    return svg.Frame(**(settings | changes))  # type: ignore[arg-type]


def lines(drawing: str) -> list[str]:
    return [each.get("d", "") for each in fromstring(drawing).iter("path")
            if (each.get("class") or "").startswith("line")]  # fmt: skip


def rectangles(drawing: str, kind: str) -> list[Element]:
    return [each for each in fromstring(drawing).iter("rect") if each.get("class") == kind]


def test_a_line_joins_its_points_and_gaps_stay_gaps() -> None:
    """A point without a value breaks the line; x and y run from the chart's corner."""
    drawn = svg.line(frame(), [svg.Series("a", [(0, 0), (50, 10), (60, None), (100, 5)])])
    origin = f"M{svg.LEFT} {300 - svg.BOTTOM}"
    assert lines(drawn) == [f"{origin}L385 {svg.TOP}M{svg.WIDTH - svg.RIGHT} 144"]


def test_a_step_holds_its_value() -> None:
    """A count so far holds until it changes."""
    (path,) = lines(svg.step(frame(), [svg.Series("a", [(0, 0), (50, 10)])]))
    assert path.endswith(f"H385V{svg.TOP}")


def test_each_series_has_its_own_style() -> None:
    """The second line is told from the first by its class, which has a dash."""
    drawn = fromstring(svg.line(frame(), [svg.Series("a", [(0, 1)]), svg.Series("b", [(0, 2)])]))
    classes = [each.get("class") for each in drawn.iter("path")]
    assert classes[-2:] == ["line s0", "line s1"]


def test_bands_lie_where_they_happened() -> None:
    """A fault is drawn over its own stretch, with its letter."""
    drawn = svg.step(frame(bands=[svg.Band(50.0, 100.0, "A")]), [])
    (band,) = rectangles(drawn, "band")
    assert band.get("x") == "385"
    assert "A" in [each.text for each in fromstring(drawn).iter("text")]


def test_bars_are_as_long_as_their_figures() -> None:
    """A bar of half the count is half as long; parts after the first are hatched."""
    drawn = svg.bars("b", "Bars", "", [("one", [10]), ("two", [5, 5])])
    widths = [float(each.get("width", "")) for each in rectangles(drawn, "f0")]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.1)
    hatched = [each for each in fromstring(drawn).iter("rect") if each.get("fill") == "url(#b-h1)"]
    assert len(hatched) == 1


def test_heat_writes_its_counts() -> None:
    """Every cell with something in it shows how much; the fullest is the darkest."""
    drawn = svg.heat("h", "Heat", "", ["19:00", "19:30"], [("long", [0, 3]), ("short", [100, 1])])
    texts = [each.text for each in fromstring(drawn).iter("text")]
    assert [each for each in texts if each and each.isdigit()] == ["3", "100", "1"]
    assert len(rectangles(drawn, "h4")) == 1
    assert len(rectangles(drawn, "h0")) == 1


def test_hostile_labels_stay_text() -> None:
    """A label from a target cannot open an element."""
    drawn = svg.bars("b", "</title><script>", "", [("<script>x\x1b</script>", [1])])
    assert not list(fromstring(drawn).iter("script"))


@pytest.mark.parametrize(("largest", "last"), [(0, 1), (1, 1), (7, 8), (1765, 2000), (0.23, 0.25)])
def test_ticks_are_round_and_reach_the_top(largest: float, last: float) -> None:
    """Ticks are 1, 2 or 5 times a power of ten and the last is no lower than the largest value."""
    ticks = svg.nice_ticks(largest)
    assert ticks[-1] == pytest.approx(last)
    assert len(ticks) <= 6


def test_an_empty_chart_is_still_a_chart() -> None:
    """No data draws axes and nothing else."""
    assert lines(svg.line(frame(x_end=0.0, y_end=0.0), [])) == []
    assert svg.heat("h", "t", "", [], []).startswith("<svg")
    assert svg.bars("b", "t", "", []).startswith("<svg")
