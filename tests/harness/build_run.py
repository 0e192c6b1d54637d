"""Builds small run folders by hand, so that tests can seed one defect and see it caught.

``clean_run`` gives a night on which everything went right: every site reported once, some
retried, some amended, two operations cut, the app restarted. Tests change ``history``,
``readback``, ``calls``, ``injects`` or ``info`` and then ``write`` it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from harness.record import (
    BARRIERS,
    CALLS,
    HANDLING,
    HEALTH,
    HISTORY,
    INJECTS,
    INTRUSIONS,
    LOOKS,
    PEOPLE,
    PRECINCTS,
    READBACK,
    REPORTS,
    SESSIONS,
    STEPS,
    VOTERS,
    WEBHOOKS,
    RunFolder,
    values_hash,
)

PREFERENCES = (
    "bennet", "biden", "bloomberg", "buttigieg", "delaney", "gabbard", "klobuchar",
    "patrick", "sanders", "steyer", "warren", "yang", "other", "uncommitted",
)  # fmt: skip
FIELDS = (
    "attendance",
    *(f"first_{each}" for each in PREFERENCES),
    *(f"final_{each}" for each in PREFERENCES),
    *(f"delegates_{each}" for each in PREFERENCES),
)
SECOND = 1_000_000_000  # nanoseconds
DELEGATES = 4
SDE_PER_DELEGATE = 0.25


def record_key(index: int) -> str:
    """Key of the index-th record, from 0."""
    return f"IA-{index + 1:04d}"


def report(index: int, *, extra: int = 0) -> tuple[int, ...]:
    """A report that keeps every caucus rule and differs from every other index's.

    Two groups of equal standing: biden and warren, two delegates each.
    """
    each = 20 + index + 1000 * extra
    cells = dict.fromkeys(FIELDS, 0)
    cells["attendance"] = 2 * each
    for name in ("biden", "warren"):
        cells[f"first_{name}"] = cells[f"final_{name}"] = each
        cells[f"delegates_{name}"] = DELEGATES // 2
    return tuple(cells.values())


def changed(values: tuple[int, ...], **cells: int) -> tuple[int, ...]:
    """The same report with some cells set otherwise, by name."""
    by_name = dict(zip(FIELDS, values, strict=True)) | cells
    return tuple(by_name.values())


@dataclass
class Run:
    """A run in the making: rows as dictionaries, written by :meth:`write`."""

    path: Path
    info: dict[str, Any]
    history: list[dict[str, Any]] = field(default_factory=list)
    readback: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    ledger: dict[str, str] = field(default_factory=dict)
    injects: list[dict[str, Any]] = field(default_factory=list)
    precincts: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    voters: list[dict[str, str]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    barriers: list[dict[str, Any]] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=list)
    health: list[dict[str, Any]] = field(default_factory=list)
    handling: list[dict[str, Any]] = field(default_factory=list)
    intrusions: list[dict[str, Any]] = field(default_factory=list)

    def operate(
        self,
        kind: str,
        op: str,
        *,
        at: float,
        record: str = "",
        values: tuple[int, ...] | None = None,
        outcome: str | None = "ok",
        took: float = 0.05,
        **columns: Any,
    ) -> dict[str, Any]:
        """Add one attempt. ``at`` and ``took`` are wall seconds since the start."""
        start, done = int(at * SECOND), int((at + took) * SECOND)
        classes = {"ok": "accepted", "refused": "refused", "unknown": "no_answer", None: None}
        row: dict[str, Any] = {
            "op": op, "attempt": 1, "kind": kind, "record": record, "version": 1,
            "values": None if values is None else list(values), "who": 0, "role": "chair",
            "home": record, "channel": "api", "intended": start, "released": start, "sent": start,
            "done": None if outcome is None else done, "outcome": outcome,
            "answer_class": classes[outcome], "status": 200 if outcome == "ok" else None,
            "stored_id": None, "detail": "", "worker": 0,
        } | columns  # fmt: skip
        self.history.append(row)
        return row

    def submit(self, index: int, *, at: float, **columns: Any) -> dict[str, Any]:
        """Add an attempt of a chair to send the report of the index-th record."""
        record = columns.pop("record", record_key(index))
        columns.setdefault("values", report(index))
        columns.setdefault("op", f"k-{record}-{columns.get('version', 1)}")
        columns.setdefault("who", index)
        kind = columns.pop("kind", "submit_report")
        return self.operate(kind, at=at, record=record, **columns)

    def stored(
        self,
        record: str | None,
        values: tuple[int | None, ...] | None = None,
        *,
        source: str = "store",
        mode: str = "keyed",
        round: str | None = None,
        derived: dict[str, float] | None = None,
        **columns: Any,
    ) -> None:
        """Add what a reader says, to both reads after the drill if no round is named."""
        for each in (round,) if round else ("settled", "again"):
            row: dict[str, Any] = {
                "source": source, "mode": mode, "round": each, "key": None, "record": record,
                "values": None if values is None else list(values), "number": None,
                "derived": None if derived is None else orjson.dumps(derived).decode(),
                "stored_id": None, "raw": "{}",
            }  # fmt: skip
            self.readback.append(row | columns)

    def webhook(self, purpose: str, *, at: float, took: float = 0.01, **columns: Any) -> None:
        """Add a request of the phone carrier to the app. ``at`` and ``took`` are wall seconds."""
        row: dict[str, Any] = {
            "sent": int(at * SECOND), "took": int(took * SECOND), "purpose": purpose,
            "line": "strike", "sid": "CA1", "status": 200, "error": 0, "fallback": False,
            "token": "t1", "try": 1, "fault": "", "detail": "",
        }  # fmt: skip
        self.webhooks.append(row | columns)

    def poll(self, said: str, *, at: float, source: str = "health") -> None:
        """Add what the target says of itself. ``at`` is wall seconds since the start."""
        self.health.append(
            {
                "at_drill": at * float(self.info["speed"]), "source": source, "said": said,
                "status": {"well": 200, "ill": 503}.get(said), "took": SECOND // 100, "detail": "",
            }
        )  # fmt: skip

    def intrude(self, intrusion: str, outcome: str, *, at: float = 5.0, **columns: Any) -> None:
        """Add a hostile try. ``at`` is wall seconds since the start."""
        number = 1 + sum(each["intrusion"] == intrusion for each in self.intrusions)
        row: dict[str, Any] = {
            "intrusion": intrusion, "number": number, "who": "intruder-own", "record": "IA-9901",
            "at_drill": at * float(self.info["speed"]), "took": SECOND // 100, "outcome": outcome,
            "status": 403, "detail": "not yours",
        }  # fmt: skip
        self.intrusions.append(row | columns)

    def write(self) -> RunFolder:
        """Write everything and open the folder."""
        run = RunFolder.create(self.path)
        run.write_info(self.info)
        run.write_table("history", _hashed(pl.DataFrame(self.history, _but(HISTORY)), HISTORY))
        run.write_table("readback", _hashed(pl.DataFrame(self.readback, _but(READBACK)), READBACK))
        run.write_table("calls", pl.DataFrame(self.calls, CALLS))
        for name, text in self.ledger.items():
            (run.path / "ledger" / name).write_text(text, encoding="utf-8")
        if self.webhooks:
            run.write_table("webhooks", pl.DataFrame(self.webhooks, WEBHOOKS))
        run.write_table("injects", pl.DataFrame(self.injects, INJECTS))
        run.write_table("health", pl.DataFrame(self.health, HEALTH))
        run.write_table("handling", pl.DataFrame(self.handling, HANDLING))
        run.write_table("intrusions", pl.DataFrame(self.intrusions, INTRUSIONS))
        if self.sessions:
            run.write_table("sessions", pl.DataFrame(self.sessions, SESSIONS))
            run.write_table("steps", pl.DataFrame(self.steps, STEPS))
            run.write_table("barriers", pl.DataFrame(self.barriers, BARRIERS))
            run.write_table("looks", pl.DataFrame(self.looks, LOOKS))
        run.write_table(f"truth/{PRECINCTS}", pl.DataFrame(self.precincts))
        run.write_table(
            f"truth/{REPORTS}",
            pl.DataFrame(
                self.reports,
                {
                    "record": pl.String,
                    "values": pl.List(pl.Int32),
                    "true_values": pl.List(pl.Int32),
                    "errors": pl.List(pl.String),
                },
            ),
        )
        run.write_table(f"truth/{PEOPLE}", pl.DataFrame(self.people))
        if self.voters:
            run.write_table(f"truth/{VOTERS}", pl.DataFrame(self.voters))
        return RunFolder.open(self.path)


def clean_run(path: Path, *, records: int = 12, **info: Any) -> Run:
    """A night on which everything went right, over this many records (at least 4)."""
    run = Run(path, {**_info(records), **info})
    for index in range(records):
        _truth(run, index)
        run.operate(
            "sign_in", f"chair-{index:04d}/sign-in", at=1 + index * 0.01, who=index,
            home=record_key(index), values=(1,),
        )  # fmt: skip
        at = 10 + index * 0.1
        if index == 1:  # the answer was cut: nobody knew, so the chair tried again
            run.submit(index, at=at, outcome="unknown", took=2.0)
            run.submit(index, at=at + 3, attempt=2, answer_class="already_have_it")
        elif index == 2:  # by the hotline, keyed by an operator
            run.submit(index, at=at, role="operator", home="", channel="hotline", who=900)
        else:
            run.submit(index, at=at)
        held = report(index)
        if index == 3:  # a wrong count, put right later
            held = report(index, extra=1)
            run.reports[index]["values"] = list(held)
            run.submit(index, at=60.0, kind="amend_report", version=2, values=held)
        _hold(run, index, held)
    run.operate("read_results", "public-0/read-results", at=70.0, role="public", who=990)
    run.calls.append(_call(2, served=True))
    run.injects.append(_inject("one restart", "process.restart", 1))
    run.injects.append(_inject("answers cut", "network.cut_answers", 1))
    _publish(run)
    return run


def _info(records: int) -> dict[str, Any]:
    operations = ["sign_in", "submit_report", "amend_report", "read_results"]
    readers = [{"name": "store", "mode": "keyed"}, {"name": "results", "mode": "totals"}]
    return {
        "schema": 1, "run": "r1", "scenario": "iowa-caucus-night", "title": "Iowa caucus night",
        "story": "A night.", "sources": [], "seed": 7, "cast": "rehearsal", "speed": 120.0,
        "declared_speed": 120.0, "scale": 0.01, "workers": 1, "fields": list(FIELDS),
        "plan_hash": "0" * 64, "records": records, "participants": records,
        "rates": {"submit_report": 1.0, "sign_in": 1.0}, "world": {"kind": "caucus", "state": "IA"},
        "ends_drill": 12_000.0, "objectives": [], "zero": "keys",
        "phases": [{"name": "the wave", "start_drill": 0.0, "end_drill": 12_000.0}],
        "injects": [{"name": "one restart", "kind": "process.restart"},
                    {"name": "answers cut", "kind": "network.cut_answers"}],
        "target": {"name": "practice", "about": "", "operations": operations, "readers": readers,
                   "build": "b1", "not_drilled": [], "totals": True},
        "defects": [], "virtual": False, "started": "2026-11-03T19:00:00+00:00",
        "ended": "2026-11-03T19:05:00+00:00", "state": "finished", "reasons": [],
        "workers_lost": 0, "ledger": {"complete": True, "problems": []},
        "generator": {"lateness_p99": 0.001, "shed": 0, "max_in_flight": 1000}, "synced": True,
        "versions": {"python": "3.11"}, "machine": {"cores": 2},
    }  # fmt: skip


def _truth(run: Run, index: int) -> None:
    run.precincts.append(
        {
            "record": record_key(index), "name": f"Precinct {index}", "county": "Adair",
            "kind": "precinct", "delegates": DELEGATES, "sde_per_delegate": SDE_PER_DELEGATE,
            "pool": "",
        }
    )  # fmt: skip
    values = list(report(index))
    run.reports.append(
        {"record": record_key(index), "values": values, "true_values": values, "errors": []}
    )
    run.people.append(
        {"who": index, "role": "chair", "key": f"chair-{index:04d}", "record": record_key(index)}
    )


def _hold(run: Run, index: int, values: tuple[int, ...]) -> None:
    sde = DELEGATES // 2 * SDE_PER_DELEGATE
    derived = {"sde_biden": sde, "sde_warren": sde}
    run.stored(record_key(index), values, derived=derived, stored_id=str(index))


def _publish(run: Run) -> None:
    """Totals of what the store holds, one row a field."""
    rows = [row for row in run.readback if row["mode"] == "keyed" and row["round"] == "settled"]
    for place, name in enumerate(FIELDS):
        total = float(sum(row["values"][place] or 0 for row in rows))
        run.stored(None, source="results", mode="totals", key=name, number=total)


def _call(caller: int, *, served: bool) -> dict[str, Any]:
    return {
        "caller": caller, "role": "chair", "line": "hotline", "record": record_key(caller),
        "dialled_drill": 100.0, "answered_drill": 130.0 if served else None,
        "ended_drill": 300.0, "agent": 0 if served else None,
        "cause": "served" if served else "abandoned",
    }  # fmt: skip


def _inject(name: str, kind: str, touched: int) -> dict[str, Any]:
    return {
        "name": name, "kind": kind, "planned_start_drill": 1500.0, "planned_end_drill": 1800.0,
        "started_drill": 1500.2, "ended_drill": 1800.1, "touched": touched, "undone": True,
        "detail": "",
    }  # fmt: skip


def _but(schema: pl.Schema) -> dict[str, Any]:
    return {name: dtype for name, dtype in schema.items() if name != "values_hash"}


def _hashed(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    return frame.with_columns(values_hash(pl.col("values")).alias("values_hash")).select(
        list(schema)
    )
