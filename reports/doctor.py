"""What this machine has and lacks, and what killed drills left: a terminal table of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reports.cleaning import clean

_STYLES = {"ok": "green", "MISSING": "bold red", "not there": "yellow", "WRONG": "bold red"}


def show_doctor(out: Console, info: Mapping[str, Any]) -> None:
    """Show what was found, as ``harness.doctor.as_info`` gives it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("", "what", "found", "used for", "what to do"):
        table.add_column(column, overflow="fold")
    for part in info["parts"]:
        state = _state(part)
        table.add_row(
            Text(state, style=_STYLES[state]),
            Text(clean(part["name"])),
            Text(clean("; ".join(filter(None, (part["found"], part["problem"]))))),
            Text(clean(part["used_for"])),
            Text(clean(part["get"])),
        )
    out.print(table)
    _show_leases(out, info["leases"])
    lacking = [part["name"] for part in info["parts"] if part["required"] and _state(part) != "ok"]
    ready = "Ready to drill." if not lacking else f"Not ready: {', '.join(lacking)}."
    out.print(Text(f"\n{ready} What is not there is not drilled, and the report says so."))


def _state(part: Mapping[str, Any]) -> str:
    if part["found"] and not part["problem"]:
        return "ok"
    if part["found"]:
        return "WRONG"
    return "MISSING" if part["required"] else "not there"


def _show_leases(out: Console, leases: list[Mapping[str, Any]]) -> None:
    for each in leases:
        whose = f"drill {each['run']} (process {each['process']})"
        if each["goes_on"]:
            out.print(Text(f"\n{clean(whose)} goes on; it will undo:", style="bold"))
        else:
            said = f"\n{clean(whose)} was killed; `drillhall doctor --undo` will do this:"
            out.print(Text(said, style="bold red"))
        for undo in each["open"] or ["nothing"]:
            out.print(Text(f"  {clean(undo)}"))
