"""baresip as a hotline of so many lines, with the keys it hears read from its control socket.

What its settings must be was found by trying baresip 1.0.0: it leaves loopback out unless
``net_interface`` names its address, ``ausine`` speaks 48 kHz in two channels only, and a source
that is a file ends the call at its end.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

MODULES = [Path(each) for each in ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")]
needs_baresip = pytest.mark.skipif(
    shutil.which("baresip") is None or not any(each.is_dir() for each in MODULES),
    reason="baresip is not installed (apt-get install baresip-core)",
)

_CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{sip}
net_interface 127.0.0.1
call_max_calls {lines}
call_local_timeout 120
rtcp_enable no
audio_source ausine,440
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
module_path {modules}
module g711.so
module ausine.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


@dataclass
class Baresip:
    """A running baresip.

    Attributes:
        digits: Keys heard, by Call-ID.
        events: How many of each type it told.
    """

    address: tuple[str, int]
    digits: dict[str, str] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)

    def take(self, event: dict[str, str]) -> None:
        """Note one event of the control socket."""
        kind = event.get("type", "")
        self.events[kind] = self.events.get(kind, 0) + 1
        if kind == "CALL_DTMF_START":
            self.digits[event["id"]] = self.digits.get(event["id"], "") + event["param"]


@contextmanager
def baresip(folder: Path, lines: int) -> Iterator[Baresip]:
    """baresip answering every call on 127.0.0.1 until ``lines`` are in progress."""
    process, sip, connection = _started(folder, lines)
    try:
        stand = Baresip(("127.0.0.1", sip))
        reading = threading.Thread(target=_read, args=(connection, stand), daemon=True)
        reading.start()
        yield stand
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    reading.join(5)
    connection.close()


def _started(folder: Path, lines: int) -> tuple[subprocess.Popen[bytes], int, socket.socket]:
    """baresip, its SIP port, its control connection. A free port may be taken before it is ours."""
    modules = next(each for each in MODULES if each.is_dir())
    (folder / "accounts").write_text("<sip:hotline@127.0.0.1>;regint=0;answermode=auto\n")
    (folder / "contacts").write_text("")
    for _ in range(3):
        sip, control = _free_port(socket.SOCK_DGRAM), _free_port(socket.SOCK_STREAM)
        config = _CONFIG.format(sip=sip, control=control, lines=lines, modules=modules)
        (folder / "config").write_text(config)
        with (folder / "baresip.log").open("wb") as log:
            process = subprocess.Popen(
                ["baresip", "-4", "-f", str(folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        connection = _connect(control, process)
        if connection is not None:
            return process, sip, connection
        process.kill()
        process.wait()
    raise AssertionError(f"baresip does not start: {(folder / 'baresip.log').read_text()[-500:]}")


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _connect(port: int, process: subprocess.Popen[bytes]) -> socket.socket | None:
    """The control connection; None if baresip ends, or opens none within 5 seconds."""
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            if process.poll() is not None:
                return None
            time.sleep(0.05)
    return None


def _read(connection: socket.socket, stand: Baresip) -> None:
    """Take events as they come: netstrings, ``length:{...},``."""
    waiting = b""
    while data := connection.recv(65_536):
        waiting += data
        while b":" in waiting:
            length, _, rest = waiting.partition(b":")
            if len(rest) <= int(length):
                break
            stand.take(json.loads(rest[: int(length)]))
            waiting = rest[int(length) + 1 :]
