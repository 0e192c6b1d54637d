"""The first screen: what a party official must know, in words anyone can follow.

Every format of the report says these words, so they are made once, here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness.record import Finding, RunFolder, Status
from harness.verdict import Objective, ObjectiveResult, Verdict, Word
from reports import live, words
from reports.again import again_command
from reports.zeros import zero_bounds

MOST_REASONS = 3
MOST_BOUNDS = 3
BANNER = "PRACTICE. This is a drill with invented people and invented results, never real ones."
LIMITS = (
    "A drill shows that faults are there; it can never show that there are none. "
    "“No fault seen” is not “no fault”."
)
STATES = {
    Status.PASS: "met",
    Status.FAIL: "NOT met",
    Status.UNKNOWN: "not known",
    Status.NOT_DRILLED: "not drilled",
    Status.NOT_APPLICABLE: "does not apply",
}
_WEIGHT = (
    Status.FAIL, Status.UNKNOWN, Status.NOT_DRILLED, Status.PASS, Status.NOT_APPLICABLE,
)  # fmt: skip
CLASS_OF_WORD = {
    Word.GO: "go",
    Word.CONDITIONS: "conditions",
    Word.NO_GO: "nogo",
    Word.NOT_ENOUGH: "unsure",
}


@dataclass(frozen=True)
class Reason:
    """One reason for the verdict: what was found, and what had been asked for."""

    found: str
    asked: str = ""


@dataclass(frozen=True)
class Step:
    """Something to do next, and the command for it where there is one."""

    text: str
    command: str = ""


@dataclass(frozen=True)
class Brief:
    """The first screen.

    Attributes:
        word: The verdict.
        why: One sentence.
        reasons: At most three.
        more_reasons: How many more there are.
        not_drilled: What no participant touched, in plain words.
        played: At what speed, size and by which cast.
        notes: What a reader must know before anything else: a model instead of an app, defects
            switched on, a drill that was stopped.
        bounds: What the zeros of this drill can and cannot say.
        steps: What to do next.
        valid: Until when this holds.
        again: The command that plays the same drill again.
    """

    word: Word
    why: str
    reasons: tuple[Reason, ...]
    more_reasons: int
    not_drilled: tuple[str, ...]
    played: str
    notes: tuple[str, ...]
    bounds: tuple[str, ...]
    steps: tuple[Step, ...]
    valid: str
    again: str


def brief_of(run: RunFolder, verdict: Verdict) -> Brief:
    """Say the verdict of a run."""
    info = run.info
    again = again_command(info)
    reasons = _reasons(verdict, run.findings)
    return Brief(
        word=verdict.word,
        why=_why(verdict, virtual=bool(info.get("virtual")), people=live.is_live(info)),
        reasons=reasons[:MOST_REASONS],
        more_reasons=max(len(reasons) - MOST_REASONS, 0),
        not_drilled=_not_drilled(verdict, run),
        played=_played(info),
        notes=_notes(info),
        bounds=zero_bounds(run.findings)[:MOST_BOUNDS],
        steps=_steps(verdict, info, again),
        valid=_valid(verdict, info),
        again=again,
    )


def title_of(info: Mapping[str, Any]) -> str:
    """The scenario's title, or its name."""
    return str(info.get("title") or info.get("scenario") or "Drill")


def app_of(info: Mapping[str, Any]) -> str:
    """What the app under test is called."""
    return str((info.get("target") or {}).get("name") or "the app")


def day(stamp: object) -> str:
    """A day as people write it, from ISO 8601; the text itself if it is not a time.

    Example:
        >>> day("2026-11-03T19:05:00+00:00")
        '3 November 2026'
    """
    try:
        moment = datetime.fromisoformat(str(stamp))
    except ValueError:
        return str(stamp or "unknown")
    return f"{moment.day} {moment:%B %Y}"


def asked_for(objective: Objective) -> str:
    """What an objective asks, in plain words."""
    return objective.says or objective.name


def found(result: ObjectiveResult) -> str:
    """What was found, without what the report says elsewhere: what was asked for, and the bound."""
    sentence = result.sentence.replace(f" Asked for: {result.objective.asked}.", "")
    return re.sub(r" At this size up to [\d,]+ in [\d,]+ could go unseen\.$", "", sentence)


def _why(verdict: Verdict, *, virtual: bool, people: bool = False) -> str:
    required = [each for each in verdict.results if each.objective.required]
    asked = [each for each in required if each.state is not Status.NOT_APPLICABLE]
    failed = sum(each.state is Status.FAIL for each in required)
    unsure = sum(each.state in (Status.UNKNOWN, Status.NOT_DRILLED) for each in required)
    if verdict.word is Word.NO_GO and virtual:
        return f"The model of an app failed {failed} of the {len(asked)} requirements."
    if verdict.word is Word.NO_GO and people:
        return (
            f"{failed} of the {len(asked)} requirements that were set before the drill were not "
            "met by people and app together. Do not rely on them until they have drilled again."
        )
    if verdict.word is Word.NO_GO:
        return (
            f"The app failed {failed} of the {len(asked)} requirements that were set before the "
            "drill. Do not rely on it until they are mended and drilled again."
        )
    if verdict.word is Word.NOT_ENOUGH:
        if unsure:
            part = "None of the" if unsure == len(asked) else f"{unsure} of the {len(asked)}"
            could = "could" if unsure == len(asked) else "could not"
            return (
                f"{part} requirements {could} be decided, so this drill can say neither yes nor no."
            )
        return "This drill can say neither yes nor no."
    if verdict.word is Word.CONDITIONS:
        n = len(verdict.conditions)
        return (
            f"All {len(asked)} requirements were met, but {n} other "
            f"{'point is' if n == 1 else 'points are'} open and must have an owner and a date."
        )
    return f"All {len(asked)} requirements that were set before the drill were met."


def _reasons(verdict: Verdict, findings: Iterable[Finding]) -> tuple[Reason, ...]:
    if verdict.word is Word.GO:
        met = (
            each
            for each in verdict.results
            if each.objective.required and each.state is Status.PASS
        )
        return tuple(Reason(found(each), asked_for(each.objective)) for each in met)
    by_text = {
        f"{asked_for(each.objective).rstrip('.')}: {each.sentence}": each
        for each in verdict.results
    }
    by_question = {f"{each.question} {each.answer}": each for each in findings}
    reasons = []
    for text in verdict.reasons:
        if text in by_text:
            reasons.append(Reason(found(by_text[text]), asked_for(by_text[text].objective)))
        elif text in by_question:
            reasons.append(Reason(by_question[text].answer, by_question[text].question))
        else:
            reasons.append(Reason(text))
    return tuple(reasons)


def _not_drilled(verdict: Verdict, run: RunFolder) -> tuple[str, ...]:
    named = [str(each) for each in verdict.not_drilled]
    named += [
        f"{each.name.replace('_', ' ').replace(':', ' of ', 1)}: {each.answer}"
        for each in run.findings
        if each.status is Status.NOT_DRILLED
    ]
    records, sites = _sizes(run.info)
    if records < sites:
        named.append(f"{sites - records:,} of the {sites:,} {words.reported(run.info)}")
    return tuple(dict.fromkeys(f"{each[:1].upper()}{each[1:]}" for each in named))


def _sizes(info: Mapping[str, Any]) -> tuple[int, int]:
    """Sites driven, and sites in all; the same where the world does not say.

    How many codes or records there are in all is worked out from the scale: precincts, and what is
    known of people, differ little.
    """
    records, world = int(info.get("records") or 0), info.get("world") or {}
    if world.get("kind") in ("voter_list", "campaign"):
        return records, max(records, round(records / float(info.get("scale") or 1)))
    sites = int(world.get("precincts") or 0) + int(world.get("satellites") or 0)
    return records, max(sites, records)


def _played(info: Mapping[str, Any]) -> str:
    if live.is_live(info):
        return live.played(info)
    (records, sites), reported, span = _sizes(info), words.reported(info), words.span(info)
    speed, declared = float(info.get("speed") or 1), float(info.get("declared_speed") or 1)
    if 0 < records < sites:
        size = f"{records:,} of the {sites:,} {reported}"
    else:
        size = f"all {records:,} {reported}" if records else f"a {span} of unknown size"
    if info.get("virtual"):
        pace = "in virtual time"
    elif speed == 1:
        pace = f"at the true speed of the {span}"
    else:
        pace = f"at {speed:,g} times the true speed"
        if speed != declared:
            pace += f" (the scenario is declared for {declared:,g})"
    cast = f", with the cast “{info['cast']}”" if info.get("cast") else ""
    return f"{size[0].upper()}{size[1:]}, {pace}{cast}."


def _notes(info: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    if info.get("virtual"):
        notes.append(
            "Simulated: people and phones met a model of an app. No real app was driven, so this "
            "says nothing about yours."
        )
    if info.get("what_if"):
        changes = ", ".join(
            f"{str(name).replace('_', ' ')} {words.number(value)}"
            for name, value in info["what_if"].items()
        )
        notes.append(f"What if: {changes}. The rest is as the cast says.")
    if info.get("defects"):
        named = ", ".join(str(each) for each in info["defects"])
        notes.append(f"Defects were switched on in the app on purpose: {named}.")
    state = str(info.get("state") or "finished")
    if state != "finished":
        why = "; ".join(str(each) for each in info.get("reasons") or ())
        notes.append(f"The drill did not reach its end ({state}){f': {why}' if why else ''}.")
    return tuple(notes)


def _back_up(info: Mapping[str, Any]) -> str:
    """What there is besides the app: not the phones, where the app answers them."""
    drilled_by_phone = (info.get("target") or {}).get("phone") or info.get("carrier")
    return "paper" if drilled_by_phone else "paper and the phones"


def _steps(verdict: Verdict, info: Mapping[str, Any], again: str) -> tuple[Step, ...]:
    span = words.span(info)
    if info.get("virtual"):
        scenario = shlex.quote(str(info.get("scenario") or "SCENARIO"))
        return (
            Step("Use it to plan people, training and phone lines; it does not judge any app."),
            Step("Play it again, with one thing changed at a time:", again),
            Step("Drill the app itself:", f"drillhall run {scenario} --target target.yaml"),
        )
    if live.is_live(info):
        return _live_steps(verdict, info, again)
    if verdict.word is Word.NO_GO:
        return (
            Step(
                "Give “Offending records” in this report to whoever builds the app. Each comes "
                "with the command that shows the fault again."
            ),
            Step("When it is mended, play the same drill again:", again),
            Step(f"Until a drill says GO, plan the {span} on the back-up: {_back_up(info)}."),
        )
    if verdict.word is Word.NOT_ENOUGH:
        # A part of it, or a hasty one, is often why there was too little to see.
        scale, speed = (float(info.get(each) or 1) for each in ("scale", "speed"))
        speed = min(speed, float(info.get("declared_speed") or speed))
        declared = float(info.get("declared_scale") or 1)
        whole = again_command({**info, "scale": max(scale, declared), "speed": speed})
        return (
            Step("See under “Objectives” what each undecided requirement still needs."),
            Step(f"Put that right, then play the whole {span}:", whole),
            Step("Until then plan as if the answer were no."),
        )
    steps = (
        Step("Freeze the app: any change to it ends this verdict."),
        Step("Drill your own people too. Those of this drill were simulated."),
        Step(f"Sign this report, and drill again before {day(verdict.expires)}."),
    )
    if verdict.word is Word.CONDITIONS:
        return (Step("Give every condition in this report an owner and a date."), *steps)
    return steps


def _live_steps(verdict: Verdict, info: Mapping[str, Any], again: str) -> tuple[Step, ...]:
    """What a party does after its people have practised."""
    if live.rehearsed_only(info):
        return (Step("The path is proven as far as is told here. Now invite real people:", again),)
    if verdict.word is Word.NO_GO:
        return (
            Step("See under “Can our people do it?” where they were lost, and mend that first."),
            Step("Then practise again, with new cards:", again),
            Step(f"Until a drill says GO, plan on the back-up: {_back_up(info)}."),
        )
    if verdict.word is Word.NOT_ENOUGH:
        return (
            Step("See under “Objectives” how many more people would settle each requirement."),
            Step("Invite them, with new cards:", again),
            Step("Until then plan as if the answer were no."),
        )
    return (
        Step("Freeze the app and the guide: any change to them ends this verdict."),
        Step("Call back whoever did not report, and let them try again."),
        Step(f"Sign this report, and practise again before {day(verdict.expires)}."),
    )


def _valid(verdict: Verdict, info: Mapping[str, Any]) -> str:
    if info.get("virtual"):
        return "Not a verdict on any real app, at any time."
    build = f" (drilled: {verdict.build})" if verdict.build else ""
    return f"{day(verdict.expires)}, or until the app’s build changes{build}."


def results_by_weight(verdict: Verdict) -> list[ObjectiveResult]:
    """Objectives in order of weight: what is not met first, required before optional."""
    return sorted(
        verdict.results, key=lambda each: (_WEIGHT.index(each.state), not each.objective.required)
    )
