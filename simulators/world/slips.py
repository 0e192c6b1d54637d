"""One way of getting a worksheet wrong each, with the sizes of Iowa 2020.

Each slip changes a :class:`Sheets` in place where it can and says where it could; what it
changes always shows in the consistency check under the slip's code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.world.awards import Flags, Ints, award_many, thresholds
from simulators.world.checker import never_explained
from simulators.world.luck import Luck, Rows
from simulators.world.preferences import ATTENDANCE, DELEGATES, FINAL, FIRST, GROUPS
from simulators.world.rules import RuleSet

OFF_BY = np.array([-3, -1, 1, 2, 3, 4])
OFF_BY_COUNTS = np.array([1, 13, 8, 1, 1, 2])
"""How far the delegates given were from the number to elect, in 26 precincts."""

SHRUNK_MEDIAN, SHRUNK_SPREAD, SHRUNK_MOST = 5.0, 1.3, 50
"""People lost by a viable group: log-normal; median 5, three quarters up to 12, most 50."""

LINE_LEFT_OUT = 0.5
"""Among reports with too many at the end, those with a first-alignment line left out rather
than a small slip in the final count. Fitted to median 3, p75 12, p90 38 people too many."""

SLIP = 0.40
"""A small slip in the final count is geometric with this chance: nearly all 1 to 3 people."""

NEXT_COLUMN = 0.25
"""Among delegates given to a group that is not viable, those where all of one group's were
read into the next column. Fitted to 7 viable groups left without."""


@dataclass(frozen=True)
class Sheets:
    """Worksheets being written, one row a site.

    Attributes:
        first, final, given: Views of the cells, shape (n, 14).
        delegates: Delegates to elect.
        needed: Threshold of each site in truth, at least 1.
        rules: The caucus rules.
        luck: The numbers drawn for each row.
    """

    first: Ints
    final: Ints
    given: Ints
    delegates: Ints
    needed: Ints
    rules: RuleSet
    luck: Luck

    @classmethod
    def of(cls, cells: Ints, delegates: Ints, rules: RuleSet, luck: Luck) -> Sheets:
        """View the cells of reports, shape (n, 43), as worksheets."""
        first, final, given = cells[:, FIRST], cells[:, FINAL], cells[:, DELEGATES]
        needed = np.maximum(1, thresholds(delegates, cells[:, ATTENDANCE], rules))
        return cls(first, final, given, delegates, needed, rules, luck)


TRIES = 3
"""Groups that a slip may fall on before it does not happen at all."""

NOTICED = 0.95
"""Slips giving more people fewer delegates that are noticed at once: fitted to 6 of 1,678."""

Slip = Callable[[Sheets, Rows], Flags]
"""Spoils the rows it is given where it can; says where it did."""


def too_many(sheets: Sheets, rows: Rows) -> Flags:
    """E1: more people at the end than at first."""
    line = sheets.luck.uniform(rows) < LINE_LEFT_OUT
    done = np.zeros(len(rows), dtype=bool)
    done[line] = _leave_line_out(sheets, rows[line])
    done[~done] = miscount(sheets, rows[~done])
    return done


def _leave_line_out(sheets: Sheets, rows: Rows) -> Flags:
    """A group's first alignment was never written down: whose, falls on any person alike."""
    first = sheets.first[rows]
    total = first.sum(axis=1, keepdims=True)
    lost = total - sheets.final[rows].sum(axis=1, keepdims=True)
    at, able = _pick(np.where((first > lost) & (first < total), first, 0), sheets, rows)
    sheets.first[rows[able], at[able]] = 0
    return able


def miscount(sheets: Sheets, rows: Rows) -> Flags:
    """A few people too many written down for one group at the end."""
    final = sheets.final[rows]
    lost = sheets.first[rows].sum(axis=1) - final.sum(axis=1)
    extra = np.maximum(lost, 0) + sheets.luck.geometric(rows, SLIP)
    entitled = final >= sheets.needed[rows][:, None]

    def write(todo: Rows) -> Flags:
        at, able = _pick(entitled[todo], sheets, rows[todo])
        sheets.final[rows[todo[able]], at[able]] += extra[todo[able]]
        return able

    able = _retry(write, sheets, rows)
    leader = final.argmax(axis=1)
    rest = np.flatnonzero(~able & final.any(axis=1))
    sheets.final[rows[rest], leader[rest]] += extra[rest]
    able[rest] = True
    return able


def shrink(sheets: Sheets, rows: Rows) -> Flags:
    """E2: people of a viable group were let go elsewhere; the award follows from that."""
    first, final = sheets.first[rows], sheets.final[rows]
    needed = sheets.needed[rows][:, None]
    locked = (first >= needed) & (final >= first)
    elect = sheets.delegates[rows]
    lawful = (elect == 0) | ((first >= needed).sum(axis=1) <= elect)
    roomy = locked & (first > needed)
    at, able = _pick(np.where(roomy.any(axis=1, keepdims=True), roomy, locked), sheets, rows)
    to, more = _pick((final >= needed) & (np.arange(GROUPS) != at[:, None]), sheets, rows)
    able &= more & lawful
    rows, at, to = rows[able], at[able], to[able]
    was, least = first[able][np.arange(len(rows)), at], needed[able, 0]
    lost = np.exp(np.log(SHRUNK_MEDIAN) + SHRUNK_SPREAD * sheets.luck.normal(rows))
    lost = np.clip(np.rint(lost), 1, np.clip(was - least, 1, SHRUNK_MOST)).astype(np.int32)
    now = np.where(was - lost >= least, was - lost, 0)
    moved = sheets.final[rows, at] - now
    sheets.final[rows, at] = now
    sheets.final[rows, to] += moved
    _award_again(sheets, rows)
    return able


def _award_again(sheets: Sheets, rows: Rows) -> None:
    final = np.ascontiguousarray(sheets.final[rows].T)
    total = sheets.first[rows].sum(axis=1, dtype=np.int32)
    ties = np.ascontiguousarray(sheets.luck.uniforms(rows, GROUPS).T)
    sheets.given[rows] = award_many(final, sheets.delegates[rows], total, ties, sheets.rules).T


def stray(sheets: Sheets, rows: Rows) -> Flags:
    """E3: a delegate for a group that is not viable, taken from one that is."""
    given = sheets.given[rows]
    entitled = sheets.final[rows] >= sheets.needed[rows][:, None]
    shifts = sheets.luck.uniform(rows) < NEXT_COLUMN

    def write(todo: Rows) -> Flags:
        mine, here = given[todo], np.arange(len(todo))
        at, able = _pick(_several(mine), sheets, rows[todo])
        to, more = _pick(~entitled[todo], sheets, rows[todo])
        after = (at + 1) % GROUPS
        shifted = shifts[todo] & ~entitled[todo, after]
        to = np.where(shifted, after, to)
        count = np.where(shifted, mine[here, at], 1)
        able &= more
        sheets.given[rows[todo[able]], at[able]] -= count[able]
        sheets.given[rows[todo[able]], to[able]] += count[able]
        return able

    return _retry(write, sheets, rows)


def wrong_sum(sheets: Sheets, rows: Rows) -> Flags:
    """E5: delegates that do not add up to the number to elect."""
    given = sheets.given[rows]
    off = OFF_BY[sheets.luck.among(rows, OFF_BY_COUNTS)]

    def write(todo: Rows) -> Flags:
        at, able = _pick(_several(given[todo]), sheets, rows[todo])
        held = given[todo, at] + off[todo]
        sheets.given[rows[todo[able]], at[able]] = np.maximum(0, held)[able]
        return able

    return _retry(write, sheets, rows)


def wrong_group(sheets: Sheets, rows: Rows) -> Flags:
    """E9: the wrong group docked or topped up; no attendance explains the award."""
    given = sheets.given[rows]
    entitled = sheets.final[rows] >= sheets.needed[rows][:, None]

    def write(todo: Rows) -> Flags:
        at, able = _pick(entitled[todo] & (given[todo] >= 2), sheets, rows[todo])
        others = entitled[todo] & (np.arange(GROUPS) != at[:, None])
        to, more = _pick(others, sheets, rows[todo])
        able &= more
        sheets.given[rows[todo[able]], at[able]] -= 1
        sheets.given[rows[todo[able]], to[able]] += 1
        return able

    able = _retry(write, sheets, rows)
    found = never_explained(
        sheets.first[rows].T,
        sheets.final[rows].T,
        sheets.given[rows].T,
        sheets.delegates[rows],
        sheets.rules,
    )
    explained = able & ~found
    sheets.given[rows[explained]] = given[explained]
    return able & found


def _several(given: Ints) -> Flags:
    """Groups with two delegates or more; where there are none, those with one."""
    several = given >= 2
    chosen: Flags = np.where(several.any(axis=1, keepdims=True), several, given >= 1)
    return chosen


def _retry(write: Callable[[Rows], Flags], sheets: Sheets, rows: Rows) -> Flags:
    """Write a slip down; where it gives more people fewer delegates it is noticed, and undone.

    Chairs see that (E6) more easily than other slips: only 6 of 1,678 real reports have it.
    """
    able = np.ones(len(rows), dtype=bool)
    todo = np.arange(len(rows))
    for _ in range(TRIES):
        before = sheets.final[rows[todo]], sheets.given[rows[todo]]
        able[todo] = write(todo)
        seen = _fewer_for_more(sheets.final[rows[todo]], sheets.given[rows[todo]])
        seen &= sheets.luck.uniform(rows[todo]) < NOTICED
        again = rows[todo[seen]]
        sheets.final[again], sheets.given[again] = before[0][seen], before[1][seen]
        todo = todo[seen]
        if not len(todo):
            break
    able[todo] = False
    return able


def _fewer_for_more(final: Ints, given: Ints) -> Flags:
    more = final[:, :, None] > final[:, None, :]
    fewer = given[:, :, None] < given[:, None, :]
    found: Flags = np.any(more & fewer, axis=(1, 2))
    return found


def missing(sheets: Sheets, rows: Rows) -> Flags:
    """E10: one alignment was not written down at all."""
    no_first = sheets.luck.uniform(rows) < 0.5
    sheets.first[rows[no_first]] = 0
    sheets.final[rows[~no_first]] = 0
    return np.ones(len(rows), dtype=bool)


def keep_extra_group(sheets: Sheets, rows: Rows) -> Flags:
    """E7: more groups stand at the end than there are delegates, and none was sent back.

    Either too many were viable at first, or the largest of the others was made viable although
    every delegate was spoken for. The largest groups get one delegate each, the smallest none.
    """
    first, needed = sheets.first[rows], sheets.needed[rows]
    stood = np.where(first >= needed[:, None], first, 0)
    here = np.arange(len(rows))
    full = (stood > 0).sum(axis=1) == sheets.delegates[rows]
    room = sheets.final[rows].sum(axis=1) - stood.sum(axis=1) >= needed
    others = np.where(stood > 0, 0, first)
    extra = others.argmax(axis=1)
    made = full & room & (others[here, extra] > 0)
    stood[here[made], extra[made]] = needed[made]
    able: Flags = (stood > 0).sum(axis=1) > sheets.delegates[rows]
    rows, stood = rows[able], stood[able]
    more = sheets.final[rows].sum(axis=1) - stood.sum(axis=1)
    stood[np.arange(len(rows)), stood.argmax(axis=1)] += np.maximum(more, 0)
    order = np.argsort(-stood - sheets.luck.uniforms(rows, GROUPS), axis=1)
    ranks = np.argsort(order, axis=1)
    sheets.final[rows] = stood
    sheets.given[rows] = ranks < sheets.delegates[rows][:, None]
    return able


def _pick(weights: NDArray[np.integer] | Flags, sheets: Sheets, rows: Rows) -> tuple[Rows, Flags]:
    """One group of each row, in proportion to whole weights; and whether there is any."""
    running = np.cumsum(weights, axis=1)
    total = running[:, -1]
    wanted = (sheets.luck.uniform(rows).astype(float) * total).astype(np.intp) + 1
    picked: Rows = np.argmax(running >= wanted[:, None], axis=1)
    return picked, total > 0
