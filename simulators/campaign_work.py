"""What people of a campaign's day do with their lists: write, look, correct, load once more.

A list becomes tasks when its owner comes. Times are drill seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from simulators.behaviours.campaigner import Task
from simulators.behaviours.errand import operation_key
from simulators.behaviours.organizer import looks
from simulators.behaviours.protocol import Keyed
from simulators.campaign_lists import Lists, window_of
from simulators.night import Night
from simulators.people.draws import many, stream
from simulators.world import Campaign
from simulators.world.campaign import VOLUNTEER

CORRECTED, BY_ANOTHER = 2, 3  # versions of a record


class Worklists:
    """The tasks of everybody with a list, and the looks of organizers.

    Args:
        night: What was asked for.
        world: The people of the day's scale.
        lists: Who has which records, by role.
        tag: Begins every operation key.
    """

    def __init__(self, night: Night, world: Campaign, lists: Mapping[str, Lists], tag: str) -> None:
        self.night, self.world, self.lists, self.tag = night, world, lists, tag

    def of(self, role: str, row: int) -> tuple[Task, ...]:
        """What the owner of a list has to do, in order of time."""
        lists = self.lists[role]
        first, after = lists.starts[row : row + 2].tolist()
        habits, seed = self.night.cast.campaigning, self.night.seed
        draws = many(seed, lists.source, "habits", row).random((after - first, 2))
        by_hand = role != "clerk"  # a batch is loaded by a program, which does not fumble
        found = []
        for place in range(first, after):
            keyed = self.keyed(lists, place)
            taps = 2 if by_hand and draws[place - first, 0] < habits.double_tap else 1
            sees = role in ("canvasser", "phone_banker")
            due = float(lists.due[place])
            reads = sees and draws[place - first, 1] < habits.reads_back
            found.append(Task(due, keyed.record, keyed, taps=taps, looks=bool(reads)))
            if np.isfinite(lists.amended[place]):
                again = self.keyed(lists, place, CORRECTED)
                found.append(Task(float(lists.amended[place]), again.record, again, amends=True))
        if role == "canvasser":
            for place in self._contested.get(row, ()):
                other = self.keyed(lists, place, BY_ANOTHER)
                at = float(lists.amended[place])
                found.append(Task(at, other.record, other, amends=True, own=False))
        if role == "clerk" and stream(seed, "resent", row).random() < habits.resent:
            found += found
        else:
            found.sort(key=lambda task: task.at)
        return tuple(self._when_back(row, found) if role == "phone_banker" else found)

    def _when_back(self, row: int, tasks: list[Task]) -> Iterator[Task]:
        """A caller's tasks; what was due while they had left is put off until they are back."""
        away = [
            (walk_out.at, math.inf if walk_out.back is None else walk_out.back)
            for number, walk_out in enumerate(self.night.cast.campaigning.walk_outs)
            if row in self._leavers(number)
        ]
        for task in tasks:
            at = task.at
            for left, back in away:
                at = back if left <= at < back else at
            if at < math.inf:
                yield task if at == task.at else replace(task, at=at)

    def _leavers(self, number: int) -> frozenset[int]:
        """The rows of the callers who leave in one walk-out."""
        callers = len(self.lists["phone_banker"].arrives)
        share = self.night.cast.campaigning.walk_outs[number].share
        count = math.ceil(share * callers - 1e-9)
        order = many(self.night.seed, "walk-out", number).permutation(callers)
        return frozenset(order[:count].tolist())

    def walks_out(self, at: float) -> int:
        """How many callers leave the call tool at a drill second."""
        walk_outs = self.night.cast.campaigning.walk_outs
        return sum(len(self._leavers(n)) for n, each in enumerate(walk_outs) if each.at == at)

    def keyed(self, lists: Lists, place: int, version: int = 1) -> Keyed:
        """A record as it is sent first, as it is corrected, or as somebody else corrects it."""
        person = int(lists.people[place])
        record = self.world.record(person, lists.source)
        values = list(self.world.values(person, lists.source, amended=version > 1))
        if version == BY_ANOTHER:
            values[VOLUNTEER] = 1 - values[VOLUNTEER]
        return Keyed(record, version, tuple(values), operation_key(self.tag, record, version))

    def looks(self, row: int, state: int, begins: float) -> tuple[Task, ...]:
        """What one organizer looks at, in order of time."""
        night = self.night
        return tuple(
            looks(
                self._written[state],
                begins=begins,
                until=window_of(night).until,
                mean=night.cast.campaigning.look_seconds,
                rng=stream(night.seed, "looks", row),
            )
        )

    @cached_property
    def _contested(self) -> dict[int, list[int]]:
        """Places in the canvassers' lists that another canvasser of the state corrects, too."""
        doors = self.lists["canvasser"]
        found: dict[int, list[int]] = {}
        each = len(doors) // len(self.world.spec.states)
        for place in np.flatnonzero(doors.contested).tolist():
            owner = int(np.searchsorted(doors.starts, place, "right")) - 1
            other = owner // each * each + (owner % each + 1) % each
            if other != owner:
                found.setdefault(other, []).append(place)
        return found

    @cached_property
    def _written(self) -> list[list[tuple[float, str]]]:
        """When which record is due, by state, in order of time."""
        found: list[list[tuple[float, str]]] = [[] for _ in self.world.spec.states]
        for lists in self.lists.values():
            for due, person in zip(lists.due.tolist(), lists.people.tolist(), strict=True):
                record = self.world.record(person, lists.source)
                found[self.world.spec.states.index(record[:2])].append((due, record))
        for each in found:
            each.sort()
        return found
