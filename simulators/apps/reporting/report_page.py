"""The two pages about one site's report: the form, and what the party holds."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from simulators.apps.reporting.barriers import HURRY
from simulators.apps.reporting.form import FIELDS, PREFERENCES, SECTIONS, called, label
from simulators.apps.reporting.language import Language
from simulators.apps.reporting.page import language, page, told
from simulators.apps.reporting.reports import Report
from simulators.apps.reporting.requests import office
from simulators.apps.reporting.sessions import Session
from simulators.apps.reporting.site import Site
from simulators.apps.serving.refusal import Refusal


@dataclass(frozen=True)
class Filled:
    """A form to be shown.

    Attributes:
        hidden: The operation key and the version that it is sent with.
        cells: What is in the boxes, by the names of the fields.
        odd: What contradicts itself and has to be confirmed.
        refusal: Why it was turned down.
        draft: Whether it was typed before the session ran out.
        held: Whether the party holds a report of this site already.
    """

    hidden: Mapping[str, str]
    cells: Mapping[str, object] = field(default_factory=dict)
    odd: Sequence[str] = ()
    refusal: Refusal | None = None
    draft: bool = False
    held: bool = False


def fresh(found: Report | None) -> dict[str, str]:
    """Hidden fields of a form that has not been sent: its operation key and version."""
    return {"operation": new_key(), "version": str(found.version + 1 if found else 1)}


def new_key() -> str:
    """An operation key that nobody had before."""
    return f"web-{secrets.token_hex(12)}"


def form_page(
    request: Request, who: Session, site: Site, filled: Filled, speak: Language | None = None
) -> Response:
    """The form with its boxes filled; with what is wrong, or what looks odd, on top."""
    speak = speak or language(request)
    faults = filled.refusal.fields if filled.refusal else {}
    said = {name: speak.of(fault) for name, fault in faults.items()}

    def box(name: str, shown: str) -> dict[str, object]:
        value = filled.cells.get(name) or ""
        return {"name": name, "label": shown, "value": value, "fault": said.get(name, "")}

    sections = [
        {
            "title": label(part, speak),
            "boxes": [box(f"{part}_{each}", called(each, speak)) for each in PREFERENCES],
        }
        for part in SECTIONS
        if part != "delegates" or site.delegates
    ]
    here = office(request)
    hidden = {**filled.hidden, "stamp": here.door.sessions.stamp(who)}
    if "hurry" in here.barriers:
        hidden["until"] = str(int((here.clock.now() + here.clock.wall(HURRY)) * 1000))
    return page(
        request,
        "report.html",
        filled.refusal,
        speak=speak,
        site=site,
        hidden=hidden | ({"draft": "yes"} if filled.draft else {}),
        attendance=box("attendance", label("attendance", speak)),
        sections=sections,
        labels={name: label(name, speak) for name in faults if name in FIELDS},
        faults=said,
        message=told(filled.refusal, speak) if filled.refusal else "",
        odd=[speak.of(each) for each in filled.odd],
        draft=filled.draft,
        held=filled.held,
        operator=who.is_operator,
    )


def sent_page(
    request: Request,
    who: Session,
    site: Site,
    found: Report | None,
    *,
    refusal: Refusal | None = None,
    photo_kept: bool = False,
) -> Response:
    """What the party holds of this site, and the place to send a photo of the workfilled."""
    speak = language(request)
    cells = dict(zip(FIELDS, found.cells, strict=True)) if found else {}
    rows = [
        {"name": called(each, speak), "cells": [cells[f"{part}_{each}"] for part in SECTIONS]}
        for each in PREFERENCES
        if found and any(cells[f"{part}_{each}"] for part in SECTIONS)
    ]
    return page(
        request,
        "sent.html",
        refusal,
        back=f"/report/{site.record}/sent",
        speak=speak,
        site=site,
        found=found,
        attendance=cells.get("attendance", 0),
        rows=rows,
        columns=SECTIONS,
        stamp=office(request).door.sessions.stamp(who),
        photo_key=new_key(),
        photo_kept=photo_kept,
        message=told(refusal, speak) if refusal else "",
        operator=who.is_operator,
    )
