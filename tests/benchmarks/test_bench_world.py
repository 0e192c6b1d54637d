"""How fast worlds are made, against plain NumPy multinomial draws in the same run.

The peer draws what a generator without rules would: two multinomial counts of fourteen groups
a precinct, the first and the final alignment, with the same attendance and shares. Ours adds
registration, the pull of the threshold, realignment, exact awards and the worksheet. Both run
on one thread; times are CPU seconds, and the two alternate so that a busy machine hurts both.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from simulators.world import World, WorldSpec
from simulators.world.preferences import GROUPS
from simulators.world.streams import BLOCK

BLOCKS = 40
ROUNDS = 7

ONE_MILLION = """
import resource
from simulators.world import World, WorldSpec
world = World(WorldSpec(precincts=1_000_000, satellites=0, counties=3000,
                        county_delegates=6_800_000, state_delegates=1_200_000), seed=1)
people = sum(int(block.worksheets[:, 0].sum()) for block in world.blocks())
print(people, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def make_blocks(world: World) -> None:
    """Truth and worksheets of some blocks, made anew."""
    for _ in world.blocks(0, BLOCKS * BLOCK):
        pass


def draw_plainly(rng: np.random.Generator, people: Any, shares: Any) -> None:
    """The peer: two plain counts of fourteen groups for as many precincts."""
    for _ in range(BLOCKS):
        rng.multinomial(people, shares)
        rng.multinomial(people, shares)


def cpu_seconds(work: Any, *given: Any) -> float:
    """CPU seconds of one call."""
    started = process_time()
    work(*given)
    return process_time() - started


def test_worlds_against_plain_draws(benchmark: Any) -> None:
    """A whole report with its worksheet costs at most four plain pairs of multinomial draws."""
    world = World(WorldSpec().scaled(BLOCKS), seed=1)
    make_blocks(world)
    rng = np.random.default_rng(1)
    results = world.results(0, BLOCK)
    shares = rng.dirichlet(np.full(GROUPS, 2.0), size=BLOCK)
    ours, peer = [], []
    for _ in range(ROUNDS):
        peer.append(cpu_seconds(draw_plainly, rng, results.attendance, shares))
        ours.append(cpu_seconds(make_blocks, world))
    benchmark.pedantic(make_blocks, (world,), rounds=3)
    ratio = median(ours) / median(peer)
    benchmark.extra_info["peer"] = "two numpy.random.Generator.multinomial draws a precinct"
    benchmark.extra_info["times_the_peer"] = ratio
    benchmark.extra_info["precincts_per_second"] = BLOCKS * BLOCK / median(ours)
    assert ratio <= 4


def test_a_million_precincts_fit_in_a_gibibyte(benchmark: Any) -> None:
    """A million precincts, gone through block by block, peak below 1 GiB of memory."""

    def stream() -> int:
        done = subprocess.run(
            [sys.executable, "-P", "-c", ONE_MILLION], capture_output=True, text=True, check=True
        )
        return int(done.stdout.split()[1])

    peak = benchmark.pedantic(stream, rounds=1)
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS
    benchmark.extra_info["peak_mebibytes"] = peak * unit / 2**20
    assert peak * unit < 2**30
