"""How the drill was made, enough to make it again; and a simulated night beside the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.record import RunFolder
from reports import words
from reports.again import again_command


@dataclass(frozen=True)
class Anchor:
    """One published figure of the night that is replayed, and what the simulation made of it.

    Attributes:
        name: Such as ``A2``.
        says: What it is about.
        published: What the record says, as text.
        measured: What this run gave, as text.
        holds: Whether it is within its tolerance; None where it is only shown.
        speed: Drill seconds a second at which it was measured; 1 in virtual time.
    """

    name: str
    says: str
    published: str
    measured: str
    tolerance: str
    holds: bool | None
    speed: float = 1.0


def anchors_of(info: Mapping[str, Any]) -> tuple[Anchor, ...]:
    """The anchors that ``run.json`` carries: only a whole night that history has played has any."""
    rows = info.get("anchors") or ()
    return tuple(
        Anchor(
            name=str(row.get("anchor") or row.get("name") or ""),
            says=str(row.get("says") or ""),
            published=_text(row.get("published")),
            measured=_text(row.get("measured")),
            tolerance=_text(row.get("tolerance")),
            holds=row.get("holds"),
            speed=float(row.get("speed") or 1.0),
        )
        for row in rows
        if isinstance(row, dict)
    )


def method_of(run: RunFolder) -> tuple[tuple[str, str], ...]:
    """Seed, plan, versions, machine and how well Drillhall itself kept up, as label and text."""
    info = run.info
    rows = [
        ("Play it again", again_command(info)),
        ("Run", info.get("run")),
        ("Scenario", info.get("scenario")),
        ("Seed", info.get("seed")),
        ("Plan hash", info.get("plan_hash")),
        ("Began, ended (UTC)", f"{info.get('started') or '–'}, {info.get('ended') or '–'}"),
        ("Ended as", info.get("state")),
        (
            "Speed",
            f"{info.get('speed')} drill seconds a second; declared {info.get('declared_speed')}",
        ),
        ("Scale, workers", f"{info.get('scale')}, {info.get('workers')}"),
        ("Offered rates", _pairs(info.get("rates"))),
        ("Target", _target(info.get("target") or {})),
        ("Record kept", _ledger(info)),
        ("Generator’s health", _generator(info)),
        ("Versions", _pairs(info.get("versions"))),
        ("Machine", _pairs(info.get("machine"))),
        ("Sources of the story", "; ".join(str(each) for each in info.get("sources") or ())),
    ]
    return tuple((label, str(text)) for label, text in rows if text not in (None, ""))


def _target(target: Mapping[str, Any]) -> str:
    readers = ", ".join(
        f"{each.get('name')} ({each.get('mode')})" for each in target.get("readers") or ()
    )
    kinds = ", ".join(str(each) for each in target.get("operations") or ())
    parts = [
        str(target.get("name") or "not named"),
        f"build {target['build']}" if target.get("build") else "",
        f"operations: {kinds}" if kinds else "",
        f"read back by: {readers}" if readers else "",
    ]
    return "; ".join(part for part in parts if part)


def _ledger(info: Mapping[str, Any]) -> str:
    ledger = info.get("ledger") or {}
    problems = "; ".join(str(each) for each in ledger.get("problems") or ())
    whole = "complete" if ledger.get("complete") else f"NOT complete: {problems or 'cause unknown'}"
    synced = "" if info.get("synced", True) else "; the last second may not have reached the disk"
    lost = info.get("workers_lost") or 0
    return f"{whole}{synced}{f'; {lost} workers lost' if lost else ''}"


def _generator(info: Mapping[str, Any]) -> str:
    health = info.get("generator") or {}
    late = words.duration(health.get("lateness_p99"))
    return (
        f"99 of 100 actions began within {late} of their time; "
        f"{words.count(health.get('shed') or 0)} were dropped at the limit of "
        f"{words.count(health.get('max_in_flight'))} in flight"
    )


def _pairs(pairs: object) -> str:
    if not isinstance(pairs, dict):
        return ""
    return ", ".join(f"{name} {_text(value)}" for name, value in pairs.items())


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "–" if value is None else ("yes" if value else "no")
    if isinstance(value, int | float):
        return words.number(value)
    if isinstance(value, list | tuple):
        return " to ".join(_text(each) for each in value)
    if isinstance(value, dict):
        return f"({_pairs(value)})"
    return str(value)
