"""Guessing one account's codes: the guesser must be slowed, and nobody else shut out with them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from harness.hostile.attempt import HARMED, LET_IN, REFUSED, SLOWED, UNKNOWN, Attempt, outcome_of
from harness.hostile.attempt import says as answer_in_words
from harness.hostile.guest import Guest
from harness.hostile.raid import Raid
from harness.target.wire import Answered
from simulators.behaviours.protocol import Outcome


def guess(codes: tuple[str, ...], which: int, number: int) -> tuple[str, ...]:
    """The codes with one of them guessed: wrong every time, and another one each time.

    Example:
        >>> guess(("12", "3456"), 1, 1)
        ('12', '3457')
    """
    right = codes[which]
    if right.isdecimal():
        wrong = str((int(right) + number) % 10 ** len(right)).zfill(len(right))
    else:
        wrong = f"{right}{number}"
    return (*codes[:which], wrong, *codes[which + 1 :])


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Guess until slowed; then see whether others get in, and the account's owner."""
    how, codes, who = raid.model.guessed_codes, raid.other.codes, raid.other.key
    assert how is not None
    if how.changes >= len(codes):
        yield raid.cannot_tell(
            f"the account has {len(codes)} codes, and none is number {how.changes}"
        )
        return
    if raid.phone is None:
        yield raid.cannot_tell(f"{who} had not signed in before")
        return
    began = time.monotonic()
    for number in range(1, how.tries + 1):

        async def once(number: int = number) -> Answered:
            await raid.pace(min(how.per_second, raid.most_sign_ins))
            return await raid.device(raid.other).sign_in(guess(codes, how.changes, number))

        # Who is slowed at the first guess is slowed for something else.
        attempt = await raid.trying(
            raid.device(raid.other), raid.other.record, once, may_slow=number > 1
        )
        attempt = Attempt(
            attempt.outcome, who, attempt.record, attempt.status, attempt.detail, attempt.took
        )
        yield attempt
        if attempt.outcome != REFUSED:
            break
    else:
        seconds = time.monotonic() - began
        said = f"{how.tries} wrong codes in {seconds:.1f} s, and the guesser was never slowed"
        yield Attempt(LET_IN, who, raid.other.record, 0, said, seconds)
        return
    if attempt.outcome == SLOWED:
        yield await _gets_in(raid, raid.device(raid.own), afresh=True)
        if how.owner == "gets_in":
            yield await _gets_in(raid, raid.phone, afresh=False)


async def _gets_in(raid: Raid, guest: Guest, *, afresh: bool) -> Attempt:
    """Whether somebody honest can sign in while the guesser is slowed."""
    whose = "on the device they had used before" if not afresh else "who has nothing to do with it"

    async def once() -> Attempt:
        await raid.pace()
        began = time.monotonic()
        answered = await guest.sign_in(afresh=afresh)
        took, who, record = time.monotonic() - began, guest.person.key, guest.person.record
        if answered.answer_class.outcome is Outcome.OK:
            said = f"{who}, {whose}, got in meanwhile"
            return Attempt(REFUSED, who, record, answered.status, said, took)
        outcome = outcome_of(answered)
        said = f"{who}, {whose}, was shut out: {answer_in_words(answered)}"
        outcome = UNKNOWN if outcome == UNKNOWN else HARMED
        return Attempt(outcome, who, record, answered.status, said, took)

    return await raid.settled(once)
