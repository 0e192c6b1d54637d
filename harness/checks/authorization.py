"""Authorization: nobody may write for a place that is not theirs.

What was written there all the same is part of that record's history from then on, so the other
checks do not count it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "authorization"
REFUSED = "refused"  # the class of an answer that looked at what was asked


@dataclass(frozen=True)
class Bounds:
    """Who of a world may write where.

    Attributes:
        roles: Who has a place of their own.
        somebody: One of them, in words.
        place: A place that is not theirs, in words.
        holds: Whether a place has many records, whose keys begin with its own.
    """

    roles: tuple[str, ...]
    somebody: str
    place: str
    holds: bool = True

    @property
    def asks(self) -> str:
        """The question."""
        return f"Does the app refuse {self.somebody} who writes for {self.place}?"

    @property
    def strays(self) -> pl.Expr:
        """Whether an operation is for a place that is not its writer's."""
        home, record = pl.col("home"), pl.col("record")
        return ~record.str.starts_with(home + "-") if self.holds else record != home


CAUCUS = Bounds(("chair",), "a chair", "another precinct", holds=False)
BOUNDS = {
    "caucus": CAUCUS,
    "campaign": Bounds(
        ("canvasser", "phone_banker", "clerk"), "a volunteer", "another state's people"
    ),
    "voter_list": Bounds(("poll_watcher",), "a poll watcher", "another precinct's voters"),
}


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app refuse who writes for a place that is not theirs?"""
    evidence = evidence_of(run)
    bounds = BOUNDS.get(str((evidence.info.get("world") or {}).get("kind")), CAUCUS)
    # Credentials may accompany each request, and then there is no signing in to list.
    if "sign_in" not in evidence.offered and not evidence.target.get("knows_chairs"):
        answer = "The target's description has no sign-in, so it knows nobody."
        yield Finding(CHECK, Status.NOT_APPLICABLE, bounds.asks, answer)
        return
    shared = evidence.target.get("shared") or []
    known = [each for each in bounds.roles if each not in shared]
    if not known:
        answer = f"All of them use one account, so {bounds.somebody} is anybody to the app."
        yield Finding(CHECK, Status.NOT_APPLICABLE, bounds.asks, answer)
        return
    tried = (
        evidence.history.filter(
            pl.col("kind").cast(pl.String).is_in(WRITES),
            ~is_preflight(),
            pl.col("role").cast(pl.String).is_in(known),
            pl.col("home").fill_null("") != "",
            bounds.strays,
            pl.col("sent").is_not_null() | (pl.col("outcome").cast(pl.String) != "refused"),
        )
        .select(
            "op", "record", "home",
            outcome=pl.col("outcome").cast(pl.String),
            said=pl.col("answer_class").cast(pl.String),
        )
        .collect()
    )  # fmt: skip
    yield _answer(bounds, tried)


def _answer(bounds: Bounds, tried: pl.DataFrame) -> Finding:
    accepted = tried.filter(pl.col("outcome") == "ok")
    # Who was told to come later, or to sign in first, has not been told whether they may.
    refused = tried.filter(pl.col("said") == REFUSED)
    figures: dict[str, float | int | None] = {
        "k": len(accepted), "n": len(tried), "refused": len(refused)
    }  # fmt: skip
    answer = f"{len(accepted):,} of {len(tried):,} such tries were accepted."
    if len(accepted):
        shown = tuple(
            Witness(record, f"refused: {home} is theirs", "accepted", (op,))
            for op, record, home in accepted.select("op", "record", "home").head(MOST).iter_rows()
        )
        return Finding(
            CHECK, Status.FAIL, bounds.asks, answer, "", figures, shown, offenders=len(accepted)
        )
    if not len(tried):
        answer = f"Nobody tried to write for {bounds.place}."
        return Finding(CHECK, Status.NOT_APPLICABLE, bounds.asks, answer, figures=figures)
    if not len(refused):
        answer = "Nobody knows whether any such try was looked at."
        return Finding(CHECK, Status.UNKNOWN, bounds.asks, answer, figures=figures)
    if open_ := len(tried) - len(refused):
        answer = f"{answer} {open_:,} of them got no answer, or one that says nothing of it."
    return Finding(CHECK, Status.PASS, bounds.asks, answer, figures=figures)
