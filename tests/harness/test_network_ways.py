"""Ways: which of the people a scenario's network injects touch, as its file says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.document import DocumentError
from harness.injects.detours import ways_of
from harness.scenario import load_scenario, packaged
from harness.virtual_app import faults_of, not_modelled
from simulators.line_model import LineFault
from simulators.wire_model import Cut

INJECTS = """
injects:
  - {kind: network.latency, name: slow carrier, begins: "19:10", ends: "19:20", share: 0.3,
     latency_ms: 300, way: rural carrier}
  - {kind: network.loss, name: worse, begins: "19:20", ends: "19:30", share: SHARE, loss: 0.1,
     way: rural carrier}
  - {kind: network.black_hole, name: dead cell, begins: "19:10", ends: "19:30", share: OTHER}
"""


def night(tmp_path: Path, share: str, other: str, casts: str = "") -> str:
    """A packaged night with injects of our own, at its file's path."""
    text = packaged()["iowa-caucus-night"].read_text()
    start, end = text.index("\ninjects:"), text.index("\nobjectives:")
    ours = INJECTS.replace("SHARE", share).replace("OTHER}", f"{other}{casts}}}")
    path = tmp_path / "own.yaml"
    path.write_text(text[:start] + ours + text[end:])
    return str(path)


def test_injects_of_one_way_touch_the_same_people(tmp_path: Path) -> None:
    """Two injects on one carrier are one way; an inject that names none has its own."""
    ways = ways_of(load_scenario(night(tmp_path, "0.3", "0.2")).injects)
    assert [(each.name, each.share, each.after) for each in ways.values()] == [
        ("rural carrier", 0.3, 0.0), ("dead cell", 0.2, 0.3),
    ]  # fmt: skip
    carried = [{way.name for way in ways.values() if way.carries(i)} for i in range(1000)]
    assert all(len(names) <= 1 for names in carried)
    for name, share in (("rural carrier", 300), ("dead cell", 200)):
        assert abs(sum(name in names for names in carried) - share) <= 2


def test_nobody_is_on_two_ways_at_once(tmp_path: Path) -> None:
    """Shares above one are refused when the file is loaded, by its name and field."""
    with pytest.raises(DocumentError, match=r"own\.yaml.*injects.*come to 1\.1.*dead cell 0\.8"):
        load_scenario(night(tmp_path, "0.3", "0.8"))


def test_a_way_has_one_share(tmp_path: Path) -> None:
    """Two shares for the same carrier make no sense together."""
    with pytest.raises(DocumentError, match=r"own\.yaml.*worse: share 0\.4.*has share 0\.3"):
        load_scenario(night(tmp_path, "0.4", "0.2"))


def test_shares_are_added_up_for_each_cast_by_itself(tmp_path: Path) -> None:
    """Injects of different casts never meet; those of one do, whatever others there are."""
    path = Path(night(tmp_path, "0.3", "0.8", ", casts: [as-it-was]"))
    both = path.read_text()
    with pytest.raises(DocumentError, match="come to"):
        load_scenario(str(path))
    apart = both.replace("way: rural carrier}", "way: rural carrier, casts: [rehearsal]}")
    path.write_text(apart)
    assert len(load_scenario(str(path)).injects_for("rehearsal")) == 2


def test_the_model_has_the_same_people_on_the_same_ways(tmp_path: Path) -> None:
    """What it has, it has on its way; what it has not is said to be not drilled, by name."""
    path = Path(night(tmp_path, "0.3", "0.2"))
    narrow = """
  - {kind: network.bandwidth, name: narrow, begins: "19:10", ends: "19:20", share: 0.1,
     kb_per_second: 5}
  - {kind: network.cut_answers, name: cut, begins: "19:10", ends: "19:20", share: 0.1, every: 2}
"""
    path.write_text(path.read_text().replace("\nobjectives:", narrow + "\nobjectives:"))
    scenario = load_scenario(str(path))
    places = {
        each.name: (each.share, each.after)
        for each in faults_of(scenario, "rehearsal")
        if isinstance(each, LineFault | Cut)
    }
    assert places == {
        "slow carrier": (0.3, 0.0), "worse": (0.3, 0.0), "dead cell": (0.2, 0.3),
        "cut": (0.1, pytest.approx(0.6)),
    }  # fmt: skip
    assert "narrow: the model has no network.bandwidth" in not_modelled(scenario, "rehearsal")
