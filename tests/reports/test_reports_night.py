"""The night over time and the phones, counted on records small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from reports_folder import write_night

from harness.record import CALLS, HISTORY, RunFolder
from reports.injects import injects_of
from reports.night import night_of
from reports.phones import HOLDS, inboxes_of, phones_of

SECOND = 1_000_000_000


def history(*rows: tuple[str, str, str, float, float | None, str | None]) -> pl.DataFrame:
    """Rows of kind, record, channel, intended and done in wall seconds, outcome."""
    names = ("kind", "record", "channel", "intended", "done", "outcome")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    for name in ("intended", "done"):
        columns[name] = [None if at is None else int(at * SECOND) for at in columns[name]]
    missing = {name: [None] * len(rows) for name in HISTORY if name not in columns}
    return pl.DataFrame(columns | missing, schema=HISTORY)


def small(path: Path, *rows: tuple[str, str, str, float, float | None, str | None]) -> RunFolder:
    run = write_night(path, records=4, speed=10.0)
    run.write_table("history", history(*rows))
    return run


def calls(*rows: tuple[float, float | None, float, str]) -> pl.DataFrame:
    names = ("dialled_drill", "answered_drill", "ended_drill", "cause")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    missing = {name: [None] * len(rows) for name in CALLS if name not in columns}
    return pl.DataFrame(columns | missing, schema=CALLS)


def test_wall_time_becomes_drill_time_and_waits_stay_wall_time(tmp_path: Path) -> None:
    """At ten times the speed, 30 s is 300 drill seconds; an answer after 2 s still took 2 s."""
    run = small(tmp_path / "run", ("submit_report", "IA-0001", "api", 28.0, 30.0, "ok"))
    night = night_of(run)
    assert night.end == 300.0
    assert night.kinds[0].p50 == 2.0
    assert [each.outcomes for each in night.bins] == [(0, 0, 0)] * 5 + [(1, 0, 0)]


def test_a_site_counts_once_by_the_channel_of_its_first_yes(tmp_path: Path) -> None:
    """Refused and unknown reports do not count, nor does a second report of the same site."""
    night = night_of(
        small(
            tmp_path / "run",
            ("submit_report", "IA-0001", "api", 1, 1.5, "refused"),
            ("submit_report", "IA-0001", "hotline", 5, 6, "ok"),
            ("amend_report", "IA-0001", "api", 7, 8, "ok"),
            ("submit_report", "IA-0002", "api", 3, 4, "ok"),
            ("submit_report", "IA-0003", "api", 3, 9, "unknown"),
            ("sign_in", "", "api", 1, 2, "ok"),
        )
    )
    everything, *others = night.channels
    assert everything.arrived == (40.0, 60.0)
    assert {each.name: each.arrived for each in others} == {"hotline": (60.0,), "api": (40.0,)}
    assert everything.reached == (60.0, None, None, None)  # half of four sites


def test_an_operation_without_an_end_is_unknown(tmp_path: Path) -> None:
    """What a killed worker never finished is counted as unknown, with no response time."""
    night = night_of(small(tmp_path / "run", ("sign_in", "", "api", 1, None, None)))
    assert night.kinds[0].outcomes == (0, 0, 1)
    assert night.kinds[0].p99 is None


def test_a_run_without_operations_has_an_empty_night(tmp_path: Path) -> None:
    """Nothing recorded is nothing shown."""
    night = night_of(small(tmp_path / "run"))
    assert (night.bins, night.kinds, night.operations) == ((), (), 0)
    assert night.channels[0].reached == (None, None, None, None)


def test_holds_end_at_the_answer_or_the_hang_up(tmp_path: Path) -> None:
    """Who was answered held until then, who gave up until the end; the median is of answers."""
    run = write_night(tmp_path / "run")
    run.write_table(
        "calls",
        calls(
            (0.0, 30.0, 400.0, "served"),
            (10.0, 1810.0, 2000.0, "served"),
            (20.0, None, 4020.0, "abandoned"),
            (50.0, None, 50.0, "busy"),
        ),
    )
    (phones,) = phones_of(run)
    assert (phones.calls, dict(phones.causes)["served"]) == (4, 2)
    assert (phones.median, phones.longest, phones.most_holding) == (915.0, 4000.0, 3)
    assert [sum(each.bands) for each in phones.holds] == [1, 1, 0]
    assert phones.holds[1].bands[[name for _, name in HOLDS].index("15 to 60 min")] == 1


def test_a_short_peak_is_not_thinned_away(tmp_path: Path) -> None:
    """However few points are drawn, the most on hold at once is one of them."""
    run = write_night(tmp_path / "run")
    burst = [(500.0 + i, 530.0, 600.0, "served") for i in range(20)]
    run.write_table("calls", calls(*burst, (0.0, 20_000.0, 20_100.0, "served")))
    (phones,) = phones_of(run)
    assert max(n for _, n in phones.holding) == phones.most_holding == 21


def test_each_line_is_counted_by_itself(tmp_path: Path) -> None:
    """Calls turned away on one line are not the other's; a line without agents is a menu."""
    run = write_night(tmp_path / "run")
    both = [
        calls((0.0, 30.0, 400.0, "served")),
        calls((0.0, 0.0, 90.0, "hung_up"), (950.0, None, 950.0, "busy")).with_columns(
            line=pl.lit("strike", pl.Categorical()), agent=pl.lit(None, pl.UInt32)
        ),
    ]
    run.write_table("calls", pl.concat(both))
    other, strike = phones_of(run)
    assert (other.menu, strike.line, strike.menu) == (False, "strike", True)
    assert [(each.dialled, each.turned_away) for each in strike.stretches] == [(1, 0), (1, 1)]
    assert sum(each.turned_away for each in other.stretches) == 0


def test_what_nobody_read_is_counted(tmp_path: Path) -> None:
    """Photos that were opened have waited; those that were not are left."""
    run = write_night(tmp_path / "run")
    sent = calls((0.0, 600.0, 700.0, "read"), (10.0, None, 5000.0, "unread"))
    sent = sent.with_columns(line=pl.lit("photos", pl.Categorical()), id=pl.lit("i1-1"))
    run.write_table("calls", sent)
    (photos,) = inboxes_of(run)
    assert (photos.name, photos.left, photos.read, photos.median) == ("photos", 2, 1, 600.0)
    assert phones_of(run) == ()


def test_nobody_phoning_is_no_phones(tmp_path: Path) -> None:
    """Without a call there is nothing to draw."""
    run = write_night(tmp_path / "run")
    run.write_table("calls", pl.DataFrame(schema=CALLS))
    assert phones_of(run) == ()


def test_injects_are_lettered_in_order(clean_night: RunFolder) -> None:
    """The first fault is A, and lies in the charts where it happened, not where it was planned."""
    first, second = injects_of(clean_night)
    assert (first.letter, second.letter) == ("A", "B")
    assert first.band is not None
    assert (first.band.start, first.band.end) == (9301.2, 9492.0)


@pytest.mark.parametrize("missing", ["calls", "injects"])
def test_tables_a_run_never_made_are_empty(tmp_path: Path, missing: str) -> None:
    """A run without phones or injects has no such table, and that is no error."""
    run = write_night(tmp_path / "run")
    (run.path / f"{missing}.parquet").unlink()
    assert not (phones_of(run) if missing == "calls" else injects_of(run))
