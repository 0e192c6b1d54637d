"""Who answers a night's phones and reads its inboxes, dealt out among workers.

A worker has its part of the agents, trunks and places to wait, and plays its callers against
these alone. Times are drill seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from simulators.behaviours.errand import INBOXES, LINE
from simulators.behaviours.operator import Desk
from simulators.behaviours.reader import ReadingRoom
from simulators.lines import AgentLine, Duty, Lines, never
from simulators.night import Night
from simulators.people.cast import Inbox, Staffing
from simulators.people.draws import stream
from simulators.people.person import Person
from simulators.people.shifts import Shift, WalkOut, duties, leavers
from simulators.phones.hotline import Hotline
from simulators.phones.trunks import Trunks

MAIN = "main"
"""The trunk group of every line that people answer."""


def scaled_up(people: int, scale: float) -> int:
    """So many people in a night of this size.

    Rounded up: a few agents together are worth less than their part of many.
    """
    return math.ceil(people * scale - 1e-9)


def agents_of(night: Night) -> int:
    """Everybody who answers the hotline, in all shifts, at the night's size."""
    staffing, scale = night.cast.hotline, night.scale
    if staffing.shifts:
        return sum(scaled_up(shift.agents, scale) for shift in staffing.shifts)
    return scaled_up(staffing.agents, scale)


def readers_of(night: Night) -> tuple[int, int]:
    """Readers of photos and readers of texts, at the night's size."""
    cast = night.cast
    return scaled_up(cast.photos.readers, night.scale), scaled_up(cast.texts.readers, night.scale)


def dealt(count: int, shard: int, shards: int) -> list[int]:
    """Which of ``count`` people one worker has. One who is needed twice sits in two places.

    Example:
        >>> dealt(5, 1, 2), dealt(1, 1, 2), dealt(0, 1, 2)
        ([1, 3], [0], [])
    """
    return list(range(shard, count, shards)) or ([shard % count] if count else [])


def part_of(total: int | None, shard: int, shards: int, *, least: int) -> int | None:
    """One worker's part of a number of trunks or places; None stays without limit.

    Example:
        >>> [part_of(5, shard, 3, least=1) for shard in range(3)]
        [2, 2, 1]
    """
    if total is None:
        return None
    return max(least, total // shards + (shard < total % shards))


def lines_of(
    night: Night,
    person: Callable[[int], Person],
    role: Callable[[int], str],
    shard: int = 0,
    shards: int = 1,
) -> Lines:
    """What one worker's people can dial and send things to.

    Args:
        night: The cast, the size and the seed.
        person: The people behind the phones by number: agents, then readers of photos, then
            readers of texts.
        role: A caller's role, by index in the plan.
        shard, shards: Which worker of how many.
    """
    staffing = night.cast.hotline
    photos, texts = readers_of(night)
    agents = dealt(agents_of(night), shard, shards)
    begin = agents_of(night)
    trunks = part_of(_scaled(staffing.trunks, night.scale), shard, shards, least=1)
    return Lines(
        agents=(_hotline(night, agents, person, role, (shard, shards)),) if agents else (),
        inboxes=(
            _inbox(night, "photo", dealt(photos, shard, shards), person, begin),
            _inbox(night, "text", dealt(texts, shard, shards), person, begin + photos),
        ),
        trunks={MAIN: Trunks(MAIN, trunks)},
    )


def _scaled(total: int | None, scale: float) -> int | None:
    return None if total is None else max(1, round(total * scale))


def _hotline(
    night: Night,
    agents: Sequence[int],
    person: Callable[[int], Person],
    role: Callable[[int], str],
    part: tuple[int, int],
) -> AgentLine:
    staffing = night.cast.hotline
    room = staffing.waiting_room
    if room is not None:
        room = part_of(round(room * night.scale), *part, least=0)
    desk = Desk([person(n) for n in agents], staffing, night.seed, role, night.cast.nuisance)
    return AgentLine(
        LINE,
        Hotline(agents=len(agents), room=room),
        desk,
        trunk=MAIN,
        duty=_duty(_shifts(staffing, night), staffing, night.end, agents),
        calls_back=_call_backs(staffing, night.seed),
        barred=desk.bars,
    )


def _shifts(staffing: Staffing, night: Night) -> list[Shift]:
    """The shifts at the night's size; without any, one of everybody, all night."""
    shifts = staffing.shifts or (Shift(staffing.agents),)
    return [replace(each, agents=scaled_up(each.agents, night.scale)) for each in shifts]


def _duty(shifts: list[Shift], staffing: Staffing, end: float, agents: Sequence[int]) -> Duty:
    """Who of a worker's agents is on duty when, by their places at its line."""
    if not staffing.shifts and not staffing.walk_outs:
        return ()
    return duty_of(shifts, staffing.walk_outs, end, agents)


def duty_of(
    shifts: Sequence[Shift], walk_outs: Sequence[WalkOut], end: float, agents: Sequence[int]
) -> Duty:
    """Changes of who is on duty, of these agents alone, by their places at the line."""
    return tuple(
        (duty.at, tuple(place for place, agent in enumerate(agents) if agent in duty.agents))
        for duty in duties(shifts, walk_outs, until=end)
    )


def walks_out(night: Night, at: float) -> int:
    """How many leave a caucus night's hotline and inboxes at a drill second."""
    cast, gone = night.cast, 0
    staffed = [(_shifts(cast.hotline, night), cast.hotline.walk_outs)] if agents_of(night) else []
    for inbox in (cast.photos, cast.texts):
        if inbox.readers:
            readers = Shift(scaled_up(inbox.readers, night.scale), begins=inbox.begins)
            staffed.append(([readers], inbox.walk_outs))
    for shifts, walk_outs in staffed:
        gone += leavers(shifts, walk_outs, at, night.end)
    return gone


def _call_backs(staffing: Staffing, seed: int) -> Callable[[int], float | None]:
    """When a caller takes the offer to be phoned back: the same callers on any worker."""
    minutes = staffing.call_back_minutes
    if minutes is None:
        return never

    def after(caller: int) -> float | None:
        takes_it = stream(seed, "call back", caller).random() < staffing.call_back_share
        return minutes * 60.0 if takes_it else None

    return after


def _inbox(
    night: Night, channel: str, readers: Sequence[int], person: Callable[[int], Person], first: int
) -> AgentLine:
    """An inbox; the readers are people from number ``first`` on."""
    inbox: Inbox = night.cast.photos if channel == "photo" else night.cast.texts
    people = [person(first + n) for n in readers]
    duty: Duty = () if people else ((0.0, ()),)
    if people and (inbox.begins > 0 or inbox.walk_outs):
        everybody = Shift(scaled_up(inbox.readers, night.scale), begins=inbox.begins)
        duty = duty_of([everybody], inbox.walk_outs, night.end, readers)
    return AgentLine(
        INBOXES[channel],
        Hotline(agents=max(1, len(people))),
        ReadingRoom(people, inbox, night.seed),
        channel=channel,
        duty=duty,
    )
