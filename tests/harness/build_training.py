"""Builds training drills by hand: personas on an app's pages, and the volunteers of a live drill.

``persona_drill`` and ``live_drill`` give ones in which everything went right; tests change rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from build_run import Run, clean_run, record_key

DECK = {
    "steady": ("Steady regular, 48", "en", ("axe", "reflow")),
    "slow-typist": ("Slow typist, 76", "en", ("axe", "targets")),
    "keyboard-only": ("Keyboard only, 39", "en", ("axe", "keyboard")),
}
PATH = (("sign_in", "sign in"), ("submit_report", "fill in"), ("submit_report", "send"))
ANSWERS = [4, 2, 5, 1, 4, 2, 4, 2, 5, 2]  # a score of 82.5


def persona_drill(path: Path, **info: Any) -> Run:
    """A night on which three personas walked the pages, and all got their report in."""
    run = clean_run(path, **info)
    add_personas(run)
    return run


def add_personas(run: Run) -> None:
    """Let three chairs of a clean night be personas, from the fourth record on."""
    knob = {"value": 0.33, "mark": "published", "source": "somebody counted (S17)"}
    run.info["personas"] = [
        {
            "name": name, "title": title, "who": "Types.", "asks": "It must work.",
            "language": language, "looks": list(looks), "knobs": {"key_seconds": knob},
            "chairs": [{"record": record_key(4 + place)}],
        }
        for place, (name, (title, language, looks)) in enumerate(DECK.items())
    ]  # fmt: skip
    run.info["target"]["web"] = {"operations": ["submit_report"], "languages": ["en"]}
    run.info["web"] = {"complete": True, "problems": []}
    for place, name in enumerate(DECK):
        walk(run, name, record_key(4 + place), 1)


def walk(run: Run, name: str, record: str, number: int, state: str = "passed") -> None:
    """Add one walk with its steps, and the looks that were made on the way."""
    session = f"{name}-{number}"
    run.sessions.append(
        session_row(
            session, "persona", persona=name, record=record, state=state, invited=0.0, opened=60.0,
            signed_in=100.0, reported=None if state == "blocked" else 240.0, drift=0.02,
        )
    )  # fmt: skip
    for place, (operation, step) in enumerate(PATH, 1):
        last = place == len(PATH)
        run.steps.append(
            {
                "session": session, "persona": name, "number": place, "operation": operation,
                "step": step, "began_drill": 60.0 * place, "ended_drill": 60.0 * place + 50.0,
                "state": state if last else "passed", "tries": 1, "detail": "",
                "screenshot": f"evidence/web/{session}/{place}.png", "trace": "", "keys": 20,
                "planned_seconds": 2.0, "keyed_seconds": 2.04,
            }
        )  # fmt: skip
        for look in DECK[name][2] if name in DECK else ():
            run.looks.append(
                {"session": session, "persona": name, "step": step, "look": look, "seen": 12,
                 "problem": ""}
            )  # fmt: skip


def barrier(run: Run, **columns: Any) -> None:
    """Add a barrier that the steady regular met when filling in."""
    row = {
        "session": "steady-1", "persona": "steady", "step": "fill in", "look": "axe",
        "rule": "label", "standard": "WCAG 4.1.2", "impact": "critical", "element": "#pin",
        "says": "A box has no label.", "screenshot": "evidence/web/steady-1/label.png",
    }  # fmt: skip
    run.barriers.append(row | columns)


def live_drill(path: Path, people: int = 40, **info: Any) -> Run:
    """A live drill beside a clean night, in which everybody got the report in, and right."""
    run = clean_run(path, **info)
    add_volunteers(run, people)
    return run


def add_volunteers(run: Run, people: int = 40, source: str = "volunteer") -> None:
    """Let so many people take part."""
    gone = {"looked": True, "n": people, "k": 0, "back": 0, "records": []}
    run.info["live"] = {"languages": ["en", "es"], "closed_seconds": 3600.0, "gone": gone}
    for number in range(people):
        opened = 30.0 + 5 * number
        run.sessions.append(
            session_row(
                f"{source}-{number}", source, record=f"IA-{number + 1:04d}",
                county=("Polk", "Linn", "Story")[number % 3],
                language="en" if number % 4 else "es",
                age_band="61-70", device="android" if number % 2 else "iphone",
                training="session" if number % 2 else "none", insider=False, first_time=True,
                invited=0.0, opened=opened, signed_in=opened + 60, practised=opened + 90,
                reported=opened + 200 + 7 * (number % 11), finished=opened + 500, state="correct",
                correct=True, on_time=True, cells_wrong=0, errors=[], channel="web",
                sus=list(ANSWERS) if source == "volunteer" else None,
            )
        )  # fmt: skip


def session_row(session: str, source: str, **columns: Any) -> dict[str, Any]:
    """A row of the table of sessions, with nothing in it that is not said."""
    row: dict[str, Any] = {
        "session": session, "source": source, "persona": "", "record": "", "county": "",
        "language": "en", "age_band": "", "device": "", "training": "", "insider": False,
        "first_time": None, "invited": None, "opened": None, "signed_in": None, "practised": None,
        "reported": None, "finished": None, "state": "", "correct": None, "on_time": None,
        "cells_wrong": None, "errors": None, "channel": "", "help_calls": 0, "recovered": None,
        "sus": None, "comment": "", "drift": None,
    }  # fmt: skip
    return row | columns
