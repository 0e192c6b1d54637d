"""Forms are filled in as a browser does; what a simulated volunteer does is the seed's."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.live.fate import STAGES, STOPS, Fate, fate_of
from harness.live.forms import forms_of
from simulators.people.cast import Keying

SHEET = (60, 30, 25, 5, *[0] * 11, 30, 30, *[0] * 12, 2, 2, *[0] * 12)
PAGE = """
<p>Not a form <input name=outside value=1></p>
<form action="/v/tok/survey" method="post">
  <input type="hidden" name="form" value="a&amp;b">
  <input type="radio" name="sus1" value="1" required> <input type="radio" name="sus1" value="2">
  <input type="checkbox" name="yes" checked> <input name="gone" disabled value="x">
  <select name="kind"><option value="a">A<option value="b" selected>B</select>
  <textarea name="comment" required>so
far</textarea>
  <button>Send</button> <button type="button" name="no" value="1">Nothing</button>
</form>
<form action="help" method="post"><button name="where" value="here">Help</button></form>
"""


def test_a_form_sends_what_a_browser_would() -> None:
    """Hidden fields, boxes as they came, what is chosen and the button pressed; nothing else."""
    survey, stuck = forms_of(PAGE, "http://h/v/tok")
    assert (survey.url, survey.method, survey.path) == (
        "http://h/v/tok/survey", "post", "/v/tok/survey",
    )  # fmt: skip
    assert survey.filled({"sus1": "2"}) == {
        "form": "a&b", "yes": "on", "kind": "b", "comment": "so\nfar", "sus1": "2",
    }  # fmt: skip
    assert (stuck.url, stuck.filled({})) == ("http://h/v/help", {"where": "here"})


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"sus1": "1", "outside": "2"}, "has no field 'outside'"),
        ({"sus1": "1", "gone": "2"}, "has no field 'gone'"),
        ({"sus1": "3"}, r"sus1 offers \['1', '2'\], not '3'"),
        ({}, r"is not sent without \['sus1'\]"),
        ({"sus1": "1", "comment": ""}, r"is not sent without \['comment'\]"),
    ],
)
def test_what_a_browser_could_not_send(answers: dict[str, str], problem: str) -> None:
    """No field is made up, and no required one is left out."""
    survey, _ = forms_of(PAGE, "http://h/v/tok")
    with pytest.raises(LookupError, match=problem):
        survey.filled(answers)


def fates(seed: int, count: int = 2000) -> list[Fate]:
    """A crowd's evenings."""
    return [fate_of(seed, number, SHEET, Keying(), trained=True) for number in range(count)]


def test_the_seed_decides_what_robots_do() -> None:
    """Same seed, same evenings; another seed, others."""
    assert fates(7, 50) == fates(7, 50)
    assert fates(7, 50) != fates(8, 50)


def test_a_share_stops_at_each_stage() -> None:
    """Each stage loses about its share, and nobody does what comes after their stop."""
    crowd = fates(7)
    stops = Counter(each.stops_before for each in crowd)
    for stage, share in STOPS.items():
        # Four standard errors of a share of 2,000.
        assert stops[stage] / 2000 == pytest.approx(share, abs=4 * (share / 2000) ** 0.5)
    for fate in crowd:
        done = [fate.does(stage) for stage in STAGES]
        assert done == sorted(done, reverse=True)
        assert all(done) == (not fate.stops_before)


def test_robots_err_at_the_casts_rate() -> None:
    """Cells go wrong as often as the cast says, and answers are ones that a form offers."""
    crowd = fates(3)
    wrong = sum(sum(a != b for a, b in zip(each.keyed, SHEET, strict=True)) for each in crowd)
    numbers = sum(bool(value) for value in SHEET)
    # Four standard errors of about 670 errors.
    assert wrong / (2000 * numbers) == pytest.approx(Keying().form, rel=0.16)
    assert {answer for fate in crowd for answer in fate.sus} == {None, 1, 2, 3, 4, 5}
    assert all(len(fate.sus) == 10 for fate in crowd)
