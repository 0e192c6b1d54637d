"""Practice cards as a page to print: one sheet a volunteer, and one for who runs the room.

A card is all that somebody needs at a kitchen table: where to go, what to type, whom to call,
and a worksheet of made-up numbers to report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.live.card_words import ENGLISH, WORDS, CardWords
from harness.live.model import Card, Volunteer
from simulators.world.preferences import FIELDS, GROUPS, PREFERENCES

Paper = Literal["a4", "letter"]
PAPERS: dict[str, str] = {"a4": "A4", "letter": "letter"}
_QUIET = 4  # modules of white around a QR code: below that, cameras miss it
_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]*")


@dataclass(frozen=True)
class Handout:
    """What all cards of a drill say alike.

    Attributes:
        title: Of the drill.
        app: What the app under test is called.
        address: Where volunteers open it.
        help_number: As printed.
        link: Where volunteers' own pages begin; the token comes after it.
        organizer: Where those who run the drill sign in.
        on_time_minutes: Minutes from opening the card within which a report is on time.
    """

    title: str
    app: str
    address: str
    help_number: str
    link: str
    organizer: str
    on_time_minutes: float = 60.0

    @property
    def door(self) -> str:
        """Where a card code is typed: the same server's first page."""
        parts = urlsplit(self.link)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Dealt:
    """One volunteer and their card."""

    volunteer: Volunteer
    card: Card
    county: str


@dataclass(frozen=True)
class _Line:
    """One line of the worksheet: a name, then three numbers, each with what was crossed out."""

    name: str
    cells: tuple[tuple[int, int | None], ...]


def cards_page(dealt: Sequence[Dealt], handout: Handout, paper: str = "a4") -> str:
    """All cards as one page of HTML, one sheet each.

    Args:
        paper: ``a4`` or ``letter``.
    """
    return _templates().get_template("cards.html.j2").render(
        sheets=[_sheet(each, handout) for each in dealt],
        handout=handout,
        size=PAPERS[paper],
        css=_css(),
        language=dealt[0].volunteer.language if dealt else "en",
    )  # fmt: skip


def facilitator_page(dealt: Sequence[Dealt], handout: Handout, paper: str = "a4") -> str:
    """The sheet for who runs the room: one page."""
    return _templates().get_template("facilitator.html.j2").render(
        handout=handout,
        size=PAPERS[paper],
        css=_css(),
        words=ENGLISH,
        count=len(dealt),
        languages=Counter(each.volunteer.language for each in dealt).most_common(),
        counties=len({each.volunteer.county for each in dealt}),
        difficulties=Counter(each.card.difficulty for each in dealt),
        insiders=sum(each.volunteer.insider for each in dealt),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )  # fmt: skip


def _sheet(dealt: Dealt, handout: Handout) -> dict[str, Any]:
    words = WORDS.get(dealt.volunteer.language, ENGLISH)
    card, link = dealt.card, handout.link + dealt.volunteer.token
    return {
        "words": words,
        "volunteer": dealt.volunteer,
        "code": spaced(dealt.volunteer.id, 4),
        "qr": qr_code(link, words.qr),
        "card": card,
        "county": dealt.county,
        "codes": [
            (name, spaced(code, 3))
            for name, code in zip(_code_names(words, len(card.codes)), card.codes, strict=True)
        ],
        "attendance": card.values[0],
        "lines": worksheet(card, words),
    }


def worksheet(card: Card, words: CardWords) -> list[_Line]:
    """The card's numbers, line by line, as the paper has them."""
    lines = []
    for group, name in enumerate(PREFERENCES):
        cells = tuple(1 + group + GROUPS * column for column in range(3))
        lines.append(
            _Line(
                words.groups.get(name, name.title()),
                tuple((card.values[cell], _struck(card, cell)) for cell in cells),
            )
        )
    assert len(card.values) == len(FIELDS), "a caucus worksheet has 43 numbers"
    return lines


def _struck(card: Card, cell: int) -> int | None:
    return card.struck[1] if card.struck is not None and card.struck[0] == cell else None


def _code_names(words: CardWords, count: int) -> list[str]:
    more = range(len(words.codes) + 1, count + 1)
    return [*words.codes, *(words.another_code.format(at) for at in more)][:count]


def spaced(text: str, every: int) -> str:
    """A code in groups that people can read out.

    Example:
        >>> spaced("614285", 3), spaced("K7QM4XPT", 4)
        ('614 285', 'K7QM 4XPT')
    """
    return " ".join(text[at : at + every] for at in range(0, len(text), every))


def qr_code(link: str, label: str) -> Markup:
    """The link as a drawing that phones read: SVG with a name for screen readers."""
    code = segno.make(shortest(link), error="m", micro=False)
    drawing = code.svg_inline(border=_QUIET, omitsize=True, title=label)
    return Markup(drawing)  # noqa: S704 - drawn by us; segno escapes the title


def shortest(link: str) -> str:
    """The spelling of a link that makes the smallest code.

    Schemes and host names may be written in capitals, and QR codes pack capitals closer; so a
    link whose path has no small letters is put in capitals whole.

    Example:
        >>> shortest("https://drill.example.org/V/K7QM4XPT")
        'HTTPS://DRILL.EXAMPLE.ORG/V/K7QM4XPT'
        >>> shortest("https://drill.example.org/v/K7qm")
        'https://drill.example.org/v/K7qm'
    """
    scheme, _, rest = link.partition("://")
    host, slash, path = rest.partition("/")
    capitals = f"{scheme}://{host}".upper() + slash + path
    return capitals if _ALPHANUMERIC.fullmatch(capitals) else link


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _css() -> Markup:
    text = (Path(__file__).parent / "templates" / "cards.css").read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file
