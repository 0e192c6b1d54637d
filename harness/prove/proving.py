"""A proof from start to end: which drills, in which order, and what they come to.

The record is written as it grows: ``matrix.json`` is whole after each drill, so that Ctrl-C keeps
what is done, and the same folder given again goes on where it was.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import orjson
import yaml

from harness.checks import MEASURES
from harness.prove.cases import NIGHTS, kinds
from harness.prove.catalogue import PROOFS, Asked, ProveError
from harness.prove.crew import Crew
from harness.prove.job import Job, Played, read_played
from harness.prove.matrix import (
    Alarm,
    CleanRow,
    Fired,
    InjectRow,
    Matrix,
    Quiet,
    below,
    dump,
    failing,
    rows_of,
)
from harness.prove.proof import ProofDrill
from harness.prove.virtual import MODELS, clean_in_virtual_time
from harness.record import RecordError, RunFolder, Status
from harness.scenario import Scenario
from harness.verdict import judge

MATRIX = "matrix.json"
_SOURCES = "sources.txt"


@dataclass(frozen=True)
class Proving:
    """What was asked for.

    Attributes:
        folder: Where everything goes: new, empty, or one to go on with.
        jobs: Drills at once.
        seeds: Seeds of each clean app in virtual time.
        live_seeds: Seeds of each clean app over loopback.
        injects: Whether every kind of inject is drilled on the clean apps.
        alone: Whether each defect gets a drill of its own.
    """

    asked: Asked
    folder: Path
    jobs: int = 2
    seeds: int = 200
    live_seeds: int = 5
    injects: bool = True
    alone: bool = False


@dataclass
class Told:
    """Whoever watches is told of these, as they happen.

    Attributes:
        plan: How many drills and virtual seeds are to be played.
        drill: A drill has ended.
        clean: Clean seeds in virtual time, as far as they are played.
    """

    plan: Callable[[int, int], None] = lambda drills, seeds: None
    drill: Callable[[Played, Matrix], None] = lambda played, matrix: None
    clean: Callable[[CleanRow], None] = lambda row: None


def prove(asked: Proving, told: Told | None = None) -> Matrix:
    """Play everything that was asked for, and return the matrix, which is also written.

    Ctrl-C ends it early; what was done by then is in the matrix, which is not complete.

    Raises:
        ProveError: If the folder holds something else, or a proof of other practice apps.
    """
    told = told or Told()
    _make_room(asked.folder)
    record = _Record(asked)
    jobs = jobs_of(asked)
    done, left = _done_before(jobs)
    apps = [each.app for each in MODELS if each.app in asked.asked.defects]
    told.plan(len(jobs), asked.seeds * len(apps))
    try:
        for played in done:
            told.drill(played, record.add(played))
        with_crew = Crew(asked.jobs, asked.folder / "worker.log").play(left)
        for played in with_crew:
            told.drill(played, record.add(played))
        if asked.seeds:
            rows = clean_in_virtual_time(
                apps, asked.seeds, jobs=asked.jobs, without=asked.asked.without, tell=told.clean
            )
            record.matrix = replace(record.matrix, clean=(*record.matrix.clean, *rows))
        record.matrix = replace(record.matrix, complete=True)
    except KeyboardInterrupt:
        pass  # the matrix says that it is not complete
    finally:
        record.write()
    return record.matrix


# -- which drills -------------------------------------------------------------------------------


def jobs_of(asked: Proving) -> list[Job]:
    """Every drill, the longest-running apps first; their scenarios are written beside them."""
    jobs: list[Job] = []
    for app, defects in asked.asked.defects.items():
        proof = PROOFS[app]
        groups = proof.groups(defects, alone=asked.alone)
        written = {
            each.name: _written(asked, f"{app}-{each.name}", each.night())
            for each in proof.drills
            if asked.live_seeds or any(drill is each for drill, _ in groups)
        }
        for drill, group in groups:
            place = written[drill.name]
            jobs.append(_job(asked, app, drill, place, "+".join(group), defects=group))
        for drill in proof.drills if asked.live_seeds else ():
            for seed in range(1, asked.live_seeds + 1):
                name = f"clean-{drill.name}-{seed}"
                jobs.append(
                    _job(asked, app, drill, written[drill.name], name, seed=seed, clean=True)
                )
        for n, each in enumerate(each for each in NIGHTS if each.app == app):
            if asked.injects:
                name = f"injects-{n + 1}"
                place = _written(asked, f"{app}-{name}", each.night(proof))
                jobs.append(_job(asked, app, proof.first, place, name, kinds=each.kinds))
    return jobs


def _written(asked: Proving, name: str, scenario: Scenario) -> tuple[Path, Scenario]:
    """A proof drill's scenario as a file, so that anybody can play it again."""
    path = asked.folder / "scenarios" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    data = scenario.model_dump(mode="json")
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path, scenario


def _job(
    asked: Proving,
    app: str,
    drill: ProofDrill,
    written: tuple[Path, Scenario],
    name: str,
    *,
    defects: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
    seed: int | None = None,
    clean: bool = False,
) -> Job:
    path, scenario = written
    return Job(
        app=app,
        scenario=path,
        target=scenario.target,
        cast=drill.cast,
        seed=drill.seed if seed is None else seed,
        speed=scenario.speed,
        scale=drill.scale,
        folder=asked.folder / "runs" / f"{app}-{name}",
        defects=defects,
        kinds=kinds,
        clean=clean,
    )


# -- what they come to --------------------------------------------------------------------------


@dataclass
class _Record:
    """The matrix as it grows."""

    asked: Proving
    matrix: Matrix = field(init=False)
    begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.matrix = Matrix(
            without=tuple(sorted(self.asked.asked.without)),
            began=datetime.now(UTC).isoformat(timespec="seconds"),
            jobs=self.asked.jobs,
            version=version("drillhall"),
        )

    def add(self, played: Played) -> Matrix:
        """Put a drill into the matrix, and the matrix on disk."""
        asked, job = self.asked, played.job
        without = asked.asked.without
        if job.defects:
            shared = [each for each in asked.asked.defects[job.app] if each.name in job.defects]
            rows = rows_of(shared, played, without=without, root=asked.folder)
            order = [(app, each.name) for app, some in asked.asked.defects.items() for each in some]
            everything = [*self.matrix.rows, *rows]
            everything.sort(key=lambda row: order.index((row.app, row.defect)))
            self.matrix = replace(self.matrix, rows=tuple(everything))
        if job.clean:
            clean = _with_clean(self.matrix.clean, played, without)
            self.matrix = replace(self.matrix, clean=clean)
        if asked.injects and not job.defects:
            rows_ = inject_rows(played, without, asked.folder)
            self.matrix = replace(self.matrix, injects=_told_best((*self.matrix.injects, *rows_)))
        self.write()
        return self.matrix

    def write(self) -> None:
        """Write ``matrix.json``, in one step."""
        self.matrix = replace(self.matrix, seconds=round(time.monotonic() - self.begun, 1))
        path = self.asked.folder / MATRIX
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(dump(self.matrix))
        partial.replace(path)


_TELLS = (Quiet.ALARM, Quiet.QUIET, Quiet.UNKNOWN, Quiet.NOT_DRILLED)


def _told_best(rows: Iterable[InjectRow]) -> tuple[InjectRow, ...]:
    """Of each kind on each app the row that tells most, whichever drill ended first."""
    best: dict[tuple[str, str], InjectRow] = {}
    for row in sorted(rows, key=lambda row: (_TELLS.index(row.quiet), row.run)):
        best.setdefault((row.app, row.kind), row)
    order = kinds()
    return tuple(sorted(best.values(), key=lambda row: (order.index(row.kind), row.app)))


def _with_clean(
    rows: Iterable[CleanRow], played: Played, without: frozenset[str]
) -> tuple[CleanRow, ...]:
    """The rows with one more live drill of a clean app."""
    job = played.job
    scenario = job.scenario.stem
    old = next((each for each in rows if each.scenario == scenario and not each.virtual), None)
    row = old or CleanRow(job.app, scenario, False, 0)
    alarms = tuple(
        Alarm(job.seed, each.name, each.answer, job.again) for each in failing(played, without)
    )
    why = () if played.judged else (f"seed {job.seed}: {played.why or played.state}",)
    new = replace(
        row,
        seeds=row.seeds + 1,
        alarms=row.alarms + alarms,
        undrilled=tuple(sorted(row.undrilled + why)),
        seconds=round(row.seconds + played.seconds, 1),
    )
    return (*(each for each in rows if each is not old), new)


def inject_rows(played: Played, without: frozenset[str], root: Path) -> list[InjectRow]:
    """A row for each kind of inject in a drill of a clean app."""
    job = played.job
    fired = tuple(
        Fired(each.name, each.answer, each.offenders)
        for each in failing(played, without)
        if each.check not in MEASURES  # what a fault costs is its own doing
    )
    happened = {str(each["kind"]): each for each in played.injects}
    rows = []
    for kind in dict.fromkeys((*job.kinds, *happened)):
        row = happened.get(kind)
        quiet, why = _quiet(kind, row, played, bool(fired))
        rows.append(
            InjectRow(
                job.app, kind, quiet, int(row["touched"] or 0) if row else 0, fired, played.word,
                why, below(job.folder, root), job.again,
            )
        )  # fmt: skip
    return rows


def _quiet(
    kind: str, row: dict[str, object] | None, played: Played, fired: bool
) -> tuple[Quiet, str]:
    if not played.judged:
        return Quiet.NOT_DRILLED, played.why or played.state
    if row is None:
        why = next((each for each in played.not_drilled if kind in each), "it was not played")
        return Quiet.NOT_DRILLED, why
    if fired:
        return Quiet.ALARM, ""
    name = f"injects:{row['name']}"
    said = next((each for each in played.findings if each.name == name), None)
    if said is None or said.status is not Status.PASS:
        return Quiet.UNKNOWN, said.answer if said else f"no finding {name} was made"
    return Quiet.QUIET, ""


# -- the folder ---------------------------------------------------------------------------------


def _make_room(folder: Path) -> None:
    """Make the folder, or see that what is in it is a proof of these practice apps.

    Raises:
        ProveError: If it is not.
    """
    stamp = folder / _SOURCES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            if not stamp.is_file():
                raise ProveError(f"{folder}: holds something else; take a new or empty folder.")
            if stamp.read_text() != sources():
                raise ProveError(
                    f"{folder}: holds a proof of other practice apps or drills than these: their "
                    "sources have changed since. Take a new folder."
                )
        stamp.write_text(sources())
    except OSError as error:
        raise ProveError(f"{folder}: cannot be used: {error.strerror}.") from error


def sources() -> str:
    """A hash of what is simulated and of how it is proven: other sources are another proof."""
    found = hashlib.sha256()
    root = Path(__file__).parents[2]
    for place in (root / "simulators", root / "scenarios", Path(__file__).parent):
        for path in sorted(place.rglob("*")):
            if path.suffix in (".py", ".yaml", ".html") and path.is_file():
                found.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return found.hexdigest() + "\n"


def _done_before(jobs: Sequence[Job]) -> tuple[list[Played], list[Job]]:
    """The drills whose record is whole, judged anew; and those that are still to be played."""
    done: list[Played] = []
    left: list[Job] = []
    for job in jobs:
        began = time.monotonic()
        try:
            folder = RunFolder.open(job.folder)
            whole = folder.info.get("state") == "finished" and folder.info["ledger"]["complete"]
        except (RecordError, KeyError, orjson.JSONDecodeError):
            whole = False
        if whole:
            word = str(judge(folder).word)
            done.append(read_played(job, word, time.monotonic() - began))
        else:
            _clear(job.folder)
            left.append(job)
    return done, left


def _clear(folder: Path) -> None:
    """Put a run that did not reach its end out of the way of its next try."""
    if folder.exists():
        tries = sum(1 for _ in folder.parent.glob(f"{folder.name}.*"))
        folder.rename(folder.with_name(f"{folder.name}.{tries + 1}"))
