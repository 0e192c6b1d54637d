"""Scoring: what the target was seen to hold against the card it was read from.

A volunteer's first report says how accurate people are; the last one is what the party would
have counted. All are kept. Pure: the same sighting and card give the same score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.live.model import Card, Sighting
from harness.live.slips import MOST, Slip, slips

_FEW = 2  # cells in which somebody else's card may differ from the report and still be its source
_APART = 3  # cells, at least, in which it then differs from the volunteer's own


@dataclass(frozen=True)
class Terms:
    """When a report is on time.

    Attributes:
        within: Seconds from opening the card.
        deadline: Unix seconds after which no report is on time; None if there is no such moment.
    """

    within: float = 3600.0
    deadline: float | None = None


@dataclass(frozen=True)
class Score:
    """What one report is worth.

    Attributes:
        seconds: From opening the card to the report; None if the card was never seen opened.
        on_time: Whether it came in time by the terms of the drill.
        correct: Whether every cell is right; None where the target shows no values.
        slips: The wrong cells.
        found_at: Another record that the report stands at; empty where it is in its place.
    """

    seconds: float | None
    on_time: bool
    correct: bool | None
    slips: tuple[Slip, ...] = ()
    found_at: str = ""

    @property
    def kinds(self) -> list[str]:
        """Kinds of errors, one a wrong cell; a report in the wrong place alone is one, too."""
        if self.found_at and not self.slips:
            return ["wrong_precinct"]
        return [each.kind for each in self.slips]


class Cards:
    """The cards of a drill, and whose a row of values is.

    Args:
        cards: All of them, each record at most once.
    """

    def __init__(self, cards: Iterable[Card]) -> None:
        self.by_record: dict[str, Card] = {card.record: card for card in cards}
        self._records = list(self.by_record)
        width = max((len(card.values) for card in self.by_record.values()), default=0)
        self._matrix: NDArray[np.int64] = np.zeros((len(self._records), width), dtype=np.int64)
        for row, card in enumerate(self.by_record.values()):
            self._matrix[row, : len(card.values)] = card.values

    def source_of(self, sighting: Sighting, record: str) -> str:
        """Whose card a report at ``record`` was copied from: usually that record's own.

        Another card is the source only if it fits so much better that slips cannot explain it,
        and if no third card fits as well.
        """
        own = self.by_record.get(record)
        if not len(self._matrix) or not sighting.values:
            return record
        if own is not None and sighting.values == own.values:
            return record  # most reports are right
        values = _within(sighting.values, self._matrix.shape[1])
        wrong = (self._matrix != values).sum(axis=1)
        best = int(wrong.min())
        least = _APART if own is None else max(_APART, 4 * best)
        mine = int(np.count_nonzero(values)) if own is None else self._wrong_of(record, values)
        nearest = np.flatnonzero(wrong == best)
        if best > _FEW or mine < least or len(nearest) > 1:
            return record
        return self._records[int(nearest[0])]

    def _wrong_of(self, record: str, values: NDArray[np.int64]) -> int:
        return int((self._matrix[self._records.index(record)] != values).sum())


def _within(values: Sequence[int | None], width: int) -> NDArray[np.int64]:
    """Cells as numbers: 0 where there is none, and one that is no count where there is nonsense."""
    held = [-1 if each is not None and not 0 <= each < MOST else each or 0 for each in values]
    return np.array([*held[:width], *[0] * (width - len(held))], dtype=np.int64)


def score(
    sighting: Sighting,
    card: Card,
    *,
    at: float,
    opened: float | None,
    terms: Terms,
    elsewhere: bool = False,
) -> Score:
    """Score one report.

    Args:
        at: When it was seen, in Unix seconds.
        opened: When the volunteer's time began: they opened the card.
        elsewhere: Whether its values are known to be another precinct's.
    """
    seconds = None if opened is None else max(0.0, at - opened)
    late = terms.deadline is not None and at > terms.deadline
    on_time = not late and (seconds is None or seconds <= terms.within)
    found_at = sighting.record if sighting.record not in ("", card.record) else ""
    if not sighting.values:
        return Score(seconds, on_time, None if not found_at else False, (), found_at)
    wrong = slips(card.values, sighting.values, elsewhere=elsewhere)
    return Score(seconds, on_time, not wrong and not found_at, wrong, found_at)


def sighting_of(detail: Mapping[str, Any]) -> Sighting:
    """The sighting that an event tells of, whatever stands in it.

    Cells that are no whole numbers count as missing.
    """
    values = detail.get("values")
    cells = values if isinstance(values, list | tuple) else ()
    return Sighting(
        tuple(
            each if isinstance(each, int) and not isinstance(each, bool) else None for each in cells
        ),
        **{name: str(detail.get(name) or "") for name in ("key", "channel", "stored_id", "record")},
    )


def detail_of(sighting: Sighting) -> dict[str, Any]:
    """A sighting as the detail of an event: plain JSON."""
    return asdict(sighting) | {"values": list(sighting.values)}
