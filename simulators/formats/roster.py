"""A roster to load into an app before a drill: people.csv, precincts.csv and voters.csv.

UTF-8, comma-separated, one header line, as spreadsheets and import pages read them.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

CODE_COLUMNS = ("precinct_id", "pin", "security_code")
"""What the codes of a person are called, in the order in which they are typed."""

PEOPLE = "people.csv"
PRECINCTS = "precincts.csv"
VOTERS = "voters.csv"


def people_columns(people: pl.DataFrame) -> pl.DataFrame:
    """People with one column a code, for a format that has no lists.

    Args:
        people: One row a person; ``codes`` is a list of text, the rest is plain. Codes beyond
            the third are called ``code_4`` and so on; people with fewer have empty cells.

    Example:
        >>> people = pl.DataFrame({"key": ["chair-0001"], "codes": [["104217", "883120"]]})
        >>> people_columns(people).row(0)
        ('chair-0001', '104217', '883120', '')
    """
    longest = people["codes"].list.len().max()
    count = max(len(CODE_COLUMNS), longest if isinstance(longest, int) else 0)
    names = [*CODE_COLUMNS, *(f"code_{at + 1}" for at in range(len(CODE_COLUMNS), count))]
    columns = [
        pl.col("codes").list.get(at, null_on_oob=True).fill_null("").alias(name)
        for at, name in enumerate(names)
    ]
    return people.with_columns(columns).drop("codes")


def write_roster(
    folder: Path,
    people: pl.DataFrame,
    precincts: pl.DataFrame,
    *,
    voters: pl.DataFrame | None = None,
    replace: bool = False,
) -> tuple[Path, ...]:
    """Write people.csv and precincts.csv into a folder, made if need be, and voters.csv.

    Args:
        folder: Where to.
        people: The plan's people, with their ``codes`` as lists of text.
        precincts: The world's precinct table.
        voters: Everybody on a list, with ``precinct`` and ``code``; None where there are no lists.
        replace: Whether to write over files that are there.

    Raises:
        FileExistsError: A file is there and ``replace`` was not asked for.
    """
    paths = [
        folder / PEOPLE,
        folder / PRECINCTS,
        *([folder / VOTERS] if voters is not None else []),
    ]
    for path in paths:
        if path.exists() and not replace:
            raise FileExistsError(
                f"{path} is there already. Name an empty folder, or remove the file."
            )
    folder.mkdir(parents=True, exist_ok=True)
    people_columns(people).write_csv(paths[0])
    precincts.write_csv(paths[1])
    if voters is not None:
        voters.write_csv(paths[2])
    return tuple(paths)
