"""Loading a target: every mistake is one line with its place, and safety comes first."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.target import Run, SafetyError, TargetError, load_target
from harness.target.permit import Permit, pin, prove
from harness.target.wire import Origin, Request, Response

README = Path(__file__).parents[2] / "harness" / "target" / "README.md"
HEAD = "name: x\nbase_url: http://127.0.0.1:8000\n"
GOOD = """operations:
  submit_report:
    request: {path: /x, json: {r: "{{ row.record }}"}}
    classes: [{class: accepted, status: 201}]
"""


def load(tmp_path: Path, text: str, **environment: str) -> Any:
    """Load a description from a file."""
    path = tmp_path / "target.yaml"
    path.write_text(text)
    return load_target(path, environment=environment, run=Run(fields=("attendance",)))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("opertions: {}\n", "3: opertions: there is no such field; did you mean 'operations'?"),
        (GOOD.replace("request", "reqest"), "5: operations.submit_report.reqest: there is no such"),
        (GOOD.replace("/x", "x"), "path is 'x', but it must begin with /"),
        (GOOD.replace("201", "2o1"), "classes: status '2o1' is not a status, a range as 400-499"),
        (GOOD.replace("accepted", "refused"), "no rule says accepted, so nothing could ever"),
        (GOOD.replace("row.record", "row.rcord"),
         "5: operations.submit_report.request.json.r: a template names row.rcord, which"),
        (GOOD.replace("row.record", "rwo.record"), "names rwo, which does not exist; did you mean"),
        (GOOD.replace("row.record", "row.attendence"), "did you mean row.attendance?"),
        (GOOD.replace("row.record", "person.emial"), "did you mean person.email?"),
        (GOOD.replace("row.record", "env.TOKEN"), "the environment has no TOKEN; set it"),
        (GOOD.replace("row.record }}", "row.record "), "not a template: "),
        (GOOD.replace("{path: /x,", "{path: /x, form: {},"),
         "found json and form, but a request has one body"),
        (GOOD + "    captures: {t: {json: 'a[b'}}\n", "captures.t: 'a[b' is not a path"),
        (GOOD + "    captures: {t: {regex: '('}}\n", "'(' is not a regular expression"),
        (GOOD + "    once: true\n", "once: there is no such field"),
        (GOOD.replace("request:", "steps:\n    - once: true\n      request:"),
         "once belongs to a step of an operation that others come after"),
        (GOOD + "sign_in: {steps: [{once: true, request: {path: /a}}, {request: {path: /b}}]}\n",
         "once belongs to a step of an operation that others come after"),
        (GOOD + "phone: {}\n", "7: phone: describes nothing; name at least one of lines, or sip"),
        (GOOD + "mail: {}\n", "7: mail: codes by mail are not built yet"),
        (GOOD + "sign_in: {kind: code_by_mail}\n", "kind code_by_mail: codes by mail are not"),
        (GOOD + "sign_in: {kind: basic}\n", "kind basic needs user"),
        (GOOD + "adapter: nowhere:Class\n", "No module named 'nowhere'"),
        (GOOD + "limits: {sign_in_per_second: -1}\n",
         "limits.sign_in_per_second: found -1, but it must be more than 0"),
        (GOOD + "read_back: {r: {mode: keyed, request: {path: /x}}}\n",
         "7: read_back.r: mode keyed needs key or record"),
        (GOOD + "read_back: {r: {mode: count, sql: {url: 'sqlite:///x', query: DROP TABLE a}}}\n",
         "a reader only reads"),
        (GOOD + "person: {roster: people.csv}\n", "person.roster: people.csv: cannot be read"),
        ("", "describes no operations"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, line: str) -> None:
    """What is wrong, where, and what would be right, in one line; exit code 2."""
    with pytest.raises(TargetError) as caught:
        load(tmp_path, HEAD + text)
    said = str(caught.value)
    assert line in said
    assert said.startswith(f"{tmp_path}/target.yaml:")
    assert "\n" not in said
    assert caught.value.exit_code == 2


def test_no_secret_is_in_an_error(tmp_path: Path) -> None:
    """A secret's value appears neither in an error nor in the summary."""
    secret = {"SECRET": "hunter2hunter2"}
    text = HEAD.replace("name: x", "name: x\nabout: 'with {{ env.SECRET }}'") + GOOD
    text = text.replace("path: /x", "path: '/x?k={{ env.SECRET }}'")
    target = load(tmp_path, text, **secret)
    assert "hunter2" not in str(target.summary)
    assert "hunter2" not in target.redact("it said hunter2hunter2")
    with pytest.raises(TargetError) as caught:
        load(tmp_path, text.replace("201", "{{ env.SECRET }}"), **secret)
    assert "hunter2" not in str(caught.value)


def test_the_worked_examples_of_the_reference_load(tmp_path: Path) -> None:
    """Both whole files of the language reference are valid."""
    examples = re.findall(r"```yaml\n(name: .*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 2
    for text in examples:
        target = load(tmp_path, text.replace("[...]", "[]"), PB_ADMIN="secret-admin")
        assert "submit_report" in target.operations
        assert target.readers


def test_another_machine_needs_a_permit(tmp_path: Path) -> None:
    """What is not on this machine is refused with exit code 4, whatever it is called."""
    for host in ("192.0.2.7", "[2001:db8::1]"):
        with pytest.raises(SafetyError, match="is not this machine") as caught:
            load(tmp_path, HEAD.replace("127.0.0.1", host) + GOOD)
        assert caught.value.exit_code == 4
    also = HEAD + "also: ['http://192.0.2.7']\n" + GOOD
    with pytest.raises(SafetyError, match="is not this machine"):
        load(tmp_path, also)


NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
PERMIT = Permit(
    ("staging.example.org:443",),
    "token-12345",
    50.0,
    NOW - timedelta(hours=1),
    NOW + timedelta(hours=1),
)


def test_addresses_count_not_names() -> None:
    """A name is this machine only if every address behind it is."""
    assert pin("my-laptop", 80, None, resolver=lambda *_: ["127.8.9.10", "::1"]) == "127.8.9.10"
    with pytest.raises(SafetyError, match="not this machine"):
        pin("localhost", 80, None, resolver=lambda *_: ["127.0.0.1", "203.0.113.9"])


def test_a_permit_covers_its_hosts_in_its_window() -> None:
    """Host and port must be on the list, and now within the window."""

    def there(*_: object) -> list[str]:
        return ["203.0.113.9"]

    assert pin("staging.example.org", 443, PERMIT, now=NOW, resolver=there) == "203.0.113.9"
    with pytest.raises(SafetyError, match="not on the permit's list"):
        pin("staging.example.org", 8443, PERMIT, now=NOW, resolver=there)
    with pytest.raises(SafetyError, match="the permit ended"):
        pin("staging.example.org", 443, PERMIT, now=NOW + timedelta(days=1), resolver=there)
    with pytest.raises(SafetyError, match="not yet"):
        pin("staging.example.org", 443, PERMIT, now=NOW - timedelta(days=1), resolver=there)


def test_control_must_be_proved() -> None:
    """The permit's token is shown by the host or in its TXT record, or nothing is sent."""
    now = datetime.now(UTC)
    permit = Permit(PERMIT.hosts, PERMIT.token, 50.0, now - timedelta(1), now + timedelta(1))
    request = Request(Origin("h", 443), "GET", b"")
    shown = Response(200, body=b"token-12345\n")
    assert prove("h", request, permit, lambda _: shown) == "h/.well-known/drillhall.txt"
    nothing = Response(404)
    found = prove("h", request, permit, lambda _: nothing, lookup=lambda _: ["token-12345"])
    assert found == "TXT record of _drillhall.h"
    with pytest.raises(SafetyError, match="no proof of control"):
        prove("h", request, permit, lambda _: Response(200, body=b"token-123456"))


ADAPTER = """
from harness.target.adapter import Adapter
from harness.target.wire import Answered
from simulators.behaviours.protocol import AnswerClass


class Signed(Adapter):
    def kinds(self):
        return ("submit_report",)

    def exchange(self, operation, session):
        headers = {"X-Sum": str(sum(operation.values))}
        response = yield self.request("POST", "/signed", headers=headers)
        return Answered(AnswerClass.ACCEPTED if response.status == 201 else AnswerClass.REFUSED)

    def read(self, reader):
        return [{"operation": "op-1", "attendance": 3}]
"""


def test_an_adapter_has_the_same_contract(tmp_path: Path) -> None:
    """A Python adapter performs what it names; the file describes the rest."""
    from harness.target.readback import read_back
    from simulators.people.person import Person
    from simulators.stage import Operation

    (tmp_path / "signed_adapter.py").write_text(ADAPTER)
    text = HEAD + "adapter: signed_adapter:Signed\n"
    text += "read_back: {r: {request: {path: /}, key: operation, fields: {pattern: '{field}'}}}\n"
    target = load(tmp_path, text)
    assert target.operations == ("submit_report",)
    person = Person(0, "chair", "chair-1")
    operation = Operation(
        "submit_report", "op-1", 1, person, "api", "IA-0001", 1, (3,), (), 0.0, None
    )
    exchange = target.perform(operation, target.session(person))
    request = next(exchange)
    assert b"X-Sum: 3\r\n" in request.head
    assert b"X-Drillhall-Run: preflight\r\n" in request.head
    with pytest.raises(StopIteration) as done:
        exchange.send(Response(201))
    assert done.value.value.answer_class == "accepted"
    assert read_back(target, "again", ["attendance"])["values"].to_list() == [[3]]


def test_roles_travel_their_own_way(tmp_path: Path) -> None:
    """An operation described anew for a role is sent that way for that role alone."""
    from simulators.people.person import Person
    from simulators.stage import Operation

    office = "{request: {path: /office}, classes: [{class: accepted, status: 200}]}"
    text = f"{HEAD}{GOOD}    for_role:\n      operator: {office}\n"
    target = load(tmp_path, text)
    lines = {}
    for role in ("chair", "operator"):
        person = Person(0, role, f"{role}-1")
        operation = Operation(
            "submit_report", "k", 1, person, "api", "IA-0001", 1, (3,), (), 0.0, None
        )
        lines[role] = next(target.perform(operation, target.session(person))).head.split(b" ")[1]
    assert lines == {"chair": b"/x", "operator": b"/office"}


def test_the_summary_says_what_checks_must_know(tmp_path: Path) -> None:
    """Which roles share an account, and which readers describe fields and derived numbers."""
    people = "person: {roles: {chair: {account: shared}, operator: {}}}\n"
    readers = (
        "read_back:\n"
        "  rows: {mode: set, request: {path: /r}, fields: {from: c}, derived: {from: d}}\n"
        "  count: {mode: count, request: {path: /n}}\n"
    )
    summary = load(tmp_path, f"{HEAD}{GOOD}{people}{readers}").summary
    assert summary["shared"] == ["chair"]
    assert summary["readers"] == [
        {"name": "rows", "mode": "set", "fields": True, "derived": ["from"]},
        {"name": "count", "mode": "count", "fields": False, "derived": []},
    ]


@pytest.mark.parametrize(("sent", "typed"), [("codes[0]", True), ("person.codes[0]", False)])
def test_the_summary_says_whether_typed_codes_are_sent(
    sent: str, typed: bool, tmp_path: Path
) -> None:
    """Only codes as typed can be wrong; those a person should type never are."""
    signing = (
        f"sign_in: {{request: {{path: /in, json: {{pin: '{{{{ {sent} }}}}'}}}}, "
        "classes: [{class: accepted, status: 200}]}\n"
    )
    assert load(tmp_path, f"{HEAD}{GOOD}{signing}").summary["types_codes"] is typed


def test_a_roster_gives_people_their_columns(tmp_path: Path) -> None:
    """Columns are found by the person's key, and patterns may build on them."""
    from simulators.people.person import Person

    (tmp_path / "people.csv").write_text("key,login\nchair-1,ada\n")
    text = HEAD + "person: {roster: people.csv, fields: {mail: '{{ person.login }}@example.org'}}\n"
    target = load(tmp_path, text + GOOD.replace("row.record", "person.mail"))
    assert target.session(Person(0, "chair", "chair-1")).facts["mail"] == "ada@example.org"


def test_another_process_gets_the_same_target(tmp_path: Path) -> None:
    """A reference names the file and the address, and loads to the same target."""
    text = HEAD.replace("8000", "'{{ port }}'").replace(
        "http://127.0.0.1:'{{ port }}'", "'http://127.0.0.1:{{ port }}'"
    )
    first = load(tmp_path, text + "process: {command: [sleep]}\n" + GOOD)
    again = load_target(first.reference, environment={})
    assert again.base_url == first.base_url
    assert first.process.port == first.origin.port


def test_the_lower_rate_holds_under_a_permit(tmp_path: Path) -> None:
    """A permit's rate caps the declared one; a moment without time zone is refused."""
    permit = (
        "permit: {hosts: ['x:80'], token: abcdefgh, requests_per_second: 5, "
        "from: 2026-01-01T00:00:00Z, until: 2027-01-01T00:00:00Z}\n"
    )
    target = load(tmp_path, HEAD + "limits: {requests_per_second: 50}\n" + permit + GOOD)
    assert target.limits.requests_per_second == 5
    with pytest.raises(TargetError, match=r"4: permit.from: .* needs a time zone"):
        load(tmp_path, HEAD + "about: x\n" + permit.replace("T00:00:00Z", "T00:00:00") + GOOD)


def test_a_question_mark_without_quotes_is_explained(tmp_path: Path) -> None:
    """What trips people up in YAML is told with its cure."""
    with pytest.raises(TargetError, match="in quotes"):
        load(tmp_path, HEAD + GOOD.replace("path: /x", "path: /x?@a=b"))
