"""The verdict on a terminal: the word, why, the objectives, and where the report lies.

Text from a target reaches the terminal only as :class:`rich.text.Text` of cleaned characters,
never as Rich markup and never as an escape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.record import RunFolder, Status
from harness.verdict import Verdict, Word
from reports import brief
from reports.cleaning import clean
from reports.simulated import simulation_lines
from reports.volunteers import groups_of
from reports.words import number

OF_PERSONAS = ("personas", "walk_time", "drift")
_STYLES = {
    Word.GO: "bold white on green",
    Word.CONDITIONS: "bold black on yellow",
    Word.NO_GO: "bold white on red",
    Word.NOT_ENOUGH: "bold black on white",
}
_STATES = {
    Status.PASS: "green",
    Status.FAIL: "bold red",
    Status.UNKNOWN: "yellow",
    Status.NOT_DRILLED: "yellow",
    Status.NOT_APPLICABLE: "dim",
}


def show_verdict(
    console: Console, run: RunFolder, verdict: Verdict, reports: Iterable[Path] = ()
) -> None:
    """Print what ``drillhall run`` ends with.

    Args:
        console: Where it is printed.
        run: The run judged.
        verdict: Its verdict.
        reports: Files written, named below the verdict.
    """
    console.print(render_verdict(run, verdict, reports))


def show_simulation(
    console: Console, run: RunFolder, verdict: Verdict, reports: Iterable[Path] = ()
) -> None:
    """Print what ``drillhall simulate`` ends with: the night as it went, beside the record."""
    title = Text.assemble((clean(brief.title_of(run.info)), "bold"), ", played in virtual time")
    told = Text.assemble(
        "Judged as a drill, this night would be ", (str(verdict.word), "bold"), "."
    )
    lines = [Text(), title, Text(), *simulation_lines(run.info), told, *_files(reports)]
    console.print(Padding(Group(*lines), (0, 1)))


def plan_table(plan: Mapping[str, Any]) -> Table:
    """What a drill would do, a row for each thing that its plan says."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in plan.items():
        table.add_row(_text(str(name).replace("_", " ")), _text(_said(value)))
    return table


def render_verdict(
    run: RunFolder, verdict: Verdict, reports: Iterable[Path] = ()
) -> RenderableType:
    """The verdict as something that Rich prints; arguments as for :func:`show_verdict`."""
    said = brief.brief_of(run, verdict)
    lines: list[RenderableType] = [
        Text(),
        Text.assemble((f"  {verdict.word}  ", _STYLES[verdict.word]), "  ", _text(said.why)),
        Text(),
        *(_text(note, "yellow") for note in said.notes),
    ]
    for i, reason in enumerate(said.reasons, 1):
        lines.append(Text.assemble(f"  {i}. ", _text(reason.found)))
        if reason.asked:
            lines.append(Text.assemble("     asked for: ", _text(reason.asked), style="dim"))
    if said.more_reasons:
        lines.append(Text(f"  and {said.more_reasons} more"))
    lines += [Text(), objectives_table(verdict), Text()]
    facts = [("Played", said.played), *training_facts(run)]
    facts += [("Not drilled", each) for each in said.not_drilled]
    facts += [("Zeros", each) for each in said.bounds]
    facts += [("Valid until", said.valid), ("Practice", "Invented people and results only.")]
    lines.append(_facts(facts))
    lines += [Text(), Text("Next", "bold")]
    for step in said.steps:
        lines.append(Text.assemble("  - ", _text(step.text), " ", _text(step.command, "bold")))
    return Padding(Group(*lines, *_files(reports)), (0, 1))


def training_facts(run: RunFolder) -> list[tuple[str, str]]:
    """What to say of personas and volunteers, where there were any."""
    facts = [
        ("Personas", each.answer)
        for each in run.findings
        if each.check in OF_PERSONAS and each.status is not Status.NOT_APPLICABLE
    ]
    for group in groups_of(run):
        label = "Simulated" if group.simulated else "Volunteers"
        said = (group.says(name) for name in ("funnel:correct", "report_time", "satisfaction"))
        facts += [(label, each) for each in said if each]
    return facts


def objectives_table(verdict: Verdict) -> Table:
    """Every objective with what was found and its state."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in ("State", "Objective", "Result"):
        table.add_column(head, header_style="bold", overflow="fold")
    for each in brief.results_by_weight(verdict):
        optional = "" if each.objective.required else " (optional)"
        table.add_row(
            Text(brief.STATES[each.state], _STATES[each.state]),
            Text.assemble(_text(brief.asked_for(each.objective)), (optional, "dim")),
            _text(brief.found(each)),
        )
    return table


def _facts(facts: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    said = ""
    for label, text in facts:
        table.add_row("" if label == said else label, _text(text))
        said = label
    return table


def _files(reports: Iterable[Path]) -> list[RenderableType]:
    named = list(reports)
    if not named:
        return []
    lines = [Text.assemble(("Report  ", "bold"), _text(named[0]))]
    if named[1:]:
        lines.append(
            Text.assemble("        and ", _text(", ".join(each.name for each in named[1:])))
        )
    if not any(path.suffix == ".pdf" for path in named):
        lines.append(
            Text(
                "No PDF: it needs Playwright and a Chromium. Any browser prints the "
                "report just as well.",
                "dim",
            )
        )
    return [Text(), *lines]


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(each)}" for key, each in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_said(each) for each in value) or "none"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return "–" if value is None else str(value)


def _text(text: object, style: str = "") -> Text:
    return Text(clean(text), style)
