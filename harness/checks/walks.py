"""What became of each persona: the walks that were planned, and those that were walked.

A persona is one simulated person: driven ten times, it is still one. So what is said of them is
always a count of persons, and never a share or an interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from harness.checks.reconcile.evidence import Evidence
from harness.record import Finding, Status

PERSONA = "persona"
STATES = ("passed", "struggled", "blocked")
MOST_DRIFT = 0.10
"""Share by which keys may take longer than planned before timings say more of the machine."""


@dataclass(frozen=True)
class Walk:
    """One walk of one persona along the app's pages.

    Attributes:
        title: What officials call the persona.
        row: Its row of the table of sessions.
        steps: Its rows of the table of steps, in order.
    """

    persona: str
    title: str
    row: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...] = ()

    @property
    def record(self) -> str:
        """Key of the record they report."""
        return str(self.row["record"] or "")

    @property
    def state(self) -> str:
        """``passed``, ``struggled`` or ``blocked``."""
        return str(self.row["state"] or "")

    @property
    def drift(self) -> float | None:
        """By which share their keys took longer than planned."""
        drift: float | None = self.row["drift"]
        return drift

    def where(self, state: str) -> Mapping[str, Any] | None:
        """The last step that ended so."""
        return next((each for each in reversed(self.steps) if each["state"] == state), None)


@dataclass(frozen=True)
class Persona:
    """Somebody of the cast, as ``run.json`` tells of them.

    Attributes:
        chairs: Keys of the records that were planned for them: one a walk.
        looks: Names of the looks that were to be made of each page in their setting.
    """

    name: str
    title: str
    language: str = "en"
    looks: tuple[str, ...] = ()
    chairs: tuple[str, ...] = ()
    walks: list[Walk] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Walks that were planned, and of which nothing is recorded."""
        return max(0, max(len(self.chairs), 1) - len(self.walks))

    @property
    def states(self) -> set[str]:
        """What their walks came to; several where they are not always alike."""
        return {each.state for each in self.walks}


class Walks:
    """The personas of a run, and what became of them."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.cast = tuple(_cast(evidence.info))
        offered = (evidence.target.get("web") or {}).get("languages") or ["en"]
        self.languages = [str(each) for each in offered]

    @property
    def barred(self) -> list[Persona]:
        """Personas whose language the pages do not offer: they are not applicable."""
        return [each for each in self.cast if not self._speaks(each)]

    @cached_property
    def driven(self) -> list[Persona]:
        """Every other persona, each with the walks that were walked."""
        found: dict[str, list[Walk]] = {}
        titles = {each.name: each.title for each in self.cast}
        steps: dict[str, list[Mapping[str, Any]]] = {}
        for step in self._evidence.steps.sort("number").collect().iter_rows(named=True):
            steps.setdefault(step["session"], []).append(step)
        mine = self._evidence.sessions.filter(pl.col("source").cast(pl.String) == PERSONA)
        for row in mine.collect().iter_rows(named=True):
            name = str(row["persona"])
            walked = tuple(steps.get(row["session"], ()))
            found.setdefault(name, []).append(Walk(name, titles.get(name, name), row, walked))
        driven = [each for each in self.cast if self._speaks(each)]
        known = {each.name for each in self.cast}
        driven += [Persona(name, name) for name in found if name not in known]
        for each in driven:
            each.walks.extend(found.get(each.name, ()))
        return driven

    @property
    def walked(self) -> Iterator[Walk]:
        """Every walk of everybody."""
        return (walk for each in self.driven for walk in each.walks)

    @cached_property
    def slow(self) -> float | None:
        """By how much keys took longer than planned where it was worst; None where none did."""
        return max((each.drift for each in self.walked if each.drift is not None), default=None)

    @property
    def gap(self) -> str | None:
        """What the record lacks, None if it is whole."""
        web = self._evidence.info.get("web") or {}
        if not web.get("complete", False):
            problems = web.get("problems") or ["no reason given"]
            return f"The browser's journal is incomplete: {'; '.join(map(str, problems))}."
        missing = [each.title for each in self.driven if each.missing]
        if missing:
            return f"Nothing is recorded of walks that were planned: {_named(missing)}."
        unclear = [each.title for each in self.walked if each.state not in STATES]
        if unclear:
            return f"The drill ended before it was clear how it went for: {_named(unclear)}."
        return None

    def _speaks(self, persona: Persona) -> bool:
        return any(
            persona.language.partition("-")[0] == each.partition("-")[0] for each in self.languages
        )


def _named(titles: Sequence[str]) -> str:
    more = f" and {len(titles) - 5:,} more" if len(titles) > 5 else ""
    return ", ".join(titles[:5]) + more


def _cast(info: Mapping[str, Any]) -> Iterator[Persona]:
    for each in info.get("personas") or ():
        chairs = tuple(str(chair.get("record") or "") for chair in each.get("chairs") or ())
        looks = tuple(str(look) for look in each.get("looks") or ())
        name = str(each["name"])
        yield Persona(
            name, str(each.get("title") or name), str(each.get("language") or "en"), looks, chairs
        )


def silence(evidence: Evidence) -> tuple[Status, str] | None:
    """Why nothing can be said of personas in this run, None if something can."""
    if not evidence.info.get("personas"):
        return Status.NOT_APPLICABLE, "No persona walked the app's pages in this drill."
    if evidence.info.get("virtual"):
        return Status.NOT_APPLICABLE, "In virtual time there are no pages to walk."
    if not evidence.target.get("web"):
        return Status.NOT_APPLICABLE, "The target's description has no web pages."
    why = (evidence.info.get("web") or {}).get("why")
    if why:
        return Status.NOT_DRILLED, f"No page was opened: {why}."
    if not (evidence.path / "sessions.parquet").is_file():
        return Status.UNKNOWN, "The run has no record of any walk."
    return None


def silent(evidence: Evidence, check: str, asks: str) -> Finding | None:
    """The finding of a check that cannot be asked of this run, None if it can."""
    found = silence(evidence)
    return None if found is None else Finding(check, found[0], asks, found[1])
