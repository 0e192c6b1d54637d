"""The paper each chair holds: the truth, with the errors people make.

Whether a worksheet is wrong hangs on the number of delegates, not on size or county; what is
wrong follows the catalogue of the 227 bad precincts of Iowa 2020 (``simulators.data``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.world.awards import Ints
from simulators.world.luck import NUMBERS, Luck, Rows, Uniforms
from simulators.world.places import Places
from simulators.world.slips import (
    Sheets,
    Slip,
    keep_extra_group,
    missing,
    shrink,
    stray,
    too_many,
    wrong_group,
    wrong_sum,
)
from simulators.world.spec import WorksheetErrors, WorldSpec
from simulators.world.streams import BLOCK, WORKSHEETS, generator

Masks = NDArray[np.uint8]

INJECTED = ("E1", "E2", "E3", "E5", "E7", "E9", "E10", "COPY")
"""Codes of what can be put into a worksheet; E7 and COPY come beside the others."""

KINDS: tuple[tuple[str, Slip, tuple[float, float, float]], ...] = (
    ("E1", too_many, (0.10, 0.60, 0.9)),
    ("E2", shrink, (0.28, 0.0, 0.1)),
    ("E3", stray, (0.22, 0.0, 0.0)),
    ("E5", wrong_sum, (0.10, 0.35, 0.0)),
    ("E9", wrong_group, (0.24, 0.0, 0.0)),
    ("E10", missing, (0.01, 0.05, 0.0)),
)
"""Code, slip, and its part of all errors: with two or more delegates, with one, at satellites.

Fitted, so that the check finds each code as often as in the 100 % release.
"""

_PARTS = np.array([parts for _, _, parts in KINDS]).T
_BOUNDS = np.cumsum(_PARTS, axis=1) / _PARTS.sum(axis=1, keepdims=True)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is drawn for the worksheets of one block; one row a marked site.

    Attributes:
        rows: Positions of the marked sites in the block, ascending.
        spoiled: Whether something is written down wrong.
        extra: Whether a surplus group is kept, if there can be one.
        kind: What goes wrong, as a uniform number.
        copied: Positions at which the neighbour's report is written down instead.
        luck: The numbers of each marked site.
    """

    rows: Rows
    spoiled: NDArray[np.bool_]
    extra: NDArray[np.bool_]
    kind: NDArray[np.float64]
    copied: Rows
    luck: Uniforms


def mark_block(errors: WorksheetErrors, delegates: Ints, seed: int, block: int) -> Marks:
    """Draw which worksheets of a block go wrong, and the numbers that decide how."""
    rng = generator(seed, WORKSHEETS, block)
    draws = rng.random((3, len(delegates)))
    spoiled = _chosen(errors, delegates, rng)
    # Six groups at most reach 15 %, so with six delegates no group is too many.
    few = (delegates > 1) & (delegates < 6)
    extra = few & (draws[0] < errors.extra_group * errors.scale)
    rows = np.flatnonzero(spoiled | extra)
    copied = np.flatnonzero(draws[2] < errors.copied * errors.scale)
    luck = rng.random((len(rows), NUMBERS), dtype=np.float32)
    return Marks(rows, spoiled[rows], extra[rows], draws[1][rows], copied, luck)


def write_blocks(
    spec: WorldSpec, places: Places, seed: int, first: int, truths: Sequence[Ints]
) -> list[tuple[Ints, Masks]]:
    """Write down the worksheets of blocks that follow each other.

    Many blocks together take hardly longer than one; the outcome is the same.

    Args:
        spec, places, seed: The world.
        first: Number of the first block.
        truths: What happened in each block, shape (sites, 43).

    Returns:
        For each block the worksheets, shape of its truth, and what was put in: a bit mask for
        each site, bits in the order of :data:`INJECTED`.
    """
    errors = spec.worksheet_errors
    if spec.deck or not errors.scale:
        return [(truth, np.zeros(len(truth), dtype=np.uint8)) for truth in truths]
    elects = [
        places.delegates[at * BLOCK : at * BLOCK + len(truth)]
        for at, truth in enumerate(truths, first)
    ]
    marks = [mark_block(errors, elect, seed, at) for at, elect in enumerate(elects, first)]
    cells = np.concatenate([truth[mark.rows] for truth, mark in zip(truths, marks, strict=True)])
    elect = np.concatenate([part[mark.rows] for part, mark in zip(elects, marks, strict=True)])
    luck = Luck(np.concatenate([mark.luck for mark in marks]))
    sheets = Sheets.of(cells, elect, spec.rule_set, luck)
    injected = np.zeros(len(cells), dtype=np.uint8)
    if not spec.rule_set.adds_delegates:
        rows = np.flatnonzero(np.concatenate([mark.extra for mark in marks]))
        injected[rows[keep_extra_group(sheets, rows)]] |= _bit("E7")
    spoiled = np.concatenate([mark.spoiled for mark in marks])
    _spoil(sheets, spoiled, np.concatenate([mark.kind for mark in marks]), injected)
    written, start = [], 0
    for truth, mark in zip(truths, marks, strict=True):
        part = slice(start, start + len(mark.rows))
        start = part.stop
        written.append(_write_down(truth, mark, cells[part], injected[part]))
    return written


def _write_down(truth: Ints, mark: Marks, cells: Ints, injected: Masks) -> tuple[Ints, Masks]:
    worksheets, masks = truth.copy(), np.zeros(len(truth), dtype=np.uint8)
    worksheets[mark.rows], masks[mark.rows] = cells, injected
    _copy_neighbours(worksheets, truth, mark.copied, masks)
    return worksheets, masks


def _chosen(
    errors: WorksheetErrors, delegates: Ints, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which worksheets of a block go wrong: each with its own chance, their number as expected.

    Systematic sampling in a drawn order: walk along the chances and take whom every whole number
    falls on (W. G. Madow, Annals of Mathematical Statistics 20 (1949), 333-354). So a night has
    the published rate whatever the seed.
    """
    by_delegates = (
        errors.satellite,
        errors.one_delegate,
        errors.two_delegates,
        errors.three_delegates,
        errors.more_delegates,
    )
    rates = np.minimum(1, np.array(by_delegates)[np.minimum(delegates, 4)] * errors.scale)
    order = rng.permutation(len(rates))
    start = rng.random()
    steps = np.floor(start + np.cumsum(rates[order]))
    chosen = np.zeros(len(rates), dtype=bool)
    chosen[order] = np.diff(steps, prepend=0) > 0
    return chosen


def _spoil(
    sheets: Sheets, chosen: NDArray[np.bool_], kinds: NDArray[np.float64], injected: Masks
) -> None:
    bad = np.flatnonzero(chosen & sheets.first.any(axis=1))
    table = np.array([2, 1, 0])[np.minimum(sheets.delegates[bad], 2)]
    kind = (kinds[bad][:, None] >= _BOUNDS[table]).sum(axis=1)
    failed: list[Rows] = []
    for at, (code, slip, _) in enumerate(KINDS):
        rows = bad[kind == at]
        if len(rows):
            done = slip(sheets, rows)
            injected[rows[done]] |= _bit(code)
            failed.append(rows[~done])
    rest = np.concatenate(failed) if failed else np.zeros(0, dtype=np.intp)
    if len(rest):
        # A slip that this precinct has no room for becomes the one that every precinct has.
        injected[rest[too_many(sheets, rest)]] |= _bit("E1")


def _copy_neighbours(cells: Ints, truth: Ints, rows: Rows, injected: Masks) -> None:
    """Write the whole report of the precinct before down instead (of the next, for the first)."""
    source = np.where(rows > 0, rows - 1, np.minimum(1, len(cells) - 1))
    able = (source != rows) & np.any(truth[source] != truth[rows], axis=1)
    rows, source = rows[able], source[able]
    cells[rows] = truth[source]
    injected[rows] = _bit("COPY")


def _bit(code: str) -> np.uint8:
    return np.uint8(1 << INJECTED.index(code))
