"""report.html: one file, nothing fetched, nothing run, every hostile text shown as text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from reports_folder import OBJECTIVES, SITES, clean_findings, faulty_findings, write_night
from reports_page import parse, text

from harness.record import Finding, RunFolder, Status, Witness
from reports.folder import verdict_of
from reports.html import evidence_anchor, render_html

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</style></title><iframe src=//evil.example>",
    "{{ 7 * 7 }}{% for x in range(9) %}",
    "\x1b[2J\x1b]0;owned\x07",
    "safe\u202egnp.exe",
    "Authorization: Bearer abcdef1234567890",
    "javascript:alert(1)",
)


def page_of(run: RunFolder) -> str:
    return render_html(run, verdict_of(run))


def parsed(run: RunFolder) -> Element:
    return parse(page_of(run))


def text_of(run: RunFolder) -> str:
    return text(parsed(run))


def names_of(page: Element) -> Counter[str]:
    return Counter(each.tag for each in page.iter())


def hostile_night(path: Path) -> RunFolder:
    """A night whose target, story and records are all written by an enemy."""
    everything = " ".join(HOSTILE)
    findings = [
        replace(
            each,
            status=Status.FAIL,
            subject=f"reader {everything}",
            question=everything,
            answer=everything,
            offenders=20,
            witnesses=tuple(
                Witness(f"{text}-{i}", everything * 40, everything, (everything,) * 9)
                for i, text in enumerate(HOSTILE * 2)
            ),
        )
        for each in clean_findings()
    ]
    target = {"name": everything, "build": everything, "readers": [{"name": everything}],
              "operations": [everything], "not_drilled": [everything]}  # fmt: skip
    return write_night(
        path, findings, target=target, story=everything, title=everything, run=everything,
        sources=[everything], reasons=[everything], defects=[everything], cast=everything,
        phases=[{"name": everything, "start_drill": 0.0, "end_drill": 60.0}],
        machine={everything: everything}, what_if={}, scenario=everything,
        anchors=[{"anchor": everything, "says": everything, "measured": everything}],
    )  # fmt: skip


def test_stretches_are_told_to_the_second_where_they_need_it(tmp_path: Path) -> None:
    """A quarter past is not the full minute."""
    phases = [{"name": "the databases", "start_drill": 60.0, "end_drill": 135.0}]
    for changed, shown in (
        ({}, ["17:30", "18:30"]),
        ({"phases": phases}, ["17:31:00", "17:32:15"]),
    ):
        run = write_night(tmp_path / shown[0].replace(":", "-"), clean_findings(), **changed)
        cells = [each.text for each in parsed(run).iter("td")]
        assert all(each in cells for each in shown), cells


def test_nothing_is_fetched_and_nothing_runs(faulty_night: RunFolder) -> None:
    """The page names no other file, holds no script, and forbids both to the browser."""
    page = parsed(faulty_night)
    assert not names_of(page).keys() & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
    }
    attributes = {name for each in page.iter() for name in each.attrib}
    assert not [each for each in attributes if each.startswith("on") or each in ("src", "style")]
    assert all(each.get("href", "").startswith("#") for each in page.iter("a"))
    assert "@import" not in page_of(faulty_night)
    assert all(
        each.startswith("#") for each in re.findall(r"url\(([^)]*)\)", page_of(faulty_night))
    )
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'"


def test_each_link_leads_somewhere(clean_night: RunFolder, faulty_night: RunFolder) -> None:
    """Links within the page all have their target, and no two places share a name."""
    for run in (clean_night, faulty_night):
        page = parsed(run)
        names = [each.get("id") for each in page.iter() if each.get("id")]
        assert len(names) == len(set(names))
        assert {each.get("href", "")[1:] for each in page.iter("a")} <= set(names)


def test_every_chart_has_a_title_and_its_figures(faulty_night: RunFolder) -> None:
    """A chart tells its title to a screen reader, and its figures stand in a table as well."""
    page = parsed(faulty_night)
    charts = page.findall(".//figure/svg")
    assert len(charts) == 7
    for chart in charts:
        assert chart.get("role") == "img"
        assert chart[0].tag == "title"
        assert chart[0].text
        assert chart[0].get("id") in chart.get("aria-labelledby", "").split()
    tables = page.findall(".//figure/details//tbody")
    assert len(tables) == len(charts)
    assert all(len(each) for each in tables)
    drawn = [each for each in page.iter("svg") if each.get("role") != "img"]
    assert all(each.get("aria-hidden") == "true" for each in drawn)


def test_first_screen_of_a_no_go(faulty_night: RunFolder) -> None:
    """An official reads first: practice, the word, why, what was not drilled, what to do next."""
    page = parsed(faulty_night)
    opening = page.find(".//div[@class='opening']")
    header = page.find(".//header")
    assert opening is not None
    assert header is not None
    first = f"{text(header)} {text(opening)}"
    for said in (
        "PRACTICE.",
        "NO-GO",
        "The app failed 3 of the 6 requirements",
        "37 of 1,765 accepted reports are missing from the export.",
        "Photo of the worksheet: this machine has no browser",
        "All 1,765 sites, at 120 times the true speed",
        "drillhall run iowa-caucus-night --cast rehearsal --seed 2020",
        "17 November 2026, or until the app’s build changes (drilled: 0.1.0)",
    ):
        assert said in first
    assert len(page.findall(".//section[@aria-labelledby='why']//li")) == 3


def test_zero_is_said_with_its_bound(clean_night: RunFolder) -> None:
    """Zero failures are never called never: the page says what could still be hidden."""
    assert f"Of {SITES:,} reports none was lost" in text_of(clean_night)
    assert "a fault that strikes fewer than 1 in 580 at random could still be hidden" in text_of(
        clean_night
    )


def test_no_zero_for_what_one_reader_saw_go_wrong(faulty_night: RunFolder) -> None:
    """A class that failed in the export is not called clean because the results page was."""
    assert "none was made up, counted twice" in text_of(faulty_night)
    assert "none was lost" not in text_of(faulty_night)


def test_offending_records_come_with_the_command(faulty_night: RunFolder) -> None:
    """Each record shows what was expected, what was found, and how to see it again."""
    row = parsed(faulty_night).find(".//table[@class='broad records']/tbody/tr")
    assert row is not None
    first = [text(each) for each in row]
    assert first[0].startswith("IA-0003")
    assert first[1].startswith("the report accepted at 20:10")
    assert first[2].startswith("no row for this site")
    assert first[3] == "drillhall replay run --record IA-0003"
    assert "And 17 more of this kind." in text_of(faulty_night)


def test_every_state_of_an_objective_is_told_apart(tmp_path: Path) -> None:
    """Failed, unknown, not drilled and not applicable each have their own words."""
    states = (Status.FAIL, Status.UNKNOWN, Status.NOT_DRILLED, Status.NOT_APPLICABLE)
    findings = [
        replace(each, status=status)
        for each, status in zip(clean_findings(), states, strict=False)
        if each.subject == "export"
    ]
    objectives = tuple(
        replace(OBJECTIVES[0], name=each.check, check=each.check, says=each.check)
        for each in findings
    )
    run = write_night(tmp_path / "run", findings, objectives=objectives)
    cells = parsed(run).findall(".//section[@aria-labelledby='objectives']//td/span")
    assert [text(each) for each in cells] == [
        "✕ NOT met",
        "? not known",
        "○ not drilled",
        "– does not apply",
    ]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """Whatever a target says, no element, attribute, escape or secret of it gets through."""
    run = hostile_night(tmp_path / "run")
    page = parsed(run)
    tags = names_of(page)
    assert not tags.keys() & {"script", "img", "iframe"}
    assert tags["style"] == 1
    assert len(page.findall("./head/title")) == 1
    assert not [each for each in page.iter() if each.get("onerror")]
    raw = page_of(run)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", raw)
    assert "abcdef1234567890" not in raw
    assert "\\x1b[2J" in text(page)
    assert "{{ 7 * 7 }}" in text(page)


def test_hostile_size_is_bounded(tmp_path: Path) -> None:
    """Even where every check fails on twenty long records the page stays within 300 KiB."""
    assert len(page_of(hostile_night(tmp_path / "run")).encode()) <= 300 * 1024


def test_size_is_bounded_with_many_checks(tmp_path: Path) -> None:
    """With a hundred failing checks fewer records are shown, and the page says how many it left."""
    one = faulty_findings()[0]
    long = tuple(replace(each, expected="x " * 300, found="y " * 300) for each in one.witnesses)
    many = [replace(one, subject=f"reader {i}", witnesses=long) for i in range(100)]
    page = page_of(write_night(tmp_path / "run", many))
    assert len(page.encode()) <= 300 * 1024
    assert "more of this kind" in page


def test_full_night_is_within_its_size(faulty_night: RunFolder) -> None:
    """A whole state's night takes at most 300 KiB, charts and tables included."""
    assert faulty_night.history.collect().height > 12_000
    assert len(page_of(faulty_night).encode()) <= 300 * 1024


def test_an_empty_record_still_makes_a_page(empty_run: RunFolder) -> None:
    """A run that crashed at once says so, and claims nothing."""
    text = text_of(empty_run)
    assert "NOT ENOUGH EVIDENCE" in text
    assert "The drill did not reach its end (crashed): out of memory" in text
    assert "none was lost" not in text


def test_anchors_stand_beside_the_record(tmp_path: Path) -> None:
    """A simulated night shows the published figure beside its own, and says it is simulated."""
    anchor = {"anchor": "A3", "says": "longest hold", "published": "about 3 h",
              "measured": "168 min", "tolerance": "150 to 240 min", "holds": True}  # fmt: skip
    run = write_night(tmp_path / "run", virtual=True, anchors=[anchor, anchor | {"holds": False}])
    rows = parsed(run).findall(".//section[@aria-labelledby='anchors']//tbody/tr")
    cells = [[text(cell) for cell in row] for row in rows]
    assert cells[0] == ["A3", "longest hold", "about 3 h", "168 min", "150 to 240 min", "✓ yes"]
    assert cells[1][-1] == "✕ no"
    assert "No real app was driven" in text_of(run)


def test_anchors_of_a_live_drill_say_at_which_speed(tmp_path: Path) -> None:
    """An app that takes a second takes two minutes of the night; a simulation needs no word."""
    anchor = {"anchor": "A3", "says": "longest hold", "published": "about 3 h",
              "measured": "180 min", "tolerance": "150 to 240 min", "holds": True}  # fmt: skip
    live = write_night(tmp_path / "live", anchors=[anchor | {"speed": 120.0}])
    assert "It was played at 120 times its speed" in text_of(live)
    virtual = write_night(tmp_path / "virtual", virtual=True, anchors=[anchor | {"speed": 1.0}])
    assert "times its speed" not in text_of(virtual)


def test_a_simulation_never_looks_like_a_go(tmp_path: Path) -> None:
    """The word of a simulated night is grey, and the page says that no app was drilled."""
    page = parsed(write_night(tmp_path / "run", virtual=True))
    assert page.find(".//p[@class='verdict unsure']") is not None
    assert page.find(".//p[@class='verdict go']") is None
    assert "Simulation, not a drill of any app" in text(page)


def test_anchors_are_absent_from_a_live_drill(clean_night: RunFolder) -> None:
    """A drill against a live app has no anchors to show."""
    assert parsed(clean_night).find(".//*[@id='anchors']") is None


def test_headings_step_down_one_at_a_time(faulty_night: RunFolder) -> None:
    """One first heading, and none skips a level; one main, one header, one footer."""
    page = parsed(faulty_night)
    levels = [int(each.tag[1]) for each in page.iter() if re.fullmatch("h[1-6]", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [names_of(page)[each] for each in ("main", "header", "footer")] == [1, 1, 1]
    assert page.get("lang") == "en"


@pytest.mark.parametrize("mark", ["", " (NO-GO)"])
def test_evidence_anchor_is_fit_for_a_link(mark: str) -> None:
    """A finding's place on the page has only letters, digits and dashes in its name."""
    finding = Finding("lost", Status.PASS, "?", "!", subject=f"results page{mark}")
    assert re.fullmatch(r"f-[A-Za-z0-9-]+", evidence_anchor(finding.name))


def test_printed_pages_carry_the_banner(faulty_night: RunFolder) -> None:
    """On paper every page says practice and has its number, and details are open."""
    style = parsed(faulty_night).findtext("./head/style", "")
    page_rule = style[style.index("@page") :]
    assert 'content:"PRACTICE DATA' in page_rule
    assert "counter(page)" in page_rule
    assert "details::details-content{content-visibility:visible" in style
