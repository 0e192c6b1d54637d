"""Targets driven over loopback, against an app that answers in many styles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from target_styles import Styles, serving

from harness.target import Answered, Run, SafetyError, Target, TargetError, load_target, readback
from harness.target.blocking import Driver
from harness.target.errors import ReadBackError
from harness.target.preflight import Visitor, preflight
from harness.target.prepare import prepare
from harness.target.readback import Clock, read_back
from simulators.people.person import Person
from simulators.stage import Operation

FIELDS = ("attendance", "first_biden", "first_sanders")
CHAIR = Person(0, "chair", "chair-1", record="IA-0001", codes=("1001", "right", "42"))


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Styles, str]]:
    """The app, served once."""
    styles = Styles()
    with serving(styles) as url:
        yield styles, url


@pytest.fixture
def styles(server: tuple[Styles, str]) -> Styles:
    """The app with nothing in it."""
    fresh = Styles()
    for name, value in vars(fresh).items():
        if name != "app":
            setattr(server[0], name, value)
    return server[0]


@pytest.fixture
def url(server: tuple[Styles, str]) -> str:
    """Where the app is."""
    return server[1]


def target(url: str, **parts: Any) -> Target:
    """A target described by its parts."""
    parts.setdefault("operations", {"submit_report": {"request": {"path": "/echo", "json": {}}}})
    parts.setdefault("classes", [{"class": "accepted", "status": [200, 201, 302]}])
    data = {"name": "styles", "base_url": url, **parts}
    return load_target(data, environment={"SECRET": "s3cret!"}, run=Run("run-7", 7, FIELDS))


def report(key: str = "op-1", **changes: Any) -> Operation:
    """A report to send."""
    made = Operation("submit_report", key, 1, CHAIR, "api", "IA-0001", 1, (12, 7, 5), (), 0.0, 5.0)
    return replace(made, **changes)


def send(of: Target, *operations: Operation, person: Person = CHAIR) -> list[Answered]:
    """Perform operations one after the other in one session."""
    session = of.session(person)
    with Driver(of) as driver:
        return [driver.drive(of.perform(operation, session)) for operation in operations]


TOKEN: Mapping[str, Any] = {
    "request": {"path": "/token", "json": {"password": "{{ codes[1] }}"}},
    "captures": {"token": {"json": "data.token"}},
    "send": {"headers": {"Authorization": "{{ token }}"}},
    "classes": [{"class": "refused", "status": 400, "detail": "message"}],
}
RECORDS: Mapping[str, Any] = {
    "submit_report": {
        "request": {
            "path": "/records",
            "json": {
                "operation": "{{ row.operation }}",
                "precinct": "{{ row.record }}",
                "cells": "{{ row.cells }}",
            },
        },
        "captures": {"stored_id": {"json": "id"}},
        "classes": [
            {"class": "already_have_it", "status": 400, "body": "not_unique"},
            {"class": "auth_expired", "status": 400, "json": {"message": {"matches": "wrong"}}},
        ],
    }
}
ROWS: Mapping[str, Any] = {
    "rows": {
        "mode": "keyed",
        "request": {"path": "/records", "query": {"page": "{{ page }}"}},
        "items": {"json": "items"},
        "paging": {"kind": "page", "pages": "totalPages", "total": "totalItems"},
        "key": "operation",
        "record": "precinct",
        "fields": {"from": "cells"},
        "settle": {"quiet_s": 0.01, "max_s": 0.1},
    }
}


def test_a_token_is_fetched_once_and_sent_bare(styles: Styles, url: str) -> None:
    """Signing in happens before the first operation, and its token serves the next ones too."""
    of = target(url, sign_in=TOKEN, operations=RECORDS)
    first, again, other = send(of, report(), report(attempt=2), report("op-2"))
    assert (first.answer_class, first.stored_id) == ("accepted", "row1")
    assert again.answer_class == "already_have_it"
    assert other.stored_id == "row2"
    assert styles.counter == 1
    assert styles.rows["op-1"]["cells"] == {"attendance": 12, "first_biden": 7, "first_sanders": 5}


def test_codes_as_typed_sign_in(styles: Styles, url: str) -> None:
    """The codes that a person typed are sent, right or wrong; the app's words are kept."""
    of = target(url, sign_in=TOKEN, operations=RECORDS)
    wrong, right = send(
        of,
        report("s", kind="sign_in", values=None, codes=("1001", "wrong", "42")),
        report("s", kind="sign_in", values=None, codes=("1001", "right", "42")),
    )
    assert (wrong.answer_class, wrong.detail) == ("refused", "Failed to authenticate.")
    assert right.answer_class == "accepted"
    assert of.operations == ("sign_in", "submit_report", "amend_report")


def test_an_expired_token_is_renewed_where_the_target_says_so(styles: Styles, url: str) -> None:
    """``on_auth_expired`` signs in again and repeats the operation; ``once`` does not."""
    for when, expected in (("on_auth_expired", "accepted"), ("once", "auth_expired")):
        of = target(url, sign_in={**TOKEN, "when": when}, operations=RECORDS)
        session = of.session(CHAIR)
        with Driver(of) as driver:
            driver.drive(of.perform(report(f"{when}-1"), session))
            session.head = b"Authorization: expired\r\n"
            answered = driver.drive(of.perform(report(f"{when}-2"), session))
        assert answered.answer_class == expected


def test_every_request_may_sign_in(styles: Styles, url: str) -> None:
    """``per_request`` signs in before each operation."""
    of = target(url, sign_in={**TOKEN, "when": "per_request"}, operations=RECORDS)
    send(of, report("a"), report("b"), report("c"))
    assert styles.counter == 3


def test_yes_and_no_can_both_be_200(styles: Styles, url: str) -> None:
    """Rules over the body tell a yes from a no where the status does not."""
    of = target(
        url,
        classes=[
            {"class": "accepted", "status": 200, "json": {"edit.result": "Success"}},
            {"class": "refused", "json": {"error": {"exists": True}}, "detail": "error.code"},
        ],
        operations={
            "submit_report": {
                "request": {"path": "/always-200", "json": {"cells": "{{ row.cells }}"}}
            }
        },
    )
    yes, no = send(of, report(), report(values=(-1, 0, 0)))
    assert yes.answer_class == "accepted"
    assert (no.answer_class, no.detail) == ("refused", "bad-count")


FORM: Mapping[str, Any] = {
    "kind": "form",
    "page": "/login",
    "form": "#login",
    "fill": {"username": "{{ person.key }}", "password": "{{ codes[1] }}"},
    "classes": [
        {"class": "accepted", "status": 302, "header": {"Location": "^/home"}},
        {"class": "refused", "status": 200, "body": "wrong name"},
    ],
}


def test_a_login_form_takes_all_its_fields_and_its_cookie(styles: Styles, url: str) -> None:
    """Hidden fields, options and ticks are sent as a browser would; the cookie is untouched."""
    of = target(
        url,
        sign_in=FORM,
        operations={
            "submit_report": {
                "request": {
                    "path": "/issue",
                    "form": {"title": "{{ row.operation }}", "body": "{{ row.cells }}"},
                },
                "captures": {"stored_id": {"header": "Location", "regex": r"/issue(\d+)"}},
                "classes": [{"class": "accepted", "status": 302}],
            }
        },
    )
    (yes,) = send(of, report())
    assert (yes.answer_class, yes.stored_id) == ("accepted", "1")
    assert styles.rows["op-1"]["body"] == '{"attendance":12,"first_biden":7,"first_sanders":5}'
    (no,) = send(of, report(codes=("1001", "wrong", "42")))
    assert (no.answer_class, no.detail) == ("refused", "signing in: wrong name or password")


def test_static_credentials_need_no_request(styles: Styles, url: str) -> None:
    """Basic, several headers and a secret in the query accompany every request by themselves."""
    for sign_in in (
        {"kind": "basic", "user": "{{ person.key }}", "password": "{{ env.SECRET }}"},
        {"kind": "headers", "headers": {"X-App": "a", "Authorization": "Token x"}},
        {"kind": "headers", "query": {"secret": "{{ env.SECRET }}"}},
    ):
        of = target(url, sign_in=sign_in)
        signed, sent = send(of, report("s", kind="sign_in", values=None), report())
        assert signed.answer_class == "accepted"
        assert sent.answer_class == "accepted"
        assert "sign_in" not in of.operations
        assert "s3cret!" not in str(of.summary)
    requests = styles.seen
    assert len(requests) == 3
    assert requests[0][1]["authorization"] == "Basic Y2hhaXItMTpzM2NyZXQh"
    assert (requests[1][1]["x-app"], requests[1][1]["authorization"]) == ("a", "Token x")
    assert requests[2][0].endswith("/echo?secret=s3cret%21")
    assert requests[0][1]["x-drillhall-run"] == "run-7"


def test_bodies_travel_as_described(styles: Styles, url: str) -> None:
    """Multipart with JSON, XML and a picture, XML, GraphQL and text arrive as they should."""
    requests = {
        "multipart": {
            "multipart": {
                "who": "{{ person.key }}",
                "none": "{{ none_here }}",
                "data": {"json": {"n": "{{ row.attendance }}"}},
                "form": {"xml": "<a>{{ row.record }}</a>", "filename": "a.xml"},
                "sheet": {"image": "png"},
            }
        },
        "xml": {"xml": "<r id='{{ row.record }}'>{{ person.name }}</r>"},
        "graphql": {"graphql": {"query": "mutation", "variables": {"c": "{{ row.cells }}"}}},
        "text": {"text": "{{ row.values }} {{ row.county | upper }}"},
    }
    person = replace(CHAIR, name="A & <B>")
    for request in requests.values():
        captures = {"none_here": {"json": "nothing", "optional": True}}
        of = target(
            url,
            operations={
                "submit_report": {
                    "steps": [
                        {"request": {"path": "/echo"}, "captures": captures},
                        {"request": {"path": "/echo", **request}},
                    ]
                }
            },
        )
        assert send(of, report(), person=person)[0].answer_class == "accepted"
    multipart, xml, graphql, text = (body for _, _, body in styles.seen[1::2])
    assert b'name="who"\r\n\r\nchair-1\r\n' in multipart
    assert b'name="none"' not in multipart
    assert b'name="data"\r\n\r\n{"n":12}\r\n' in multipart
    assert b'filename="a.xml"\r\nContent-Type: application/xml\r\n\r\n<a>IA-0001</a>' in multipart
    assert b"\x89PNG" in multipart
    assert xml == b"<r id='IA-0001'>A &amp; &lt;B&gt;</r>"
    assert b'"variables":{"c":{"attendance":12' in graphql
    assert text == b"[12,7,5] "


def test_values_are_escaped_for_their_place(styles: Styles, url: str) -> None:
    """A value can neither leave its path segment nor begin a header."""
    of = target(
        url,
        operations={
            "submit_report": {
                "request": {
                    "path": "/echo",
                    "query": {"q": "{{ row.record }}", "left out": None},
                    "headers": {"X-Name": "{{ row.record }}"},
                    "form": {"f": "{{ row.record }}"},
                }
            }
        },
    )
    nasty = "a/b?c d\r\nX-Evil: 1&é"
    send(of, report(record=nasty))
    address, headers, body = styles.seen[0]
    assert "x-evil" not in headers
    assert headers["x-name"].startswith("a/b?c d  X-Evil: 1&")
    assert address.endswith("?q=a%2Fb%3Fc+d%0D%0AX-Evil%3A+1%26%C3%A9")
    assert body == b"f=a%2Fb%3Fc+d%0D%0AX-Evil%3A+1%26%C3%A9"


def test_the_same_id_on_a_retry_and_a_new_one_at_every_try(styles: Styles, url: str) -> None:
    """``uuid.record`` stays on a retry, ``uuid.attempt`` never does."""
    of = target(
        url,
        operations={
            "submit_report": {
                "request": {"path": "/echo", "text": "{{ uuid.record }} {{ uuid.attempt }}"}
            }
        },
    )
    send(of, report(), report(attempt=2), report("op-2"))
    (a, x), (b, y), (c, z) = (body.split() for _, _, body in styles.seen)
    assert a == b != c
    assert len({x, y, z}) == 3


def test_no_answer_at_all_has_its_classes(url: str, styles: Styles) -> None:
    """A 5xx is a server error, no rule is unmatched, no connection is unreachable."""
    operations = {"submit_report": {"request": {"path": "/broken"}}}
    (broken,) = send(target(url, operations=operations), report())
    assert (broken.answer_class, broken.status) == ("server_error", 500)
    operations = {"submit_report": {"request": {"path": "/nowhere"}}}
    (unmatched,) = send(target(url, operations=operations), report())
    assert unmatched.answer_class == "unmatched"
    (down,) = send(target("http://127.0.0.1:9"), report())
    assert down.answer_class == "unreachable"


def test_redirects_are_answers_unless_followed(styles: Styles, url: str) -> None:
    """Followed on the same origin; one that leads elsewhere is not."""

    def to(path: str, follow: int) -> Answered:
        request = {"path": path, "follow": follow}
        captures = {"stored_id": {"url": True}}
        operations = {"submit_report": {"request": request, "captures": captures}}
        return send(target(url, operations=operations), report())[0]

    assert to("/hop", 0).status == 302
    assert (to("/hop", 2).status, to("/hop", 2).stored_id) == (200, f"{url}/home")
    away = to("/away", 2)
    assert away.answer_class == "unmatched"
    assert "example.org" in away.detail
    assert "not followed" in away.detail


def test_a_declared_retry_waits_and_tries_again(styles: Styles, url: str) -> None:
    """What the app asks of its clients happens within one operation, and no more than declared."""
    classes = [{"class": "rate_limited", "status": 429}, {"class": "accepted", "status": 200}]
    retry = {"classes": ["rate_limited"], "times": 2, "wait_s": 0}
    operations = {"submit_report": {"request": {"path": "/busy"}, "retry": retry}}
    of = target(url, operations=operations, classes=classes)
    assert send(of, report())[0].answer_class == "accepted"
    styles.busy = 0
    operations["submit_report"]["retry"] = {**retry, "times": 1}
    (limited,) = send(target(url, operations=operations, classes=classes), report())
    assert (limited.answer_class, limited.retry_after) == ("rate_limited", 0.01)


def test_a_step_is_repeated_until_it_says_done(styles: Styles, url: str) -> None:
    """Polling ends with the condition, or at its cap."""
    step: dict[str, Any] = {
        "request": {"path": "/job"},
        "repeat": {"until": {"json": {"state": "done"}}, "at_most": 5},
    }
    operations = {"submit_report": {"steps": [step]}}
    assert send(target(url, operations=operations), report())[0].answer_class == "accepted"
    styles.busy = -10
    (never,) = send(target(url, operations=operations), report())
    assert (never.answer_class, never.detail) == ("unmatched", "still not done after 5 times")


# -- reading back ---------------------------------------------------------------------------


def read(of: Target, round: str = "again") -> list[dict[str, Any]]:
    """Everything as dictionaries."""
    return read_back(of, round, FIELDS).to_dicts()


def test_rows_come_back_in_our_terms(styles: Styles, url: str) -> None:
    """Pages are joined, and rows have our key, record and cells."""
    of = target(url, sign_in=TOKEN, operations=RECORDS, read_back=ROWS)
    send(of, *(report(f"op-{i}") for i in range(5)))
    rows = read(of, "settled")
    assert [row["key"] for row in rows] == [f"op-{i}" for i in range(5)]
    assert rows[0]["values"] == [12, 7, 5]
    assert rows[0]["values_hash"] is not None
    assert (rows[0]["record"], rows[0]["mode"], rows[0]["source"]) == ("IA-0001", "keyed", "rows")


def test_fewer_rows_than_announced_are_an_error(styles: Styles, url: str) -> None:
    """A target that announces more than it shows is not read back quietly."""
    of = target(url, sign_in=TOKEN, operations=RECORDS, read_back=ROWS)
    send(of, report())
    styles.announce = 1
    with pytest.raises(ReadBackError, match="1 rows came, but the target says it has 2"):
        read(of)


@pytest.mark.parametrize(
    ("path", "paging"),
    [
        ("/pages/page", {"kind": "page"}),
        ("/pages/offset", {"kind": "offset"}),
        ("/pages/cursor", {"kind": "cursor", "next": "cursor"}),
        ("/pages/body", {"kind": "next", "next": {"json": "data.@links.next"}}),
        ("/pages/header", {"kind": "next", "next": {"header": "Next-Page"}}),
        ("/pages/link", {"kind": "next", "next": {"link": "next"}}),
    ],
)
def test_every_style_of_paging(styles: Styles, url: str, path: str, paging: dict[str, Any]) -> None:
    """Five rows come back through any style of paging, each once."""
    query = {"page": {"page": "{{ page }}"}, "offset": {"offset": "{{ offset }}"}}
    query["cursor"] = {"cursor": "{{ cursor }}"}
    request = {"path": path, "query": query.get(paging["kind"], {})}
    reader = {"request": request, "items": {"json": "data.rows"}, "paging": paging, "key": "key"}
    rows = read(target(url, read_back={"rows": reader}))
    assert [row["key"] for row in rows] == ["k0", "k1", "k2", "k3", "k4"]


@pytest.mark.parametrize(
    ("path", "paging", "message"),
    [
        ("/pages/stuck", {"kind": "next", "next": "data.@links.next"}, "stuck: page 2"),
        ("/pages/ignores", {"kind": "page"}, "page 2 is the same as the page before"),
        ("/pages/away", {"kind": "next", "next": "data.@links.next"}, "not followed"),
        ("/html", {}, "HTML page, not JSON"),
        ("/login-nowhere", {}, "answered 404"),
    ],
)
def test_a_reader_that_cannot_read_all_says_so(
    styles: Styles, url: str, path: str, paging: dict[str, Any], message: str
) -> None:
    """Stuck cursors, ignored pages, foreign links and pages of HTML are errors, not ends."""
    reader = {"request": {"path": path}, "items": {"json": "data.rows"}, "key": "key"}
    if paging:
        reader["paging"] = paging
    with pytest.raises(ReadBackError, match=message):
        read(target(url, read_back={"rows": reader}))


def test_a_reader_waits_when_it_is_told_to(styles: Styles, url: str) -> None:
    """A 429 does not fail a read-back."""
    reader = {"mode": "count", "request": {"path": "/busy"}, "number": "n"}
    rows = read(target(url, read_back={"n": reader}))
    assert rows[0]["number"] == 3.0


def test_csv_xml_and_html_are_rows_too(styles: Styles, url: str) -> None:
    """Exports are read with their numbers, blanks and JSON text; keys are trimmed."""
    readers = {
        "columns": {
            "request": {"path": "/csv"},
            "items": "csv",
            "key": {"column": "title", "case": "lower"},
            "fields": {"pattern": "{field}"},
        },
        "text": {
            "request": {"path": "/csv"},
            "items": "csv",
            "key": "title",
            "fields": {"from": "body", "text": "json"},
            "keep_if": {"note": "x"},
        },
        "xml": {"request": {"path": "/xml"}, "items": {"xml": ".//{*}row"}, "key": "id",
                "derived": {"sde": "n"}},
        "html": {"request": {"path": "/html"}, "key": "k",
                 "items": {"regex": r"<td>(?P<k>\w+)</td><td>(?P<n>\d+)"}},
    }  # fmt: skip
    rows = read(target(url, read_back=readers))
    assert [(r["source"], r["key"], r["values"]) for r in rows] == [
        ("columns", "k1", [1234, None, None]),
        ("columns", "k2", [None, None, None]),
        ("text", "K1", [12, None, None]),
        ("xml", "k1", None),
        ("xml", "k2", None),
        ("html", "k1", None),
    ]
    assert rows[3]["derived"] == '{"sde":3.0}'
    assert all(row["values_hash"] is None for row in rows)


def test_what_else_a_row_says_is_a_number_or_a_text(styles: Styles, url: str) -> None:
    """A name stands as it is held, a yes is 1, and what is a number in text is a number."""
    reader = {
        "request": {"path": "/csv"}, "items": "csv", "key": "title", "mode": "merged",
        "derived": {"note": "note", "count": "count"},
    }  # fmt: skip
    of = target(url, read_back={"n": reader})
    mapping = readback.Mapping(of, "n", of.readers["n"], ())
    row: dict[str, object] = {"title": "k", "note": "Nguyễn", "count": "1,234"}
    assert mapping.records([row])[0].derived == '{"note":"Nguyễn","count":1234.0}'
    row = {"title": "k", "note": True, "count": None}
    assert mapping.records([row])[0].derived == '{"note":1.0,"count":null}'


def test_settled_is_what_says_the_same_in_our_terms(styles: Styles, url: str) -> None:
    """A page may tell when it was made, and still be at rest."""
    reader = {"mode": "totals", "request": {"path": "/busy"}, "derived": {"kept": "kept"},
              "settle": {"quiet_s": 1, "max_s": 3}}  # fmt: skip
    of = target(url, read_back={"n": reader})
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    rows = read_back(of, "settled", FIELDS, clock=Clock(lambda: now[0], sleep)).to_dicts()
    assert [row["derived"] for row in rows] == ["{}"]
    assert now[0] <= 2.0


def test_children_and_counts_are_numbers(styles: Styles, url: str) -> None:
    """``children`` counts the rows of each record, ``count`` counts rows."""
    reader = {"request": {"path": "/pages/page", "query": {"page": "{{ page }}"}},
              "items": {"json": "data.rows"}, "paging": {"kind": "page"}}  # fmt: skip
    readers = {"kids": {**reader, "mode": "children", "record": "record"},
               "all": {**reader, "mode": "count"}}  # fmt: skip
    rows = read(target(url, read_back=readers))
    assert [(r["record"], r["number"]) for r in rows] == [("r0", 3.0), ("r1", 2.0), (None, 5.0)]


def test_settling_gives_up_at_its_cap(styles: Styles, url: str) -> None:
    """A target that never stops changing is not read as if it had settled."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    reader = {"mode": "count", "request": {"path": "/job"}, "settle": {"quiet_s": 1, "max_s": 3}}
    reader["items"] = {"json": "state"}
    of = target(url, read_back={"n": {**reader, "mode": "set", "request": {"path": "/busy"}}})
    of.readers["n"] = of.readers["n"].model_copy(update={"items": type(of.readers["n"].items)()})
    with pytest.raises(ReadBackError, match="still changing after 3 s"):
        read_back(of, "settled", FIELDS, clock=Clock(lambda: now[0], sleep))


# -- preparing and preflight ----------------------------------------------------------------


def test_accounts_are_loaded_once_each(styles: Styles, url: str) -> None:
    """``for_each: accounts`` sends one row an account, and a shared account once."""
    chore = {
        "for_each": "accounts",
        "at_once": 3,
        "request": {"path": "/echo", "json": {"user": "{{ person.account }}"}},
    }
    of = target(url, prepare=[chore], person={"roles": {"operator": {"account": "shared"}}})
    people = [CHAIR, Person(1, "chair", "chair-2"), *(
        Person(i, "operator", f"operator-{i}") for i in range(2, 5))]  # fmt: skip
    (done,) = prepare(of, people, ["IA-0001"])
    assert done.rows == 3
    assert sorted(body for *_, body in styles.seen) == [
        b'{"user":"chair-1"}', b'{"user":"chair-2"}', b'{"user":"operator"}'
    ]  # fmt: skip


def test_a_refused_account_stops_the_drill(styles: Styles, url: str) -> None:
    """What was not prepared is named, with what the app said."""
    chore = {"for_each": "records", "request": {"path": "/broken"}}
    with pytest.raises(TargetError, match=r"prepare\[0\]: 2 of 2 failed .*IA-0001: server_error"):
        prepare(target(url, prepare=[chore]), [], ["IA-0001", "IA-0002"])


def test_a_count_below_the_declared_one_stops_the_drill(styles: Styles, url: str) -> None:
    """The target's own count is checked after preparing."""
    count = {"request": {"path": "/job"}, "number": {"json": "state", "regex": "z"}}
    bad = {"count": count, "at_least": "records"}
    with pytest.raises(TargetError, match="count"):
        prepare(target(url, prepare=[bad]), [], ["IA-0001"])
    good = {"count": {"request": {"path": "/csvless"}, "number": "n"}, "at_least": 1}
    with pytest.raises(TargetError, match="404"):
        prepare(target(url, prepare=[good]), [], [])


def test_preflight_tries_each_operation_as_declared(styles: Styles, url: str) -> None:
    """Good, repeated, unauthorised and bad writes come out as declared, and are read back."""
    of = target(
        url,
        sign_in=TOKEN,
        operations=RECORDS,
        read_back=ROWS,
        preflight={
            "repeat": {"expect": "already_have_it"},
            "no_sign_in": {"expect": "auth_expired"},
            "wrong_codes": {"expect": "refused"},
            "bad": {"values": {"attendance": -1}, "expect": "refused"},
        },
    )
    probes = preflight(of, visitor=Visitor(CHAIR, "IA-0001", (1, 1, 1)))
    by_name = {probe.name: probe for probe in probes}
    assert [probe.name for probe in probes if not probe.ok] == ["bad"]
    assert by_name["bad"].found.startswith("accepted")
    assert "already_have_it (400)" in by_name["repeat"].found
    assert by_name["wrong_codes"].found == "refused (400): Failed to authenticate."
    assert by_name["read_back.rows"].found.endswith("the good write among them")
    assert all(key.startswith("preflight-") for key in styles.rows)
    assert by_name["good"].as_json()["ok"] is True


def test_preflight_says_when_the_target_is_down() -> None:
    """A target that does not answer is one clear error."""
    with pytest.raises(TargetError, match=r"127\.0\.0\.1:9: the target does not answer"):
        preflight(target("http://127.0.0.1:9"))


def test_production_is_refused(styles: Styles, url: str) -> None:
    """A target that says it is production is never drilled."""
    of = target(url, production={"path": "/production", "rules": [{"json": {"env": "production"}}]})
    with pytest.raises(SafetyError, match="says that it is production"):
        preflight(of)


ONCE: Mapping[str, Any] = {
    "steps": [
        {
            "name": "address",
            "once": True,
            "request": {"method": "POST", "path": "/once", "form": {}},
            "captures": {"link": {"json": "link"}},
        },
        {"request": {"url": "{{ link }}", "json": {"operation": "{{ row.operation }}"}}},
    ],
    "classes": [
        {"class": "accepted", "status": [200, 201]},
        {"class": "already_have_it", "status": 400, "body": "not valid"},
    ],
}


def test_a_retry_uses_the_one_time_address_it_was_given(styles: Styles, url: str) -> None:
    """A step that is asked once leaves its captures to later tries of the same operation."""
    of = target(url, operations={"submit_report": ONCE})
    answers = send(of, report(), report(attempt=2), report("op-2"))
    assert [str(each.answer_class) for each in answers] == [
        "accepted",
        "already_have_it",
        "accepted",
    ]
    assert [row["operation"] for row in styles.rows.values()] == ["op-1", "op-2"]


def test_without_once_a_retry_asks_for_a_new_address(styles: Styles, url: str) -> None:
    """Then the app cannot know the second try for one, and holds the report twice."""
    steps = [{**ONCE["steps"][0], "once": False}, ONCE["steps"][1]]
    of = target(url, operations={"submit_report": {**ONCE, "steps": steps}})
    send(of, report(), report(attempt=2))
    assert [row["operation"] for row in styles.rows.values()] == ["op-1", "op-1"]


def test_preflight_shows_a_description_that_takes_wrong_codes_for_right(
    styles: Styles, url: str
) -> None:
    """A login page that says no with a page of its own looks like a yes by status alone."""
    yes = {"class": "accepted", "status": [200, 302]}
    form = {"username": "{{ person.key }}", "password": "{{ codes[1] }}"}
    sign_in = {"kind": "form", "page": "/login", "form": "#login", "fill": form, "classes": [yes]}
    of = target(url, sign_in=sign_in, preflight={"wrong_codes": {"expect": "refused"}})
    probes = {each.name: each for each in preflight(of, visitor=Visitor(CHAIR, "IA-0001", (1,)))}
    assert (probes["sign_in"].ok, probes["wrong_codes"].ok) == (True, False)
    assert probes["wrong_codes"].found == "accepted (200)"
