"""Secrets are taken out of traces, however they are written there."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from harness.channels.web.errand import Config
from harness.channels.web.process import BrowserProcess
from harness.channels.web.traces import take_out

SECRET = 'a "code" & more'


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with ZipFile(path, "w") as trace:
        for name, content in members.items():
            trace.writestr(name, content)
    return path


def test_a_secret_is_taken_out_in_every_form(tmp_path: Path) -> None:
    """As it is, as JSON has it, as forms and addresses have it; the rest stays as it was."""
    members = {
        "plain": b'before a "code" & more after',
        "json": b'{"value": "a \\"code\\" & more"}',
        "form": b"password=a+%22code%22+%26+more&x=1",
        "address": b"/join/a%20%22code%22%20%26%20more",
        "other": b"\x00\xff a code",
    }
    path = packed(tmp_path / "01-arrive.zip", members)
    take_out(tmp_path, [SECRET])
    with ZipFile(path) as trace:
        assert trace.namelist() == list(members)
        assert trace.read("plain") == b"before (secret) after"
        assert trace.read("json") == b'{"value": "(secret)"}'
        assert trace.read("form") == b"password=(secret)&x=1"
        assert trace.read("address") == b"/join/(secret)"
        assert trace.read("other") == members["other"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_trace_without_one_is_left_alone(tmp_path: Path) -> None:
    """Not a byte of it changes."""
    path = packed(tmp_path / "x.zip", {"a": b"nothing to hide"})
    before = path.read_bytes()
    take_out(tmp_path, [SECRET])
    take_out(tmp_path, [])
    assert path.read_bytes() == before


def test_half_a_trace_is_deleted(tmp_path: Path) -> None:
    """What cannot be read might hold one."""
    path = packed(tmp_path / "x.zip", {"a": SECRET.encode() * 99})
    path.write_bytes(path.read_bytes()[:200])
    take_out(tmp_path, [SECRET])
    assert not path.exists()


def test_no_browser_ends_without_that(tmp_path: Path) -> None:
    """Whoever ends the browser's process leaves no secret in what it wrote."""
    (tmp_path / "evidence" / "web").mkdir(parents=True)
    path = packed(tmp_path / "evidence" / "web" / "01-arrive.zip", {"plain": SECRET.encode()})
    config = Config(
        "http://127.0.0.1:9", "run", 1, 1.0, str(tmp_path), guests=(), secrets=(SECRET,)
    )
    BrowserProcess(config).close()
    with ZipFile(path) as trace:
        assert trace.read("plain") == b"(secret)"
