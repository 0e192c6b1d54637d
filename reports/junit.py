"""junit.xml: a testcase for each objective and each check, for the tools that build and deploy.

A fail is a failure, an unknown an error, and what was not drilled or does not apply is skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.record import Finding, RunFolder, Status
from harness.verdict import ObjectiveResult, Verdict
from reports.brief import STATES, asked_for
from reports.cleaning import clean
from reports.integrity import replay_command

_ELEMENT = {
    Status.FAIL: "failure",
    Status.UNKNOWN: "error",
    Status.NOT_DRILLED: "skipped",
    Status.NOT_APPLICABLE: "skipped",
}


def render_junit(run: RunFolder, verdict: Verdict) -> str:
    """The whole file as text."""
    scenario = clean(run.info.get("scenario") or "drill")
    root = Element("testsuites", name=f"drillhall {scenario}: {verdict.word}")
    _suite(
        root,
        f"drillhall.{scenario}.objectives",
        run,
        [(each.objective.name, each.state, _objective_text(each)) for each in verdict.results],
    )
    _suite(
        root,
        f"drillhall.{scenario}.checks",
        run,
        [(each.name, each.status, _finding_text(each, run)) for each in run.findings],
    )
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(
    root: Element, name: str, run: RunFolder, cases: Sequence[tuple[str, Status, tuple[str, str]]]
) -> None:
    suite = SubElement(root, "testsuite", name=name, tests=str(len(cases)))
    if run.info.get("started"):
        suite.set("timestamp", clean(run.info["started"]))
    kinds = [_ELEMENT.get(status) for _, status, _ in cases]
    for attribute, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(kinds.count(kind)))
    for case, status, (message, body) in cases:
        element = SubElement(suite, "testcase", classname=name, name=clean(case), time="0")
        if status in _ELEMENT:
            outcome = SubElement(element, _ELEMENT[status], message=clean(message))
            if _ELEMENT[status] != "skipped":
                outcome.set("type", status.value)
                outcome.text = body


def _objective_text(result: ObjectiveResult) -> tuple[str, str]:
    lines = [
        f"Asked for: {asked_for(result.objective)} ({result.objective.asked})",
        f"Found: {result.sentence}",
        f"State: {STATES[result.state]}, {'required' if result.objective.required else 'optional'}",
        f"Judged by: {', '.join(result.findings) or 'nothing'}",
    ]
    return result.sentence, _lines(lines)


def _finding_text(finding: Finding, run: RunFolder) -> tuple[str, str]:
    lines = [finding.question, finding.answer]
    for witness in finding.witnesses:
        lines.append(f"{witness.record or 'no record'}: expected {clean(witness.expected)}")
        lines.append(f"    found {clean(witness.found)}")
        command = replay_command(run.path, witness.record)
        if command:
            lines.append(f"    {command}")
    left = finding.offenders - len(finding.witnesses)
    if finding.witnesses and left > 0:
        lines.append(f"and {left} more")
    return finding.answer, _lines(lines)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(clean(line, 1000) for line in lines)
