"""A made-up training drill of full size: fifteen personas, and 46 volunteers beside 200 robots."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from reports_folder import clean_findings, write_night

from harness.checks import OF_PERSONAS, OF_VOLUNTEERS
from harness.objective import Objective
from harness.record import BARRIERS, LOOKS, SESSIONS, STEPS, RunFolder
from simulators.people.personas import PERSONAS

PATH = (
    ("sign_in", "precinct ID"), ("sign_in", "PIN"), ("sign_in", "security code"),
    ("sign_in", "sign in"), ("sign_in", "answer"), ("submit_report", "attendance"),
    ("submit_report", "numbers"), ("submit_report", "send"), ("submit_report", "answer"),
)  # fmt: skip
OBJECTIVES = (
    Objective("nothing-lost", "lost", "invariant", says="No report that the app accepted is lost."),
    Objective("nobody-shut-out", "personas", "invariant",
              says="None of the personas may be shut out."),
    Objective("no-barriers", "barriers", "invariant",
              says="Nothing on the pages may shut people out."),
    Objective("people-report", "funnel", "sample", subject="correct", at_least=0.90,
              says="At least 9 in 10 volunteers report every number right."),
    Objective("people-like-it", "satisfaction", "sample", figure="mean", at_least=68,
              required=False, says="The app is at least as usable as half of all products."),
)  # fmt: skip
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def write_training(
    path: Path, *, blocked: bool = True, people: int = 46, robots: int = 200, **info: Any
) -> RunFolder:
    """Write a night with a training drill in it.

    Args:
        blocked: Whether the pages have barriers, and shut the keyboard user out.
        people, robots: Volunteers of each source.
    """
    sessions = [
        *_personas(blocked),
        *_volunteers(people, "volunteer"),
        *_volunteers(robots, "robot"),
    ]
    tables = {
        "sessions": pl.DataFrame(sessions, SESSIONS),
        "steps": pl.DataFrame(_steps(blocked), STEPS),
        "barriers": pl.DataFrame(_barriers() if blocked else [], BARRIERS),
        "looks": pl.DataFrame(_looks(), LOOKS),
    }
    told = {
        "title": "Practice evening before the caucus",
        "personas": persona_info(),
        "web": {"complete": True, "problems": []},
        "live": {"languages": ["en", "es", "fr"], "closed_seconds": 5400.0, "beside": True},
        "target": {
            "name": "Practice reporting app", "about": "", "build": "0.1.0",
            "operations": ["sign_in", "submit_report"], "not_drilled": [], "totals": True,
            "readers": [{"name": "export", "mode": "keyed"}],
            "web": {"operations": ["sign_in", "submit_report"], "languages": ["en", "es"]},
        },
    }  # fmt: skip
    return write_night(
        path, clean_findings(), objectives=OBJECTIVES, tables=tables,
        asked=OF_PERSONAS | OF_VOLUNTEERS, **(told | info),
    )  # fmt: skip


def persona_info() -> list[dict[str, Any]]:
    """The deck as ``run.json`` tells of it."""
    return [
        {
            "name": each.name, "title": each.title, "who": each.who, "asks": each.asks,
            "language": each.language, "looks": list(each.looks),
            "knobs": {name: asdict(knob) for name, knob in each.knobs.items()},
            "chairs": [{"record": f"IA-{place:04d}"}],
        }
        for place, each in enumerate(PERSONAS.values(), 1)
    ]  # fmt: skip


def _state(name: str, blocked: bool) -> str:
    if name == "slow-typist":
        return "struggled"
    return "blocked" if blocked and name == "keyboard-only" else "passed"


def _personas(blocked: bool) -> list[dict[str, Any]]:
    rows = []
    for place, name in enumerate(PERSONAS, 1):
        state = _state(name, blocked)
        rows.append(
            {
                "session": f"{name}-1", "source": "persona", "persona": name,
                "record": f"IA-{place:04d}", "language": PERSONAS[name].language, "state": state,
                "insider": False, "opened": 60.0 * place, "signed_in": 60.0 * place + 40,
                "reported": None if state == "blocked" else 60.0 * place + 200, "drift": 0.03,
                "help_calls": int(state != "passed"), "channel": "web",
            }
        )  # fmt: skip
    return [dict.fromkeys(SESSIONS) | row for row in rows]


def _steps(blocked: bool) -> list[dict[str, Any]]:
    rows = []
    for persona in PERSONAS:
        outcome = _state(persona, blocked)
        for number, (operation, step) in enumerate(PATH, 1):
            state = outcome if step == "send" else "passed"
            seen = state != "passed" or step == "answer"
            folder = f"evidence/web/{persona}-1/{number:02}-{step.replace(' ', '-')}"
            rows.append(
                {
                    "session": f"{persona}-1", "persona": persona, "number": number,
                    "operation": operation, "step": step, "began_drill": 20.0 * number,
                    "ended_drill": 20.0 * number + 15, "state": state, "tries": 1,
                    "detail": f"{HOSTILE} the button cannot be reached" if state == "blocked"
                    else "missed a small button twice" if state == "struggled" else "",
                    "screenshot": f"{folder}.png" if seen else "",
                    "trace": f"{folder}.zip" if state != "passed" else "", "keys": 10,
                    "planned_seconds": 3.0, "keyed_seconds": 3.1,
                }
            )  # fmt: skip
            if state == "blocked":
                break
    return rows


def _barriers() -> list[dict[str, Any]]:
    rows = [
        ("keyboard-only", "send", "keyboard", "unreachable", "WCAG 2.1.1", "critical",
         "The button that sends the report cannot be reached with the Tab key.", "#send"),
        ("small-phone", "send", "soft_keyboard", "button-gone", "", "serious",
         "With the keyboard up, no button to send is in view.", "button.send"),
        ("slow-typist", "numbers", "targets", "small-target", "WCAG 2.5.8", "moderate",
         "A button is 20 pixels high; fingers need 44.", "a.help"),
        ("steady", "precinct ID", "axe", "label", "WCAG 4.1.2", "critical",
         "A box has no label that a screen reader could say.", HOSTILE),
        ("spanish-speaker", "answer", "language", "untranslated", "WCAG 3.1.2", "serious",
         "“Report received” is in English.", "h1"),
    ]  # fmt: skip
    return [
        {
            "session": f"{persona}-1", "persona": persona, "step": step, "look": look,
            "rule": rule, "standard": standard, "impact": impact, "element": element, "says": says,
            "screenshot": f"evidence/web/{persona}-1/{rule}.png",
        }
        for persona, step, look, rule, standard, impact, says, element in rows
    ]  # fmt: skip


def _looks() -> list[dict[str, Any]]:
    return [
        {"session": f"{name}-1", "persona": name, "step": step, "look": look, "seen": 14,
         "problem": ""}
        for name, each in PERSONAS.items()
        for look in each.looks
        for step in ("precinct ID", "send", "answer")
    ]  # fmt: skip


def _volunteers(count: int, source: str) -> list[dict[str, Any]]:
    rng = np.random.default_rng(count)
    rows = []
    for number in range(count):
        opened = float(rng.uniform(30, 600))
        missing, wrong = number % 23 == 22, number % 40 == 7
        reported = None if missing else opened + float(rng.lognormal(5.6, 0.5))
        rows.append(
            {
                "session": f"{source}-{number}", "source": source, "persona": "",
                "record": f"IA-{100 + number:04d}", "county": ("Polk", "Linn", "Story")[number % 3],
                "language": "es" if number % 5 == 4 else "en",
                "age_band": ("40-60", "61-70", "71+")[number % 3],
                "device": "iphone" if number % 2 else "android",
                "training": ("none", "read", "session")[number % 3],
                "insider": source == "volunteer" and number == 1, "first_time": number % 7 != 0,
                "invited": 0.0, "opened": opened, "signed_in": opened + 60,
                "practised": opened + 90, "reported": reported, "finished": reported,
                "state": "reported", "correct": None if missing else not wrong,
                "on_time": None if missing else True, "cells_wrong": 2 if wrong else 0,
                "errors": ["transposed", "digit"] if wrong else [], "channel": "web",
                "help_calls": int(number % 9 == 0), "recovered": reported if number == 5 else None,
                "sus": [4, 2, 5, 1, 4, 2, 4 - number % 2, 2, 5, 1 + number % 3]
                if source == "volunteer" and not missing else None,
                "comment": HOSTILE, "drift": None,
            }
        )  # fmt: skip
    return rows
