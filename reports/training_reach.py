"""What if training had reached more people: a page, a file and a terminal table.

All of them show the plain data of ``harness.training_reach``. The page holds no script and reaches
for nothing on a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports import words
from reports.cleaning import clean
from reports.hours import Hours
from reports.what_if import as_json, render_page, write_files

PAGE, DATA = "training-reach.html", "training-reach.json"
HEAD = (
    "Trained", "Have the app", "Signed in", "Ready", "By the app", "Half held", "9 of 10 held",
    "Longest hold", "98 % in by",
)  # fmt: skip

Reached = Mapping[str, Any]


def sentences(result: Mapping[str, Any]) -> list[str]:
    """What it means, the answer first."""
    hours = Hours.of(result)
    first, last = _as_it_was(result), result["reached"][-1]
    answer = (
        f"Had training reached {_share(last['reach'])} of the chairs and not "
        f"{_share(first['reach'])}, {_share(last['by_app'])} of the sites would have reported by "
        f"the app and not {_share(first['by_app'])}."
    )
    if last is first:
        answer = (
            f"With {_share(first['reach'])} of the chairs trained, {_share(first['by_app'])} of "
            "the sites report by the app."
        )
    said = [answer]
    said += [
        f"With {_share(each['reach'])} trained: {_share(each['ready'])} ready on the night, half "
        f"of those who phone a result hold for {_hold(each['hold_median'])} or less, and 98 % of "
        f"the results are in {_by(each, hours)}."
        for each in ([first] if last is first else [first, last])
    ]
    said += [
        f"Published of the night as it was: {what} ({_share(share)}); here {_share(first[name])}."
        for name, what, share in result["published"]
    ]
    said.append(
        f"With {_share(last['reach'])} trained, {_share(1.0 - last['has_app'])} of the chairs "
        "still have no app, for want of a telephone that it runs on or of somebody to show them: "
        "they will phone."
    )
    return said


def rows_of(result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One row for each reach, under :data:`HEAD`."""
    hours = Hours.of(result)
    return [
        (
            *(_share(each[name]) for name in ("reach", "has_app", "signed_in", "ready", "by_app")),
            *(_hold(each[name]) for name in ("hold_median", "hold_p90", "hold_longest")),
            _moment(each["in_98"], hours),
        )
        for each in result["reached"]
    ]


def steps_of(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How many pass each step, in words."""
    steps = result["steps"]
    alone = _share(steps["install_step"] ** steps["install_steps"])
    return [
        ("have a smartphone, and get the app without training", alone),
        ("then sign in", _share(steps["signs_in"])),
        ("then try the form before the night", _share(steps["practises"])),
        ("with training, pass each of these steps", _share(steps["guided"])),
        ("have tried it, and can still do it two weeks later", _share(steps["kept"])),
        ("have never tried it, and get through on the night", _share(steps["unpractised"])),
    ]


def write_training_reach(folder: Path, result: Mapping[str, Any]) -> list[Path]:
    """Write ``training-reach.html`` and ``training-reach.json``; the folder is made if need be.

    Args:
        result: What ``harness.training_reach.TrainingWhatIf.as_info`` gives.

    Returns:
        The files written, the page first.

    Raises:
        RecordError: If a file cannot be written.
    """
    data = as_json({**result, "sentences": sentences(result)})
    return write_files(folder, {PAGE: render_training_reach(result), DATA: data})


def render_training_reach(result: Mapping[str, Any]) -> str:
    """The page."""
    said = sentences(result)
    return render_page(
        "training_reach.html.j2",
        result=result,
        answer=said[0],
        points=said[1:],
        head=HEAD,
        rows=rows_of(result),
        as_it_was=result["reached"].index(_as_it_was(result)),
        steps=steps_of(result),
    )


def show_training_reach(
    console: Console, result: Mapping[str, Any], written: Iterable[Path] = ()
) -> None:
    """Print what ``drillhall simulate --training-reach`` ends with."""
    title = Text.assemble((clean(str(result["title"])), "bold"), ", what if for its training")
    answer, *points = sentences(result)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    shown = [place for place, name in enumerate(HEAD) if name not in ("Have the app", "Signed in")]
    for place in shown:
        table.add_column(HEAD[place], header_style="bold", justify="right", overflow="fold")
    same = result["reached"].index(_as_it_was(result))
    for number, row in enumerate(rows_of(result)):
        table.add_row(*(row[place] for place in shown), style="green" if number == same else None)
    lines: list[RenderableType] = [Text(), title, Text(), Text(clean(answer), "bold"), Text()]
    lines += [Text(f"- {clean(point, 2000)}") for point in points]
    lines += [Text(), table, Text("The green row is the cast as it is.", "dim"), Text()]
    lines += [Text.assemble(("Report  ", "bold"), clean(str(path))) for path in list(written)[:1]]
    console.print(Padding(Group(*lines), (0, 1)))


def _as_it_was(result: Mapping[str, Any]) -> Reached:
    """What comes of the cast's own reach."""
    found: Reached = next(
        each for each in result["reached"] if each["reach"] == result["as_it_was"]
    )
    return found


def _share(value: float) -> str:
    return f"{100 * value:.1f} %".replace(".0 %", " %")


def _hold(minutes: float | None) -> str:
    if minutes is None:
        return "nobody"
    return "under a minute" if minutes < 0.5 else words.duration(60.0 * round(minutes))


def _moment(at: float | None, hours: Hours) -> str:
    return "not reached" if at is None else hours.text(at)


def _by(each: Reached, hours: Hours) -> str:
    at = each["in_98"]
    return "at no time" if at is None else f"by {hours.text(at)}"
