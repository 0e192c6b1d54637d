"""One record's operations again: the shortest way from a finding to seeing it happen.

What was phoned is phoned again, and what a persona walked is walked again by the same persona.

The operations of a record are sent once more, in their order, with the same keys and values, and
those that overlapped overlap again. The load and the injects of the night are not repeated, so a
fault that needs them may stay away; that, too, is worth knowing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Group
from rich.table import Table
from rich.text import Text

from harness.bench import Bench, open_bench
from harness.browser import why_no_browser
from harness.channels.handset import Handset
from harness.channels.web.probes import SPEED
from harness.record import RecordError, RunFolder
from harness.target.blocking import Driver
from harness.target.prepare import people_from
from harness.target.session import Session
from harness.target.wire import Answered
from simulators.behaviours.protocol import AnswerClass
from simulators.night import night_from_dict
from simulators.people.person import Person
from simulators.people.personas import PERSONAS
from simulators.plan import Plan
from simulators.plans import plan_of
from simulators.stage import Operation

_KEYED = ("submit_report", "amend_report")
_BY_PHONE = ("voice", "sms")
_ALONE = (*_BY_PHONE, "web")  # one after the other: a person has one phone and one screen


@dataclass(frozen=True)
class Sent:
    """One attempt, as it was answered on the night and now."""

    op: str
    attempt: int
    kind: str
    then: str
    now: str


@dataclass(frozen=True)
class Held:
    """What one reader shows of the record now.

    Attributes:
        rows: How many rows it has for the record.
        wrong: Cells that differ from what was last acknowledged: name, sent, held.
    """

    reader: str
    rows: int
    wrong: tuple[tuple[str, int, int | None], ...]

    @property
    def same(self) -> bool:
        """Whether it shows the record once and as it was sent."""
        return self.rows == 1 and not self.wrong


@dataclass(frozen=True)
class Replayed:
    """What came of a replay."""

    record: str
    sent: tuple[Sent, ...]
    held: tuple[Held, ...]

    @property
    def same(self) -> bool:
        """Whether every reader shows what was sent."""
        return all(each.same for each in self.held)

    def as_json(self) -> dict[str, Any]:
        """The replay as plain data."""
        return asdict(self) | {"same": self.same}

    def table(self) -> Group:
        """The replay for a terminal."""
        sent = Table(box=None, header_style="bold", title=f"{self.record}: sent again")
        for name in ("operation", "attempt", "kind", "answered then", "answered now"):
            sent.add_column(name)
        for each in self.sent:
            sent.add_row(*(Text(str(cell)) for cell in asdict(each).values()))
        held = Table(box=None, header_style="bold", title=f"{self.record}: what the app holds now")
        for name in ("reader", "rows", "cells that differ (sent, held)"):
            held.add_column(name)
        for row in self.held:
            cells = ", ".join(f"{name} ({a}, {b})" for name, a, b in row.wrong[:12]) or "none"
            more = f" and {len(row.wrong) - 12} more" if len(row.wrong) > 12 else ""
            held.add_row(Text(row.reader), str(row.rows), Text(cells + more))
        verdict = "as it was sent" if self.same else "NOT as it was sent"
        return Group(sent, Text(), held, Text(f"\nThe app holds {self.record} {verdict}."))


def replay_record(folder: RunFolder, record: str, *, target: str | None = None) -> Replayed:
    """Send one record's operations again and read back what the target makes of them.

    Args:
        target: Another target than the run's own: ``practice/NAME`` or the path of a target.yaml.

    Raises:
        RecordError: If the run has no such record, or was played in virtual time.
    """
    info = folder.info
    if info.get("virtual") or "night" not in info:
        raise RecordError(f"{folder.path}: played in virtual time: there is no app to ask.")
    attempts = _attempts(folder, record)
    plan = plan_of(night_from_dict(info["night"]))
    people = {person.index: person for person in people_from(plan.people_table())}
    if isinstance(plan, Plan):
        people |= {each.index: each for each in map(plan.chairs.person, plan.personas)}
    with tempfile.TemporaryDirectory(prefix="drillhall-replay-") as place:
        bench = open_bench(
            target or info["target"]["file"],
            folder=Path(place),
            run=f"replay-{info['run']}",
            plan=plan,
            speed=info["speed"],
            defects=tuple(info["defects"]) if target is None else (),
        )
        with bench.standing():
            bench.prepare(plan)
            sent = tuple(_send(bench, attempts, people))
            held = tuple(_held(bench, record, attempts, plan.fields))
    return Replayed(record, sent, held)


def _attempts(folder: RunFolder, record: str) -> list[dict[str, Any]]:
    rows = (
        folder.history.filter(
            pl.col("record") == record,
            pl.col("kind").cast(pl.String).is_in(_KEYED),
            pl.col("sent").is_not_null(),
        )
        .sort("sent")
        .collect()
        .to_dicts()
    )
    if not rows:
        raise RecordError(
            f"{folder.path}: nothing was sent for {record!r}. Findings print the keys they mean."
        )
    return rows


def _send(
    bench: Bench, attempts: list[dict[str, Any]], people: dict[int, Person]
) -> Iterator[Sent]:
    """Send every attempt; those that overlapped on the night go together, calls one by one."""
    sessions: dict[int, Session] = {}
    with Driver(bench.target) as driver:
        for who in dict.fromkeys(row["who"] for row in attempts if not _alone(row)):
            sessions[who] = bench.target.session(people[who])
            if "sign_in" in bench.target.operations:
                entry = _sign_in(people[who])
                driver.drive(bench.target.perform(entry, sessions[who]))
        for together in _overlapping(attempts):
            asked = [row for row in together if not _alone(row)]
            answers = driver.drive_all(
                (
                    bench.target.perform(_again(row, people[row["who"]]), sessions[row["who"]])
                    for row in asked
                ),
                at_once=max(len(asked), 1),
            )
            for row, answer in zip(asked, answers, strict=True):
                yield _sent(row, answer)
            for n, row in enumerate(each for each in together if _alone(each)):
                name = f"replay-{row['attempt']}-{n}-{row['op']}"
                person = people[row["who"]]
                phoned = row["channel"] in _BY_PHONE
                again = _phone(bench, person, row, name) if phoned else _walk(bench, person, row)
                yield _sent(row, again)


def _alone(row: dict[str, Any]) -> bool:
    return row["channel"] in _ALONE


def _walk(bench: Bench, person: Person, row: dict[str, Any]) -> Answered:
    """One attempt again on the app's pages, in the same persona's hands."""
    web, why = bench.target.web, why_no_browser()
    if web is None or why:
        raise RecordError(
            f"{bench.name}: {row['op']} was sent in a browser, and cannot be sent again: "
            f"{why or 'the description has no pages (web)'}."
        )
    from harness.channels.web.trial import try_out  # needs Playwright, which is there by now

    first = [_sign_in(person)] if "sign_in" in web.kinds else []
    persona = PERSONAS.get(person.persona) or next(iter(PERSONAS.values()))
    with tempfile.TemporaryDirectory(prefix="drillhall-replay-") as place:
        walked = [*first, _again(row, person)]
        tried = try_out(bench.target, persona, walked, Path(place), speed=SPEED)
    ended = list(tried.ended.values())[-1]
    return Answered(ended.answer_class, detail=ended.detail)


def _phone(bench: Bench, person: Person, row: dict[str, Any], name: str) -> Answered:
    """One attempt again as it was made: texted, or keyed in a call of its own."""
    if bench.carrier is None:
        raise RecordError(f"{bench.name}: describes no phone, and {row['op']} was phoned in.")
    handset, operation = Handset(bench.carrier, person, name), _again(row, person)
    if row["channel"] == "sms":
        return handset.text(operation)
    lines = [line for line in handset.phone.lines.values() if line.voice is not None]
    said = handset.dial(lines[0])
    if said != "answered":
        return Answered(AnswerClass.NO_ANSWER, detail=said)
    if "sign_in" in handset.phone.menus:
        handset.walk(_sign_in(person))
    answered = handset.walk(operation)
    handset.hang_up()
    return answered


def _sign_in(person: Person) -> Operation:
    entry = _operation(person, "sign_in", f"{person.key}/replay")
    return replace(entry, codes=person.codes)


def _sent(row: dict[str, Any], answer: Answered) -> Sent:
    now = f"{answer.answer_class} ({answer.status or '-'})"
    then = f"{row['answer_class'] or 'never'} ({row['status'] or '-'})"
    return Sent(row["op"], row["attempt"], row["kind"], then, now)


def _overlapping(attempts: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Attempts in order, those together whose times on the wire overlapped."""
    together: list[dict[str, Any]] = []
    until = 0
    for row in attempts:
        if together and row["sent"] >= until:
            yield together
            together = []
        together.append(row)
        until = max(until, row["done"] or row["sent"])
    if together:
        yield together


def _operation(person: Person, kind: str, key: str) -> Operation:
    return Operation(kind, key, 1, person, "api", person.record, 0, None, (), 0.0, None)


def _again(row: dict[str, Any], person: Person) -> Operation:
    return replace(
        _operation(person, row["kind"], row["op"]),
        attempt=row["attempt"],
        channel=row["channel"],
        record=row["record"],
        version=row["version"],
        values=tuple(row["values"]),
    )


def _held(
    bench: Bench, record: str, attempts: list[dict[str, Any]], fields: tuple[str, ...]
) -> Iterator[Held]:
    """What each reader of rows shows of the record, against what was last acknowledged."""
    said_yes = [row for row in attempts if row["outcome"] == "ok"]
    last = (said_yes or attempts)[-1]
    table = bench.read("settled").table.filter(pl.col("mode").cast(pl.String) != "totals")
    for name, reader in bench.target.readers.items():
        if reader.mode not in ("keyed", "set", "state"):
            continue
        mine = pl.col("key") == last["op"] if reader.mode == "set" else pl.col("record") == record
        rows = table.filter(pl.col("source").cast(pl.String) == name, mine).to_dicts()
        held = (rows[0]["values"] if rows else None) or [None] * len(fields)
        if rows and reader.fields is None:
            held = last["values"]  # it tells which records are there, and no cells
        wrong = tuple(
            (field, sent, found)
            for field, sent, found in zip(fields, last["values"], held, strict=True)
            if sent != found
        )
        yield Held(name, len(rows), wrong)
