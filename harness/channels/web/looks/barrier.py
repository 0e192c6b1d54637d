"""What a look at a page says: what it saw that shuts people out, and how much it looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

Impact = Literal["critical", "serious", "moderate", "minor"]


@dataclass(frozen=True)
class Barrier:
    """Something that shuts somebody out.

    Attributes:
        rule: The rule broken: axe's own id, or one of ours.
        says: What is wrong, in one plain sentence.
        element: A CSS selector that finds it on the page, or as near to it as can be had.
        standard: What it breaks, as ``WCAG 2.1.1``; empty for advice of our own.
    """

    rule: str
    says: str
    element: str
    impact: Impact = "serious"
    standard: str = ""


@dataclass(frozen=True)
class Seeing:
    """What one look came to.

    Attributes:
        seen: Elements or places it looked at. A look that saw nothing proves nothing.
        problem: Why it could not be made; empty if it was.
    """

    barriers: tuple[Barrier, ...] = ()
    seen: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Setting:
    """What a look may need to know beside the page.

    Attributes:
        phone: Whether it is a phone, with an on-screen keyboard.
        language: The language that the pages should be in, as ``es``.
        texts: What the same page says in the first language, for the look that compares them:
            the set of its texts; empty if it is not known.
        untranslated: Regular expressions of what is the same in every language.
        codes: Selectors of the boxes for codes on this page.
        main: Selectors of the buttons that the walk presses on this page.
    """

    phone: bool = False
    language: str = "en"
    texts: frozenset[str] = frozenset()
    untranslated: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    main: tuple[str, ...] = ()


Look = Callable[[Any, Setting], Awaitable[Seeing]]
"""A look takes Playwright's asynchronous ``Page`` and leaves the page as it found it: the same
address, the same text in every box, the same focus and the same size."""
