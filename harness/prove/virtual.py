"""Clean apps over many seeds in virtual time: no check may fail where nothing is wrong."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from harness.prove import strikes
from harness.prove.matrix import Alarm, CleanRow
from harness.record import Status
from harness.scenario import load_scenario
from harness.simulate import simulate
from harness.verdict import judge


@dataclass(frozen=True)
class Model:
    """A packaged night whose modelled app is sound.

    Attributes:
        app: The practice app that the model stands for.
        scale: Size at which a seed takes about a third of a second.
        leave_out: Objectives that the few people of such a day may miss though nothing is wrong.
    """

    app: str
    scenario: str
    scale: float
    leave_out: frozenset[str] = frozenset()


MODELS = (
    Model("reporting", "iowa-caucus-night", 0.05),
    Model("strikes", "houdini-election-day", 0.1, frozenset(strikes.SHARES_OF_CALLS)),
    Model("hub", "narwhal-game-day", 0.0003),
)


def clean_in_virtual_time(
    apps: Sequence[str],
    seeds: int,
    *,
    jobs: int,
    without: frozenset[str] = frozenset(),
    tell: Callable[[CleanRow], None] = lambda row: None,
) -> list[CleanRow]:
    """Play every modelled app with the seeds 1 to ``seeds``; one row an app.

    Args:
        tell: Told of each row as it stands, after every few seeds and at the end.
    """
    rows = []
    for model in (each for each in MODELS if each.app in apps):
        rows.append(_play(model, seeds, jobs=jobs, without=without, tell=tell))
    return rows


def _play(
    model: Model,
    seeds: int,
    *,
    jobs: int,
    without: frozenset[str],
    tell: Callable[[CleanRow], None],
) -> CleanRow:
    begun = time.monotonic()
    alarms: list[Alarm] = []
    undrilled: list[str] = []
    # A process that was forked has polars' threads in whatever state they were.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(jobs, seeds), mp_context=fresh, initializer=_leave_ctrl_c_to_the_parent
    ) as pool:
        asked = [pool.submit(one_seed, model, seed, without) for seed in range(1, seeds + 1)]
        try:
            for n, each in enumerate(as_completed(asked), start=1):
                found, why = each.result()
                alarms += found
                undrilled += why
                if n % 10 == 0 or n == seeds:
                    tell(_row(model, n, alarms, undrilled, begun))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return _row(model, seeds, alarms, undrilled, begun)


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _row(
    model: Model, seeds: int, alarms: list[Alarm], undrilled: list[str], begun: float
) -> CleanRow:
    return CleanRow(
        model.app, model.scenario, True, seeds,
        tuple(sorted(alarms, key=lambda each: (each.seed, each.finding))), tuple(undrilled),
        round(time.monotonic() - begun, 1),
    )  # fmt: skip


def one_seed(model: Model, seed: int, without: frozenset[str]) -> tuple[list[Alarm], list[str]]:
    """Play one seed and judge it: its false alarms, and why it could not be played."""
    scenario = load_scenario(model.scenario)
    scenario = scenario.model_copy(
        update={
            "objectives": [each for each in scenario.objectives if each.name not in model.leave_out]
        }
    )
    cast = scenario.default_cast.run
    again = (
        f"drillhall simulate {model.scenario} --cast {cast} --seed {seed} --scale {model.scale:g}"
    )
    with tempfile.TemporaryDirectory(prefix="drillhall-prove-") as place:
        try:
            folder = simulate(
                scenario, out=Path(place) / "run", cast=cast, seed=seed, scale=model.scale
            )
            judge(folder)
            found = folder.findings
        except Exception as error:  # one seed that cannot be played is told of; others are played
            return [], [f"seed {seed}: {type(error).__name__}: {error}"]
    return [
        Alarm(seed, each.name, each.answer, again)
        for each in found
        if each.status is Status.FAIL and each.check not in without
    ], []
