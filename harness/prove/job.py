"""One drill of a proof: what it is, the command that repeats it, and what became of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.record import Finding, RunFolder


@dataclass(frozen=True)
class Job:
    """A drill that is to be played.

    Attributes:
        app: The practice app's name.
        scenario: File of the proof drill's scenario.
        target: ``practice/NAME`` or the path of a target.yaml.
        folder: Where the run goes.
        defects: Switched on in the app.
        kinds: Kinds of injects that it is played for.
        clean: Whether it is one of the drills of the clean app.
    """

    app: str
    scenario: Path
    target: str
    cast: str
    seed: int
    speed: float
    scale: float
    folder: Path
    defects: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    clean: bool = False

    @property
    def title(self) -> str:
        """What a person calls it."""
        what = ", ".join(self.defects or self.kinds) or "clean"
        return f"{self.app}: {what}, seed {self.seed}"

    def as_line(self) -> dict[str, Any]:
        """The same as plain data, for the process that plays it."""
        return asdict(self) | {"scenario": str(self.scenario), "folder": str(self.folder)}

    @classmethod
    def of_line(cls, line: Mapping[str, Any]) -> Job:
        """A job from plain data."""
        paths = {name: Path(line[name]) for name in ("scenario", "folder")}
        lists = {name: tuple(line[name]) for name in ("defects", "kinds")}
        return cls(**{**line, **paths, **lists})

    @property
    def again(self) -> str:
        """The command that plays the same drill, from the folder that the proof was begun in."""
        words = [
            "drillhall", "run", str(self.scenario), "--target", self.target,
            "--cast", self.cast, "--seed", str(self.seed), "--scale", f"{self.scale:g}",
        ]  # fmt: skip
        for each in self.defects:
            words += ["--defect", each]
        return shlex.join(words)


@dataclass(frozen=True)
class Played:
    """What became of a job.

    Attributes:
        state: ``finished``, or how else the drill ended; ``failed`` if it could not be played.
        why: Why it did not reach its end; else empty.
        word: The verdict; empty where nothing could be judged.
        seconds: Wall seconds that it took.
        findings: Of every check.
        injects: What happened to each planned inject: name, kind, touched, undone, detail.
        not_drilled: What this machine or target could not play, one sentence each.
    """

    job: Job
    state: str
    why: str = ""
    word: str = ""
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    injects: tuple[dict[str, Any], ...] = ()
    not_drilled: tuple[str, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether the drill came to its end and every check was asked."""
        return self.state == "finished" and bool(self.findings)


def read_played(job: Job, word: str, seconds: float) -> Played:
    """What a sealed and judged run folder says of its drill."""
    folder = RunFolder.open(job.folder)
    info = folder.info
    return Played(
        job,
        state=str(info.get("state", "crashed")),
        why="; ".join(map(str, info.get("reasons") or ())),
        word=word,
        seconds=seconds,
        findings=tuple(folder.findings),
        injects=tuple(folder.injects.collect().to_dicts()),
        not_drilled=tuple((info.get("target") or {}).get("not_drilled") or ()),
    )
