"""A certificate authority that lives as long as one drill.

An app that trusts it takes our stand-in for its provider; nothing else on the machine does, for
the authority is in no system store. Its key stays in memory and dies with the process, so that a
``ca.pem`` left behind can vouch for nobody. What it vouched for ends after two days.
"""

from __future__ import annotations

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

__all__ = ["Authority", "issue"]

_LIFE = datetime.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Authority:
    """What an app must trust (``pem``, a file), and what the stand-in shows (``server``)."""

    pem: Path
    server: ssl.SSLContext


def issue(host: str, folder: Path, *, now: datetime.datetime) -> Authority:
    """Make an authority, write its certificate to ``folder/ca.pem``, and vouch for ``host``.

    Args:
        host: The one name that the stand-in may show.
        folder: Made if it is not there.
        now: With its time zone; the stand-in's certificate ends two days later.

    Raises:
        OSError: If the folder cannot be written.
    """
    authority = trustme.CA(organization_name="Drillhall", organization_unit_name="one drill")
    folder.mkdir(parents=True, exist_ok=True)
    pem = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(host, not_after=now + _LIFE).configure_cert(context)
    return Authority(pem, context)
