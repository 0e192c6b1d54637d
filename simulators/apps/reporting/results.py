"""Public results: totals over the reports that count, as JSON and as a page.

Both are made when somebody asks after a change, and served from memory until the next change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.reporting.board import Board
from simulators.apps.reporting.form import called
from simulators.apps.reporting.language import LANGUAGES, Language
from simulators.apps.reporting.office import Office
from simulators.apps.reporting.page import help_line, language
from simulators.apps.reporting.rendering import render
from simulators.apps.reporting.requests import office
from simulators.apps.reporting.spoil import Spoiled


@dataclass(slots=True)
class Sheet:
    """A body that is made anew only after the board has changed.

    Attributes:
        make: Makes the body from the board.
        tag: The language it is in, if there are several.
        changes: The board's count of changes when the body was made; -1 before the first.
    """

    make: Callable[[Board], bytes]
    media_type: str
    tag: str = ""
    changes: int = -1
    body: bytes = b""

    def answer(self, request: Request, here: Office) -> Response:
        """The body, or 304 if the reader has it already."""
        if self.changes != here.board.changes:
            self.body = self.make(here.board)
            self.changes = here.board.changes
        headers = {
            "ETag": f'"{request.app.state.started}-{self.changes}{self.tag}"',
            "Cache-Control": "no-cache",
        }
        if self.tag:
            headers["Vary"] = "Accept-Language, Cookie"
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(self.body, 200, headers, self.media_type)


def totals(board: Board) -> dict[str, Any]:
    """What is published: sites in, sums of cells, state delegate equivalents."""
    return {
        "precincts_reporting": board.reported,
        "precincts": board.sites,
        "cells": board.cells(),
        "derived": {f"sde_{name}": sde for name, sde in board.sde().items()},
    }


def _page(board: Board, speak: Language, lines: Mapping[str, str]) -> str:
    cells = board.cells()
    rows = [
        {
            "name": called(name, speak),
            "first": cells[f"first_{name}"],
            "final": cells[f"final_{name}"],
            "delegates": cells[f"delegates_{name}"],
            "sde": sde,
        }
        for name, sde in sorted(board.sde().items(), key=lambda each: -each[1])
    ]
    return render(
        "results.html",
        speak,
        back="/results",
        **lines,
        rows=rows,
        reported=board.reported,
        sites=board.sites,
    )


def sheets(number: str, barriers: Spoiled) -> dict[str, Sheet]:
    """The sheets of a running app: one for programs, and a page in each language.

    Args:
        number: The help line's.
        barriers: What is wrong with the pages, if anything.
    """

    def in_language(speak: Language) -> Sheet:
        lines = help_line(number)

        def make(board: Board) -> bytes:
            return barriers.page(_page(board, speak, lines)).encode()

        return Sheet(make, "text/html", speak.tag)

    made = {tag: in_language(speak) for tag, speak in LANGUAGES.items()}
    return made | {"json": Sheet(lambda board: orjson.dumps(totals(board)), "application/json")}


async def as_json(request: Request) -> Response:
    """Totals for programs."""
    sheet: Sheet = request.app.state.sheets["json"]
    return sheet.answer(request, office(request))


async def as_page(request: Request) -> Response:
    """Totals for the public."""
    sheet: Sheet = request.app.state.sheets[language(request).tag]
    return sheet.answer(request, office(request))
