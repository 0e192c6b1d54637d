"""The carrier's log: sealed as a table on the drill's clock, and known where it is not whole."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from build_run import clean_run

from harness.checks import webhook_time
from harness.ledger import Ledger, carrier_log, seal
from harness.record import WEBHOOKS, RunFolder

START = 1_700_000_000.0


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run with an empty ledger and a carrier that asked the app twice and forged once."""
    made = RunFolder.create(tmp_path / "run")
    (made.path / "carrier").mkdir()
    ledger = Ledger(made.path / "ledger" / "engine-00.jsonl", {"run": "r", "worker": 0})
    ledger.note("start", start_at=START)
    ledger.close(state="finished")
    log = made.path / "ledger" / carrier_log.NAME
    log.write_bytes(
        b"".join(
            orjson.dumps(line) + b"\n"
            for line in (
                entry(at=START + 2.5, purpose="action", error=11205, status=None, fault="late"),
                entry(at=START - 1.0, purpose="forged", status=403),
                entry(at=START + 1.0, purpose="voice", status=200, token="T1"),
            )
        )
    )
    carrier_log.finish(log)
    return made


def entry(**changes: object) -> dict[str, object]:
    return {
        "at": START, "took": 0.25, "purpose": "voice", "line": "strike", "sid": "CA1",
        "status": 200, "error": 0, "fallback": False, "token": "", "try": 1, "fault": "",
        "detail": "", **changes,
    }  # fmt: skip


def log_of(folder: RunFolder) -> Path:
    return folder.path / "ledger" / carrier_log.NAME


def test_requests_are_told_on_the_drills_clock(folder: RunFolder) -> None:
    """Times are nanoseconds since the start barrier, in order; what came before is negative."""
    sealed = seal(folder, workers=1)
    table = folder.webhooks.collect()
    assert (sealed.problems, sealed.webhooks) == ((), 3)
    assert table.schema == WEBHOOKS
    assert table["purpose"].to_list() == ["forged", "voice", "action"]
    assert table["sent"].to_list() == [-1_000_000_000, 1_000_000_000, 2_500_000_000]
    assert table["took"].to_list() == [250_000_000] * 3
    assert table["error"].to_list() == [0, 0, 11205]
    assert table["status"].to_list() == [403, 200, None]


def test_a_log_without_its_end_is_a_problem_of_the_ledger(folder: RunFolder) -> None:
    """A carrier that was killed leaves what it did, and the run is not whole."""
    log = log_of(folder)
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:2]) + b'{"at": 17')
    sealed = seal(folder, workers=1)
    assert sealed.webhooks == 2
    assert "did not end in good order" in sealed.problems[0]


def test_a_log_that_was_touched_is_found_out(folder: RunFolder) -> None:
    """The last line carries the digest of everything before it."""
    log = log_of(folder)
    log.write_bytes(log.read_bytes().replace(b"403", b"200"))
    assert "the digest in the trailer does not fit" in seal(folder, workers=1).problems[0]


def test_a_missing_log_is_a_problem(folder: RunFolder) -> None:
    """The drill had a carrier, so there must be a log of it."""
    log_of(folder).unlink()
    assert "missing, though the drill had a phone carrier" in seal(folder).problems[0]


def test_a_line_that_is_not_json_is_left_out(folder: RunFolder) -> None:
    """One spoilt line does not take the others with it."""
    log = log_of(folder)
    log.write_bytes(log.read_bytes().replace(b'"purpose":"forged"', b'"purpose":forged', 1))
    assert seal(folder, workers=1).webhooks == 2


def test_a_line_that_is_no_object_is_left_out(folder: RunFolder) -> None:
    """Whoever has been at the file takes none of what it says of others away."""
    log = log_of(folder)
    log.write_bytes(b"5\n[1]\n" + log.read_bytes())
    assert seal(folder, workers=1).webhooks == 3


def test_an_app_that_is_down_is_not_blamed_for_what_it_was_not_told(tmp_path: Path) -> None:
    """Its callers have felt that already; an answer that is an error is another matter."""
    run = clean_run(tmp_path / "run")
    run.webhook("voice", at=20)
    for number, status in enumerate((200, None, 503)):
        run.webhook("status", at=21 + number, status=status, error=0 if status == 200 else 11200)
    (found,) = webhook_time.check(run.write())
    assert (found.figures["told"], found.figures["told_failed"]) == (3, 1)


def test_a_drill_without_a_carrier_has_no_webhooks(tmp_path: Path) -> None:
    """There is no table, and reading it gives an empty one."""
    folder = RunFolder.create(tmp_path / "run")
    assert seal(folder).problems == ()
    assert not (folder.path / "webhooks.parquet").exists()
    assert folder.webhooks.collect().is_empty()
