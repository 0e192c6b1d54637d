"""The detection matrix: a page, and what the terminal shows.

Both show the plain data of ``harness.prove.matrix``, so the page can be made again from
``matrix.json``. The page holds no script and reaches for nothing on a network; it links to the
reports of the runs beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports import words
from reports.cleaning import clean
from reports.what_if import render_page, write_files

PAGE = "matrix.html"
MARKS = {
    "caught": ("✓", "pass"),
    "caught by another": ("~", "unknown"),
    "missed": ("✕", "fail"),
    "not drilled": ("○", "not_drilled"),
    "no alarm": ("✓", "pass"),
    "false alarm": ("✕", "fail"),
    "unknown": ("?", "unknown"),
}
STYLES = {"pass": "green", "fail": "bold red", "unknown": "yellow", "not_drilled": "yellow"}
CELLS = {"meant": "✓", "also": "+", "silent": "✕"}
Matrix = Mapping[str, Any]


def answer(matrix: Matrix) -> str:
    """What the proof came to, in one sentence."""
    rows, caught, alarms = len(matrix["rows"]), matrix["counts"]["caught"], matrix["alarms"]
    open_ = matrix["counts"]["not drilled"]
    if not rows:
        said = "No defect was drilled"
    elif caught == rows:
        said = f"{_all(rows)} caught by the check that is meant for it"
    else:
        lost = rows - caught - open_
        said = f"{caught} of {rows} seeded defects were caught by the check that is meant for them"
        said += f", {lost} {_were(lost)} not" if lost else ""
        said += f", {open_} {_were(open_)} not drilled" if open_ else ""
    if alarms:
        return f"{said}; {_counted(alarms, 'false alarm')} came where nothing was wrong."
    looked = bool(matrix["clean"] or matrix["injects"])
    return f"{said}, and nothing fired where nothing was wrong." if looked else f"{said}."


def points(matrix: Matrix) -> list[str]:
    """What else is to be known before anything is believed."""
    said = []
    if matrix["without"]:
        names = ", ".join(matrix["without"])
        said.append(f"Left out of the judging on purpose, as if it did not exist: {names}.")
    if not matrix["complete"]:
        said.append("The proof did not come to its end: what is here is what was done by then.")
    for each in matrix["clean"]:
        how = "in virtual time, against the app's model" if each["virtual"] else "over loopback"
        alarms = _counted(len(each["alarms"]), "false alarm")
        seeds = _counted(each["seeds"], "seed")
        said.append(
            f"The clean {each['app']} app, {seeds} {how}: {alarms}"
            + (f", {len(each['undrilled'])} not played." if each["undrilled"] else ".")
        )
    if matrix["injects"]:
        quiet = sum(each["quiet"] == "no alarm" for each in matrix["injects"])
        said.append(
            f"{quiet} of {len(matrix['injects'])} kinds of inject on a clean app touched "
            "something, were undone, and no check fired."
        )
    return said


def columns_of(rows: Iterable[Matrix]) -> list[str]:
    """The checks that fired on any of these rows, or were meant to, by name."""
    fired = {_check(each["finding"]) for row in rows for each in row["fired"]}
    return sorted(fired | {_check(row["meant"]) for row in rows})


def marks_of(row: Matrix, columns: Sequence[str]) -> list[str]:
    """For each column ``meant``, ``also``, ``silent`` (meant, and did not fire) or nothing."""
    fired = {_check(each["finding"]) for each in row["fired"]}
    hit = {_check(each["finding"]) for each in row["fired"] if each["meant"]}
    silent = {_check(row["meant"])} - hit if row["caught"] != "not drilled" else set()
    return [
        "meant" if name in hit else "silent" if name in silent else "also" if name in fired else ""
        for name in columns
    ]


def write_matrix(folder: Path, matrix: Matrix) -> Path:
    """Write ``matrix.html`` into the folder of a proof.

    Args:
        matrix: What ``harness.prove.matrix.as_info`` gives.

    Raises:
        RecordError: If the file cannot be written.
    """
    return write_files(folder, {PAGE: render_matrix(matrix, folder)})[0]


def render_matrix(matrix: Matrix, folder: Path) -> str:
    """The page; runs are linked where their report is there."""
    apps = [
        {
            "name": name,
            "rows": [_shown(row, folder) for row in matrix["rows"] if row["app"] == name],
            "columns": columns_of([row for row in matrix["rows"] if row["app"] == name]),
        }
        for name in dict.fromkeys(row["app"] for row in matrix["rows"])
    ]
    for app in apps:
        for row in app["rows"]:
            row["marks"] = marks_of(row, app["columns"])
    return render_page(
        "matrix.html.j2",
        matrix=matrix,
        answer=answer(matrix),
        points=points(matrix),
        apps=apps,
        injects=[_shown(each, folder) for each in matrix["injects"]],
        alarms=[(each, alarm) for each in matrix["clean"] for alarm in each["alarms"]],
        undrilled=[(each, why) for each in matrix["clean"] for why in each["undrilled"]],
        began=_when(matrix["began"]),
        took=words.duration(float(round(matrix["seconds"]))),
        MARKS=MARKS,
        CELLS=CELLS,
    )


def _shown(row: Matrix, folder: Path) -> dict[str, Any]:
    """A row with the address of its run's report, empty where there is none."""
    report = f"{row['run']}/report.html"
    return {**row, "link": report if row["run"] and (folder / report).is_file() else ""}


def line_of(title: str, state: str, rows: Sequence[Matrix], seconds: float) -> Text:
    """What the terminal says of a drill that has ended.

    Args:
        rows: Of the defects that were drilled in it.
    """
    line = Text(f"  {clean(title)}: ")
    if state != "finished":
        line.append(state, "yellow")
    for n, row in enumerate(rows):
        mark, kind = MARKS[row["caught"]]
        line.append(", " if n else "")
        line.append(f"{mark} {row['caught']}", STYLES[kind])
    if state == "finished" and not rows:
        line.append("played", "dim")
    return line.append(f"  {seconds:.0f} s", "dim")


class ProofLines:
    """What a person watching a proof sees: a line a drill, with how many are still to come."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._left = 0
        self._shown = 0

    def plan(self, drills: int, seeds: int) -> None:
        """Say how much there is to do."""
        said = [_counted(drills, "drill")] if drills else []
        said += [f"{_counted(seeds, 'seed')} in virtual time"] if seeds else []
        self._left = drills
        self._console.print(Text(f"  {' and '.join(said) or 'nothing'} to play", "dim"))

    def drill(
        self, title: str, state: str, why: str, seconds: float, matrix: Mapping[str, Any]
    ) -> None:
        """Say what became of a drill; the matrix is as it stands now."""
        self._left -= 1
        names = {each.strip() for each in title.partition(":")[2].split(",")}
        app = title.partition(":")[0]
        rows = [each for each in matrix["rows"] if each["app"] == app and each["defect"] in names]
        line = line_of(title, state, rows, seconds)
        line.append(f"  {self._left} to go" if self._left else "", "dim")
        self._console.print(line)
        if why:
            self._console.print(Text(f"    {clean(why)}", "yellow"))

    def clean(self, app: str, seeds: int, alarms: int) -> None:
        """Say how far the clean seeds in virtual time are."""
        if seeds % 50 == 0 or alarms > self._shown:
            said = f"  {app}: {_counted(seeds, 'clean seed')}, {_counted(alarms, 'false alarm')}"
            self._console.print(Text(said, "bold red" if alarms else "dim"))
        self._shown = alarms


def show_matrix(console: Console, matrix: Matrix, written: Path | None) -> None:
    """Print what ``drillhall prove`` ends with."""
    lines: list[RenderableType] = [Text(), Text(answer(matrix), "bold"), Text()]
    lines += [Text(f"- {clean(point, 2000)}") for point in points(matrix)]
    if matrix["rows"]:
        lines += [Text(), _defects(matrix["rows"])]
    for each in matrix["rows"]:
        if each["caught"] != "caught":
            lines += [Text(), *_trouble(f"{each['app']}: {each['defect']}", each)]
    for each in matrix["injects"]:
        if each["quiet"] != "no alarm":
            lines += [Text(), *_trouble(f"{each['kind']} on {each['app']}: {each['quiet']}", each)]
    for clean_row in matrix["clean"]:
        for alarm in clean_row["alarms"]:
            said = f"{clean_row['app']}, clean, seed {alarm['seed']}: {alarm['finding']}"
            lines += [Text(), Text(said, "bold red"), Text(f"  {clean(alarm['answer'])}")]
            lines += [Text(f"  {alarm['again']}", "dim")]
    if written is not None:
        lines += [Text(), Text.assemble(("Report  ", "bold"), clean(str(written)))]
    console.print(Padding(Group(*lines), (0, 1)))


def _defects(rows: Iterable[Matrix]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("App", "Defect", "Meant for", "", "Fired as well"):
        table.add_column(name, overflow="fold")
    for row in rows:
        mark, kind = MARKS[row["caught"]]
        also = {_check(each["finding"]) for each in row["fired"] if not each["meant"]}
        table.add_row(
            row["app"], row["defect"], row["meant"],
            Text(f"{mark} {row['caught']}", STYLES[kind]), ", ".join(sorted(also)),
        )  # fmt: skip
    return table


def _trouble(title: str, row: Matrix) -> list[RenderableType]:
    lines: list[RenderableType] = [Text(clean(title), "bold yellow")]
    lines += [Text(f"  {clean(row['why'])}")] if row["why"] else []
    lines += [Text(f"  {clean(each['finding'])}: {clean(each['answer'])}") for each in row["fired"]]
    return [*lines, Text(f"  {row['again']}", "dim")]


def _when(moment: str) -> str:
    at = datetime.fromisoformat(moment)
    return f"{at:%-d %B %Y, %H:%M} UTC"


def _check(finding: str) -> str:
    return finding.partition(":")[0]


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _all(n: int) -> str:
    return "The one seeded defect was" if n == 1 else f"Each of {n} seeded defects was"
