"""summary.md: the verdict first, fit for the step summary of a build server.

GitHub drops a step summary that is over 1,024 KiB, so whole sections are left out from the end
until it fits, and the summary says so. Text is escaped so that it can neither become markup nor
a mention, a link or an image.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.record import Finding, RunFolder, Status
from harness.verdict import Verdict, Word
from reports import brief, personas, words
from reports.cleaning import clean
from reports.hours import Hours
from reports.integrity import CLASSES, Offence, offences_of, readers_of
from reports.night import night_of
from reports.recovery import HEAD, in_short, recovered_of, rows_of
from reports.volunteers import groups_of

LARGEST = 1024 * 1024  # bytes, https://docs.github.com/actions (job summaries, step limit)
_MARKS = {
    Word.GO: "✅",
    Word.CONDITIONS: "⚠️",
    Word.NO_GO: "❌",
    Word.NOT_ENOUGH: "❔",
}


def render_markdown(run: RunFolder, verdict: Verdict, *, largest: int = LARGEST) -> str:
    """The summary, at most ``largest`` bytes of UTF-8."""
    findings = run.findings
    sections = [
        _first(run, verdict),
        _objectives(verdict),
        _people(run),
        _shut_out(run),
        _integrity(findings),
        *(_offence(each) for each in offences_of(findings, run.path)),
        _night(run),
        _broken(run, verdict),
        _limits(),
    ]
    left_out = "\n\n*Left out to keep this summary small; the rest is in report.html.*\n"
    text, room = "", largest - len(left_out.encode())
    for section in filter(None, sections):
        added = text + ("\n\n" if text else "") + section
        if len(added.encode()) > room:
            return _cut(text or section, room) + left_out
        text = added
    return text + "\n"


def plain(text: object) -> str:
    r"""Text as one line of Markdown that shows exactly these characters.

    Example:
        >>> print(plain("<img src=x> [a](b) | *x*"))
        &lt;img src=x&gt; \[a\](b) \| \*x\*
    """
    line = re.sub(r"\s+", " ", clean(text)).strip()
    line = re.sub(r"([\\`*_\[\]|~#$!])", r"\\\1", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A word joiner stops a renderer from making a mention or a bare link of it.
    return re.sub(r"(@|://|www\.)(?=\S)", "\\1\u2060", line)


def code(text: object) -> str:
    """Text as inline code, whatever backticks it holds.

    Example:
        >>> code("a`b")
        '`` a`b ``'
    """
    line = re.sub(r"\s+", " ", clean(text)).strip().replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"`{line}`"


def _first(run: RunFolder, verdict: Verdict) -> str:
    said = brief.brief_of(run, verdict)
    title = plain(brief.title_of(run.info))
    lines = [
        f"# {_MARKS[verdict.word]} {verdict.word}: {title}",
        f"> **{brief.BANNER}**",
        plain(said.why),
        *(f"> {plain(note)}" for note in said.notes),
        _numbered(
            f"{plain(reason.found)}{f' (asked for: {plain(reason.asked)})' if reason.asked else ''}"
            for reason in said.reasons
        ),
        f"**Played:** {plain(said.played)}",
        "**Not drilled:** "
        + (plain("; ".join(said.not_drilled)) or "nothing that the app offers was left out."),
        *(f"**Zeros:** {plain(each)}" for each in said.bounds),
        f"**Valid until:** {plain(said.valid)}",
        "**Next:**",
        _numbered(
            f"{plain(step.text)}{f' {code(step.command)}' if step.command else ''}"
            for step in said.steps
        ),
    ]
    return "\n\n".join(line for line in lines if line)


def _objectives(verdict: Verdict) -> str:
    if not verdict.results:
        return ""
    rows = [
        (
            plain(brief.asked_for(each.objective)),
            "required" if each.objective.required else "optional",
            plain(brief.found(each)),
            f"**{brief.STATES[each.state]}**",
        )
        for each in brief.results_by_weight(verdict)
    ]
    return "## Objectives\n\n" + _table(("Objective", "", "Result", "State"), rows)


def _people(run: RunFolder) -> str:
    """The live drill, people and simulated volunteers apart."""
    parts = []
    for group in groups_of(run):
        title = "Simulated volunteers" if group.simulated else "Can our people do it?"
        lines = [
            f"- {plain(group.says(name))}"
            for name in (
                "funnel:reported", "funnel:correct", "report_time", "satisfaction", "entry_errors",
                "help_calls", "missing", "sample_size",
            )
            if group.says(name)
        ]  # fmt: skip
        remark = "\n\nThey prove that the path works from end to end, and say nothing of people."
        parts.append(f"## {title}\n\n" + "\n".join(lines) + (remark if group.simulated else ""))
    return "\n\n".join(parts)


def _shut_out(run: RunFolder) -> str:
    """The personas, each by name."""
    grid = personas.grid_of(run)
    if grid is None:
        return ""
    said = "\n".join(f"- {plain(each.answer)}" for _, each in grid.findings)
    rows = []
    for row in grid.rows:
        sign, word = personas.STATES[row.state]
        where = [
            step
            for step, cell in zip(grid.steps, row.cells, strict=True)
            if cell.state in ("struggled", "blocked")
        ]
        rows.append((plain(row.title), f"{sign} {word}", plain(", ".join(where)) or "–"))
    table = _table(("Who", "In the end", "Trouble at"), rows)
    return f"## Will it shut anyone out?\n\n{said}\n\n{table}"


def _integrity(findings: Sequence[Finding]) -> str:
    readers = readers_of(findings)
    if not readers:
        return ""
    rows = [(plain(each.name), *(_cell(cell) for cell in each.cells)) for each in readers]
    return "## Integrity\n\n" + _table(("Read from", *CLASSES), rows)


def _cell(finding: Finding | None) -> str:
    if finding is None:
        return "not asked"
    if finding.status is Status.FAIL:
        return f"**{finding.offenders:,}**"
    return "0" if finding.status is Status.PASS else brief.STATES[finding.status]


def _offence(offence: Offence) -> str:
    rows = [
        (
            code(witness.record) if witness.record else "–",
            plain(witness.expected),
            plain(witness.found),
            code(command) if command else "–",
        )
        for witness, command in zip(offence.shown, offence.replay, strict=True)
    ]
    more = f"\n\nAnd {offence.left_out:,} more." if offence.left_out else ""
    head = f"### {plain(offence.finding.name)}: {plain(offence.finding.answer)}\n\n"
    return head + _table(("Record", "Expected", "Found", "See it again"), rows) + more


def _night(run: RunFolder) -> str:
    night, hours = night_of(run), Hours.of(run.info)
    if not night.kinds:
        return ""
    rows = [
        (
            plain(each.name.replace("_", " ")),
            *(words.count(n) for n in each.outcomes),
            *(words.duration(t) for t in (each.p50, each.p95, each.p99)),
        )
        for each in night.kinds
    ]
    head = ("Action", "acknowledged", "refused", "unknown", "p50", "p95", "p99")
    times = ", ".join(
        f"{percent} % by {hours.text(at)}" if at is not None else f"{percent} % not reached"
        for percent, at in zip((50, 90, 98, 100), night.channels[0].reached, strict=True)
    )
    return f"## The {words.span(run.info)}\n\n{_table(head, rows)}\n\nReports in: {times}."


def _broken(run: RunFolder, verdict: Verdict) -> str:
    """What was broken on purpose, and how soon people got through again."""
    recovered = recovered_of(run, verdict)
    if not recovered:
        return ""
    rows = [tuple(plain(cell) for cell in row) for row in rows_of(recovered)]
    lines = [f"## Broken on purpose\n\n{plain(in_short(recovered))}", _table(HEAD, rows)]
    asked = [
        (plain(each.title), plain(its.text), plain(its.found), f"**{brief.STATES[its.state]}**")
        for each in recovered
        for its in each.asked
    ]
    if asked:
        lines.append(_table(("What was broken", "Asked for", "Found", "State"), asked))
    return "\n\n".join(lines)


def _limits() -> str:
    return f"---\n\n{brief.LIMITS}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _numbered(lines: Iterable[str]) -> str:
    return "\n".join(f"{i}. {line}" for i, line in enumerate(lines, 1))


def _cut(text: str, room: int) -> str:
    """The head of a text, in at most ``room`` bytes, whole characters only."""
    return text.encode()[:room].decode("utf-8", "ignore")
