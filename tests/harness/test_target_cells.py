"""The cells of a report where they stand in JSON as a whole."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from harness.target import Run, load_target
from simulators.people.person import Person
from simulators.stage import Operation

FIELDS = ("attendance", "first_bennet", 'odd "name", 7 %d')
PERSON = Person(1, "chair", "chair-0001", "IA-0001")
OPERATION = Operation(
    "submit_report", "key", 1, PERSON, "api", "IA-0001", 1, (212, 0, 70000), (), 0.0, None
)
TARGET = {
    "name": "an app",
    "base_url": "http://127.0.0.1:1",
    "classes": [{"class": "accepted", "status": 200}],
    "operations": {
        "submit_report": {
            "request": {
                "path": "/",
                "json": {"cells": "{{ row.cells }}", "in": [{"text": "cells: {{ row.cells }}"}]},
            }
        }
    },
}


def body_of(values: tuple[int, ...] | None) -> object:
    """The body that is sent for a report."""
    target = load_target(TARGET, run=Run("r", 1, FIELDS))
    operation = replace(OPERATION, values=values)
    request = next(target.perform(operation, target.session(PERSON)))
    return orjson.loads(request.body)


@pytest.mark.parametrize("values", [(212, 0, 70000), (-1, 5000, 4096), (1, 2), (), None])
def test_cells_are_what_a_dictionary_of_them_would_be(values: tuple[int, ...] | None) -> None:
    """In JSON as an object, inside a text as text; short reports and none included."""
    cells = dict(zip(FIELDS, values or (), strict=False))
    assert body_of(values) == {
        "cells": cells,
        "in": [{"text": f"cells: {orjson.dumps(cells).decode()}"}],
    }
