"""The hand-over to the party's data warehouse: flat rows, one a precinct, in pages.

It is a consumer of its own with a shape of its own. In Iowa in 2020 the reports were stored
right and went wrong on this way (statement of the Iowa Democratic Party, 4 February 2020).
"""

from __future__ import annotations

import csv
import io
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.reporting.form import FIELDS
from simulators.apps.reporting.office import Office
from simulators.apps.reporting.reports import Report
from simulators.apps.reporting.requests import office, session
from simulators.apps.serving.requests import Json, whole_number

PAGE = 500


async def export(request: Request) -> Response:
    """One page of warehouse rows, for operators: JSON, or ``?format=csv``."""
    number = whole_number(request, "page", 1, 1_000_000)
    here = office(request)
    take = here.day if here.switches.day_ends_in_utc else here.page
    found, total = await take(session(request), number, PAGE)
    rows = [warehouse_row(here, report) for report in found]
    pages = -(-total // PAGE)
    if request.query_params.get("format") == "csv":
        headers = {"X-Total-Pages": str(pages), "X-Total-Rows": str(total)}
        return Response(_as_csv(rows), 200, headers, "text/csv")
    return Json({"page": number, "pages": pages, "total": total, "rows": rows})


def warehouse_row(here: Office, report: Report) -> dict[str, Any]:
    """A report as the warehouse takes it: everything in columns of one table."""
    site = here.directory.site(report.record)
    columns = FIELDS
    if here.switches.partial_export:
        columns = tuple(name for name in FIELDS if not name.startswith("final_"))
    cells = dict(zip(FIELDS, report.cells, strict=True))
    if here.switches.export_columns_shift and " " in site.name:
        first = [name for name in FIELDS if name.startswith("first_")]
        cells |= dict(zip(first, [0, *(cells[name] for name in first[:-1])], strict=True))
    return {
        "precinct": site.record,
        "precinct_name": site.name,
        "county": site.county,
        "operation": report.operation,
        "version": report.version,
        **{name: cells[name] for name in columns},
        **here.derived(report).as_row(),
    }


def _as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()
