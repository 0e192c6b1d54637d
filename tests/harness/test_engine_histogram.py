"""Histograms: as exact as they say, mergeable, and readable by other tools."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engine.histogram import HIGHEST, Histogram, middle
from harness.engine.meter import Meter
from harness.engine.tally import Tally

VALUES = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=200)


def counted(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(VALUES, st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0]))
def test_a_quantile_is_within_a_hundredth_and_never_low(values: list[int], q: float) -> None:
    """The quantile is the sorted list's own, or at most 0.8 % above it."""
    rank = max(1, -int(-q * len(values) // 1))
    exact = sorted(values)[rank - 1]
    found = counted(values).quantile(q)
    assert found is not None
    assert exact <= found <= exact * 1.008 + 1


@given(st.lists(st.integers(-10, HIGHEST * 2), max_size=100))
def test_counting_at_once_is_counting_one_by_one(values: list[int]) -> None:
    """The vectorised way gives the same counts, sum and extremes."""
    at_once, one_by_one = Histogram(), counted(values)
    at_once.record_all(np.array(values, dtype=np.int64))
    assert at_once.counts == one_by_one.counts
    assert (at_once.count, at_once.total) == (one_by_one.count, one_by_one.total)
    assert (at_once.lowest, at_once.highest) == (one_by_one.lowest, one_by_one.highest)


@given(VALUES, VALUES)
def test_merging_is_counting_together(one: list[int], other: list[int]) -> None:
    """Two histograms merged are the histogram of all values."""
    merged, together = counted(one), counted(one + other)
    merged.merge(counted(other))
    assert merged.counts == together.counts
    assert (merged.count, merged.total) == (together.count, together.total)
    assert (merged.lowest, merged.highest) == (together.lowest, together.highest)


@given(st.integers(0, HIGHEST))
def test_a_slot_holds_the_values_around_its_middle(value: int) -> None:
    """A value's slot has a middle that falls in the same slot, within 0.8 %."""
    slot = counted([value]).sparse()[0][0]
    assert counted([middle(slot)]).sparse()[0][0] == slot
    assert abs(middle(slot) - value) <= value * 0.008


def test_values_beyond_its_range_are_counted_at_its_ends() -> None:
    """Nothing is dropped: negative counts as 0, days count as hours."""
    histogram = counted([-5, HIGHEST * 10])
    assert (histogram.count, histogram.lowest, histogram.highest) == (2, 0, HIGHEST)


def test_an_empty_histogram_has_no_quantile() -> None:
    """None, rather than a zero that would look like a measurement."""
    assert Histogram().quantile(0.95) is None


def test_hdrhistogram_reads_what_we_write() -> None:
    """The reference implementation decodes our V2 form to the same counts and quantiles."""
    hdrh = pytest.importorskip("hdrh.histogram")
    rng = random.Random(2020)
    ours = counted([int(rng.lognormvariate(8, 2)) for _ in range(5000)])
    theirs = hdrh.HdrHistogram.decode(ours.encoded())
    assert theirs.get_total_count() == 5000
    for q in (0.5, 0.9, 0.99, 0.999):
        assert theirs.get_value_at_percentile(100 * q) == pytest.approx(ours.quantile(q), rel=0.008)


def test_news_are_told_once() -> None:
    """A statistics line has what was counted since the last one; all lines together have all."""
    meter, tally = Meter(), Tally()
    line = {"shard": 0, "drill": 1.0, "present": 3, "in_flight": 1}
    meter.answered("submit_report", "ok", 0, 1000, 5_000_000)
    tally.add({**line, **meter.news()})
    meter.answered("submit_report", "unknown", 0, None, 9_000_000)
    meter.kind("submit_report").shed += 1
    second = meter.news()
    assert sum(n for _, n in second["kinds"]["submit_report"]["response"]) == 1
    tally.add({**line, **second})
    tally.add({**line, **meter.news(), "shard": 1, "present": 4})
    figures = tally.figures()
    assert figures["kinds"]["submit_report"] == {"ok": 2, "refused": 0, "unknown": 2, "shed": 2}
    assert figures["present"] == 7
    assert figures["p50"] == pytest.approx(0.005, rel=0.01)
    assert figures["p95"] == pytest.approx(0.009, rel=0.01)


def test_the_log_has_a_line_for_every_kind() -> None:
    """Lateness, and response and service times of each kind, tagged by name."""
    meter = Meter()
    meter.answered("sign_in", "ok", 0, 0, 1_000_000)
    tags = [line.split(",")[0] for line in meter.log().splitlines()[2:]]
    assert tags == ["Tag=lateness", "Tag=sign_in.response", "Tag=sign_in.service"]
