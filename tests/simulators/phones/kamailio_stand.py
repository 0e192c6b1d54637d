"""kamailio as the edge of a carrier: so many trunks to one hotline, then 486.

The trunks are counted by its dialog module; every request of a call comes through it, since it
puts itself on the route.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_kamailio = pytest.mark.skipif(
    shutil.which("kamailio", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None,
    reason="kamailio is not installed (apt-get install kamailio)",
)

_CONFIG = """\
#!KAMAILIO
debug=1
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
listen=udp:127.0.0.1:{port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "dialog.so"
modparam("dialog", "profiles_no_value", "trunks")
request_route {{
    if (has_totag()) {{
        if (loose_route() || is_method("ACK")) {{ t_relay(); exit; }}
        sl_send_reply("481", "Call/Transaction Does Not Exist");
        exit;
    }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (!is_method("INVITE")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
    if (!t_newtran()) exit;
    get_profile_size("trunks", "$var(taken)");
    if ($var(taken) >= {trunks}) {{ t_reply("486", "Busy Here"); exit; }}
    dlg_manage();
    set_dlg_profile("trunks");
    record_route();
    $du = "sip:{upstream}";
    t_relay();
}}
"""


@contextmanager
def kamailio(folder: Path, upstream: str, trunks: int) -> Iterator[tuple[str, int]]:
    """kamailio on a free port of 127.0.0.1, passing calls on to ``upstream``."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = folder / "kamailio.cfg"
    config.write_text(_CONFIG.format(port=port, trunks=trunks, upstream=upstream))
    path = shutil.which("kamailio", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "kamailio"
    with (folder / "kamailio.log").open("wb") as log:
        process = subprocess.Popen(
            [path, "-DD", "-f", str(config), "-m", "64", "-M", "8", "-Y", str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait_until_it_answers(port, process, folder / "kamailio.log")
        yield "127.0.0.1", port
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask with OPTIONS, which it refuses, until it does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(0.2)
        here = f"127.0.0.1:{probe.getsockname()[1]}"
        ask = (
            f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bKo\r\n"
            f"From: <sip:a@{here}>;tag=1\r\nTo: <sip:b@{here}>\r\nCall-ID: o@{here}\r\n"
            "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
        for _ in range(50):
            assert process.poll() is None, log.read_text()[-2000:]
            probe.sendto(ask.encode(), ("127.0.0.1", port))
            try:
                probe.recv(4096)
            except (TimeoutError, ConnectionRefusedError):
                time.sleep(0.05)
            else:
                return
    raise AssertionError("kamailio did not answer within 10 seconds")
