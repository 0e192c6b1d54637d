"""The browser trusts a target's own certificate, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from web_stand import FORM, NEEDS_BROWSER, App, report

from harness.channels.web.pinning import UnverifiedError, key_of
from harness.channels.web.trial import Tried
from simulators.people.personas import PERSONAS

OURS = trustme.CA()


@contextmanager
def secure(folder: Path, authority: trustme.CA, page: str = "") -> Iterator[App]:
    """The app over TLS, with a certificate of some authority's."""
    leaf = authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem
    path = folder / f"leaf-{id(leaf)}.pem"
    leaf.write_to_path(path)
    with App(page=page or FORM.format(before="", after="")).up(ssl_certfile=path) as app:
        yield app


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    path = tmp_path / "ours.pem"
    OURS.cert_pem.write_to_path(path)
    return path


def walked(app: App, ca_file: Path, folder: Path, **more: object) -> Tried:
    where = {"base_url": f"https://localhost:{app.port}", "ca_file": str(ca_file), **more}
    return report(app, PERSONAS["steady"], folder, described=where)


@NEEDS_BROWSER
@pytest.mark.slow
def test_a_certificate_that_is_vouched_for_is_trusted(ca_file: Path, tmp_path: Path) -> None:
    """The report goes in; another server of the target's, with another key, has it pinned too."""
    with secure(tmp_path, OURS) as other, secure(tmp_path, OURS) as app:
        ask = f"<script>fetch('https://localhost:{other.port}/send', {{method: 'POST', mode: 'no-cors', body: new URLSearchParams({{a: 1}})}})</script>"  # noqa: E501
        app.page = FORM.format(before=ask, after="")
        allowed = [f"https://localhost:{other.port}"]
        tried = walked(app, ca_file, tmp_path, also=allowed)
        assert tried.ended["submit_report"].answer_class == "accepted"
        assert len(app.sent) == len(other.sent) == 1


@NEEDS_BROWSER
@pytest.mark.slow
def test_nothing_is_drilled_where_it_is_not(ca_file: Path, tmp_path: Path) -> None:
    """A certificate of somebody else's: no browser is opened, and the reason is told."""
    with secure(tmp_path, trustme.CA()) as app, pytest.raises(RuntimeError, match=r"ours\.pem"):
        walked(app, ca_file, tmp_path)
    assert not app.sent


def test_only_what_the_file_vouches_for_has_a_key(ca_file: Path, tmp_path: Path) -> None:
    """The same server has always the same key, whatever it is called by; a stranger has none."""
    with secure(tmp_path, OURS) as app:
        key = key_of("localhost", app.port, ca_file)
        assert len(key) == 44
        assert key == key_of("localhost", app.port, ca_file, address="127.0.0.1")
    with (
        secure(tmp_path, trustme.CA()) as app,
        pytest.raises(UnverifiedError, match=rf"localhost:{app.port} against ours.pem: .*verify"),
    ):
        key_of("localhost", app.port, ca_file)
