"""A recorded night of full size, made up: 1,765 sites, about 12,000 operations, 1,300 calls.

The figures are those of a plausible rehearsal. Findings are given, not asked: reports must show
what a run folder says, whatever that is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pydantic import TypeAdapter

from harness.checks import CHECKS
from harness.objective import Objective, evaluate
from harness.record import CALLS, HISTORY, INJECTS, Finding, RunFolder, Status, Witness
from harness.verdict import VALID_FOR, Verdict, decide

SPEED = 120.0
SITES = 1765
END = 27_000.0  # drill seconds: 17:30 to 01:00
ENDED = "2026-11-03T19:04:58+00:00"

OBJECTIVES = (
    Objective("nothing-lost", "lost", "invariant", says="No report that the app accepted is lost."),
    Objective("nothing-altered", "altered", "invariant", says="No accepted report is changed."),
    Objective("nothing-doubled", "duplicate", "invariant", says="No report is counted twice."),
    Objective("totals-add-up", "mis_totalled", "invariant",
              says="Published totals are the sum of the reports."),
    Objective("all-in", "completeness", "census", at_least=0.98,
              says="At least 98 of 100 sites have a report in by 1 am."),
    Objective("answers-in-time", "response_time", "quantile", subject="submit_report",
              quantile=0.95, at_most=5.0, says="Sending a report takes under 5 seconds."),
    Objective("sign-in", "sign_in", "census", at_least=0.97, required=False,
              says="At least 97 of 100 chairs sign in within three tries."),
)  # fmt: skip


def clean_findings() -> list[Finding]:
    """What the checks say of a night on which everything held."""
    whole = {"k": 0, "n": SITES}
    questions = {
        "lost": ("Is every report that the app accepted still there?", "None of {n} is missing."),
        "phantom": (
            "Does the app hold reports nobody sent?",
            "Nothing was found that was not sent.",
        ),
        "duplicate": ("Is any report counted twice?", "None of {n} is counted twice."),
        "altered": ("Are the numbers those that were sent?", "All {n} hold what was sent."),
        "misattributed": ("Is any site's report under another site?", "None of {n} is."),
        "stale": ("Is the newest accepted report the one shown?", "It is, for all {n}."),
        "resurrected": ("Does the app hold what it refused?", "Nothing it refused is held."),
        "late": ("Was every report visible in time?", "All {n} were."),
    }
    findings = [
        Finding(name, Status.PASS, question, answer.format(n=f"{SITES:,}"), source, dict(whole))
        for source in ("export", "results page")
        for name, (question, answer) in questions.items()
    ]
    findings += [
        Finding("mis_totalled", Status.PASS, "Do the published totals add up?",
                "All 43 totals are the sum of the reports.", "results page", {"k": 0, "n": 43}),
        Finding("mis_totalled", Status.NOT_APPLICABLE, "Do the published totals add up?",
                "The export publishes no totals.", "export"),
        Finding("completeness", Status.PASS, "How many sites have a report in?",
                "1,764 of 1,765 sites had a report acknowledged.", "",
                {"k": 1764, "n": 1765, "by_2200": 1611}),
        Finding("response_time", Status.PASS, "How long did sending a report take?",
                "Half took 84 ms, 95 of 100 took 212 ms.", "submit_report",
                {"p50": 0.084, "p95": 0.212, "p95_lower": 0.205, "p95_upper": 0.231, "n": 1801}),
        Finding("sign_in", Status.PASS, "Could people sign in?", "1,402 of 1,437 chairs signed in.",
                "", {"k": 1402, "n": 1437}),
        Finding("errors", Status.PASS, "What did the app refuse, and why?",
                "411 refusals, all of them right: wrong codes and wrong precincts."),
        Finding("vacuity", Status.PASS, "Did the drill test what it meant to?",
                "Every kind of action succeeded at least once; both faults touched something."),
    ]  # fmt: skip
    return findings


def faulty_findings() -> list[Finding]:
    """The same night with an export that drops reports, and totals built on it."""
    accepted = "attendance 141, first_biden 38, first_sanders 41, final_biden 44, final_sanders 52"
    lost = tuple(
        Witness(
            f"IA-{7 * i + 3:04d}",
            f"the report accepted at 20:1{i % 10}: {accepted}",
            "no row for this site in the export, read twice after the drill",
            (f"d3f9a1c2-IA-{7 * i + 3:04d}-1",),
        )
        for i in range(20)
    )
    altered = tuple(
        Witness(
            f"IA-{11 * i + 5:04d}",
            "delegates_buttigieg 2",
            "delegates_buttigieg empty",
            (f"d3f9a1c2-IA-{11 * i + 5:04d}-1", f"d3f9a1c2-IA-{11 * i + 5:04d}-2"),
        )
        for i in range(12)
    )
    totals = (
        Witness("", "final_warren between 22,100 and 22,104", "21,877"),
        Witness("", "final_biden between 23,605 and 23,611", "23,332"),
    )
    changes: dict[tuple[str, str], dict[str, Any]] = {
        ("lost", "export"): {
            "answer": "37 of 1,765 accepted reports are missing from the export.",
            "offenders": 37, "witnesses": lost, "figures": {"k": 37, "n": SITES}},
        ("altered", "export"): {
            "answer": "12 of 1,765 reports have empty cells in the export.",
            "offenders": 12, "witnesses": altered, "figures": {"k": 12, "n": SITES}},
        ("mis_totalled", "results page"): {
            "answer": "2 of 43 published totals cannot come from the reports that were accepted.",
            "offenders": 2, "witnesses": totals, "figures": {"k": 2, "n": 43}},
    }  # fmt: skip
    return [
        replace(each, status=Status.FAIL, **changes[each.check, each.subject])
        if (each.check, each.subject) in changes
        else each
        for each in clean_findings()
    ]


def write_night(
    path: Path,
    findings: list[Finding] | None = None,
    *,
    objectives: tuple[Objective, ...] = OBJECTIVES,
    records: int = SITES,
    tables: Mapping[str, pl.DataFrame] | None = None,
    asked: Collection[str] = (),
    **info: Any,
) -> RunFolder:
    """Write the folder: run.json, tables, findings.json and verdict.json.

    Args:
        tables: Further ones, by name.
        asked: Checks that are asked of the run itself, beside the findings given.
    """
    findings = clean_findings() if findings is None else findings
    run = RunFolder.create(path)
    run.write_info(_info(objectives, records) | info)
    run = RunFolder.open(path)
    rng = np.random.default_rng(2020)
    run.write_table("history", _history(rng, records, run.info["speed"]))
    run.write_table("calls", _calls(rng, records * 3 // 4))
    run.write_table("injects", _injects())
    for name in ("precincts", "reports", "people"):
        run.write_table(f"truth/{name}", pl.DataFrame({"record": ["IA-0001"]}))
    (path / "ledger" / "worker-0.jsonl").write_text('{"kind":"header"}\n')
    for name, table in (tables or {}).items():
        run.write_table(name, table)
    for names, check in CHECKS.items():
        findings = [*findings, *(check(run) if names[0] in asked else ())]
    run.write_findings(findings)
    results = tuple(evaluate(each, findings) for each in objectives)
    verdict = decide(results, findings, state=run.info["state"])
    target = run.info["target"]
    verdict = replace(
        verdict,
        not_drilled=tuple(target["not_drilled"]),
        run=run.info["run"],
        judged=ENDED,
        expires=(datetime.fromisoformat(ENDED) + VALID_FOR).isoformat(),
        build=target["build"],
    )
    (path / "verdict.json").write_bytes(TypeAdapter(Verdict).dump_json(verdict, indent=2))
    return run


def _info(objectives: tuple[Objective, ...], records: int) -> dict[str, Any]:
    return {
        "schema": 1, "run": "iowa-caucus-night-20261103T190000Z-2020",
        "scenario": "iowa-caucus-night", "title": "Iowa caucus night",
        "story": "On 3 February 2020 the Iowa Democratic Party had its precinct chairs report with "
        "a new phone app. A quarter of them managed to; the others phoned fifty operators.",
        "sources": ["Audit for the Iowa Democratic Party, December 2020"], "seed": 2020,
        "cast": "rehearsal", "speed": SPEED, "declared_speed": SPEED, "scale": 1.0, "workers": 2,
        "fields": ["attendance"], "plan_hash": "9f2c" * 16, "records": records,
        "participants": 4211, "rates": {"submit_report": 0.31, "sign_in": 0.4},
        "world": {"kind": "caucus", "state": "IA", "precincts": 1678, "satellites": 87},
        "clock": {"zone": "CT", "opens": "17:30", "doors": "18:30", "begins": "19:00",
                  "ends": "01:00"},
        "ends_drill": END,
        "phases": [{"name": "install and sign in", "start_drill": 0.0, "end_drill": 3600.0},
                   {"name": "the 7 pm wave", "start_drill": 5400.0, "end_drill": 16200.0}],
        "injects": [], "zero": "keys", "defects": [], "virtual": False,
        "objectives": TypeAdapter(list[Objective]).dump_python(list(objectives), mode="json"),
        "target": {"name": "Practice reporting app", "about": "", "build": "0.1.0",
                   "operations": ["sign_in", "submit_report", "amend_report", "read_results"],
                   "readers": [{"name": "export", "mode": "keyed"},
                               {"name": "results page", "mode": "set"}],
                   "not_drilled": ["photo of the worksheet: this machine has no browser"],
                   "totals": True},
        "started": "2026-11-03T19:00:00+00:00", "ended": ENDED, "state": "finished",
        "reasons": [], "workers_lost": 0, "ledger": {"complete": True, "problems": []},
        "generator": {"lateness_p99": 0.0031, "shed": 0, "max_in_flight": 1000}, "synced": True,
        "versions": {"python": "3.11.2", "drillhall": "0.1.0", "polars": "1.35.0"},
        "machine": {"system": "Linux 6.1", "processor": "x86_64", "cores": 2},
    }  # fmt: skip


def _history(rng: np.random.Generator, records: int, speed: float) -> pl.DataFrame:
    """Sign-ins, reports on a wave after 7 pm, some refused and tried again, and visits."""
    sign_in = rng.uniform(600, 7000, records)
    wave = 5400 + rng.lognormal(8.3, 0.55, records)
    refused, visits = wave[: records // 5] - 45, rng.uniform(9000, 26_000, 5 * records)
    parts = [("sign_in", sign_in), ("submit_report", refused), ("submit_report", wave)]
    parts.append(("read_results", visits))
    kind = np.concatenate([[name] * len(times) for name, times in parts])
    drill = np.clip(np.concatenate([times for _, times in parts]), 0, END - 120)
    n = len(kind)
    keys = [f"IA-{i + 1:04d}" for i in range(records)]
    record = [""] * records + keys[: records // 5] + keys + [""] * (5 * records)
    outcome = np.full(n, "ok", dtype=object)
    outcome[records : records + records // 5] = "refused"
    outcome[(drill > 9300) & (drill < 9600) & (rng.random(n) < 0.3)] = "unknown"
    hotline = np.isin(kind, ["submit_report"]) & (np.arange(n) % 4 == 1)
    intended = (drill / speed * 1e9).astype(np.int64)
    took = (rng.lognormal(-2.4, 0.45, n) * 1e9).astype(np.int64)
    columns = {
        "op": [f"op-{i}" for i in range(n)], "attempt": [1] * n, "kind": kind.tolist(),
        "record": record, "version": [1] * n, "values": [None] * n, "values_hash": [None] * n,
        "who": list(range(n)), "role": ["chair"] * n, "home": record,
        "channel": np.where(hotline, "hotline", "api").tolist(), "intended": intended,
        "released": intended, "sent": intended, "done": intended + took,
        "outcome": outcome.tolist(), "answer_class": ["accepted"] * n, "status": [200] * n,
        "stored_id": [None] * n, "detail": [""] * n, "worker": [0] * n,
    }  # fmt: skip
    return pl.DataFrame(columns, schema=HISTORY)


def _calls(rng: np.random.Generator, n: int) -> pl.DataFrame:
    dialled = np.sort(6000 + rng.lognormal(8.2, 0.6, n))
    held = np.clip((dialled - 7000) * rng.uniform(0.1, 0.5, n), 0, None)
    answered = dialled + held
    gave_up = (rng.random(n) < 0.1).tolist()
    pairs = zip(answered.tolist(), gave_up, strict=True)
    return pl.DataFrame(
        {
            "caller": list(range(n)), "role": ["chair"] * n, "line": ["hotline"] * n,
            "record": [""] * n, "dialled_drill": dialled,
            "answered_drill": [None if gave else at for at, gave in pairs],
            "ended_drill": answered + 300, "agent": [None if gave else 1 for gave in gave_up],
            "cause": np.where(gave_up, "abandoned", "served").tolist(),
            "id": [f"c{caller}-1" for caller in range(n)], "trunk": ["main"] * n,
            "digits": [0] * n, "sid": [""] * n,
        },
        schema=CALLS,
    )  # fmt: skip


def _injects() -> pl.DataFrame:
    names = ("restart of the app at 20:05", "answers cut for one phone company")
    return pl.DataFrame(
        {
            "name": names, "kind": ("process.restart", "network.cut_answers"),
            "planned_start_drill": (9300.0, 12_600.0), "planned_end_drill": (9480.0, 14_400.0),
            "started_drill": (9301.2, 12_600.4), "ended_drill": (9492.0, 14_400.1),
            "touched": (1, 38), "undone": (True, True), "detail": ("", "every third answer"),
        },
        schema=INJECTS,
    )  # fmt: skip
