"""Training drills in reports: personas by name, people in exact counts, and never both in one."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from browser_stand import Chromium, axe_violations
from reports_page import parse
from rich.console import Console
from training_folder import HOSTILE, write_training

from harness.record import Finding, RunFolder, Status, Witness
from harness.verdict import Word, load_verdict
from reports import write_reports
from reports.brief import brief_of
from reports.html import LARGEST, render_html
from reports.integrity import offences_of
from reports.links import beside
from reports.markdown import render_markdown
from reports.personas import COLUMNS, grid_of
from reports.terminal import render_verdict
from reports.volunteers import groups_of


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Pages that shut the keyboard user out; 46 people, and 200 robots beside them."""
    return write_training(tmp_path_factory.mktemp("training") / "run")


@pytest.fixture(scope="module")
def page(training: RunFolder) -> str:
    return render_html(training, load_verdict(training.path / "verdict.json"))


def section(page: str, name: str) -> str:
    """One section of the page, as HTML."""
    begins = page.index(f'<section aria-labelledby="{name}"')
    return page[begins : page.index("</section>", begins)]


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_grid_tells_each_persona_s_way(training: RunFolder) -> None:
    """Passed, struggled and blocked stand by name and step; what lies behind a wall is not
    reached."""
    grid = grid_of(training)
    assert grid is not None
    assert [name for name, _ in grid.groups] == ["sign in", "submit report"]
    rows = {row.name: row for row in grid.rows}
    assert len(rows) == 15
    send, answer = grid.steps.index("send"), len(grid.steps) - 1
    assert rows["steady"].state == "passed"
    assert rows["slow-typist"].cells[send].state == "struggled"
    assert rows["keyboard-only"].cells[send].state == "blocked"
    assert rows["keyboard-only"].cells[answer].state == ""


def test_a_long_way_shows_where_it_was_hard_and_how_it_ended(tmp_path: Path) -> None:
    """Of more steps than there is room for, those that everybody passed are left out and
    counted."""
    run = write_training(tmp_path / "run")
    steps = run.steps.collect()
    more = [
        steps.filter(pl.col("step") == "PIN").with_columns(
            pl.lit(f"box {place}").alias("step"), (pl.col("number") + 0).alias("number")
        )
        for place in range(8)
    ]
    run.write_table("steps", pl.concat([steps, *more]))
    grid = grid_of(run)
    assert grid is not None
    assert (len(grid.steps), grid.left_out) == (COLUMNS, 7)
    assert grid.steps[-2:] == ("send", "answer")


def test_each_cell_has_symbol_word_and_link(page: str) -> None:
    """Nobody has to see a colour, and the picture is beside the report, wherever that lies."""
    shut_out = section(page, "shut-out")
    for sign, word in (("✓", "passed"), ("~", "struggled"), ("✕", "blocked")):
        assert f"<b>{sign}</b> {word}" in shut_out
    links = re.findall(r'href="([^"#]+)"', shut_out)
    assert "evidence/web/keyboard-only-1/08-send.png" in links
    assert "evidence/web/keyboard-only-1/08-send.zip" in links
    assert all(link.startswith("evidence/") for link in links)


def test_personas_never_yield_a_percentage_or_an_interval(page: str, training: RunFolder) -> None:
    """The one share in their section is how much automated rules cover, and it is not theirs."""
    html = re.sub(r"<details>.*?</details>", "", section(page, "shut-out"), flags=re.S)  # sources
    said = re.sub(r"about 57 % of accessibility issues by volume", "", text(html))
    said = re.sub(r"Page at 200 %|\bat 200 %", "", said)  # a persona's zoom
    assert not re.search(r"%|interval|percent|\bin 10\b|average", said)
    verdict = load_verdict(training.path / "verdict.json")
    for result in verdict.results:
        if result.objective.check in ("personas", "barriers"):
            assert result.bound is None
            assert "%" not in result.sentence


def test_every_number_of_a_persona_carries_its_mark(page: str) -> None:
    """Each knob says whether it was published, measured or assumed, and names its source."""
    shut_out = section(page, "shut-out")
    marks = re.findall(r"<small>(published|measured|assumed) \[(\d+)\]</small>", shut_out)
    sources = re.search(r'<ol class="sources">(.*?)</ol>', shut_out, re.S)
    assert sources is not None
    count = sources.group(1).count("<li>")
    assert len(marks) >= 15 * 7
    assert {int(number) for _, number in marks} == set(range(1, count + 1))


def test_barriers_stand_by_look_in_plain_words(page: str) -> None:
    """What is wrong, how grave, where, by which rule, and who met it."""
    shut_out = text(section(page, "shut-out"))
    assert "Keyboard alone" in shut_out
    assert "The button that sends the report cannot be reached with the Tab key." in shut_out
    assert "✕ critical" in shut_out
    assert "~ moderate" in shut_out
    assert "WCAG 2.1.1" in shut_out
    assert "Nothing here was tested with a screen reader" in shut_out


def test_people_and_robots_are_never_in_one_figure(training: RunFolder, page: str) -> None:
    """Each has a funnel of its own, and that of the robots says what it is."""
    people, robots = groups_of(training)
    assert (people.invited, people.insiders, robots.invited) == (45, 1, 200)
    told = text(section(page, "people"))
    assert "From invited to fully correct: 45 volunteers" in told
    assert "From invited to fully correct: 200 simulated volunteers" in told
    assert not re.search(r"\b24[5-6]\b", told)
    assert "Nobody real took part in these figures" in told


def test_people_are_told_of_with_interval_and_words(page: str) -> None:
    """First k of n, then the interval and the fixed phrase; and what the sample is short of."""
    told = text(section(page, "people"))
    assert "42 of 45 volunteers (93.3 %) reported every number right" in told
    assert "at least 8 in 10 would manage" in told
    assert "among the best tenth of products, grade A" in told
    assert "nobody counted blind (8)" in told
    assert "100 %" not in told
    assert not re.search(r"p-value|significan", told)


def test_the_undecided_says_how_many_more(page: str) -> None:
    """The reasons on the first screen say how many clean volunteers would settle it."""
    assert "With no further failure, 31 more, 76 in all would settle it." in text(page)


def test_small_groups_are_not_shown(training: RunFolder, tmp_path: Path) -> None:
    """With four people there is no cohort to be told apart, and bands hide who they are."""
    run = write_training(tmp_path / "run", people=4, robots=0)
    [people] = groups_of(run)
    assert people.cohorts == ()
    assert dict(people.people)["Language"] == "en: fewer than 5"


def test_hostile_text_stays_text(training: RunFolder, page: str) -> None:
    """What pages and volunteers wrote is never markup, in any format."""
    assert parse(page) is not None
    assert HOSTILE not in page
    assert "<script" not in page
    summary = render_markdown(training, load_verdict(training.path / "verdict.json"))
    assert "<script" not in summary
    assert "&lt;script" in summary or "script" not in summary


@pytest.mark.parametrize(
    "path", ["../secrets.png", "/etc/passwd", "evidence/../run.json", "https://example.org/a.png",
             "javascript:alert(1)", "evidence\\..\\x", ""],
)  # fmt: skip
def test_a_link_never_leads_out_of_the_folder(path: str) -> None:
    """What a journal names as a picture is only linked below the evidence."""
    assert not beside(path) or beside(path) == "evidence%5C..%5Cx"


def test_the_page_is_small_and_whole(page: str) -> None:
    """Fifteen personas and two groups of volunteers fit a mail."""
    assert len(page.encode()) <= LARGEST
    for name in ("people", "shut-out"):
        assert f'href="#{name}"' in page


def test_other_reports_have_no_such_sections(clean_night: RunFolder) -> None:
    """A drill without personas and volunteers says nothing of them."""
    page = render_html(clean_night, load_verdict(clean_night.path / "verdict.json"))
    assert 'id="people"' not in page
    assert 'id="shut-out"' not in page


def test_a_live_drill_alone_is_reported(tmp_path: Path) -> None:
    """Nothing was driven: there is no history, and the report still tells of the people."""
    run = write_training(tmp_path / "run", robots=0, personas=[])
    (run.path / "history.parquet").unlink()
    page = render_html(RunFolder.open(run.path), load_verdict(run.path / "verdict.json"))
    assert "45 volunteers, watched at the job" in text(page)
    assert "The record holds no actions." in page
    assert 'id="shut-out"' not in page


def test_the_organizer_s_trouble_is_shown(tmp_path: Path) -> None:
    """What was switched on, from when to when since the drill opened; its text stays text."""
    noted = [
        ("slow_network", True, 600.0),
        ("app_down", True, 660.0),
        ("slow_network", True, 700.0),
        ("slow_network", False, 905.0),
        (HOSTILE, True, -30.0),
    ]
    trouble = [{"what": what, "on": on, "seconds": at} for what, on, at in noted]
    live = {"invited": {"volunteers": 45}, "closed_seconds": 5400.0, "trouble": trouble}
    run = write_training(tmp_path / "run", robots=0, personas=[], live=live)
    run.write_table("injects", run.injects.collect().clear())
    page = render_html(run, load_verdict(run.path / "verdict.json"))
    told = section(page, "injects")
    assert "Nothing was broken on purpose" not in told
    rows = [text(row).strip() for row in re.findall(r"<tr>(.*?)</tr>", told, re.S)[1:]]
    assert rows[0] == "Slow network 10 min after 15 min 5 s after"
    assert rows[1] == "App down 11 min after not noted: still on when the drill closed"
    assert rows[2].endswith("30 s before not noted: still on when the drill closed")
    assert len(rows) == 3
    assert "<script" not in page.lower()
    assert parse(page) is not None


def test_without_trouble_and_faults_nothing_was_broken(tmp_path: Path) -> None:
    """The sentence stands only where it is so."""
    run = write_training(tmp_path / "run", robots=0, personas=[])
    run.write_table("injects", run.injects.collect().clear())
    page = render_html(run, load_verdict(run.path / "verdict.json"))
    assert "Nothing was broken on purpose in this drill." in section(page, "injects")


def test_what_was_only_measured_is_no_strength(tmp_path: Path) -> None:
    """A poor figure that nobody set an objective for is told, and not as something that held."""
    run = write_training(tmp_path / "run", blocked=False, robots=0, personas=[])
    poor = Finding("funnel", Status.PASS, "Who?", "3 of 30 got into the app.", "signed_in")
    run.write_findings([*run.findings, poor])
    verdict = load_verdict(run.path / "verdict.json")
    part = section(render_html(run, verdict), "strengths")
    held, measured = part.split("<h3>Measured only</h3>")
    assert "None of 1,765 is missing." in held
    assert poor.answer not in held
    assert poor.answer in measured
    [asked] = [each for each in verdict.results if each.objective.name == "people-report"]
    met = [replace(each, state=Status.PASS) if each is asked else each for each in verdict.results]
    answer = next(each.answer for each in run.findings if each.name == "funnel:correct")
    run.write_findings([
        replace(each, status=Status.PASS) if each.name == "funnel:correct" else each
        for each in run.findings
    ])  # fmt: skip
    for results, is_strength in ((met, True), ([], False)):
        part = section(render_html(run, replace(verdict, results=tuple(results))), "strengths")
        assert (text(answer) in text(part.split("<h3>Measured only</h3>")[0])) is is_strength


def test_what_did_not_apply_is_said_once(tmp_path: Path) -> None:
    """Checks that give one reason share a line, and each can still be linked to."""
    run = write_training(tmp_path / "run", robots=0, personas=[])
    why = "Volunteers sent the reports, and the drill sent nothing itself."
    names = ("keypad", "shed", "recovery")
    silent = [Finding(name, Status.NOT_APPLICABLE, "What of it?", why) for name in names]
    run.write_findings([*run.findings, *silent])
    page = render_html(run, load_verdict(run.path / "verdict.json"))
    part = section(page, "strengths")
    assert part.count(why) == 1
    assert f"{why} (keypad, shed, recovery)" in re.sub(r"<[^>]+>", "", part)
    assert all(page.count(f'id="f-{name}"') == 1 for name in names)


@pytest.mark.parametrize(
    ("invited", "played", "step"),
    [
        (
            {"volunteers": 45, "insiders": 1},
            "45 volunteers and 1 insider were invited",
            "Invite them",
        ),
        ({"robots": 50}, "nobody real in it: 50 simulated volunteers", "Now invite real people"),
    ],
)
def test_the_first_screen_of_a_live_drill(
    tmp_path: Path, invited: dict[str, int], played: str, step: str
) -> None:
    """It says who took part, and the next step is about people and their cards."""
    live = {"invited": invited, "closed_seconds": 5400.0}
    run = write_training(tmp_path / "run", blocked=False, robots=0, personas=[], live=live)
    said = brief_of(run, load_verdict(run.path / "verdict.json"))
    assert played in said.played
    assert any(step in each.text for each in said.steps)
    assert any(each.command == "drillhall live iowa-caucus-night" for each in said.steps)


def test_what_people_sent_is_not_played_again(tmp_path: Path) -> None:
    """Their records are named without a command, and nobody says that the app alone failed."""
    live = {"invited": {"volunteers": 45}, "closed_seconds": 5400.0}
    run = write_training(tmp_path / "run", robots=0, personas=[], live=live)
    short = Finding(
        "funnel", Status.FAIL, "Who?", "2 of 45.", "on_time",
        witnesses=(Witness("IA-0001", "reported in time", "never opened their page", ()),),
    )  # fmt: skip
    other = replace(short, check="altered", subject="")
    commands = {each.finding.check: each.replay for each in offences_of([short, other], run.path)}
    assert commands["funnel"] == (None,)
    assert "--record IA-0001" in str(commands["altered"])
    verdict = load_verdict(run.path / "verdict.json")
    no = replace(verdict, word=Word.NO_GO)
    assert "people and app together" in brief_of(run, no).why


def test_the_other_formats_tell_of_both(training: RunFolder) -> None:
    """The summary has both sections, the terminal a line for each, JUnit a case for each."""
    verdict = load_verdict(training.path / "verdict.json")
    summary = render_markdown(training, verdict)
    assert "## Can our people do it?" in summary
    assert "## Simulated volunteers" in summary
    assert "| Keyboard only, 39 | ✕ blocked | send |" in summary
    console = Console(file=StringIO(), width=200, force_terminal=False)
    console.print(render_verdict(training, verdict))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "1 of 15 personas was shut out" in shown
    assert "Simulated" in shown
    written = write_reports(training, pdf=False)
    junit = next(each for each in written if each.name == "junit.xml").read_text()
    assert 'name="personas"' in junit
    assert 'name="funnel:correct"' in junit


# -- in a browser ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Chromium, training: RunFolder, tmp_path: Path, scheme: str, width: int
) -> None:
    """Light and dark, wide and narrow, with everything opened."""
    file = _moved(training, tmp_path)

    async def look(page: Any) -> tuple[list[tuple[str, str]], list[int]]:
        await page.goto(file.as_uri())
        await page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        size = await page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        return await axe_violations(page), size

    viewport = {"width": width, "height": 900}
    violations, size = chromium.on_page(look, viewport=viewport, color_scheme=scheme)
    assert violations == []
    assert size[0] <= size[1]


def test_a_cell_s_picture_opens_where_the_folder_was_moved_to(
    chromium: Chromium, training: RunFolder, tmp_path: Path
) -> None:
    """Links are relative: a folder that was copied still shows what was seen."""
    file = _moved(training, tmp_path)
    picture = file.parent / "evidence/web/keyboard-only-1/08-send.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")

    async def follow(page: Any) -> str:
        await page.goto(file.as_uri())
        link = page.locator("table.walks a.blocked").first
        return str(await link.evaluate("link => link.href"))

    assert chromium.on_page(follow) == picture.as_uri()


def _moved(training: RunFolder, tmp_path: Path) -> Path:
    """The report of a copy of the run, elsewhere."""
    moved = tmp_path / "elsewhere" / "run"
    moved.mkdir(parents=True)
    report = write_reports(training, pdf=False)[0]
    shutil.copy(report, moved / report.name)
    return moved / report.name
