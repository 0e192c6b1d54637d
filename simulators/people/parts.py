"""Which chair plays which part: whom the app works for, who mistypes a code, who taps twice.

Parts are dealt out by count, not by chance: a share of n chairs is that share of n, rounded, and
at least one where a drill must have one. So every plan of :data:`SURE` chairs or more has a
mistyped code, a double tap, an attempt at a wrong precinct and a correction, whatever the seed,
unless its cast says that nobody does such a thing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.people.cast import Cast
from simulators.people.draws import many
from simulators.people.roster import Flags, Numbers

SURE = 40
WAYS = ("", "photo", "text")


@dataclass(frozen=True)
class Parts:
    """One flag or number a chair, in columns of equal length.

    Attributes:
        ready: The app works for them.
        trained: They had training.
        phones_at_once: The app works for them, and they phone all the same.
        photo_at_once: The app works for them, and they send a photo to be read instead.
        mails_photo: They phone, and send a photo to be read before that.
        gives_way_to: Position in :data:`WAYS`: what they send when the phone is in vain.
        uses_app: They get through the app; the others dial.
        slip: Position in ``codes.SLIPS``: how they first type their codes.
        double_tap: They tap the send button twice.
        wrong_precinct: They first type another precinct's key.
        photo: They send a photo of the worksheet.
        reads_back: They look at their report once it is in.
        tries_on_hold: They try the app again while they hold.
        notices: They notice an entry error of theirs, if they made one.
        errs: They make an entry error in any case, so that one is corrected.
        luck: From 0 to below 1, spread evenly over those who use the app and over those who
            phone: decides whether their report is keyed wrong.
    """

    ready: Flags
    trained: Flags
    phones_at_once: Flags
    photo_at_once: Flags
    mails_photo: Flags
    gives_way_to: Numbers
    uses_app: Flags
    slip: Numbers
    double_tap: Flags
    wrong_precinct: Flags
    photo: Flags
    reads_back: Flags
    tries_on_hold: Flags
    notices: Flags
    errs: Flags
    luck: NDArray[np.float64]

    @property
    def plain(self) -> Flags:
        """Chairs who play none of the parts that every drill must have."""
        parts = (self.slip > 0) | self.double_tap | self.wrong_precinct | self.notices
        return np.asarray(~parts, dtype=np.bool_)


def deal_parts(
    seed: int, cast: Cast, able: Flags, late: Flags, arrives: NDArray[np.float64] | None = None
) -> Parts:
    """Deal out the parts.

    Args:
        seed: Decides who gets which.
        cast: The shares.
        able: Chairs whose sheet has numbers: only they can make an entry error, or be seen to
            key their numbers for another precinct. Shape (n,).
        late: Chairs whose report is ready when most others' are in. Only they type a wrong
            precinct's key: what is written over a report that is in stays wrong. Shape (n,).
        arrives: Drill second at which each chair comes; needed only where the cast has people
            whom nobody has trained after all.
    """
    count = len(able)
    ready = _deal(seed, "ready", np.ones(count, bool), cast.ready)
    trained = _deal(seed, "trained", ready, cast.trained) | _deal(
        seed, "trained without", ~ready, cast.trained
    )
    trained &= ~_untrained(seed, cast, trained, arrives)
    gives_up = _deal(seed, "gives up", ready & ~trained, cast.untrained_give_up)
    habits, codes, noticed = cast.habits, cast.codes, cast.keying.noticed

    def sure(share: float) -> int:
        return int(count >= SURE and share > 0)

    phones = _deal(
        seed, "phones", ready & ~gives_up, habits.phones_at_once, sure(habits.phones_at_once)
    )
    photo = _deal(seed, "photo at once", ready & ~gives_up & ~phones, habits.photo_at_once)
    uses_app = ready & ~gives_up & ~phones & ~photo
    swapped = _deal(seed, "swapped codes", uses_app, codes.swapped, sure(codes.swapped))
    mistyped = _deal(
        seed, "mistyped codes", uses_app & ~swapped, codes.mistyped, sure(codes.mistyped)
    )
    errs = _deal(seed, "errs", uses_app & able, 0.0, sure(noticed))
    return Parts(
        ready=ready,
        trained=trained,
        phones_at_once=phones,
        photo_at_once=photo,
        mails_photo=_deal(seed, "mails photo", ~uses_app & ~photo, habits.mails_photo),
        gives_way_to=_ways(seed, cast, count),
        uses_app=uses_app,
        slip=swapped * 1 + mistyped * 2,
        double_tap=_deal(seed, "double tap", uses_app, habits.double_tap, sure(habits.double_tap)),
        wrong_precinct=_deal(
            seed,
            "wrong precinct",
            uses_app & able & late,
            habits.wrong_precinct,
            sure(habits.wrong_precinct),
        ),
        photo=_deal(seed, "photo", uses_app, habits.photo),
        reads_back=_deal(seed, "reads back", uses_app, habits.reads_back),
        tries_on_hold=_deal(seed, "tries on hold", uses_app, habits.tries_on_hold),
        notices=errs | _deal(seed, "notices", uses_app, noticed),
        errs=errs,
        luck=_luck(seed, uses_app),
    )


def _untrained(seed: int, cast: Cast, trained: Flags, arrives: NDArray[np.float64] | None) -> Flags:
    """Who was to be trained, and was not."""
    none = np.zeros(len(trained), bool)
    for number, each in enumerate(cast.untrained):
        assert arrives is not None, "who comes when decides who was never trained"
        among = trained & (each.begins <= arrives) & (arrives < each.ends)
        none |= _deal(seed, f"never trained {number}", among, each.share)
    return none


def _ways(seed: int, cast: Cast, count: int) -> Numbers:
    """Who sends a photo and who a text when the phone is in vain."""
    persistence = cast.persistence
    photo = _deal(seed, "then photo", np.ones(count, bool), persistence.then_photo)
    # Its share of all is a larger one of those who are left.
    left = 1.0 - persistence.then_photo
    share = min(1.0, persistence.then_text / left) if left > 0 else 0.0
    return np.asarray(photo * 1 + _deal(seed, "then text", ~photo, share) * 2, dtype=np.int64)


def _luck(seed: int, uses_app: Flags) -> NDArray[np.float64]:
    """One number in each of n equal parts of 0 to 1, shuffled, for each of the two channels."""
    luck = np.empty(len(uses_app))
    for part, among in (("app", uses_app), ("phone", ~uses_app)):
        draws, count = many(seed, "part", "luck", part), int(among.sum())
        luck[among] = (draws.permutation(count) + draws.random(count)) / max(count, 1)
    return luck


def _deal(seed: int, part: str, among: Flags, share: float, at_least: int = 0) -> Flags:
    """Give a part to a share of some chairs, and to no fewer than ``at_least`` of them."""
    flags = np.zeros(len(among), bool)
    candidates = np.flatnonzero(among)
    count = min(len(candidates), max(at_least, round(share * len(candidates))))
    order = many(seed, "part", part).permutation(len(candidates))
    flags[candidates[order[:count]]] = True
    return flags
