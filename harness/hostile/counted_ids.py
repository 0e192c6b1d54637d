"""Walking up and down from the id that the app gave to one's own write."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial

from harness.hostile.attempt import Attempt, says
from harness.hostile.guest import Guest
from harness.hostile.raid import Raid
from harness.target.wire import Answered
from simulators.behaviours.protocol import Outcome

_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")


def neighbours(stored: str, steps: int) -> list[str]:
    """Ids a few up and down from one, the nearest first; none where it holds no number.

    Example:
        >>> neighbours("r10", 2)
        ['r11', 'r9', 'r12', 'r8']
    """
    found = _LAST_NUMBER.search(stored)
    if found is None:
        return []
    number, width = int(found[0]), len(found[0]) if found[0].startswith("0") else 0
    counted = [number + sign * step for step in range(1, steps + 1) for sign in (1, -1)]
    start, end = stored[: found.start()], stored[found.end() :]
    return [f"{start}{each:0{width}d}{end}" for each in counted if each >= 0]


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Read what is stored under the ids around one's own, signed in and as a stranger.

    Under most of them there may be nothing, and then a no says nothing: the other's own write,
    which is there for certain, must be among what is asked for.
    """
    how = raid.model.counted_ids
    assert how is not None
    own = raid.device(raid.own)
    if why := await raid.signed_in(own):
        yield raid.cannot_tell(why)
        return
    if not raid.stored or not (ids := neighbours(raid.stored[-1], how.steps)):
        yield raid.cannot_tell("the app gives its writes no id with a number in it")
        return
    if why := await _own_is_shown(raid, own, raid.stored[-1]):
        yield raid.cannot_tell(why)
        return
    if why := await _other_is_shown(raid):
        yield raid.cannot_tell(why)
    counted = [each for each in ids if each not in (*raid.stored, *raid.others)]
    for guest in (own, raid.stranger()):
        for each in (*raid.others[-1:], *counted):
            there = each in raid.others
            yield await raid.trying(
                guest, each, partial(_read, raid, guest, each), may_slow=not there
            )
    if why := await _own_is_shown(raid, own, raid.stored[-1]):
        yield raid.cannot_tell(f"after that {why}")


async def _own_is_shown(raid: Raid, guest: Guest, stored: str) -> str:
    """Whether a write is shown under its id to who sent it; why not, if not."""
    answered = await raid.patiently(lambda: _read(raid, guest, stored))
    if answered.answer_class.outcome is Outcome.OK:
        return ""
    return f"{guest.person.key} could not read their own {stored}: {says(answered)}"


async def _other_is_shown(raid: Raid) -> str:
    """Whether anything is known to be there that is not the intruder's; why not, if not."""
    if not raid.others:
        return "nothing is known to be stored under any id but one's own"
    if (why := await raid.other_reads()) or (phone := raid.phone) is None:
        return why
    return await _own_is_shown(raid, phone, raid.others[-1])


async def _read(raid: Raid, guest: Guest, stored: str) -> Answered:
    assert raid.flows.by_id is not None
    await raid.pace()
    return await guest.follow(raid.flows.by_id, guest.person.record, {"id": stored})
