"""What if the phones had other numbers of people and lines: a page, a file and a terminal table.

All of them show the plain data of ``harness.what_if``, so the page can be made again from
``what-if.json``. The page holds no script and reaches for nothing on a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.record import RecordError
from reports import brief, words
from reports.cleaning import clean
from reports.hours import Hours
from reports.what_if_charts import charts_of
from reports.what_if_words import sentences

PAGE, DATA = "what-if.html", "what-if.json"


def write_what_if(folder: Path, result: Mapping[str, Any]) -> list[Path]:
    """Write ``what-if.html`` and ``what-if.json`` into a folder, which is made if need be.

    Args:
        result: What ``harness.what_if.PhonesWhatIf.as_info`` gives.

    Returns:
        The files written, the page first.

    Raises:
        RecordError: If a file cannot be written.
    """
    data = {**result, "sentences": sentences(result)}
    return write_files(folder, {PAGE: render_what_if(result), DATA: as_json(data)})


def as_json(data: Mapping[str, Any]) -> str:
    """Plain data as a file for people and programs."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def write_files(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files by name into a folder, which is made if need be.

    Raises:
        RecordError: If one cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode())
    except OSError as error:
        raise RecordError(f"{folder}: cannot be written: {error.strerror}.") from error
    return [folder / name for name in texts]


def render_what_if(result: Mapping[str, Any]) -> str:
    """The page."""
    said = sentences(result)
    return render_page(
        "what_if.html.j2",
        result=result,
        answer=said[0],
        points=said[1:],
        charts=charts_of(result),
        tables=[("Waits", *waits_table(result)), ("Calls and results", *calls_table(result))],
        callers=[(kind, words.count(count)) for kind, count in result["callers"].items()],
    )


def render_page(template: str, **values: Any) -> str:
    """A page of a what-if, with the style and the banner that all pages have."""
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(template).render(
        # Our own style sheet: it is not escaped, since a browser would not unescape it.
        css=Markup(files("reports").joinpath("templates/report.css").read_text("utf-8")),  # noqa: S704
        banner=brief.BANNER,
        **values,
    )
    return re.sub(r"\n\s*\n+", "\n", page)


def _finalize(value: object) -> object:
    """What every ``{{ ... }}`` passes before it is escaped; markup of ours is left alone."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else clean(value, 2000)


Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]


def waits_table(result: Mapping[str, Any]) -> Rows:
    """How long callers wait: column titles and one row for each combination."""
    within = words.duration(result["goal"]["within"])
    head = ("Half answered within", "9 of 10 within", f"Within {within}", "Over an hour", "Never")
    rows = []
    for each in combinations(result):
        waits = (_wait(each["wait_median"]), _wait(each["wait_p90"]))
        shares = (words.share(each[name], 1.0) for name in ("within", "over_an_hour", "never"))
        rows.append((*_size(result, each), *waits, *shares))
    return (*_sizes(result), *head), rows


def calls_table(result: Mapping[str, Any]) -> Rows:
    """What becomes of calls, and when results are in: titles and rows as :func:`waits_table`."""
    hours = Hours.of(result)
    head = ("Calls", "Busy tones", "Gave up", "Longest hold")
    rows = []
    for each in combinations(result):
        counts = (words.count(each[name]) for name in ("attempts", "busy", "abandoned"))
        moments = ("not reached" if at is None else hours.text(at) for at in each["in_by"])
        longest = each["hold_longest"]
        hold = "–" if longest is None else _wait(longest)
        results = moments if result["results"] else ()
        rows.append((*_size(result, each), *counts, hold, *results))
    results_head = ("50 % in by", "90 % in by", "All in by") if result["results"] else ()
    return (*_sizes(result), *head, *results_head), rows


def combinations(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those asked for, then what is needed."""
    needed = result["needed"]
    return [*result["asked"], *([needed["answered"]] if needed is not None else [])]


def _sizes(result: Mapping[str, Any]) -> tuple[str, ...]:
    return ("Lines",) if result["kind"] == "lines" else ("People", "Lines")


def _size(result: Mapping[str, Any], each: Mapping[str, Any]) -> tuple[str, ...]:
    trunks = "no limit" if each["trunks"] is None else words.count(each["trunks"])
    return (trunks,) if result["kind"] == "lines" else (words.count(each["agents"]), trunks)


def _wait(seconds: float | None) -> str:
    return "not reached" if seconds is None else words.duration(float(round(seconds)))


def show_what_if(console: Console, result: Mapping[str, Any], written: Iterable[Path] = ()) -> None:
    """Print what ``drillhall simulate --what-if`` ends with."""
    title = Text.assemble((clean(str(result["title"])), "bold"), ", what if for the phones")
    answer, *points = sentences(result)
    shown: list[RenderableType] = [Text(), title, Text(), Text(clean(answer), "bold"), Text()]
    shown += [Text(f"- {clean(point, 2000)}") for point in points]
    shown += [Text(), _table(result), Text()]
    shown += [Text.assemble(("Report  ", "bold"), clean(str(path))) for path in list(written)[:1]]
    console.print(Padding(Group(*shown), (0, 1)))


def _table(result: Mapping[str, Any]) -> Table:
    """The figures that a terminal has room for; what is needed comes last, in green."""
    head, rows = waits_table(result)
    calls_head, calls_rows = calls_table(result)
    sizes = len(_sizes(result))
    shown = [i for i, name in enumerate(calls_head) if name in ("Busy tones", "90 % in by")]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in (*head[:-2], *(calls_head[i] for i in shown)):
        table.add_column(name, header_style="bold", justify="right", overflow="fold")
    last = len(rows) - 1 if result["needed"] is not None else None
    for number, (row, calls) in enumerate(zip(rows, calls_rows, strict=True)):
        cells = (*row[: sizes + 3], *(calls[i] for i in shown))
        table.add_row(*cells, style="green" if number == last else None)
    return table
