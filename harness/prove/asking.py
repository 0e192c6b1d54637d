"""From what the command line says to what is to be proven."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.checks import NAMES
from harness.prove.catalogue import asked_for
from harness.prove.proving import Proving

SEEDS, LIVE_SEEDS = 200, 5
QUICK_SEEDS, QUICK_LIVE_SEEDS = 20, 1


def asked_of(
    apps: Sequence[str],
    defects: Sequence[str],
    without: Sequence[str],
    *,
    folder: Path,
    jobs: int = 2,
    seeds: int | None = None,
    live_seeds: int | None = None,
    injects: bool | None = None,
    quick: bool = False,
    alone: bool = False,
) -> Proving:
    """What is to be proven; what nobody named is decided by what else was.

    Whoever names defects wants those drilled, and clean apps or injects only if they say so.

    Raises:
        ProveError: If there is no such app, defect or check.
    """
    asked = asked_for(apps, defects, without, NAMES)
    usual = (QUICK_SEEDS, QUICK_LIVE_SEEDS) if quick else (SEEDS, LIVE_SEEDS)
    if defects:
        usual = (0, 0)
    return Proving(
        asked,
        folder,
        jobs=jobs,
        seeds=usual[0] if seeds is None else seeds,
        live_seeds=usual[1] if live_seeds is None else live_seeds,
        injects=not (quick or defects) if injects is None else injects,
        alone=alone,
    )
