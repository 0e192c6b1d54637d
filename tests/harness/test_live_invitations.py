"""Invitations: a list is checked to the cell, and cards are dealt evenly and repeatably."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from harness.document import DocumentError
from harness.live.deck import KINDS, Deck, DeckError, kinds_of
from harness.live.invitations import (
    LETTERS,
    anonymous,
    invitations_csv,
    invite,
    write_invitations,
)
from harness.live.roster_file import Entry, decode, read_entries
from harness.scenario import load_scenario
from simulators.plans import plan_of
from simulators.world.preferences import FIRST


@pytest.fixture(scope="module")
def deck() -> Deck:
    """The cards of a fifth of Iowa."""
    night = load_scenario("iowa-caucus-night").night("rehearsal", seed=7, scale=0.2)
    return Deck(plan_of(night))


def entries(count: int, counties: tuple[str, ...]) -> list[Entry]:
    """People of two languages, two trainings and several counties."""
    return [
        Entry(
            line,
            county=counties[line % len(counties)],
            language="es" if line % 4 == 0 else "en",
            training="session" if line % 3 else "none",
        )
        for line in range(2, count + 2)
    ]


def test_names_and_contacts_are_not_read() -> None:
    """Columns with names and addresses may be there, and nothing of them is kept."""
    text = "Name,E-mail,id,language,Insider\nJo Doe,jo@example.org,A-7,español,yes\n"
    (entry,) = read_entries(text, "list.csv")
    assert entry == Entry(2, id="A-7", language="es", insider=True)
    assert "Jo" not in repr(entry)


def test_a_list_as_spreadsheets_save_it() -> None:
    """Semicolons, a byte order mark, UTF-16, empty lines, quotes and line ends of any kind."""
    text = 'id;county;training\r\n\r\n1;"Polk ";guide\r\n;;\r\n2; Linn;\r\n'
    for data in (text.encode("utf-8-sig"), text.encode("utf-16")):
        first, second = read_entries(decode(data, "l.csv"), "l.csv")
        assert (first.line, first.county, first.training) == (3, "Polk", "read")
        assert (second.line, second.county, second.training) == (5, "Linn", "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "l.csv: empty. Its first line names columns: id, county, precinct"),
        ("id,langauge\n1,en\n", "l.csv:1: found a column 'langauge'; did you mean 'language'?"),
        ("id,id\n1,2\n", "l.csv:1: column id is there twice"),
        ("id,county\n", "l.csv: names columns, but no volunteers"),
        ("id,county\n1,Polk,x\n", "l.csv:2: found 3 cells, but the first line names 2 columns"),
        ("language\nde\n", "l.csv:2: language: found 'de', but it is one of en, es, fr"),
        ("age_band\n70+\n", "l.csv:2: age_band: found '70+', but it is one of under 40, 40-60"),
        ("insider\nmaybe\n", "l.csv:2: insider: found 'maybe', but it is yes or no, or empty"),
        ("id\n=1+1\n", "l.csv:2: id: found '=1+1', but it is up to 40 letters"),
        ("id\nA\nA\n", "l.csv:3: id: found 'A' again (first in line 2)"),
        ('id\n"A\n', "l.csv:2: not CSV: unexpected end of data"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, problem: str) -> None:
    """File, line, column, what was found and what is allowed; in one line."""
    with pytest.raises(DocumentError) as told:
        read_entries(text, "l.csv")
    assert told.value.problems[0].startswith(problem)
    assert "\n" not in str(told.value)


def test_every_mistake_is_told() -> None:
    """Who mends one thing need not come back for the next."""
    with pytest.raises(DocumentError) as told:
        read_entries("language,training\nde,x\nen,none\nxx,\n", "l.csv")
    assert [each.split(":")[1:3] for each in told.value.problems] == [
        ["2", " language"], ["2", " training"], ["4", " language"],
    ]  # fmt: skip


def test_text_that_is_no_text() -> None:
    """A spreadsheet's own format is refused with what to do about it."""
    with pytest.raises(DocumentError, match="Save it as “CSV UTF-8”"):
        decode(b"PK\x03\x04\xff\xff", "l.xlsx")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (Entry(2, county="Pokl"), "l.csv:2: county: found 'Pokl', which is no county of this d"),
        (Entry(2, precinct="IA-9999"), "l.csv:2: precinct: found 'IA-9999', but no card can"),
    ],
)
def test_a_place_that_is_not_there(deck: Deck, entry: Entry, problem: str) -> None:
    """Counties and precincts are those of the drill's world."""
    with pytest.raises(DocumentError) as told:
        invite([entry], deck, seed=1, name="l.csv")
    assert told.value.problems[0].startswith(problem)


def test_a_precinct_has_one_card(deck: Deck) -> None:
    """Two people cannot ask for the same precinct, nor for one in another county."""
    place = next(iter(deck.places.values()))
    other = next(each for each in deck.counties if each != place.county)
    asked = [Entry(2, precinct=place.record), Entry(3, precinct=place.name.upper())]
    with pytest.raises(DocumentError, match=r"l:3: precinct: .* somebody has in line 2"):
        invite(asked, deck, seed=1, name="l")
    with pytest.raises(DocumentError, match=rf"which is in {place.county} and not in {other}"):
        invite([Entry(2, county=other, precinct=place.record)], deck, seed=1)
    (given,) = invite(asked[:1], deck, seed=1)
    with pytest.raises(DocumentError, match="somebody has in this drill already"):
        invite(asked[:1], deck, seed=1, taken=[given.volunteer])


def test_cards_are_unique_and_their_own(deck: Deck) -> None:
    """Nobody shares a precinct; the account is that of its chair; numbers go on."""
    first = invite(entries(100, deck.counties[:5]), deck, seed=3)
    more = invite(
        entries(60, deck.counties[:5]), deck, seed=3, taken=[each.volunteer for each in first]
    )
    everybody = [each.volunteer for each in (*first, *more)]
    assert [each.number for each in everybody] == list(range(160))
    assert len({each.record for each in everybody}) == 160
    assert len({each.token for each in everybody} | {each.id for each in everybody}) == 320
    chairs = {row["record"]: row["key"] for row in deck.plan.chairs.table().to_dicts()}
    assert all(each.account == chairs[each.record] for each in everybody)
    assert all(set(each.id) <= set(LETTERS) and len(each.token) >= 32 for each in everybody)


def test_every_cohort_meets_the_same_mix(deck: Deck) -> None:
    """In each cohort of any size no kind of difficulty comes twice as often as its part."""
    invited = invite(entries(120, deck.counties[:4]), deck, seed=5)
    met: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for each in invited:
        met["language", each.volunteer.language][each.difficulty] += 1
        met["training", each.volunteer.training][each.difficulty] += 1
    for counts in met.values():
        part = counts.total() / len(KINDS)
        assert set(counts) == set(KINDS)
        assert max(counts.values()) <= part + 3, counts
        assert min(counts.values()) >= part - 3, counts


def test_the_seed_deals_the_cards(deck: Deck) -> None:
    """Same seed, same precincts and difficulties; links are new every time."""

    def dealt(seed: int) -> list[tuple[str, str]]:
        made = invite(entries(30, deck.counties), deck, seed=seed)
        return [(each.volunteer.record, each.difficulty) for each in made]

    assert dealt(7) == dealt(7)
    assert dealt(7) != dealt(8)
    one, other = (invite(entries(1, deck.counties), deck, seed=7)[0] for _ in range(2))
    assert one.volunteer.token != other.volunteer.token


def test_a_county_without_cards_left(deck: Deck) -> None:
    """Its people get cards of elsewhere and are still counted at home."""
    county, places = min(deck.by_county.items(), key=lambda each: len(each[1]))
    invited = invite(entries(len(places) + 3, (county,)), deck, seed=2)
    assert {each.volunteer.county for each in invited} == {county}
    elsewhere = [e for e in invited if deck.places[e.volunteer.record].county != county]
    assert len(elsewhere) == 3


def test_more_people_than_cards(deck: Deck) -> None:
    """It is said how many cards there are."""
    count = len(deck.places) + 1
    with pytest.raises(DocumentError, match=f"only {count - 1} cards are left"):
        invite([Entry(n) for n in range(count)], deck, seed=1)
    with pytest.raises(DocumentError, match="Take fewer volunteers or a larger --scale"):
        anonymous(count, deck)


def test_nobody_in_particular(deck: Deck) -> None:
    """Cards without a list are spread over counties and languages."""
    made = anonymous(100, deck)
    assert Counter(each.language for each in made) == {"en": 80, "es": 15, "fr": 5}
    spread = Counter(each.county for each in made)
    assert set(spread) == set(deck.counties)
    assert {each.language for each in anonymous(4, deck, ("fr",))} == {"fr"}


def test_cards_keep_the_rules(deck: Deck) -> None:
    """No card has an error of the paper on it, and a difficulty is really there."""
    errors = dict(deck.plan.report_table().select("record", "errors").iter_rows())
    assert not any(errors[record] for record in deck.places)
    for record, place in deck.places.items():
        card = deck.card(record, difficulty=(*place.kinds, "correction")[0])
        assert card.difficulty == "correction" or card.difficulty in kinds_of(card.values)
        if card.struck is not None:
            cell, number = card.struck
            assert cell in range(FIRST.start, FIRST.stop)
            assert card.values[cell] not in (0, number)


def test_voter_lists_have_no_cards() -> None:
    """A day of voter lists is told that it has no worksheets."""
    night = load_scenario("houdini-election-day").night("rehearsal", seed=1, scale=0.01)
    with pytest.raises(DeckError, match="practice cards are worksheets of a caucus"):
        Deck(plan_of(night))


def test_the_file_of_invitations(deck: Deck, tmp_path: Path) -> None:
    """One line a volunteer, with the organizer's own id, readable by its owner alone."""
    invited = invite([Entry(2, id="A-7"), Entry(3, id="B-1", insider=True)], deck, seed=1)
    text = invitations_csv(
        [each.volunteer for each in invited], deck, "https://drill.example.org/v/", ["A-7", "B-1"]
    )
    path = write_invitations(tmp_path / "new" / "invitations.csv", text)
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [each["id"] for each in rows] == ["A-7", "B-1"]
    volunteer = invited[1].volunteer
    assert rows[1]["link"] == f"https://drill.example.org/v/{volunteer.token}"
    assert (rows[1]["card_code"], rows[1]["insider"]) == (volunteer.id, "yes")
    assert rows[1]["precinct"] == deck.places[volunteer.record].name
