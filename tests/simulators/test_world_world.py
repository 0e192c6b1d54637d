"""A world is a pure function of its spec, its seed and the position asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from pydantic import TypeAdapter, ValidationError

from simulators.world import WorksheetErrors, World, WorldSpec, any_hard, broken_rules_many
from simulators.world.preferences import PREFERENCES
from simulators.world.sde import derived, derived_many
from simulators.world.streams import BLOCK

SPEC = WorldSpec()


def test_same_seed_same_bytes() -> None:
    """The seed alone decides a world, truth and paper."""
    one, two, other = World(SPEC, 7), World(SPEC, 7), World(SPEC, 8)
    assert one.results().values.tobytes() == two.results().values.tobytes()
    assert one.worksheets().tobytes() == two.worksheets().tobytes()
    assert one.report_table().equals(two.report_table())
    assert one.results().values.tobytes() != other.results().values.tobytes()
    assert one.worksheets().tobytes() != other.worksheets().tobytes()


@pytest.mark.parametrize("index", [0, 1, 1023, 1024, 1234, 1677, 1678, 1764])
def test_any_precinct_alone_equals_its_block(index: int) -> None:
    """A worker that makes one precinct gets what a worker that makes all gets."""
    alone, whole = World(SPEC, 5), World(SPEC, 5)
    worksheets, values = whole.worksheets(), whole.results().values
    assert alone.results(index, index + 1).values.tolist() == [values[index].tolist()]
    assert alone.worksheets(index, index + 1).tolist() == [worksheets[index].tolist()]
    assert alone.site(index) == whole.site(index)


def test_order_of_asking_does_not_matter() -> None:
    """Blocks made last first are the blocks made first first."""
    spec = SPEC.scaled(4)
    backwards, forwards = World(spec, 2), World(spec, 2)
    later = backwards.worksheets(5 * BLOCK, 6 * BLOCK).copy()
    sooner = backwards.worksheets(0, BLOCK)
    assert (forwards.worksheets(0, BLOCK) == sooner).all()
    assert (forwards.worksheets(5 * BLOCK, 6 * BLOCK) == later).all()
    assert not (later[: len(sooner)] == sooner).all()


def test_blocks_made_together_are_blocks_made_alone() -> None:
    """Worksheets written many blocks at once are those written block by block."""
    spec = SPEC.scaled(7)
    together = World(spec, 2).worksheets(0, 11 * BLOCK)
    for block in (0, 3, 8, 10):
        alone = World(spec, 2).worksheets(block * BLOCK, (block + 1) * BLOCK)
        assert (alone == together[block * BLOCK : (block + 1) * BLOCK]).all()


def test_worksheet_errors_leave_the_truth_alone() -> None:
    """The truth does not hang on how often the paper is wrong."""
    clean = replace(SPEC, worksheet_errors=WorksheetErrors(scale=0))
    assert (World(SPEC, 5).results().values == World(clean, 5).results().values).all()
    assert (World(clean, 5).worksheets() == World(clean, 5).results().values).all()


def test_scale_multiplies_errors() -> None:
    """Twice the scale gives about twice the bad worksheets."""
    rates = []
    for scale in (0.5, 1.0, 2.0):
        spec = replace(SPEC, worksheet_errors=WorksheetErrors(scale=scale))
        world = World(spec, 5)
        flags = broken_rules_many(world.worksheets(), world.places.delegates)
        rates.append(any_hard(flags).mean())
    assert rates[1] / rates[0] == pytest.approx(2, rel=0.2)
    assert rates[2] / rates[1] == pytest.approx(2, rel=0.2)


def test_errors_are_listed() -> None:
    """A worksheet differs from the truth exactly where the table lists an error, and is flagged."""
    world = World(SPEC, 5)
    table = world.report_table()
    differs = pl.Series(np.any(world.worksheets() != world.results().values, axis=1))
    listed = table["errors"].list.len() > 0
    assert (differs == listed).all()
    flags = broken_rules_many(world.worksheets(), world.places.delegates)
    hard = any_hard(flags, with_extra_groups=True)
    copied = table["errors"].list.contains("COPY").to_numpy()
    assert (hard | copied)[listed.to_numpy()].all()
    assert not hard[~listed.to_numpy()].any()


def test_copied_reports() -> None:
    """At about 0.002 a whole report is that of the neighbour in the list."""
    tables = [World(SPEC, seed).report_table() for seed in range(8)]
    copies = 0
    for table in tables:
        rows = np.flatnonzero(table["errors"].list.contains("COPY").to_numpy())
        for at in rows.tolist():
            source = at - 1 if at % BLOCK else at + 1
            assert table["values"][at].to_list() == table["true_values"][source].to_list()
        copies += len(rows)
    assert 0.001 <= copies / (8 * 1765) <= 0.0035


# -- places ------------------------------------------------------------------------------------


def test_iowa_adds_up() -> None:
    """1,678 precincts in 99 counties elect 11,402 delegates worth 2,107 state delegates."""
    world = World(SPEC, 1)
    table = world.precinct_table()
    precincts = table.filter(kind="precinct")
    assert (len(precincts), precincts["county"].n_unique()) == (1678, 99)
    assert precincts["delegates"].sum() == 11402
    assert (precincts["delegates"] * precincts["sde_per_delegate"]).sum() == pytest.approx(2107)
    largest = precincts.group_by("county").len().sort("len", descending=True).row(0)
    assert largest[0] == "Polk"
    assert 165 <= largest[1] <= 190
    assert table["record"].n_unique() == 1765
    assert table.select("county", "name").n_unique() == 1765


def test_delegates_follow_the_published_histogram() -> None:
    """7.2 % of precincts elect one delegate, 8.2 % two, 8.5 % three; the most is 36."""
    delegates = World(SPEC, 1).places.delegates[:1678]
    assert np.bincount(delegates)[1:4].tolist() == [121, 138, 142]
    assert delegates.max() == 36


def test_satellites_share_their_pools() -> None:
    """Five pools of 6, 11, 18.1, 4 and 4.04: worth goes by people, and all is given."""
    world = World(SPEC, 1)
    sites = [world.site(at) for at in range(1678, 1765)]
    values = world.results(1678).values
    assert not values[:, 29:].any()
    worth: dict[str, float] = {}
    for site, row in zip(sites, values, strict=True):
        worth[site.pool] = worth.get(site.pool, 0) + sum(derived(row.tolist(), site))
    assert worth == pytest.approx(
        {"CD1": 6.0, "CD2": 11.0, "CD3": 18.1, "CD4": 4.0, "Out of state": 4.04}
    )
    per_person = {(site.pool, round(site.sde_per_delegate, 12)) for site in sites}
    assert len(per_person) == 5


def test_state_delegate_equivalents_of_the_night() -> None:
    """All preferences together are worth 2,107 in the precincts and 43.14 at the satellites."""
    world = World(SPEC, 1)
    table = world.precinct_table()
    satellite = (table["kind"] == "satellite").to_numpy()
    worth = derived_many(world.results().values, satellite, table["sde_per_delegate"].to_numpy())
    assert worth.shape == (1765, len(PREFERENCES))
    assert worth[~satellite].sum() == pytest.approx(2107)
    assert worth[satellite].sum() == pytest.approx(43.14)
    site = world.site(12)
    assert worth[12].tolist() == pytest.approx(
        list(derived(world.results(12, 13).values[0].tolist(), site))
    )


def test_keys_do_not_hang_on_the_seed() -> None:
    """Keys and names are those of the position, and lead back to it."""
    one, two = World(SPEC, 1), World(SPEC, 2)
    for index in (0, 11, 1677, 1678, 1764):
        assert one.index_of(one.record(index)) == index
        assert (one.site(index).record, one.site(index).name) == (
            two.site(index).record,
            two.site(index).name,
        )


@pytest.mark.parametrize(
    "key", ["IA-0000", "IA-1679", "IA-S88", "NV-0001", "IA-12", "", "IA-S1", "IA-²"]
)
def test_unknown_keys_are_refused(key: str) -> None:
    """A key of no site is refused with the range of keys there are."""
    with pytest.raises(KeyError, match="IA-0001 to IA-S87"):
        World(SPEC, 1).index_of(key)


# -- other worlds ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        WorldSpec(precincts=1, satellites=0, counties=1, county_delegates=1, state_delegates=1),
        WorldSpec(precincts=7, satellites=3, counties=7, county_delegates=40, state_delegates=5),
        WorldSpec(
            state="NV",
            rules="nevada-2020",
            precincts=1500,
            satellites=0,
            counties=17,
            county_delegates=13000,
        ),
        SPEC.scaled(3),
    ],
    ids=["one precinct", "tiny", "Nevada", "three Iowas"],
)
def test_other_sizes_and_states(spec: WorldSpec) -> None:
    """Any size and state holds legal caucuses that elect every delegate asked for."""
    world = World(spec, 4)
    results = world.results()
    delegates = world.places.delegates
    flags = broken_rules_many(results.values, delegates, spec.rule_set)
    assert not any_hard(flags, with_extra_groups=True).any()
    if spec.rules == "iowa-2020":
        assert results.delegates.sum() == spec.county_delegates
    else:
        assert results.delegates.sum() >= spec.county_delegates
    assert world.precinct_table().select("county", "name").n_unique() == spec.sites
    assert world.record(0).startswith(spec.state)


def test_a_deck_has_no_two_rows_alike() -> None:
    """In a test deck every cell of a first alignment differs, every row of a county, and no
    worksheet is wrong."""
    world = World(replace(SPEC, deck=True), 1)
    values = world.results().values
    table = world.precinct_table().with_columns(pl.Series("attendance", values[:, 0]))
    assert table.select("county", "attendance").n_unique() == world.sites
    first = np.sort(values[:, 1:15], axis=1)
    assert (np.diff(first, axis=1) > 0).all()
    assert first.min() > 0
    assert (world.worksheets() == values).all()
    flags = broken_rules_many(values, world.places.delegates)
    assert not any_hard(flags, with_extra_groups=True).any()


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "Iowa"}, "two capital letters"),
        ({"precincts": 0}, "precincts=0"),
        ({"counties": 2000}, "counties=2000"),
        ({"county_delegates": 100}, "county_delegates=100"),
        ({"satellites": -1}, "satellites=-1"),
        ({"rules": "ohio-2020"}, "iowa-2020, nevada-2020"),
    ],
)
def test_impossible_worlds_are_refused(change: dict[str, object], message: str) -> None:
    """A spec that cannot be is refused when it is built, with the field and what is allowed."""
    with pytest.raises(ValueError, match=message):
        replace(SPEC, **change)  # type: ignore[arg-type]


def test_a_scenario_may_not_misspell() -> None:
    """Read through pydantic, an unknown field is an error."""
    spec = TypeAdapter(WorldSpec)
    assert (
        spec.validate_python({"precincts": 1000, "worksheet_errors": {"scale": 0}}).precincts
        == 1000
    )
    with pytest.raises(ValidationError, match="precints"):
        spec.validate_python({"precints": 3})
    with pytest.raises(ValidationError, match="chance lies between 0 and 1"):
        spec.validate_python({"worksheet_errors": {"copied": 3}})


def test_bad_seeds_and_positions_are_refused() -> None:
    """Seeds beyond 64 bits and sites beyond the world are refused by value."""
    with pytest.raises(ValueError, match="seed=-1"):
        World(SPEC, -1).results(0, 1)
    with pytest.raises(IndexError, match="0 to 1764"):
        World(SPEC, 1).site(1765)
    with pytest.raises(IndexError, match="run from 0 to 1765"):
        World(SPEC, 1).results(0, 1766)


def test_results_cannot_be_changed_by_a_reader() -> None:
    """Blocks are shared between callers, so they are read-only."""
    world = World(SPEC, 1)
    with pytest.raises(ValueError, match="read-only"):
        world.results(0, 10).values[0, 0] = 1
