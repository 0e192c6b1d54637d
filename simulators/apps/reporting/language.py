"""What the app says to people, in English and in the Spanish of the United States.

All words are in ``words/``, one file a language. The API speaks English; a page speaks the
language that its reader chose, else the first that their browser asks for and we have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from markupsafe import Markup, escape

_FOLDER = Path(__file__).parent / "words"
_LONGEST = 200  # characters of an Accept-Language header that are read


class Said(str):
    """A sentence for people: English to whoever reads it as text, and any language to a page.

    Attributes:
        key: Its place in ``words/``.
        values: What goes into its placeholders.
    """

    key: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Language:
    """One language of the pages.

    Attributes:
        tag: As in ``<html lang>``.
        name: What the language calls itself.
        words: The sentences by their keys, as ``report.send``.
    """

    tag: str
    name: str
    words: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> Markup:
        """A sentence as HTML; values that are no markup are escaped."""
        return escape(self.words[key]).format(**values)

    def of(self, said: str) -> str:
        """What was said, in this language; a text from elsewhere stays as it is."""
        if not isinstance(said, Said):
            return said
        return self.words[said.key].format(**said.values)


def say(key: str, **values: Any) -> Said:
    """A sentence whose reader's language is not known yet.

    Example:
        >>> said = say("fault.range", largest=9)
        >>> said, LANGUAGES["es"].of(said)
        ('Type a number from 0 to 9.', 'Escriba un número de 0 a 9.')
    """
    said = Said(ENGLISH.words[key].format(**values))
    said.key, said.values = key, values
    return said


@lru_cache(maxsize=256)
def preferred(header: str) -> Language:
    """The language that an ``Accept-Language`` header asks for first, of those we have.

    Example:
        >>> preferred("fr-CA, es-US;q=0.8, en;q=0.5").tag
        'es'
    """
    asked = []
    for place, part in enumerate(header.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            asked.append((-float(weight or 1), place, tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return next((LANGUAGES[tag] for _, _, tag in sorted(asked) if tag in LANGUAGES), ENGLISH)


def language_of(chosen: str | None, header: str) -> Language:
    """The language of a page.

    Args:
        chosen: What its reader chose once; empty or unknown if nothing.
        header: What their browser asks for.
    """
    return LANGUAGES.get(chosen or "") or preferred(header[:_LONGEST])


def _load(path: Path) -> Language:
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    name = given.pop("name")
    words = {f"{part}.{key}": text for part, each in given.items() for key, text in each.items()}
    return Language(path.stem, name, MappingProxyType(words))


LANGUAGES = {path.stem: _load(path) for path in sorted(_FOLDER.glob("*.yaml"))}
ENGLISH = LANGUAGES["en"]
