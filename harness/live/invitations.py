"""Invitations: who gets which practice card, and the file that takes the links to people.

Kinds of difficulty are dealt so that every cohort meets the same mix: each card in turn goes to
the kind that the volunteer's cohorts have met least (minimisation: Pocock and Simon, Biometrics
31 (1975), 103-115). The seed decides who gets which precinct. Who somebody is on the page is no
part of that: ids and links are drawn so that nobody can guess them, seed or no seed.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.document import DocumentError, nearest
from harness.live.deck import KINDS, Deck, Place
from harness.live.model import Volunteer
from harness.live.roster_file import Entry
from simulators.people.draws import stream

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What ids are made of: nothing that looks like something else in print or by hand."""
ID_LENGTH = 8
_TOKEN_BYTES = 24
_COHORTS = ("county", "language", "age_band", "device", "training")
COLUMNS = (
    "id", "card_code", "link", "county", "precinct", "record", "language", "age_band", "device",
    "training", "insider", "first_time",
)  # fmt: skip
SHARES = (("en", 0.80), ("es", 0.15), ("fr", 0.05))
"""Languages of cards that nobody in particular is meant to have."""


@dataclass(frozen=True)
class Invitation:
    """One volunteer with their card's difficulty, and the organizer's own name of them.

    Attributes:
        id: As in the organizer's list; kept in the invitations alone.
        difficulty: What their card is dealt as.
    """

    volunteer: Volunteer
    difficulty: str
    id: str = ""


def invite(
    entries: Sequence[Entry],
    deck: Deck,
    *,
    seed: int,
    name: str = "roster",
    source: str = "volunteer",
    taken: Iterable[Volunteer] = (),
) -> list[Invitation]:
    """Deal a card to everybody on a list, in its order.

    Args:
        name: How complaints call the list.
        source: ``volunteer`` for people, ``robot`` for simulated ones.
        taken: Volunteers of this drill who have cards already; numbers go on from theirs.

    Raises:
        DocumentError: If a county or precinct is not known, or there are too few cards.
    """
    dealing = _Dealing(entries, deck, seed, name, list(taken))
    places = dealing.deal()
    ids = _fresh_ids(dealing.ids)
    return [
        Invitation(
            Volunteer(
                id=next(ids),
                token=secrets.token_urlsafe(_TOKEN_BYTES),
                number=dealing.begun + at,
                record=place.record,
                account=place.account,
                county=dealing.counties[at] or place.county,
                language=entry.language,
                age_band=entry.age_band,
                device=entry.device,
                training=entry.training,
                insider=entry.insider,
                first_time=entry.first_time,
                source=source,
            ),
            difficulty,
            entry.id,
        )
        for at, (entry, (place, difficulty)) in enumerate(zip(entries, places, strict=True))
    ]


def anonymous(count: int, deck: Deck, languages: Sequence[str] = ("en", "es", "fr")) -> list[Entry]:
    """A list of ``count`` people whom nobody has named, over all counties and languages.

    Counties come in turn, each as often as its precincts allow; languages as :data:`SHARES`, or
    in equal parts where those do not know one.

    Raises:
        DocumentError: If there are more people than cards.
    """
    if count > len(deck.places):
        raise DocumentError(
            f"--volunteers {count:,}: there are {len(deck.places):,} cards at this scale. Take "
            "fewer volunteers or a larger --scale."
        )
    shares = {each: dict(SHARES).get(each, 0.05) for each in languages}
    counties = _in_turn(deck)
    return [
        Entry(line, county=next(counties), language=language)
        for line, language in enumerate(_spread(shares, count), start=1)
    ]


def _in_turn(deck: Deck) -> Iterator[str]:
    left = {county: len(places) for county, places in deck.by_county.items()}
    while left:
        for county in list(left):
            yield county
            left[county] -= 1
            if not left[county]:
                del left[county]


def _spread(shares: dict[str, float], count: int) -> Iterator[str]:
    """Values as often as their shares, each as evenly as can be over the whole."""
    total, dealt = sum(shares.values()), Counter[str]()
    for turn in range(1, count + 1):
        owed = max(shares, key=lambda each: shares[each] / total * turn - dealt[each])
        dealt[owed] += 1
        yield owed


class _Dealing:
    """Deals precincts and difficulties to one list."""

    def __init__(
        self, entries: Sequence[Entry], deck: Deck, seed: int, name: str, taken: list[Volunteer]
    ) -> None:
        self.entries, self.deck, self.seed, self.name = entries, deck, seed, name
        self.begun = 1 + max((each.number for each in taken), default=-1)
        self.ids = {each.id for each in taken}
        self._used = {each.record for each in taken}
        self._problems: list[str] = []
        self._met: Counter[tuple[str, str, str]] = Counter()
        self.counties = [self._county(entry) for entry in entries]
        self._asked = self._precincts()

    def deal(self) -> list[tuple[Place, str]]:
        """One place and kind of difficulty an entry, in their order."""
        if self._problems:
            raise DocumentError(self._problems)
        left = len(self.deck.places) - len(self._used)
        if len(self.entries) > left:
            raise DocumentError(
                f"{self.name}: {len(self.entries):,} volunteers, but only {left:,} cards are left, "
                "and no two people may have the same. Take a larger --scale, or fewer volunteers."
            )
        rng = stream(self.seed, "practice cards", self.begun)
        order = list(range(len(self.entries)))
        rng.shuffle(order)
        # Whoever asked for a precinct is served first, so that nobody else is dealt it.
        order.sort(key=lambda at: (not self._asked[at], not self.counties[at]))
        self._free: dict[str, list[Place]] = {}
        for county, places in self.deck.by_county.items():
            mixed = [each for each in places if each.record not in self._used]
            rng.shuffle(mixed)
            self._free[county] = mixed
        self._tie_break = {kind: rng.random() for kind in KINDS}
        dealt: dict[int, tuple[Place, str]] = {at: self._one(at) for at in order}
        return [dealt[at] for at in range(len(self.entries))]

    def _one(self, at: int) -> tuple[Place, str]:
        cohorts = self._cohorts(at)
        wanted = sorted(
            KINDS,
            key=lambda kind: (
                sum(self._met[*cohort, kind] for cohort in cohorts), self._tie_break[kind]
            ),
        )  # fmt: skip
        place, kind = self._pick(at, wanted)
        self._free[place.county].remove(place)
        self._used.add(place.record)
        self._met.update((*cohort, kind) for cohort in cohorts)
        return place, kind

    def _pick(self, at: int, wanted: list[str]) -> tuple[Place, str]:
        """The first free place of the kinds wanted most: where they asked for, else near it."""
        asked = self._asked[at]
        if asked is not None:
            return asked, next(k for k in wanted if k in (*asked.kinds, "correction"))
        own = self._free.get(self.counties[at], [])
        for places in (own, None):
            free = own if places is not None else self._anywhere()
            for kind in wanted:
                for place in free:
                    if kind == "correction" or kind in place.kinds:
                        return place, kind
        raise AssertionError("the cards were counted before they were dealt")

    def _anywhere(self) -> list[Place]:
        """Free places of every county, the county with most of them first."""
        most = sorted(self._free.values(), key=len, reverse=True)
        return [place for places in most for place in places]

    def _cohorts(self, at: int) -> list[tuple[str, str]]:
        entry = self.entries[at]
        values = {each: getattr(entry, each) for each in _COHORTS} | {"county": self.counties[at]}
        return [("all", ""), *((name, value) for name, value in values.items() if value)]

    # -- checking ---------------------------------------------------------------------------

    def _county(self, entry: Entry) -> str:
        """The county as the world spells it; empty if any will do."""
        if not entry.county:
            return ""
        known = {county.lower(): county for county in self.deck.counties}
        found = known.get(entry.county.lower().removesuffix(" county"))
        if found is None:
            self._complain(
                entry,
                "county",
                f"found {entry.county[:40]!r}, which is no county of this drill"
                f"{nearest(entry.county, list(known)) or '.'} Its counties: "
                f"{_some(self.deck.counties)}.",
            )
        return found or ""

    def _precincts(self) -> list[Place | None]:
        """The place that each entry asks for, if it does."""
        names = {place.name.lower(): place for place in self.deck.places.values()}
        names |= {record.lower(): place for record, place in self.deck.places.items()}
        lines: dict[str, int] = {}
        found: list[Place | None] = []
        for entry, county in zip(self.entries, self.counties, strict=True):
            place = names.get(entry.precinct.lower()) if entry.precinct else None
            if entry.precinct and place is None:
                some = _some(tuple(self.deck.places))
                self._complain(
                    entry,
                    "precinct",
                    f"found {entry.precinct[:40]!r}, but no card can be made of such a precinct"
                    f"{nearest(entry.precinct, list(names)) or '.'} There are: {some}.",
                )
            elif place is not None:
                self._refuse(entry, place, county, lines)
            found.append(place)
        return found

    def _refuse(self, entry: Entry, place: Place, county: str, lines: dict[str, int]) -> None:
        if entry.county and county and place.county != county:
            self._complain(
                entry, "precinct", f"found {entry.precinct!r}, which is in {place.county} and not "
                f"in {county}. Leave one of the two empty."
            )  # fmt: skip
        first = lines.setdefault(place.record, entry.line)
        if first != entry.line or place.record in self._used:
            where = f"in line {first}" if first != entry.line else "in this drill already"
            self._complain(
                entry, "precinct", f"found {entry.precinct!r}, whose card somebody has {where}. "
                "Each card is unique: name another precinct, or leave it empty."
            )  # fmt: skip

    def _complain(self, entry: Entry, column: str, message: str) -> None:
        self._problems.append(f"{self.name}:{entry.line}: {column}: {message}")


def _some(names: Sequence[str], count: int = 8) -> str:
    more = f" and {len(names) - count:,} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more


def _fresh_ids(taken: set[str]) -> Iterator[str]:
    """Ids that nobody has."""
    while True:
        made = "".join(secrets.choice(LETTERS) for _ in range(ID_LENGTH))
        if made not in taken:
            taken.add(made)
            yield made


def invitations_csv(
    volunteers: Iterable[Volunteer], deck: Deck, link: str, ids: Sequence[str] = ()
) -> str:
    """The file that the organizer puts beside their own addresses, one line a volunteer.

    Args:
        link: Where the volunteers' pages begin; the token comes after it.
        ids: The organizer's own names of them, in the same order; they stand in the first column.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for at, each in enumerate(volunteers):
        place = deck.places[each.record]
        writer.writerow((
            ids[at] if at < len(ids) else "", each.id, f"{link}{each.token}", each.county,
            place.name, each.record, each.language, each.age_band, each.device, each.training,
            "yes" if each.insider else "no", "yes" if each.first_time else "no",
        ))  # fmt: skip
    return text.getvalue()


def write_invitations(path: Path, text: str) -> Path:
    """Write the file so that only its owner reads it: a link lets anybody in who has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    # Spreadsheets take a file without this mark for something older than UTF-8.
    path.write_text("\ufeff" + text, encoding="utf-8", newline="")
    path.chmod(0o600)
    return path
