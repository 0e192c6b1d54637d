"""What can go wrong between people and app, one toxic a file."""

from __future__ import annotations

from harness.injects.proxy.stage import Stage
from harness.injects.proxy.toxics.bandwidth import Bandwidth
from harness.injects.proxy.toxics.cut_answers import CutAnswers
from harness.injects.proxy.toxics.latency import Latency
from harness.injects.proxy.toxics.limit_data import LimitData
from harness.injects.proxy.toxics.loss import Loss
from harness.injects.proxy.toxics.reset_peer import ResetPeer
from harness.injects.proxy.toxics.slicer import Slicer
from harness.injects.proxy.toxics.slow_close import SlowClose
from harness.injects.proxy.toxics.timeout import Timeout

THEIRS: tuple[type[Stage], ...] = (
    Latency, Bandwidth, SlowClose, Timeout, ResetPeer, Slicer, LimitData,
)  # fmt: skip
"""What Toxiproxy has, too, by the same names."""

OURS: tuple[type[Stage], ...] = (Loss, CutAnswers)
"""What no Toxiproxy server has."""

TOXICS: dict[str, type[Stage]] = {each.kind: each for each in (*THEIRS, *OURS)}
