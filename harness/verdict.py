"""The verdict: objectives and findings come to one of four words, and why.

Required objectives decide: one that fails is NO-GO, one that is unknown or was not drilled is
NOT ENOUGH EVIDENCE. Optional ones that are not met, and failing checks that nobody made an
objective of, are conditions. Nothing is averaged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from harness.checks import MEASURES, ask_all
from harness.objective import Objective, ObjectiveResult, evaluate, undecidable
from harness.record import Finding, RecordError, RunFolder, Status

__all__ = [
    "MEASURES",
    "Condition",
    "Objective",
    "ObjectiveResult",
    "Verdict",
    "Word",
    "as_of",
    "decide",
    "exit_code",
    "judge",
    "load_verdict",
    "schema_text",
    "undecidable",
]

VALID_FOR = timedelta(days=14)
MOST_REASONS = 3
SCHEMA_PATH = Path(__file__).with_name("verdict.schema.json")


class Word(StrEnum):
    """The verdict in one word."""

    GO = "GO"
    CONDITIONS = "GO WITH CONDITIONS"
    NO_GO = "NO-GO"
    NOT_ENOUGH = "NOT ENOUGH EVIDENCE"


@dataclass(frozen=True)
class Condition:
    """What somebody must see to before the day.

    Attributes:
        text: What is open, in plain words.
        about: Name of the objective or finding it comes from.
        owner: Left blank for people to fill.
        due: Left blank for people to fill.
    """

    text: str
    about: str
    owner: str = ""
    due: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a drill comes to.

    Attributes:
        word: One of the four.
        reasons: Why, in plain words, the weightiest first; reports show the first three.
        conditions: What is open under GO WITH CONDITIONS.
        results: Every objective with what became of it.
        not_drilled: What the target offers and this drill could not drive.
        run: The run's identifier.
        judged: When, ISO 8601 in UTC.
        expires: When this evidence is too old, ISO 8601; 14 days after the drill ended.
        build: The target's build it holds for; any other build needs a new drill.
    """

    word: Word
    reasons: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    results: tuple[ObjectiveResult, ...] = ()
    not_drilled: tuple[str, ...] = ()
    run: str = ""
    judged: str = ""
    expires: str = ""
    build: str = ""
    schema: int = 1


def judge(run: RunFolder, *, now: datetime | None = None) -> Verdict:
    """Ask every check, write ``findings.json`` and ``verdict.json``, and return the verdict."""
    info = run.info
    objectives = _declared(run)
    faster = info.get("speed", 1.0) > info.get("declared_speed", info.get("speed", 1.0))
    findings = list(ask_all(run))
    results = tuple(evaluate(each, findings, faster_than_declared=faster) for each in objectives)
    findings = _agree(findings, results)
    run.write_findings(findings)
    verdict = decide(results, findings, state=info.get("state", "finished"))
    now = now or datetime.now(UTC)
    target = info.get("target") or {}
    verdict = replace(
        verdict,
        not_drilled=tuple(target.get("not_drilled") or ()),
        run=str(info.get("run", "")),
        judged=now.isoformat(timespec="seconds"),
        expires=(_ended(info, now) + VALID_FOR).isoformat(timespec="seconds"),
        build=str(target.get("build") or ""),
    )
    _write(run.path / "verdict.json", verdict)
    return verdict


def _declared(run: RunFolder) -> list[Objective]:
    """The objectives as the run declared them.

    Raises:
        RecordError: If they are not objectives.
    """
    try:
        return TypeAdapter(list[Objective]).validate_python(run.info.get("objectives", []))
    except ValidationError as error:
        where = ".".join(str(each) for each in error.errors()[0]["loc"])
        raise RecordError(
            f"{run.path / 'run.json'}: objectives.{where}: {error.errors()[0]['msg']}. The file "
            "was damaged or is of another version."
        ) from None


def decide(
    results: Sequence[ObjectiveResult],
    findings: Iterable[Finding] = (),
    *,
    state: str = "finished",
) -> Verdict:
    """The word, its reasons and conditions, from what became of the objectives.

    Args:
        results: Every objective with its state.
        findings: All findings; a failing one that no objective covers is a condition.
        state: How the run ended; anything but ``finished`` leaves too little for a GO.
    """
    required = [each for each in results if each.objective.required]
    failed = [each for each in required if each.state is Status.FAIL]
    open_ = [each for each in required if each.state in (Status.UNKNOWN, Status.NOT_DRILLED)]
    passed = [each for each in required if each.state is Status.PASS]
    conditions = tuple(_conditions(results, findings))
    reasons = [_reason(each) for each in failed] + [_reason(each) for each in open_]
    if failed:
        return Verdict(Word.NO_GO, tuple(reasons), conditions, tuple(results))
    if state != "finished":
        reasons.insert(0, f"The drill did not reach its end: {state}.")
    if not passed and not open_:
        reasons.append("No required objective could be asked of this target.")
    if reasons:
        return Verdict(Word.NOT_ENOUGH, tuple(reasons), conditions, tuple(results))
    if conditions:
        texts = tuple(each.text for each in conditions)
        return Verdict(Word.CONDITIONS, texts, conditions, tuple(results))
    met = f"All {len(passed)} required objectives were met." if len(passed) > 1 else ""
    return Verdict(Word.GO, (met or "The required objective was met.",), (), tuple(results))


def exit_code(verdict: Verdict, *, strict: bool = False) -> int:
    """The command's exit code: 0, or 1 NO-GO, or 3 NOT ENOUGH EVIDENCE.

    GO WITH CONDITIONS is 0, and 1 with ``strict``.
    """
    codes = {Word.GO: 0, Word.CONDITIONS: int(strict), Word.NO_GO: 1, Word.NOT_ENOUGH: 3}
    return codes[verdict.word]


def as_of(verdict: Verdict, *, now: datetime, build: str | None = None) -> Verdict:
    """The verdict as it holds later: a GO that has expired, or is of another build, is none.

    Args:
        verdict: As judged.
        now: The moment asked about, with its zone.
        build: The target's build now, None if nobody knows of a change.
    """
    if verdict.word not in (Word.GO, Word.CONDITIONS):
        return verdict
    if build is not None and build != verdict.build:
        why = f"The target has changed since: drilled {verdict.build or '?'}, now {build or '?'}."
    elif verdict.expires and now > datetime.fromisoformat(verdict.expires):
        why = f"This evidence expired on {verdict.expires[:10]}: drill again."
    else:
        return verdict
    return replace(verdict, word=Word.NOT_ENOUGH, reasons=(why, *verdict.reasons))


def load_verdict(path: Path) -> Verdict:
    """Read a ``verdict.json``."""
    return _ADAPTER.validate_json(path.read_bytes())


def schema_text() -> str:
    """The JSON Schema of ``verdict.json``, as published beside this module."""
    schema: dict[str, Any] = _ADAPTER.json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Drillhall verdict"
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"


_ADAPTER = TypeAdapter(Verdict)


def _agree(findings: list[Finding], results: Sequence[ObjectiveResult]) -> list[Finding]:
    """Let findings that only measure say what the objectives declared for them say."""
    agreed = []
    for finding in findings:
        # An objective names the worst of those it covers: what is good enough there is so here.
        declared = [
            each.state
            for each in results
            if each.objective.covers(finding)
            and (finding.name in each.findings or each.state is Status.PASS)
        ]
        measured = finding.check in MEASURES and finding.status in (Status.PASS, Status.FAIL)
        if measured and declared:
            order = (Status.FAIL, Status.UNKNOWN, Status.PASS)
            finding = replace(finding, status=min(declared, key=order.index))
        agreed.append(finding)
    return agreed


def _conditions(
    results: Sequence[ObjectiveResult], findings: Iterable[Finding]
) -> Iterable[Condition]:
    unmet = (Status.FAIL, Status.UNKNOWN, Status.NOT_DRILLED)
    for each in results:
        if not each.objective.required and each.state in unmet:
            yield Condition(_reason(each), each.objective.name)
    for finding in findings:
        if any(each.objective.covers(finding) for each in results):
            continue
        undone = finding.status is Status.UNKNOWN and finding.check not in MEASURES
        if finding.status is Status.FAIL or undone:
            yield Condition(f"{finding.question} {finding.answer}", finding.name)


def _reason(result: ObjectiveResult) -> str:
    asked = result.objective.says or result.objective.name
    return f"{asked.rstrip('.')}: {result.sentence}"


def _ended(info: dict[str, Any], now: datetime) -> datetime:
    stamp = info.get("ended") or info.get("started")
    return datetime.fromisoformat(stamp) if stamp else now


def _write(path: Path, verdict: Verdict) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(_ADAPTER.dump_json(verdict, indent=2) + b"\n")
    partial.replace(path)
