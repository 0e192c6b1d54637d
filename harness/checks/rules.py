"""Rules: does the app's own arithmetic follow the caucus rules?

It fails only where a stored value breaks a rule that the sent one kept, or where a number that
the app works out itself (state delegate equivalents, ``sde_<preference>``) is wrong for the
counts it stores, or is left out though others of its kind are shown or the target's description
says where it is. What people keyed wrong is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from harness.checks.doubt import doubt, overrules
from harness.checks.question import evidence_of
from harness.checks.reconcile.bounds import EVERYTHING, REPORTS_IN, published, standing
from harness.checks.reconcile.evidence import ROW_MODES, Evidence, Reader
from harness.checks.reconcile.witnesses import MOST
from harness.record import PRECINCTS, Finding, RunFolder, Status, Witness
from simulators.world import HARD, IOWA_2020, NEVADA_2020
from simulators.world.checker import CODES, broken_rules_many
from simulators.world.preferences import PREFERENCES
from simulators.world.sde import derived_many
from simulators.world.site import SATELLITE_KIND

CHECK = "rules"
CAUCUS = "caucus"
ASKS = "Does the app's own arithmetic follow the caucus rules?"
ROUNDING = 0.001  # of one number that an app rounds for showing
SDE = tuple(f"sde_{each}" for each in PREFERENCES)
SOME_NUMBER = r'":\s*-?[0-9]'  # in an object of numbers and nulls
# A text is no number, however it stands in an object of them.
_NUMBERS = pl.col("derived").str.replace_all(r':\s*"(?:[^"\\]|\\.)*"', ":null")
JUDGED = (*HARD, "E7")
Integers = NDArray[np.int64]


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app's own arithmetic follow the caucus rules?"""
    evidence = evidence_of(run)
    kind = str((evidence.info.get("world") or {}).get("kind", CAUCUS))
    if kind != CAUCUS:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "There is no caucus, and no rule of one.")
        return
    tables = {
        reader.name: _stored(evidence, reader)
        for reader in evidence.readers
        if reader.mode in ROW_MODES and not evidence.unread(reader.name)
    }
    findings = [_rows(evidence, name, table) for name, table in tables.items() if len(table)]
    counted = next((table for table in tables.values() if len(table)), None)
    for reader in evidence.readers:
        if reader.mode == "totals" and not evidence.unread(reader.name):
            findings += _totals(evidence, reader, counted)
    yield from findings
    if not findings:
        answer = "The app shows neither whole reports nor numbers it works out itself."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)


# -- reports, one by one ------------------------------------------------------------------------


def _stored(evidence: Evidence, reader: Reader) -> pl.DataFrame:
    """Whole rows of known sites, with what the rules need to know of the site."""
    sites = evidence.table(f"truth/{PRECINCTS}").select(
        "record", "kind", "delegates", "sde_per_delegate"
    )
    return (
        evidence.read(reader.name, evidence.last_round)
        .filter(pl.col("values_hash").is_not_null())
        .select("record", "values", "values_hash", "derived")
        .join(sites, on="record")
        .collect()
    )


def _rows(evidence: Evidence, name: str, table: pl.DataFrame) -> Finding:
    declared = _declared(evidence, name)
    offenders = [
        *_wrong_derived(table),
        *_lacking(table, declared),
        *_newly_broken(evidence, table),
    ]
    figures: dict[str, float | int | None] = {
        "k": len({each.record for each in offenders}),
        "n": len(table),
        "derived": int(table["derived"].is_not_null().sum()),
    }
    answer = f"{figures['k']:,} of {len(table):,} reports break a rule by the app's own doing."
    return _finding(evidence, name, answer, figures, offenders)


def _wrong_derived(table: pl.DataFrame) -> list[Witness]:
    """Reports whose state delegate equivalents do not follow from their own counts."""
    table = table.filter(pl.col("derived").is_not_null())
    if not len(table):
        return []
    right = _equivalents(table)
    shown = _derived(table)
    wrong = np.abs(shown - right) > ROUNDING  # a number that is not shown compares as not wrong
    return [
        Witness(table["record"][row], _named(right[row], cells), _named(shown[row], cells))
        for row in np.flatnonzero(wrong.any(axis=1)).tolist()
        for cells in [np.flatnonzero(wrong[row]).tolist()]
    ]


def _declared(evidence: Evidence, reader: str) -> frozenset[str]:
    """Names of derived numbers that the description gives; ``from`` stands for any number."""
    for each in evidence.target.get("readers") or []:
        if each.get("name") == reader:
            return frozenset(each.get("derived") or ())
    return frozenset()


def _lacking(table: pl.DataFrame, declared: frozenset[str]) -> list[Witness]:
    """Reports without equivalents that are not 0, and declared numbers that no report shows."""
    shown, right = _derived(table), _equivalents(table)
    named = sorted(declared - {"from"} - {*SDE})
    if np.isfinite(shown).any() or declared & {*SDE}:
        lacking = np.isnan(shown) & (right > ROUNDING)
    else:
        lacking = np.zeros(shown.shape, dtype=bool)
        if "from" in declared and not table["derived"].str.contains(SOME_NUMBER).any():
            named.append("derived numbers")
    shape = pl.Struct(dict.fromkeys(named, pl.Float64))
    there = table.select(_NUMBERS.str.json_decode(shape)).unnest("derived")
    return [
        *(
            Witness("", f"{name}: shown", f"{name}: no report shows any")
            for name in named
            if there[name].null_count() == len(table)
        ),
        *(
            Witness(
                table["record"][row],
                _named(right[row], cells),
                ", ".join(f"{SDE[cell]} not shown" for cell in cells),
            )
            for row in np.flatnonzero(lacking.any(axis=1)).tolist()
            for cells in [np.flatnonzero(lacking[row]).tolist()]
        ),
    ]


def _derived(table: pl.DataFrame) -> NDArray[np.float64]:
    """What the target shows, shape (n, 14); NaN where it shows none."""
    shape = pl.Struct(dict.fromkeys(SDE, pl.Float64))
    shown = table.select(_NUMBERS.str.json_decode(shape)).unnest("derived")
    return shown.select(pl.col(SDE).fill_null(float("nan"))).to_numpy()


def _equivalents(table: pl.DataFrame) -> NDArray[np.float64]:
    return derived_many(
        _cells(table["values"]),
        (table["kind"] == SATELLITE_KIND).to_numpy(),
        table["sde_per_delegate"].cast(pl.Float64).to_numpy(),
    )


def _newly_broken(evidence: Evidence, table: pl.DataFrame) -> list[Witness]:
    """Reports that break a rule which what was sent for their site kept."""
    # Whoever stores something that was sent breaks nothing that was not broken before.
    sent = evidence.operations.filter("reached").select(rec="rec", values_hash="values")
    changed = table.with_columns(rec=pl.col("record").hash()).join(
        sent, on=["rec", "values_hash"], how="anti"
    )
    changed = changed.join(_sent(evidence), on="record")
    if not len(changed):
        return []
    elect = changed["delegates"].cast(pl.Int64).to_numpy()
    rules = NEVADA_2020 if _state(evidence) == "NV" else IOWA_2020
    now = broken_rules_many(_cells(changed["values"]), elect, rules)
    then = broken_rules_many(_cells(changed["sent"]), elect, rules)
    judged = [CODES.index(code) for code in JUDGED]
    new = (now & ~then)[:, judged]
    return [
        Witness(
            changed["record"][row],
            "every rule that the report sent kept",
            "breaks " + ", ".join(np.array(JUDGED)[new[row]]),
            (changed["op"][row],),
        )
        for row in np.flatnonzero(new.any(axis=1)).tolist()
    ]


def _sent(evidence: Evidence) -> pl.DataFrame:
    """The newest report of each site that may stand."""
    last = standing(evidence).group_by("rec").agg(pl.col("first").max())
    return (
        evidence.history.with_row_index("first")
        .select("first", "record", "op", "values_hash", sent="values")
        .filter(pl.col("values_hash").is_not_null())
        .join(last.lazy(), on="first")
        .select("record", "op", "sent")
        .collect()
    )


# -- totals -------------------------------------------------------------------------------------


def _totals(evidence: Evidence, reader: Reader, counted: pl.DataFrame | None) -> list[Finding]:
    """Published equivalents against those of the reports the app itself shows."""
    others = {*evidence.fields, REPORTS_IN}
    shown = {
        each.name: each.number
        for each in published(evidence, reader)
        if each.group == EVERYTHING and each.name not in others
    }
    owed = bool(_declared(evidence, reader.name)) if not shown else not shown.keys().isdisjoint(SDE)
    if not owed or counted is None:
        return []
    right = dict(zip(SDE, _equivalents(counted).sum(axis=0).tolist(), strict=True))
    allowed = ROUNDING * (len(counted) + 1)
    offenders = [
        Witness("", f"{name}: {number:,.4f}", f"{name}: {_or_absent(shown.get(name))}")
        for name, number in right.items()
        if abs(number - shown.get(name, 0.0)) > allowed
    ]
    n = sum(name in shown or number > allowed for name, number in right.items())
    figures: dict[str, float | int | None] = {"k": len(offenders), "n": n}
    answer = (
        f"{len(offenders):,} of {n:,} published state delegate totals do not follow "
        "from the reports the app shows."
    )
    return [_finding(evidence, reader.name, answer, figures, offenders)]


def _or_absent(number: float | None) -> str:
    return "not shown" if number is None else f"{number:,.4f}"


def _finding(
    evidence: Evidence,
    name: str,
    answer: str,
    figures: dict[str, float | int | None],
    offenders: Sequence[Witness],
) -> Finding:
    reason = overrules(evidence, CHECK) if offenders else doubt(evidence, CHECK)
    decided = Status.FAIL if offenders else Status.PASS
    status = Status.UNKNOWN if reason else decided
    answer = f"{answer} {reason or ''}".strip()
    shown = tuple(offenders[:MOST])
    return Finding(CHECK, status, ASKS, answer, name, figures, shown, len(offenders))


def _cells(values: pl.Series) -> Integers:
    """Reports as a matrix, shape (n, 43)."""
    width = len(values[0]) if len(values) else 0
    matrix = values.cast(pl.List(pl.Int64)).explode().to_numpy().reshape(len(values), width)
    return matrix.astype(np.int64)


def _named(numbers: NDArray[np.float64], cells: Sequence[int]) -> str:
    return ", ".join(f"{SDE[cell]} {numbers[cell]:.4f}" for cell in cells)


def _state(evidence: Evidence) -> str:
    return str((evidence.info.get("world") or {}).get("state", ""))
