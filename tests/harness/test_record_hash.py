"""The hash of a report's cells, by which reports are compared without comparing every cell."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.record.hashing import _HASH_ROWS, values_hash

PINNED = [
    12035550249420947055,
    6791897765849424158,
    5568759327143668005,
    17226392932483676813,
]
CELLS = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=6)


def hashes(
    rows: list[list[int | None] | None], dtype: type[pl.DataType] = pl.Int32
) -> list[int | None]:
    """Hashes of some lists."""
    frame = pl.DataFrame({"v": pl.Series(rows, dtype=pl.List(dtype))})
    return frame.select(values_hash(pl.col("v")))["v"].to_list()


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, max_size=8))
def test_equal_lists_and_only_they_hash_alike(rows: list[list[int]]) -> None:
    """Two lists have one hash if and only if they have the same cells in the same order."""
    found = hashes(rows)  # type: ignore[arg-type]
    for i, one in enumerate(rows):
        for j, other in enumerate(rows):
            assert (found[i] == found[j]) == (one == other)


def test_a_list_hashes_alike_in_any_company() -> None:
    """Neighbours, their lengths, nulls and the width of the integers change nothing."""
    alone = hashes([[1, 2, 3]])[0]
    assert hashes([[9], [1, 2, 3], None, [], [4, None], [1, 2, 3]])[1] == alone
    assert hashes([[9, 9, 9], [1, 2, 3]], pl.Int64)[1] == alone


def test_the_hash_never_changes() -> None:
    """A run folder is judged again years later, so the hash is pinned."""
    assert hashes([[], [0], [1, 2, 3], [-1]]) == PINNED


def test_a_missing_cell_has_no_hash() -> None:
    """A list with a missing cell, and a missing list, have no hash; an empty one has."""
    found = hashes([[1, None], None, [], [None], [1]])
    assert [each is None for each in found] == [True, True, False, True, False]


def test_neighbouring_counts_do_not_collide() -> None:
    """Moving a voter from one cell to another always changes the hash."""
    rows = [[a, b, c] for a in range(40) for b in range(40) for c in range(40)]
    assert len(set(hashes(rows))) == 40**3  # type: ignore[arg-type]


def test_blocks_are_one_column() -> None:
    """A column longer than a block hashes row by row as a short one does."""
    rows: list[list[int | None] | None] = [[i, i + 1] for i in range(_HASH_ROWS + 3)]
    found = hashes(rows)
    assert len(found) == len(rows)
    assert found[-2:] == hashes(rows[-2:])


def test_no_rows_have_no_hashes() -> None:
    """An empty column gives an empty column of the right type."""
    frame = pl.DataFrame(schema={"v": pl.List(pl.Int32)}).select(values_hash(pl.col("v")))
    assert frame.schema["v"] == pl.UInt64
    assert frame.height == 0
