"""What the live drill's pages say, in the languages of volunteers.

All words are in ``words/``, one file a language, key by key alike; a test compares them. A page
speaks the language that its reader chose there, else the one in the organizer's list, else the
first that their browser asks for and the drill has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml
from markupsafe import Markup, escape

_ASKED = 200  # characters of an Accept-Language header that are read
TAGS = ("en", "es", "fr")


@dataclass(frozen=True)
class Language:
    """One language of the pages.

    Attributes:
        tag: As in ``<html lang>``.
        name: What the language calls itself.
        words: The sentences by their keys, as ``card.heading``.
    """

    tag: str
    name: str
    words: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> Markup:
        """A sentence as HTML; values that are no markup are escaped."""
        # A page asks for a hundred of them, and few have anything to fill in.
        return self._markup[key].format(**values) if values else self._plain[key]

    @cached_property
    def _markup(self) -> dict[str, Markup]:
        """Every sentence as HTML, with its placeholders."""
        return {key: escape(said) for key, said in self.words.items()}

    @cached_property
    def _plain(self) -> dict[str, Markup]:
        """Sentences without placeholders; one that has some is only found among the others."""
        return {key: said for key, said in self._markup.items() if "{" not in said}

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self.words


def _load(tag: str) -> Language:
    text = files(__package__).joinpath("words", f"{tag}.yaml").read_text(encoding="utf-8")
    given = yaml.safe_load(text)
    name = given.pop("name")
    words = {f"{part}.{key}": said for part, each in given.items() for key, said in each.items()}
    return Language(tag, name, MappingProxyType(words))


LANGUAGES = {tag: _load(tag) for tag in TAGS}
ENGLISH = LANGUAGES["en"]


def language_of(chosen: Sequence[str], header: str, offered: Sequence[str]) -> Language:
    """The language of a page.

    Args:
        chosen: Languages that somebody chose, the weightiest first; empty or unknown ones are
            passed over.
        header: What their browser asks for.
        offered: Those of the drill.

    Example:
        >>> language_of(["", "xx"], "fr-CA, es-US;q=0.8, en;q=0.5", ["en", "es"]).tag
        'es'
    """
    asked = [*chosen, *_preferred(header[:_ASKED]), *offered]
    return next((LANGUAGES[tag] for tag in asked if tag in offered), ENGLISH)


@lru_cache(maxsize=256)
def _preferred(header: str) -> tuple[str, ...]:
    """The languages that a browser asks for, the dearest first."""
    asked = []
    for place, part in enumerate(header.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            asked.append((-float(weight or 1), place, tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return tuple(tag for _, _, tag in sorted(asked))
