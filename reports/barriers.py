"""What looks at the app's pages saw that shuts people out, grouped by look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from harness.record import Finding, RunFolder
from reports.links import beside

LOOKS = {
    "axe": "Automated rules (axe)",
    "keyboard": "Keyboard alone",
    "focus": "Seeing where one is",
    "reflow": "Fitting a narrow or enlarged page",
    "targets": "Buttons large enough",
    "labels": "Boxes with a label to see",
    "language": "Everything in the reader's language",
    "contrast": "Words that stand out",
    "soft_keyboard": "Reach with the on-screen keyboard up",
    "paste": "Codes that may be pasted",
}
IMPACTS = ("critical", "serious", "moderate", "minor")
COVERED = (
    "Automated rules find about 57 % of accessibility issues by volume (Deque); a person must find "
    "the rest."
)
CHECKLIST = (
    "Go through sign-in and report with a screen reader: VoiceOver, TalkBack or NVDA.",
    "Do the same with the keyboard alone, and with the text size of the system set to the largest.",
    "Read each error message aloud: does it say what to do next?",
    "Let a native speaker read every page of each language.",
    "Try it on an iPhone: the drill drove Chromium, which is not the WebKit that iPhones have.",
    "Hand it to somebody who has never seen it, and watch without helping.",
)


@dataclass(frozen=True)
class Barrier:
    """One rule that an element breaks at a step, whoever met it."""

    step: str
    says: str
    rule: str
    standard: str
    impact: str
    element: str
    met_by: tuple[str, ...]
    screenshot: str


@dataclass(frozen=True)
class Look:
    """One kind of look at pages.

    Attributes:
        title: What it looks for, in plain words.
        finding: What the check says of it; None if it was not asked.
        looks, seen: How often it was made, and how many places it looked at.
        barriers: The gravest first, as many as there is room for.
        more: How many more there are.
    """

    name: str
    title: str
    finding: Finding | None
    looks: int
    seen: int
    barriers: tuple[Barrier, ...]
    more: int = 0


def looks_of(run: RunFolder, shown: int = 60) -> tuple[Look, ...]:
    """Every kind of look that was planned or made, those with barriers first.

    Args:
        shown: Barriers in all that there is room for.
    """
    findings = {each.subject: each for each in run.findings if each.check == "barriers"}
    findings.pop("", None)
    made = _made(run)
    found = _barriers(run)
    names = sorted({*findings, *made, *found}, key=lambda name: (-len(found[name]), name))
    looks = []
    for left, name in zip(range(len(names), 0, -1), names, strict=True):
        mine = found[name]
        room = mine[: -(-shown // left)]
        shown -= len(room)
        count, seen = made.get(name, (0, 0))
        title = LOOKS.get(name, name.replace("_", " ").capitalize())
        looks.append(
            Look(name, title, findings.get(name), count, seen, tuple(room), len(mine) - len(room))
        )
    return tuple(looks)


def _made(run: RunFolder) -> dict[str, tuple[int, int]]:
    rows = (
        run.looks.group_by(pl.col("look").cast(pl.String))
        .agg(pl.len(), pl.col("seen").sum())
        .collect()
        .iter_rows()
    )
    return {str(name): (int(count), int(seen or 0)) for name, count, seen in rows}


def _barriers(run: RunFolder) -> dict[str, list[Barrier]]:
    titles = {
        str(each.get("name")): str(each.get("title") or each.get("name"))
        for each in run.info.get("personas") or ()
        if isinstance(each, Mapping)
    }
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in run.barriers.collect().iter_rows(named=True):
        key = tuple(str(row[name] or "") for name in ("look", "rule", "step", "element"))
        groups[key].append(row)
    found: dict[str, list[Barrier]] = defaultdict(list)
    for (look, rule, step, element), rows in groups.items():
        impacts = [str(row["impact"]) for row in rows]
        impact = next((each for each in IMPACTS if each in impacts), "minor")
        met_by = dict.fromkeys(titles.get(row["persona"], str(row["persona"])) for row in rows)
        picture = next((link for row in rows if (link := beside(row["screenshot"]))), "")
        found[look].append(
            Barrier(
                step, str(rows[0]["says"] or ""), rule, str(rows[0]["standard"] or ""), impact,
                element, tuple(met_by), picture,
            )
        )  # fmt: skip
    for barriers in found.values():
        barriers.sort(key=lambda each: IMPACTS.index(each.impact))
    return found
