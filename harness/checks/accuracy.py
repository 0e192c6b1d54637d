"""Accuracy: how far what was sent differs from the worksheet it was read from.

That is people's doing and never the app's fault: the app must hold what was sent. How many such
slips the app refused stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.bounds import standing
from harness.checks.reconcile.evidence import Evidence
from harness.record import REPORTS, Finding, RunFolder, Status

CHECK = "accuracy"
ASKS = "How many reports say what the worksheet says?"


def check(run: RunFolder) -> Iterable[Finding]:
    """How many reports say what the worksheet says?"""
    evidence = evidence_of(run)
    last = standing(evidence).filter("sure").group_by("rec").agg(pl.col("first").max())
    sent = _against_worksheet(evidence, last)
    if not len(sent):
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "No report was acknowledged.")
        return
    right = int((sent["wrong"] == 0).sum())
    cells = int(sent["cells"].sum())
    wrong = int(sent["wrong"].sum())
    caught = _caught(evidence)
    answer = (
        f"{right:,} of {len(sent):,} reports are as on the worksheet; {wrong:,} of {cells:,} "
        f"numbers are not. The app refused {caught:,} reports with a slip in them."
    )
    figures: dict[str, float | int | None] = {
        "k": right,
        "n": len(sent),
        "cells_wrong": wrong,
        "cells": cells,
        "caught": caught,
    }
    yield Finding(CHECK, Status.PASS, ASKS, answer, figures=figures)


def _against_worksheet(evidence: Evidence, reports: pl.DataFrame) -> pl.DataFrame:
    """For each of these reports its number of ``cells`` and how many are ``wrong``.

    A report that no paper bears out, as of a code that was mistyped, is wrong in every cell.
    """
    nothing = pl.lit(None, pl.Int32).repeat_by(pl.col("values").list.len())
    paper = evidence.table(f"truth/{REPORTS}").select(paper="values", rec=pl.col("record").hash())
    compared = (
        evidence.history.with_row_index("first")
        .select("first", "values")
        .join(reports.lazy(), on="first")
        .join(paper, on="rec", how="left")
        .select("first", "values", pl.coalesce("paper", nothing))
        .collect()
    )
    # Few differ, so only those are looked at cell by cell.
    same = compared.filter(pl.col("values") == pl.col("paper"))
    differ = compared.filter((pl.col("values") != pl.col("paper")).fill_null(True))
    counted = (
        differ.explode("values", "paper")
        .group_by("first")
        .agg(
            cells=pl.len().cast(pl.Int64),
            wrong=pl.col("values").ne_missing(pl.col("paper")).sum().cast(pl.Int64),
        )
    )
    exact = same.select(
        "first", cells=pl.col("values").list.len().cast(pl.Int64), wrong=pl.lit(0, pl.Int64)
    )
    return pl.concat([exact, counted])


def _caught(evidence: Evidence) -> int:
    """Reports that the target refused every time, and that were not as on the worksheet."""
    no = pl.col("reached") & ~pl.col("acked") & ~pl.col("possible")
    refused = evidence.operations.filter(no).select("rec", "first")
    if not len(refused):
        return 0
    return int((_against_worksheet(evidence, refused)["wrong"] > 0).sum())
