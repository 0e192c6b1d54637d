"""Page probes of ``target check``: each flow is walked once, before personas do in a drill."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from harness.browser import why_no_browser
from harness.target.probe import Probe
from harness.target.target import Target
from simulators.people.person import Person
from simulators.people.personas import PERSONAS
from simulators.stage import Operation

SPEED = 50.0
"""Drill seconds a wall second at which the probes are keyed."""

_DONE = ("accepted", "already_have_it")  # the other channels have tried the same record
_ORDER = ("sign_in", "submit_report", "read_report", "read_results", "send_photo", "sign_out")
_WITH_VALUES = ("submit_report", "amend_report")


def page_probes(
    target: Target, person: Person, record: str, values: tuple[int, ...]
) -> Iterator[Probe]:
    """Walk every flow in turn, as long as they say yes.

    Args:
        person: Somebody with an account.
        record: What they report.
        values: The report's cells.
    """
    web = target.web
    assert web is not None
    why = why_no_browser()
    if why:
        yield Probe("web", True, "a browser", f"not walked: {why}")
        return
    from harness.channels.web.trial import try_out  # needs Playwright, which is there by now

    mark = uuid.uuid4().hex[:8]
    operations = [
        Operation(
            kind, f"preflight-{mark}-web-{kind}", 1, person, "web", record, 1,
            values if kind in _WITH_VALUES else None,
            person.codes if kind == "sign_in" else (), 0.0, None,
        )
        for kind in _ORDER
        if kind in web.kinds
    ]  # fmt: skip
    persona = next(iter(PERSONAS.values()))
    try:
        with tempfile.TemporaryDirectory() as folder:
            tried = try_out(target, persona, operations, Path(folder), speed=SPEED)
    except RuntimeError as error:
        yield Probe("web", False, "a browser", str(error))
        return
    places = {each["operation"]: each["place"] for each in tried.of("step") if each["place"]}
    for kind, ended in tried.ended.items():
        found = f"{ended.answer_class}: {ended.detail}"
        if kind in places:
            found += f" ({places[kind]})"
        ok = ended.answer_class in _DONE
        yield Probe(f"web.{kind}", ok, " or ".join(_DONE), str(ended.answer_class) if ok else found)
