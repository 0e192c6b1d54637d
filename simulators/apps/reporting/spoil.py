"""How a barrier gets into the pages: clean pages are made first, and spoiled on their way out.

So the templates stay as they should be, and each barrier is one entry of ``barriers.py``: words
of the page that are swapped, rules added to the style sheet, a script. The few that need the
server ask ``"name" in barriers`` at one place each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from simulators.apps.serving.defect import Defect

SCRIPT = "/page.js"


@dataclass(frozen=True)
class Barrier(Defect):
    """A switchable defect of the pages; ``caught_by`` names the look that is meant to find it.

    Attributes:
        swaps: Regular expressions over a page, and what stands in the place of each match.
        css: Rules added to the style sheet.
        script: Added to the script of the pages, which have none otherwise.
    """

    swaps: tuple[tuple[str, str], ...] = ()
    css: str = ""
    script: str = ""


@dataclass(frozen=True)
class Spoiled:
    """The barriers that are switched on.

    Attributes:
        script: What the pages run; empty if they need none.
        css: What is added to the style sheet.
    """

    on: tuple[Barrier, ...] = ()
    script: str = field(init=False, default="")
    css: str = field(init=False, default="")

    def __post_init__(self) -> None:
        scripts = [f"{{\n{each.script}}}\n" for each in self.on if each.script]
        object.__setattr__(self, "script", "".join(scripts))
        object.__setattr__(self, "css", "".join(each.css for each in self.on))

    def __contains__(self, name: object) -> bool:
        return any(each.name == name for each in self.on)

    def page(self, text: str) -> str:
        """A page with the barriers in it; without any, the page as it is."""
        for barrier in self.on:
            for old, new in barrier.swaps:
                text = re.sub(old, new, text, flags=re.DOTALL)
        if self.script:
            text = text.replace("</head>", f'<script src="{SCRIPT}" defer></script>\n</head>')
        return text

    def policy(self, clean: str) -> str:
        """The content security policy: scripts are allowed only where a barrier needs its own."""
        return f"script-src 'self'; {clean}" if self.script else clean


def spoiled(all_there_are: Iterable[Barrier], names: Iterable[str]) -> Spoiled:
    """The named barriers, switched on in the order in which they are listed."""
    wanted = set(names)
    return Spoiled(tuple(each for each in all_there_are if each.name in wanted))
