"""The journal of a live drill: who was invited and everything that happened, as sessions.

``harness.live.harvest`` copies it from the live server's database: one JSON line for the drill,
one a volunteer, one an event, and a last one with a digest. Links, accounts and contacts are not
in it. Scores are worked out again from it and the truth, so an old drill can be judged anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from harness.ledger import trailer
from harness.live.marking import Mark, Marker
from harness.live.model import Card, Event, Happening, Volunteer
from harness.live.roll import Roll
from harness.live.scoring import Terms
from harness.record import SESSIONS

NAME = "live.jsonl"
WRITER = "live server"
NOT_KEPT = ("token", "account")
"""What of a volunteer stays behind: it opens their page, and signs in as them."""


@dataclass(frozen=True)
class Journal:
    """What a journal tells.

    Attributes:
        terms: When a report was on time.
        roll: Everybody and what happened to them.
        opened, closed: When the drill was first opened and last closed, in Unix seconds.
        problems: What is wrong with it; empty if it is whole.
    """

    terms: Terms
    roll: Roll
    opened: float | None
    closed: float | None
    problems: tuple[str, ...]

    def sessions(self, worksheets: pl.DataFrame) -> pl.DataFrame:
        """One row a volunteer, scored; columns as :data:`harness.record.SESSIONS`.

        Args:
            worksheets: ``truth/reports``: what each card says.
        """
        cards = [
            Card(str(record), "", tuple(values), ())
            for record, values in worksheets.select("record", "values").iter_rows()
        ]
        marks = Marker(cards, self.terms).marks(self.roll)
        return pl.DataFrame(
            [_session(mark, self.opened) for mark in marks], schema=_plain(SESSIONS), strict=False
        ).cast(SESSIONS)


def read(path: Path) -> Journal:
    """Read what there is of a journal; what is no line of ours is left out."""
    terms, roll, times = Terms(), Roll(), _Times()
    problems = trailer.problems(path, WRITER)
    for line in _lines(path):
        try:
            match line.get("k"):
                case "drill":
                    terms = Terms(float(line["within"]), line.get("deadline"))
                case "volunteer":
                    roll.add(_volunteer(line))
                case "event":
                    event = _event(line)
                    roll.apply(event)
                    times.note(event)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problems.append(f"{path.name}: a line that cannot be read: {type(error).__name__}")
    return Journal(terms, roll, times.opened, times.closed, tuple(problems))


@dataclass
class _Times:
    """When the drill was first opened and last closed."""

    opened: float | None = None
    closed: float | None = None

    def note(self, event: Event) -> None:
        if event.what is Happening.OPEN:
            self.opened, self.closed = self.opened or event.at, None
        elif event.what is Happening.CLOSED:
            self.closed = event.at


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            told = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(told, dict):
            yield told


def _volunteer(line: Mapping[str, Any]) -> Volunteer:
    known = {each.name for each in fields(Volunteer)}
    given = {name: value for name, value in line.items() if name in known}
    return Volunteer(**(dict.fromkeys(NOT_KEPT, "") | given))


def _event(line: Mapping[str, Any]) -> Event:
    return Event(
        float(line["at"]), Happening(line["what"]), str(line["volunteer"]), dict(line["detail"]),
        int(line["n"]),
    )  # fmt: skip


def _plain(schema: pl.Schema) -> dict[str, Any]:
    """The schema with plain strings, which rows can be made of."""
    return {
        name: pl.String if isinstance(kind, pl.Categorical) else kind
        for name, kind in schema.items()
    }


def _session(mark: Mark, opened: float | None) -> dict[str, Any]:
    """One volunteer's row. Nobody did anything before the drill was open, but being invited."""
    each, journey, first = mark.volunteer, mark.journey, mark.first
    start = opened or 0.0
    survey = journey.survey

    def after(at: float | None) -> float | None:
        return None if at is None or opened is None else max(0.0, at - start)

    invited = journey.times.get(Happening.INVITED)
    return {
        "session": each.id,
        "source": each.source,
        "persona": "",
        "record": journey.cards[0].record,
        "county": each.county,
        "language": each.language,
        "age_band": each.age_band,
        "device": each.device,
        "training": each.training,
        "insider": each.insider,
        "first_time": each.first_time,
        "invited": None if invited is None or opened is None else invited - start,
        "opened": after(mark.opened),
        "signed_in": after(mark.signed_in),
        "practised": after(mark.practised),
        "reported": after(mark.reported),
        "finished": after(journey.times.get(Happening.SURVEYED)),
        "state": mark.state,
        "correct": mark.correct,
        "on_time": mark.on_time,
        "cells_wrong": 0 if first is None else min(65_535, len(first.score.slips)),
        "errors": [] if first is None else first.score.kinds,
        "channel": "" if first is None else first.sighting.channel,
        "help_calls": min(65_535, len(journey.helps)),
        "recovered": after(mark.recovered),
        "sus": None if survey is None else [_answer(given) for given in survey.sus],
        "comment": "" if survey is None else survey.comment,
        "drift": None,
    }


def _answer(given: object) -> int | None:
    """An answer from 1 to 5; None for anything else."""
    return given if type(given) is int and 1 <= given <= 5 else None
