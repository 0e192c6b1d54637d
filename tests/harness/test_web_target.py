"""The ``web:`` section: compiled to walks, and every mistake told with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.target import Run, Target, TargetError, load_target
from harness.target.web_walk import Deed, Said, Spot
from simulators.people.person import Person
from simulators.stage import Operation

FIELDS = ("attendance", "first_biden", "final_biden")
PERSON = Person(1, "chair", "chair-1", record="IA-0001", codes=("11", "22"))
PAGES = """
name: pages
base_url: http://127.0.0.1:9
web:
  languages: [en, es]
  cells:
    pattern: (first|final)_(.+)
    words: {first: {en: First, es: Primera}}
  operations:
    sign_in:
      steps:
        - {open: "/in/{{ person.key }}"}
        - {name: code, fill: {label: {en: Code, es: "/C[oó]digo/i"}}, value: "{{ codes[0] }}", code: true}
      endings: [{class: accepted, see: In}]
    submit_report:
      steps:
        - {fill: {label: People}, value: "{{ row.cells.attendance }}"}
        - name: numbers
          for_each: cells
          fill: {label: "{{ cell.words[1] }}", within: {role: group, name: "{{ cell.words[0] }}"}}
          value: "{{ cell.value }}"
      endings: [{class: accepted, url: "/done/{{ row.record }}$"}]
  states: [{name: empty, steps: [{open: /}]}]
"""  # noqa: E501


def load(text: str, folder: Path) -> Target:
    path = folder / "target.yaml"
    path.write_text(text)
    return load_target(path, run=Run("r", 1, FIELDS))


def operation(kind: str) -> Operation:
    values = (12, 7, 0) if kind != "sign_in" else None
    codes = ("99", "22") if kind == "sign_in" else ()
    return Operation(kind, "k", 1, PERSON, "web", "IA-0001", 1, values, codes, 0.0, None)


def deeds(target: Target, kind: str, language: str) -> list[tuple[str, str, str, str]]:
    assert target.web is not None
    walk = target.web.walk(operation(kind), target.web.session(PERSON), language)
    return [(each.step, each.verb, str(each.spot or ""), each.value) for each in walk.deeds]


def test_a_walk_is_filled_in_for_one_person_and_language(tmp_path: Path) -> None:
    """Codes are those typed, numbers that are 0 are left out, and words are the language's."""
    target = load(PAGES, tmp_path)
    assert deeds(target, "sign_in", "es") == [
        ("arrive", "open", "", "/in/chair-1"),
        ("code", "fill", "label /C[oó]digo/i", "99"),
    ]
    assert deeds(target, "submit_report", "en") == [
        ("arrive", "fill", 'label "People"', "12"),
        ("numbers", "fill", 'label "Biden" in group "First"', "7"),
    ]
    assert deeds(target, "submit_report", "es")[1][2] == 'label "Biden" in group "Primera"'
    assert deeds(target, "amend_report", "en") == deeds(target, "submit_report", "en")


def test_what_a_person_brings_is_no_pattern(tmp_path: Path) -> None:
    """A value that stands in a regular expression is matched as it is."""
    web = load(PAGES.replace("/in/{{", "/i.n/{{"), tmp_path).web
    assert web is not None
    strange = Person(1, "chair", "chair-1", record="IA.0001")
    told = replace(operation("submit_report"), actor=strange, record="IA.0001")
    assert web.walk(told, web.session(strange), "en").goals[0].url == r"/done/IA\.0001$"


def test_languages_that_pages_lack_fall_back_to_the_first(tmp_path: Path) -> None:
    """Whoever reads another language gets the first one, and is told apart."""
    web = load(PAGES, tmp_path).web
    assert web is not None
    assert web.language("es-US") == ("es", True)
    assert web.language("fr") == ("en", False)
    assert web.kinds == ("sign_in", "submit_report", "amend_report")
    assert [state.name for state in web.states(web.session(PERSON), "en")] == ["empty"]


STEPS = "web.operations.{}.steps[{}].value: a template names "
MISTAKES: dict[str, tuple[str, str, str]] = {
    "a name that does not exist": (
        "{{ codes[0] }}", "{{ coeds[0] }}", f":13: {STEPS.format('sign_in', 1)}coeds",
    ),
    "a cell outside of for_each": (
        "{{ row.cells.attendance }}", "{{ cell.value }}",
        f":17: {STEPS.format('submit_report', 0)}cell",
    ),
    "a part of a cell": (
        "{{ cell.value }}", "{{ cell.valeu }}", "which does not exist; did you mean 'value'?",
    ),
    "a group too many": (
        "cell.words[1]", "cell.words[2]", "cell.words[2], but cells.pattern has 2 groups",
    ),
    "a role": ("role: group", "role: grup", "no role of WAI-ARIA; did you mean 'group'?"),
    "a language without words": (
        "{first: {en: First, es: Primera}}", "{first: {en: First}}",
        ":8: web.cells.words.first: has no words for es",
    ),
    "a pattern": ("/C[oó]digo/i", "/C[oó/", "between slashes is not a regular expression"),
    "two ways to find": (
        "{label: People}", "{label: People, text: People}", "needs exactly one of role, label",
    ),
    "no such verb": ("{open: /}", "{opne: /}", "did you mean 'open'?"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_mistakes_are_told_with_file_and_line(tmp_path: Path, what: str) -> None:
    """What is wrong is known when the file is loaded, not in the middle of a drill."""
    found, instead, said = MISTAKES[what]
    assert found in PAGES
    with pytest.raises(TargetError) as error:
        load(PAGES.replace(found, instead, 1), tmp_path)
    assert said in str(error.value)
    assert "target.yaml:" in str(error.value)


CODE: dict[str, tuple[str | None, str]] = {
    "missing": (None, "flow.py: cannot be read: No such file"),
    "no Python": ("async def sign_in(walk:\n", "flow.py:1: not Python"),
    "not async": ("def sign_in(walk): ...\n", "flow.py:1: write async def sign_in(walk)"),
    "another name": ("async def login(walk): ...\n", "no operation is called login"),
    "nothing": ("x = 1\n", "flow.py has no flow"),
    "arguments": ("async def sign_in(): ...\n", "sign_in takes one argument"),
}


@pytest.mark.parametrize("what", CODE)
def test_flows_in_python_are_read_without_running_them(tmp_path: Path, what: str) -> None:
    """Mistakes in the file of flows are told as those of the description are."""
    code, said = CODE[what]
    if code is not None:
        (tmp_path / "flow.py").write_text(code)
    told: dict[str, Any] = yaml.safe_load(PAGES)
    told["web"] = {"flow": "flow.py"}
    with pytest.raises(TargetError) as error:
        load(yaml.safe_dump(told), tmp_path)
    assert said in str(error.value)


def test_a_spot_says_itself_as_people_would() -> None:
    """Errors name things on a page by what people read there."""
    inner = Spot("label", Said("PIN"), within=Spot("role", Said("group"), Said("a.c", True, True)))
    assert str(inner) == 'label "PIN" in group /a.c/i'
    assert Deed("s", "press", inner).within_s == 15.0
