"""What to make of words that were heard or read: ordered rules, the first that matches decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Rule", "first_match"]


@dataclass(frozen=True, slots=True)
class Rule:
    """On hearing ``hear`` (searched, whatever the case): answer a class, or press keys."""

    hear: re.Pattern[str]
    answer_class: str = ""
    press: str = ""

    @staticmethod
    def of(hear: str, answer_class: str = "", press: str = "") -> Rule:
        """A rule from the text of its pattern.

        Raises:
            ValueError: If the pattern is no regular expression.

        Example:
            >>> first_match([Rule.of("thank", "accepted")], "THANK you").answer_class
            'accepted'
        """
        try:
            return Rule(re.compile(hear, re.IGNORECASE | re.DOTALL), answer_class, press)
        except re.error as error:
            raise ValueError(f"hear: {hear!r} is not a regular expression: {error}") from error


def first_match(rules: Sequence[Rule], words: str) -> Rule | None:
    """The first rule that finds its pattern in the words."""
    for rule in rules:
        if rule.hear.search(words):
            return rule
    return None
