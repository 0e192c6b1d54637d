"""The deck of practice cards: one a precinct of the plan, each with what is hard about it.

Difficulty is dealt on purpose: some worksheets have a tie, some a number that fell to zero, and
so on. Cards are made only from worksheets that keep the rules: a volunteer who copies theirs
rightly must never be told by the app that it is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from harness.live.model import Card
from simulators.people.draws import stream
from simulators.plan import Plan
from simulators.plans import ElectionPlan
from simulators.world.preferences import ATTENDANCE, DELEGATES, FINAL, FIRST

KINDS = ("tie", "zero_votes", "three_digits", "repeated_digits", "second_round", "correction")
"""What can be hard about a card (readiness drills vary it on purpose). ``tie``: two groups that
end level; ``zero_votes``: a group with no more than a few that ends at nothing; ``three_digits``:
100 people or more; ``repeated_digits``: a count such as 44; ``second_round``: a group that
grew by half; ``correction``: a number crossed out, and the right one written beside it."""

_FEW = 5  # supporters of a group that nobody misses when its zero is left out


class DeckError(Exception):
    """No cards can be made of this scenario; the message says why."""


@dataclass(frozen=True)
class Place:
    """One precinct that a card can be made of.

    Attributes:
        record: Its key.
        name, county: As printed.
        account: Key of the account that reports for it.
        kinds: What is hard about its worksheet by itself.
    """

    record: str
    name: str
    county: str
    account: str
    kinds: tuple[str, ...]


class Deck:
    """Every card that a plan has.

    Args:
        plan: Of a caucus night.

    Raises:
        DeckError: If the plan's people do not report worksheets.
    """

    def __init__(self, plan: ElectionPlan) -> None:
        if not isinstance(plan, Plan):
            raise DeckError(
                f"{plan.night.name}: practice cards are worksheets of a caucus, and this is a day "
                "of voter lists. Take a scenario of a caucus night."
            )
        self.plan = plan
        self.fields = tuple(plan.fields)

    @cached_property
    def places(self) -> dict[str, Place]:
        """What cards can be made of, by record, in the order of the plan."""
        accounts = {each.record: each.key for each in self._chairs.values()}
        about = {row["record"]: row for row in self.plan.precinct_table().iter_rows(named=True)}
        return {
            record: Place(
                record,
                str(about[record]["name"]),
                str(about[record]["county"]),
                accounts[record],
                kinds_of(values),
            )
            for record, values in self._sheets.items()
        }

    @cached_property
    def counties(self) -> tuple[str, ...]:
        """Their names, in the order of the plan."""
        return tuple(dict.fromkeys(place.county for place in self.places.values()))

    @cached_property
    def by_county(self) -> dict[str, list[Place]]:
        """Places of each county."""
        found = defaultdict(list)
        for place in self.places.values():
            found[place.county].append(place)
        return dict(found)

    def card(self, record: str, *, difficulty: str = "") -> Card:
        """The card of one precinct.

        Args:
            difficulty: What it is dealt as; if left out, what its numbers are by themselves.

        Raises:
            KeyError: No card can be made of this record.
        """
        place, person = self.places[record], self._chairs[record]
        kinds = (*place.kinds, "correction")
        card = Card(record, place.name, self._sheets[record], person.codes, difficulty or kinds[0])
        if card.difficulty != "correction":
            return card
        return replace(card, struck=self._struck(record, card.values))

    def _struck(self, record: str, values: Sequence[int]) -> tuple[int, int]:
        """A number of the first alignment that was first written down wrong."""
        rng = stream(self.plan.night.seed, "crossed out", record)
        cells = [cell for cell in range(FIRST.start, FIRST.stop) if values[cell]]
        cell = rng.choice(cells)
        text = str(values[cell])
        turned = int(text[::-1])
        wrong = turned if len(str(turned)) == len(text) and turned != values[cell] else None
        return cell, values[cell] + rng.choice((1, 2, 3)) if wrong is None else wrong

    @cached_property
    def _sheets(self) -> dict[str, tuple[int, ...]]:
        table = self.plan.report_table()
        return {
            str(row["record"]): tuple(row["values"])
            for row in table.iter_rows(named=True)
            if not row["errors"] and any(row["values"][FIRST])
        }

    @cached_property
    def _chairs(self) -> dict[str, _Chair]:
        table = self.plan.chairs.table()
        return {
            str(row["record"]): _Chair(
                str(row["key"]), str(row["record"]), tuple(map(str, row["codes"]))
            )
            for row in table.iter_rows(named=True)
        }


@dataclass(frozen=True)
class _Chair:
    """The account that a card signs in with."""

    key: str
    record: str
    codes: tuple[str, ...]


def kinds_of(values: Sequence[int]) -> tuple[str, ...]:
    """What is hard about a worksheet's numbers, in the order of :data:`KINDS`.

    Example:
        >>> kinds_of([60, 30, 25, 5, *[0] * 11, 30, 30, *[0] * 12, 2, 2, *[0] * 12])
        ('tie', 'zero_votes')
    """
    first, final, delegates = values[FIRST], values[FINAL], values[DELEGATES]
    groups = [count for count, won in zip(final, delegates, strict=True) if count and won]
    found = {
        "tie": len(set(groups)) < len(groups),
        "zero_votes": any(0 < a <= _FEW and not b for a, b in zip(first, final, strict=True)),
        "three_digits": values[ATTENDANCE] >= 100,
        "repeated_digits": any(
            count > 10 and len(set(str(count))) == 1 for count in (*first, *final)
        ),
        "second_round": any(
            won and b >= 1.5 * a for a, b, won in zip(first, final, delegates, strict=True)
        ),
    }
    return tuple(kind for kind in KINDS if found.get(kind))
