"""The ``phone:`` section: its mistakes are named with their place; what it says is keyed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.target import Run, Target, TargetError, load_target
from harness.target.errors import UnfilledError
from harness.target.phone import Pace, Phone
from simulators.people.person import Person
from simulators.stage import Operation

HEAD = "name: strikes\nbase_url: http://127.0.0.1:8000/app\nphone:\n"
LINES = """  lines:
    strike:
      {number: "+15555550101", voice: {url: /voice, fallback: "/sorry#rc=2"}, text: {url: /sms}}
    help: {number: "+15555550102", voice: {url: /help}}
"""
MENUS = """  menus:
    sign_in:
      steps:
        - {expect: precinct, press: "{{ codes[0] }}"}
        - {expect: PIN, press: "{{ codes[1] }}#", otherwise: [{hear: unknown, class: refused}]}
      outcomes: [{hear: "enter.*code", class: accepted}]
    submit_report:
      steps: [{expect: code, press: "{{ row.code }}", gap_s: 0.5}]
      outcomes: [{hear: "keyed {{ row.code }}", class: accepted}]
"""
TEXTS = """  texts:
    submit_report:
      line: strike
      body: "{{ person.codes[1] }} {{ rows | map(attribute='code') | join(' ') }}"
      replies: [{hear: ^OK, class: accepted}]
"""
PACE = Pace(think=1.5, gap=0.7)


def load(tmp_path: Path, text: str) -> Target:
    file = tmp_path / "target.yaml"
    file.write_text(text, encoding="utf-8")
    return load_target(file, run=Run(fields=("voted",)))


def watcher() -> Person:
    return Person(7, "poll_watcher", "watcher-7", record="WI-0012", codes=("0012", "4321"))


def operation(kind: str, record: str = "WI-0012-4711", **changes: Any) -> Operation:
    codes = ("0012", "4320") if kind == "sign_in" else ()
    return Operation(
        kind, f"k-{record}", 1, watcher(), "voice", record, 1, (1,), codes, 0.0, None, **changes
    )


def phone(tmp_path: Path) -> Phone:
    found = load(tmp_path, HEAD + LINES + MENUS + TEXTS).phone
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (LINES.replace('"+15555550101"', "5550101"), "strike.number: found 5550101, but it must"),
        (LINES.replace("+15555550101", "555-0101"), "found '555-0101', but a number is written"),
        (LINES.replace("+15555550102", "+15555550101"), "phone: lines: two of them share"),
        (LINES.replace("url: /help", "url: http://elsewhere.example.org/"), "Name it in also."),
        (LINES.replace("url: /help", 'url: "/{{ person.key }}"'), "may name only base_url, port"),
        ("  lines: {empty: {number: '+15555550101'}}\n", "empty: needs voice or text"),
        (LINES.replace("voice:", "vioce:", 1), "did you mean 'voice'?"),
        (LINES + MENUS.replace("row.code", "row.cod", 1), "names row.cod, which does not exist"),
        (LINES + MENUS.replace("expect: code", "expect: '('"), "is not a regular expression"),
        (LINES + MENUS.replace('"{{ row.code }}", gap', "hello, gap"), "a phone has the keys"),
        (LINES + MENUS.replace("class: refused", "class: no"), "found 'no', allowed:"),
        (LINES + MENUS.replace("unknown, class: refused", "unknown"), "needs either class"),
        (LINES + TEXTS.replace("line: strike", "line: help"), "lines with text are: strike"),
        ("  lines: {t: {number: '+15555550101', text: {url: /s}}}\n" + MENUS, "no line has voice"),
        ("  sip: {address: here, lines: 3}\n", "phone.sip.address: found 'here', but it must be"),
        ("  provider: nobody\n" + LINES, "profile 'nobody' is not known"),
    ],
)  # fmt: skip
def test_a_mistake_in_phone_names_its_place(tmp_path: Path, text: str, line: str) -> None:
    """Every mistake is one line with file, line and field."""
    with pytest.raises(TargetError) as caught:
        load(tmp_path, HEAD + text)
    assert line in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "target.yaml:"))


def test_lines_have_whole_addresses_of_the_app(tmp_path: Path) -> None:
    """Paths are below the base URL, and overrides in a fragment stay."""
    line = phone(tmp_path).lines["strike"]
    assert line.voice == {
        "url": "http://127.0.0.1:8000/app/voice",
        "method": "POST",
        "fallback": "http://127.0.0.1:8000/app/sorry#rc=2",
    }
    assert line.text is not None
    assert line.text["url"].endswith("/app/sms")


def test_a_caller_keys_the_codes_as_typed(tmp_path: Path) -> None:
    """Signing in presses what was typed, also where it is not the person's own code."""
    phone_, person = phone(tmp_path), watcher()
    walk = phone_.walk(operation("sign_in"), phone_.session(person), PACE)
    assert [step["press"] for step in walk.steps] == ["0012", "4320#"]
    assert walk.steps[1]["otherwise"] == [{"hear": "unknown", "class": "refused"}]
    assert (walk.steps[0]["gap"], walk.steps[0]["think"]) == (0.7, 1.5)


def test_a_report_is_keyed_by_the_code_in_its_record(tmp_path: Path) -> None:
    """A mistyped record names no voter, and is keyed as it was mistyped."""
    phone_ = phone(tmp_path)
    walk = phone_.walk(operation("submit_report", "WI-0012-4771"), phone_.session(watcher()), PACE)
    assert walk.steps == [
        {"expect": "code", "press": "4771", "gap": 0.5, "think": 1.5, "otherwise": []}
    ]
    assert walk.outcomes == [{"hear": "keyed 4771", "class": "accepted"}]


def test_a_correction_is_keyed_as_a_report_is(tmp_path: Path) -> None:
    """``amend_report`` needs no menu of its own."""
    assert phone(tmp_path).menus == ("sign_in", "submit_report", "amend_report")
    assert phone(tmp_path).channels == ("voice", "sms")


def test_a_text_carries_every_report_in_it(tmp_path: Path) -> None:
    """One message names the codes of its head and of all that travel with it."""
    phone_ = phone(tmp_path)
    head = operation("submit_report", together=(operation("submit_report", "WI-0012-9000"),))
    message = phone_.message(head, phone_.session(watcher()))
    assert (message.to, message.body) == ("+15555550101", "4321 4711 9000")
    assert message.replies == [{"hear": "^OK", "class": "accepted"}]


def test_what_no_key_says_is_not_pressed(tmp_path: Path) -> None:
    """A code with a letter cannot be keyed, and nothing else is keyed in its place."""
    phone_ = phone(tmp_path)
    with pytest.raises(UnfilledError, match="'47X1', but a phone has the keys"):
        phone_.walk(operation("submit_report", "WI-0012-47X1"), phone_.session(watcher()), PACE)


def test_the_summary_offers_what_the_phone_takes(tmp_path: Path) -> None:
    """An app that is reached by phone alone offers the operations of its menus and texts."""
    summary = load(tmp_path, HEAD + LINES + MENUS + TEXTS).summary
    assert summary["operations"] == ["sign_in", "submit_report", "amend_report"]
    assert summary["types_codes"]
    assert summary["phone"]["lines"]["strike"] == {
        "number": "+15555550101", "voice": True, "text": True, "fallback": True,
    }  # fmt: skip
