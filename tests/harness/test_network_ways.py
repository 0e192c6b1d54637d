"""Ways: which of the people a scenario's network injects touch, as its file says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from network_stand import app_up, injects, plan_of

from harness.document import DocumentError
from harness.engine.order import read_order
from harness.injects.network_ways import ways_of
from harness.scenario import load_scenario, packaged
from harness.virtual_app import faults_of, not_modelled
from simulators.line_model import Group, LineFault, goes_through
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
    ways = ways_of(load_scenario(night(tmp_path, "0.3", "0.2")).injects, {})
    assert [(each.name, each.group) for each in ways.values()] == [
        ("rural carrier", Group(0.3)), ("dead cell", Group(0.2, 0.3)),
    ]  # fmt: skip
    carried = [{way.name for way in ways.values() if way.carries(i)} for i in range(1000)]
    assert all(len(names) <= 1 for names in carried)
    for name, share in (("rural carrier", 300), ("dead cell", 200)):
        assert abs(sum(name in names for names in carried) - share) <= 2


def test_nobody_is_on_two_ways_at_once(tmp_path: Path) -> None:
    """Shares above one are refused when the file is loaded, by its name and field."""
    with pytest.raises(DocumentError, match=r"own\.yaml.*injects.*come to 1\.1.*dead cell 0\.8"):
        load_scenario(night(tmp_path, "0.3", "0.8"))


def test_a_delay_of_nothing_is_a_mistake(tmp_path: Path) -> None:
    """It would touch nothing, and be called drilled."""
    path = Path(night(tmp_path, "0.3", "0.2"))
    path.write_text(path.read_text().replace("latency_ms: 300", "latency_ms: 0"))
    with pytest.raises(DocumentError, match=r"own\.yaml.*injects\[0\].*nothing takes longer"):
        load_scenario(str(path))


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
        each.name: each.group
        for each in faults_of(scenario, "rehearsal", {})
        if isinstance(each, LineFault | Cut)
    }
    assert places == {
        "slow carrier": Group(0.3), "worse": Group(0.3), "dead cell": Group(0.2, 0.3),
        "cut": Group(0.1, pytest.approx(0.6)),
    }  # fmt: skip
    assert "narrow: the model has no network.bandwidth" in not_modelled(scenario, "rehearsal", {})


COUNTIES = {
    "Polk": range(0, 400, 2),
    "Linn": (1, 3, 5, 7),
    "Story": range(401, 600, 2),
    "Adair": (),
}
"""By position in the plan; everybody else is in none of them."""


def test_a_county_is_on_a_bad_carrier_and_its_neighbours_are_not() -> None:
    """A way has the people of its counties, all or a share of them; a share alone has others."""
    ways = ways_of(
        injects(
            {"kind": "network.reset", "name": "anybody", "share": 0.5},
            {"kind": "network.reset", "name": "two", "where": ["Linn", "Story"], "share": 1.0},
            {"kind": "network.reset", "name": "some", "where": ["Polk"], "share": 0.3},
            {"kind": "network.reset", "name": "more", "where": ["Polk", "Adair"], "share": 0.7},
        ),
        COUNTIES,
    )
    on = {
        name: {index for index in range(1000) if way.carries(index)} for name, way in ways.items()
    }
    assert on["two"] == {*COUNTIES["Linn"], *COUNTIES["Story"]}
    assert on["some"] | on["more"] == {*COUNTIES["Polk"]}
    assert not on["some"] & on["more"]
    assert abs(len(on["some"]) - 60) <= 2
    others = set(range(1000)) - on["two"] - on["some"] - on["more"]
    assert on["anybody"] == {index for index in others if goes_through(index, 0.5)}


def test_the_few_of_each_county_have_their_share_too() -> None:
    """Half of each of 50 counties of six is three of them, give or take one."""
    counties = {f"C{n}": range(n, 300, 50) for n in range(50)}
    told = injects({"kind": "network.reset", "where": list(counties), "share": 0.5})
    (way,) = ways_of(told, counties).values()
    on = [sum(map(way.carries, people)) for people in counties.values()]
    assert {*on} <= {2, 3, 4}
    assert abs(sum(on) - 150) <= 2


def test_engine_browser_and_model_are_told_the_same_people(tmp_path: Path) -> None:
    """What is said to other processes is read as it was meant; where nobody is, is not drilled."""
    told = injects(
        {"kind": "network.reset", "name": "theirs", "where": ["Linn"], "share": 1.0},
        {"kind": "network.reset", "name": "nobody", "where": ["Adair"]},
        {"kind": "network.reset", "name": "anybody", "share": 0.5},
    )
    with app_up() as app:
        plan = plan_of(app, tmp_path, *told, counties=COUNTIES)
        for fault in plan.faults:
            fault.close()
    assert plan.not_drilled == ["nobody: share 0.5 of Adair is nobody in a night of this size"]
    order = {"folder": ".", "shard": 0, "shards": 1, "seed": 1, "speed": 1, "ends_drill": 1}
    ways = read_order(order | {"run": "", "ways": [each.told() for each in plan.detours]}).ways
    assert [way.group for way in ways] == [each.way.group for each in plan.detours]
    assert ways[0].group.people == frozenset(COUNTIES["Linn"])
    assert ways[1].group.apart == frozenset(COUNTIES["Linn"])


def whose(tmp_path: Path, *said: str) -> str:
    """A packaged night with resets of people told in this many ways, at its file's path."""
    path = Path(night(tmp_path, "0.3", "0.2"))
    more = "".join(
        f"""  - {{kind: network.reset, name: r{n}, begins: "19:10", ends: "19:20", {who}}}\n"""
        for n, who in enumerate(said)
    )
    path.write_text(path.read_text().replace("\nobjectives:", f"\n{more}\nobjectives:"))
    return str(path)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["where: [Polk, Stroy]"], r"r0: where: found 'Stroy'.*you mean 'Story'\?.*It has: Polk"),
        (["where: Story"], r"injects\[3\]\.where: .*Story"),
        (["way: x"], r"injects\[3\].*neither share nor where"),
        (["where: [Story], share: 0.6", "where: [Polk, Story], share: 0.5"],
         r"ways in Story come to 1\.1 \(r0 0\.6, r1 0\.5\)"),
        (["where: [Story], way: x", "where: [Polk], way: x"],
         r"r1: share 1 of Polk, but the way 'x' has share 1 of Story"),
        (["share: 1, way: x", "where: [Polk], way: x"], r"r1: share 1 of Polk.*has share 1;"),
    ],
)  # fmt: skip
def test_people_are_told_so_that_it_can_be_played(
    tmp_path: Path, said: list[str], found: str
) -> None:
    """A county of another world, and ways that no one can be on, are refused by file and field."""
    with pytest.raises(DocumentError, match=r"own\.yaml.*" + found):
        load_scenario(whose(tmp_path, *said))


def test_virtual_time_has_the_people_of_a_county(tmp_path: Path) -> None:
    """Its faults are of those people; where a night is too small to have any, it says so."""
    scenario = load_scenario(whose(tmp_path, "where: [Linn, Polk]", "where: [Adair], share: 0.1"))
    faults = {each.name: each for each in faults_of(scenario, "rehearsal", COUNTIES)}
    fault = faults["r0"]
    assert isinstance(fault, LineFault)
    assert fault.group.people == {*COUNTIES["Linn"], *COUNTIES["Polk"]}
    assert "r1" not in faults
    assert not_modelled(scenario, "rehearsal", COUNTIES) == [
        "r1: share 0.1 of Adair is nobody in a night of this size"
    ]
