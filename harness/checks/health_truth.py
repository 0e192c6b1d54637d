"""Health truth: does the target's health page say what people meet?

A stretch of trouble is one in which, second after second of the clock on the wall, at least half
of all tries fail. Within five such seconds the page must say that the app is ill, or not answer;
and it must not say well again more than five before people get through. Only faults of the target
itself are asked about: an app cannot know of a network that is broken before it. Where no fault
was on and everybody got through, saying ill twice in a row is a false alarm; unless the generator
itself was late in those seconds: on a machine that has no time for us, an app may be ill that hides
it from nobody, and we saw too little to blame it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import is_preflight
from harness.checks.spells import Doings, Spell, doings_of, spells_of
from harness.checks.timing import why_void
from harness.record import Finding, RunFolder, Status
from harness.words import seconds

CHECK = "health_truth"
WITHIN = 5.0  # wall seconds in which a page must have told
SEVERAL = 3  # wall seconds in trouble one after the other, for there to be something to tell
FEWEST = 10  # tries in them, and polls in all
BAD = 0.5  # share of tries that fail, from which on people do not get through
CALM = 10.0  # wall seconds after a fault in which an alarm is not held to be false
MOSTLY = 0.9  # share of tries that go well, from which on everybody gets through
STARVED = 0.1  # wall seconds late, which a generator with time to run is not


@dataclass(frozen=True)
class Stretch:
    """A stretch in which people did not get through. Drill seconds."""

    start: float
    end: float
    tried: int


@dataclass(frozen=True)
class Course:
    """What people met and what the page said, second by second.

    Attributes:
        polls: Columns ``at`` (drill seconds) and ``well``.
        seconds: One row a wall second in which anybody tried: ``at``, ``tried``, ``failed``.
        speed: Drill seconds a wall second.
        late: Drill seconds at which the generator began something late; all, where it was so
            late throughout that timings are void.
        void: Why they are void, None if they are not.
    """

    polls: pl.DataFrame
    seconds: pl.DataFrame
    speed: float
    late: tuple[float, ...] = ()
    void: str | None = None

    @cached_property
    def stretches(self) -> list[Stretch]:
        """The stretches of trouble, in order. A second without any try ends none."""
        found: list[Stretch] = []
        run: list[dict[str, float]] = []
        for row in [*self.seconds.to_dicts(), {"at": float("inf"), "tried": 1, "failed": 0}]:
            if row["failed"] >= BAD * row["tried"]:
                run.append(row)
                continue
            tried = int(sum(each["tried"] for each in run))
            if len(run) >= SEVERAL and tried >= FEWEST:
                found.append(Stretch(run[0]["at"], run[-1]["at"] + self.speed, tried))
            run = []
        return found

    def starved(self, at: float) -> bool:
        """Whether the generator was late in the seconds up to a moment."""
        since = at - WITHIN * self.speed
        return self.void is not None or any(since <= each <= at + self.speed for each in self.late)

    def asked(self, start: float, end: float) -> pl.DataFrame:
        """Polls from one drill second to another."""
        return self.polls.filter(pl.col("at").is_between(start, end))


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the target's health page say what people meet?"""
    evidence = evidence_of(run)
    asks = "Does the health page tell the truth?"
    if "health" not in (evidence.target.get("tells") or ()):
        answer = "The target's description names no health page."
        yield Finding(CHECK, Status.NOT_APPLICABLE, asks, answer)
        return
    course = _course(evidence, doings_of(evidence))
    spells = spells_of(evidence)
    for spell in spells:
        if spell.on_target:
            yield _ask(spell, course)
    yield _false_alarms(spells, course)


def _course(evidence: Evidence, doings: Doings) -> Course:
    speed = float(evidence.info.get("speed") or 1.0)
    polls = (
        evidence.health.filter(pl.col("source").cast(pl.String) == "health")
        .select(at="at_drill", well=pl.col("said").cast(pl.String) == "well")
        .sort("at")
        .collect()
    )
    # A call is answered by people, whatever becomes of the app.
    by_second = (
        doings.table.filter(pl.col("kind") != "call")
        .group_by((pl.col("at") / speed).floor().alias("second"))
        .agg(tried=pl.len(), failed=(~pl.col("good")).sum())
        .sort("second")
        .select(at=pl.col("second") * speed, tried="tried", failed="failed")
    )
    late = (
        evidence.history.filter(
            ~is_preflight(), pl.col("released") - pl.col("intended") > STARVED * 1e9
        )
        .select(at=pl.col("released") / 1e9 * speed)
        .collect()
    )
    return Course(polls, by_second, speed, tuple(late["at"]), why_void(evidence))


def _ask(spell: Spell, course: Course) -> Finding:
    asks = f"Did the health page tell of {spell.title}?"
    grace, ends = WITHIN * course.speed, spell.end + CALM * course.speed
    tried = course.seconds.filter(pl.col("at").is_between(spell.start, spell.end))["tried"].sum()
    if tried < FEWEST:
        answer = "Hardly anybody tried while it lasted, so what it should have said is not known."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name)
    trouble = [each for each in course.stretches if each.start < ends and each.end > spell.start]
    if not trouble:
        answer = "People got through all the while, so there was nothing that it had to tell."
        return Finding(CHECK, Status.NOT_APPLICABLE, asks, answer, spell.name)
    start, end = trouble[0].start, trouble[-1].end
    polls = course.asked(start - course.speed, max(end, start + grace))
    figures: dict[str, float | int | None] = {
        "seconds_in_trouble": sum(each.end - each.start for each in trouble),
        "polls": len(polls),
        "seconds_to_tell": None,
        "well_in_trouble": 0,
    }
    if len(polls) < SEVERAL:
        answer = "The page was asked too seldom while people did not get through."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name, figures)
    ill = polls.filter(~pl.col("well"))
    told = float(ill["at"][0]) if len(ill) else None
    if told is None or told > start + grace:
        answer = f"It said that all was well, {_lasted(start, told or end, course)} into the fault."
        return Finding(CHECK, Status.FAIL, asks, answer, spell.name, figures, offenders=1)
    figures["seconds_to_tell"] = max(0.0, told - start)
    early = sum(
        int(course.asked(max(each.start + grace, told), each.end - grace)["well"].sum())
        for each in trouble
    )
    figures["well_in_trouble"] = early
    if early:
        answer = f"It said {early:,} times that all was well again before people got through."
        return Finding(CHECK, Status.FAIL, asks, answer, spell.name, figures, offenders=early)
    answer = f"It told {_lasted(start, max(told, start), course)} after people met with trouble."
    return Finding(CHECK, Status.PASS, asks, answer, spell.name, figures)


def _lasted(start: float, until: float, course: Course) -> str:
    """A length of time on the wall, in words."""
    return seconds((until - start) / course.speed)


def _false_alarms(spells: Sequence[Spell], course: Course) -> Finding:
    asks = "Did the health page cry wolf?"
    calm = CALM * course.speed
    well = course.seconds.filter(pl.col("failed") <= (1 - MOSTLY) * pl.col("tried")).select(
        second=(pl.col("at") / course.speed).round()
    )
    quiet = course.polls.with_columns(
        second=(pl.col("at") / course.speed).floor(), again=~pl.col("well").shift(fill_value=True)
    ).join(well, on="second", how="semi")
    for spell in spells:
        quiet = quiet.filter(~pl.col("at").is_between(spell.start - course.speed, spell.end + calm))
    said_ill = quiet.filter(~pl.col("well"), "again")["at"].to_list()
    alarms = sum(not course.starved(at) for at in said_ill)
    unsure = len(said_ill) - alarms
    figures: dict[str, float | int | None] = {"k": alarms, "n": len(quiet), "unsure": unsure}
    if unsure and not alarms:
        answer = f"{unsure:,} of {len(quiet):,} times it said ill while everybody got through, and "
        answer += "each time the generator was late as well: this machine had too little time."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, "false alarms", figures)
    if alarms:
        answer = f"{alarms:,} of {len(quiet):,} times it said ill while everybody got through."
        return Finding(CHECK, Status.FAIL, asks, answer, "false alarms", figures, offenders=alarms)
    if len(quiet) < FEWEST:
        answer = "It was asked too seldom while all was well."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, "false alarms", figures)
    answer = f"0 of {len(quiet):,} times it said ill while everybody got through."
    return Finding(CHECK, Status.PASS, asks, answer, "false alarms", figures)
