"""The ledger: written ahead, provably whole, readable whatever happened to its writer."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import polars as pl
import pytest

from harness.ledger import Ledger, LedgerFull, seal, verify
from harness.ledger.reader import table
from harness.record import HISTORY, RunFolder

VALUES = (12, 0, 7)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


def opened(folder: RunFolder, worker: int = 0) -> Ledger:
    path = folder.path / "ledger" / f"engine-{worker:02}.jsonl"
    return Ledger(path, {"run": "r1", "worker": worker})


def intend(ledger: Ledger, op: str, at: int = 0, *, shed: bool = False) -> int:
    return ledger.intent(
        op, 1, "submit_report", "IA-0001", 1, VALUES, 7, "chair", "IA-0001", "api", at, at + 1,
        shed=shed,
    )  # fmt: skip


def play(folder: RunFolder, worker: int = 0) -> Path:
    """A whole little ledger: one ok, one without an outcome, one shed, one call."""
    ledger = opened(folder, worker)
    first = intend(ledger, "a-1", 10)
    intend(ledger, "b-1", 20)
    ledger.flush()
    ledger.checkpoint(25)
    ledger.outcome(first, 12, 30, "ok", "accepted", 201, "17", "")
    intend(ledger, "c-1", 40, shed=True)
    ledger.call(7, "chair", "hotline", "IA-0001", 1.0, 2.5, 9.0, 0, "served")
    ledger.close(state="finished")
    return ledger.path


def test_a_whole_ledger_has_no_problems(folder: RunFolder) -> None:
    """What was written and closed verifies."""
    assert verify(play(folder)) == []


def test_sealing_gives_one_row_an_operation(folder: RunFolder) -> None:
    """Answered, unanswered and shed operations each become a row with its own outcome."""
    play(folder)
    sealed = seal(folder, workers=1)
    assert (sealed.operations, sealed.calls, sealed.open_intents) == (3, 1, 1)
    assert sealed.complete
    rows = folder.history.collect()
    assert dict(rows.schema) == dict(HISTORY)
    assert rows.select("op", "outcome", "answer_class", "sent", "done", "status").rows() == [
        ("a-1", "ok", "accepted", 12, 30, 201),
        ("b-1", "unknown", "no_answer", None, None, None),
        ("c-1", "refused", "shed", None, 41, None),
    ]
    assert rows["values"].to_list() == [list(VALUES)] * 3
    assert rows["values_hash"].n_unique() == 1
    assert rows["values_hash"].null_count() == 0
    call = folder.calls.collect().row(0, named=True)
    assert (call["answered_drill"], call["cause"], call["role"]) == (2.5, "served", "chair")


def test_ledgers_of_many_workers_are_sealed_together(folder: RunFolder) -> None:
    """Line numbers are a worker's own; outcomes never cross to another's intents."""
    play(folder, 0)
    play(folder, 1)
    assert seal(folder, workers=2).operations == 6
    rows = folder.history.collect()
    assert rows.filter(pl.col("op") == "a-1")["worker"].to_list() == [0, 1]
    assert rows.filter(pl.col("op") == "a-1")["done"].to_list() == [30, 30]


def test_a_missing_ledger_is_a_problem(folder: RunFolder) -> None:
    """Three engines ran and two ledgers are there: not complete."""
    play(folder, 0)
    play(folder, 1)
    sealed = seal(folder, workers=3)
    assert not sealed.complete
    assert "3 engines ran, but there are 2 ledgers" in sealed.problems[0]


def test_every_byte_is_under_the_digest(folder: RunFolder) -> None:
    """Changing one digit anywhere before the trailer is found."""
    path = play(folder)
    data = path.read_bytes()
    for at in (data.index(b'"intended":10'), data.index(b'"status":201')):
        digit = data.index(b":", at + 1) + 1
        path.write_bytes(data[:digit] + b"9" + data[digit + 1 :])
        assert any("digest" in problem for problem in verify(path))


def test_a_lost_line_is_found(folder: RunFolder) -> None:
    """Taking out a line leaves a gap in the numbers."""
    path = play(folder)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert any("gap" in problem for problem in verify(path))


def test_a_ledger_cut_short_is_read_up_to_its_last_whole_line(folder: RunFolder) -> None:
    """Cut anywhere after the header, the ledger still seals, and says that it is not whole."""
    path = play(folder)
    data = path.read_bytes()
    header = data.index(b"\n") + 1
    for length in range(header, len(data), 37):
        path.write_bytes(data[:length])
        whole = data[:length].count(b"\n")
        problems = verify(path)
        assert any("no trailer" in problem for problem in problems)
        assert any("torn" in problem for problem in problems) == (
            data[length - 1 : length] != b"\n"
        )
        sealed = seal(folder)
        assert sealed.operations == sum(
            line.startswith((b'{"k":"intent"', b'{"k":"shed"'))
            for line in data.splitlines()[:whole]
        )


def test_lines_of_another_make_are_reported_and_read_past() -> None:
    """A line that is not JSON, or has words for numbers, costs that line only."""
    for bad in (b"garbage", b'{"k":"intent","n":"x"}', b'{"k":"intent","values":"x"}', b"[1]"):
        lines = table(b'{"k":"intent","n":4}\n' + bad + b'\n{"k":"call","n":5}\n')
        assert {4, 5} <= set(lines["n"].to_list())


def test_a_ledger_is_never_written_over(folder: RunFolder) -> None:
    """Opening a ledger that exists is refused."""
    play(folder)
    with pytest.raises(FileExistsError):
        opened(folder)


@pytest.mark.parametrize("fault", ["short", "full"])
def test_without_room_nothing_may_be_sent(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """A write that fails or falls short raises, again and again, and leaves whole lines."""
    ledger = opened(folder)
    done = intend(ledger, "a-1")
    ledger.flush()
    write = os.write

    def failing(fd: int, data: bytes) -> int:
        if fault == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(fd, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", failing)
    intend(ledger, "b-1")
    with pytest.raises(LedgerFull):
        ledger.flush()
    with pytest.raises(LedgerFull):
        ledger.flush()
    ledger.outcome(done, 1, 2, "ok", "accepted", 200, None, "")
    monkeypatch.undo()
    ledger.close(state="disk full")
    sealed = seal(folder, workers=1)
    assert sealed.complete  # there was room for the trailer in the end
    assert folder.history.collect()["op"].to_list() == ["a-1"]


def test_a_really_full_disk_leaves_a_readable_ledger(tmp_path: Path) -> None:
    """At the file-size limit the kernel refuses bytes: all whole lines before it are there."""
    program = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        from harness.ledger import Ledger, LedgerFull
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        ledger, flushed = Ledger(Path(sys.argv[1]), {"worker": 0}), 0
        try:
            while True:
                ledger.intent(f"op-{flushed}", 1, "k", "r", 1, (1, 2), 1, "c", "r", "api", 1, 2)
                ledger.flush()
                flushed += 1
        except LedgerFull:
            ledger.close(state="disk full")
            print(flushed)
    """)
    folder = RunFolder.create(tmp_path / "run")
    path = folder.path / "ledger" / "engine-00.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert seal(folder).operations == int(done.stdout)
    assert int(done.stdout) > 50


def test_what_is_flushed_survives_sigkill(tmp_path: Path) -> None:
    """The last flushed intent is in the file after the process is killed on the spot."""
    program = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from harness.ledger import Ledger
        ledger = Ledger(Path(sys.argv[1]), {"worker": 0})
        for i in range(100):
            ledger.intent(f"op-{i}", 1, "k", "r", 1, (1, 2), 1, "c", "r", "api", 1, 2)
        ledger.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    folder = RunFolder.create(tmp_path / "run")
    path = folder.path / "ledger" / "engine-00.jsonl"
    killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert any("no trailer" in problem for problem in verify(path))
    sealed = seal(folder)
    assert (sealed.operations, sealed.open_intents) == (100, 100)


def test_a_flush_is_one_write(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many intents are due in one turn, the kernel is called once."""
    ledger = opened(folder)
    writes = []
    write = os.write

    def counting(fd: int, data: bytes) -> int:
        writes.append(data)
        return write(fd, data)

    monkeypatch.setattr(os, "write", counting)
    for i in range(50):
        intend(ledger, f"op-{i}")
    assert writes == []
    ledger.flush()
    assert len(writes) == 1
    ledger.close()
