"""Preparing a target and cleaning up after: flows over accounts or records, operators' commands.

Loading accounts is where real apps most need help. Every row must end as accepted (or as
something the target already has), and a declared count is checked, or the drill does not begin.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from harness.complaint import Where
from harness.target.access import no_operation
from harness.target.blocking import Driver
from harness.target.errors import TargetError, UnfilledError
from harness.target.flow import Steps
from harness.target.json_path import MISSING
from harness.target.model import Chore, Tally
from harness.target.reading import reader_person
from harness.target.rows import RowsError, compile_place, parse_json
from harness.target.scope import Scope
from harness.target.target import Target
from harness.target.wire import Answered
from simulators.behaviours.protocol import AnswerClass, Outcome
from simulators.people.person import Person
from simulators.stage import Operation

_EXTRA = frozenset({"roster", "data"})


@dataclass(frozen=True)
class Done:
    """What one entry of ``prepare`` or ``cleanup`` did.

    Attributes:
        what: Its place: ``prepare[1]``.
        rows: How many rows it was done for; 1 for a command or a flow of its own.
        already: How many the target already had.
        counted: What the target counts afterwards, None if nobody asked it.
    """

    what: str
    rows: int
    already: int = 0
    counted: float | None = None


def prepare(
    target: Target,
    people: Iterable[Person],
    records: Sequence[str],
    *,
    roster: Path | None = None,
    section: Literal["prepare", "cleanup"] = "prepare",
    told: Callable[[str], None] = lambda text: None,
) -> list[Done]:
    """Do every entry of a section, in order.

    Args:
        people: Everybody with an account.
        records: Keys of the records that are driven.
        roster: Folder with ``people.csv`` and ``precincts.csv``, for ``{{ roster }}``.
        told: Told before each entry, for progress.

    Raises:
        TargetError: If a row is refused, a command fails or a count is too small.
    """
    everybody = list(people)
    done = []
    with Driver(target, connections=64) as driver:
        for i, chore in enumerate(getattr(target, section)):
            told(f"{section}[{i}]")
            work = _Work(target, chore, (section, i), everybody, records, roster, driver)
            done.append(work.do())
    return done


def people_from(table: pl.DataFrame) -> list[Person]:
    """The people of a plan's people table, as far as targets need them."""
    return [
        Person(
            index=int(row["who"]),
            role=str(row["role"]),
            key=str(row["key"]),
            record=str(row["record"] or ""),
            name=str(row["name"] or ""),
            email=str(row["email"] or ""),
            phone=str(row["phone"] or ""),
            codes=tuple(str(code) for code in row["codes"] or ()),
        )
        for row in table.iter_rows(named=True)
    ]


class _Work:
    """One entry at work."""

    def __init__(
        self,
        target: Target,
        chore: Chore,
        path: Where,
        people: list[Person],
        records: Sequence[str],
        roster: Path | None,
        driver: Driver,
    ) -> None:
        self.target, self.chore, self.path = target, chore, path
        self.driver = driver
        self.accounts = _accounts(target, people, chore.roles)
        self.records = records
        self.extra: Mapping[str, Any] = {
            "roster": "" if roster is None else str(roster.absolute()),
            "data": str(target.data or target.folder),
        }
        self.what = f"{path[0]}[{path[1]}]"
        self.access = target.access(chore.role) if chore.role else target.access("public")
        self.session = target.session(reader_person(chore.role or "public"))
        self.known = self.access.captures | _EXTRA

    def do(self) -> Done:
        """Do it and check what it did."""
        rows, already = 1, 0
        if self.chore.command is not None:
            self._command(self.chore.command)
        if self.chore.own_steps:
            answers = self._flow()
            rows = len(answers)
            already = sum(a.answer_class is AnswerClass.ALREADY_HAVE_IT for a in answers)
        counted = None if self.chore.count is None else self._count(self.chore.count)
        return Done(self.what, rows, already, counted)

    def _problem(self, message: str) -> TargetError:
        return TargetError(self.target.document.problem(self.path, self.target.redact(message)))

    # -- flows ------------------------------------------------------------------------------

    def _flow(self) -> list[Answered]:
        self._sign_in()
        if "{{ roster }}" in str(self.chore.model_dump()) and not self.extra["roster"]:
            raise self._problem("needs a roster folder, and there is none here")
        flow = self.target.flows.compile(self.chore, self.path, self.known)
        rows = list(self._rows())

        def one(operation: Operation, person: Person) -> Steps:
            session = self.session
            if self.chore.for_each == "accounts":  # their facts, the chore's credentials
                session = self.target.cast.session(person)
                session.head, session.query = self.session.head, self.session.query
                session.jar = self.session.jar
            scope = Scope(operation, session, dict(self.session.found), self.extra)
            try:
                return (yield from flow.run(scope))
            except UnfilledError as error:
                return Answered(AnswerClass.UNMATCHED, detail=str(error))

        answers = self.driver.drive_all(
            (one(operation, person) for operation, person in rows), at_once=self.chore.at_once
        )
        if not self.chore.optional:
            self._check(rows, answers)
        return answers

    def _rows(self) -> Iterable[tuple[Operation, Person]]:
        if self.chore.for_each == "accounts":
            for person in self.accounts:
                yield no_operation(person, str(self.path[0])), person
        elif self.chore.for_each == "records":
            for record in self.records:
                person = Person(index=-1, role="", key=record, record=record)
                yield no_operation(person, str(self.path[0])), person
        else:
            person = self.session.person
            yield no_operation(person, str(self.path[0])), person

    def _sign_in(self) -> None:
        if self.access.flow is None:
            return
        operation = no_operation(self.session.person, str(self.path[0]))
        entry = self.driver.drive(self.access.sign_in(operation, self.session))
        if entry.answer_class.outcome is not Outcome.OK:
            said = f"{entry.answer_class} ({entry.status}) {entry.detail}"
            raise self._problem(f"could not sign in as {self.chore.role}: {said}")

    def _check(self, rows: list[tuple[Operation, Person]], answers: list[Answered]) -> None:
        bad = [
            (person.key, answer)
            for (_, person), answer in zip(rows, answers, strict=True)
            if answer.answer_class.outcome is not Outcome.OK
        ]
        if bad:
            key, first = bad[0]
            sorts = Counter(str(answer.answer_class) for _, answer in bad)
            counts = ", ".join(f"{count} {sort}" for sort, count in sorts.most_common())
            said = f"{first.answer_class} ({first.status}) {first.detail}"
            raise self._problem(f"{len(bad)} of {len(rows)} failed ({counts}); {key}: {said}")

    # -- commands ---------------------------------------------------------------------------

    def _command(self, command: list[str]) -> None:
        known = self.known
        scope = Scope(no_operation(self.session.person), self.session, {}, self.extra)
        text = self.target.templates.text
        words = [
            text(word, (*self.path, "command", i), known).get(scope)
            for i, word in enumerate(command)
        ]
        if words[0] in ("python", "python3"):
            words[0] = sys.executable
        try:
            ended = subprocess.run(
                words,
                cwd=self.target.folder,
                env=dict(self.target.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.chore.within_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._problem(
                f"{words[0]} did not end within {self.chore.within_s:g} s"
            ) from None
        except OSError as error:
            raise self._problem(f"{words[0]} cannot be started: {error.strerror}") from None
        if ended.returncode and not self.chore.optional:
            said = " ".join((ended.stderr or ended.stdout).decode("utf-8", "replace").split())
            raise self._problem(f"{words[0]} ended with {ended.returncode}: {said[-300:]}")

    # -- counting ---------------------------------------------------------------------------

    def _count(self, tally: Tally) -> float:
        self._sign_in()
        requests, path = self.target.flows.requests, (*self.path, "count")
        request = requests.compile(tally.request, (*path, "request"), self.known)
        operation = no_operation(self.session.person)
        scope = Scope(operation, self.session, dict(self.session.found), self.extra)
        response = self.driver.fetch(request.build(scope)[0])
        if response.fault is not None or response.status >= 300:
            raise self._problem(f"count: no number came back ({response.fault or response.status})")
        try:
            value = compile_place(tally.number)(parse_json(response.body))
            counted = float("nan") if value is MISSING else float(value)
        except (RowsError, TypeError, ValueError) as error:
            raise self._problem(f"count: {error}") from None
        wanted = {"accounts": len(self.accounts), "records": len(self.records)}
        least = self.chore.at_least
        need = wanted[least] if isinstance(least, str) else least or 0
        if not counted >= need:
            raise self._problem(
                f"count: the target says {counted:g}, but at least {need} are needed"
            )
        return counted


def _accounts(target: Target, people: Iterable[Person], roles: list[str]) -> list[Person]:
    """One person an account: shared accounts appear once."""
    seen: dict[str, Person] = {}
    for person in people:
        if not roles or person.role in roles:
            seen.setdefault(target.cast.account(person), person)
    return list(seen.values())
