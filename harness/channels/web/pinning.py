"""A target's own certificate, as Chromium is told to trust it: that one key, and no other.

Chromium takes no file of certificates. So each address is asked for its certificate once, which is
verified against the target's ``ca_file``; its key is then named to Chromium, whose checks stay on
for every other.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from harness.channels.web.errand import Config

_WITHIN = 10.0  # wall seconds for an address to answer


class UnverifiedError(RuntimeError):
    """An address that does not show a certificate of the target's own."""


def key_of(host: str, port: int, ca_file: Path, *, address: str = "") -> str:
    """The key that a server shows, once its certificate is verified: SHA-256 of it, in Base64.

    Args:
        address: Where the host was found, if its name is not to be looked up.

    Raises:
        UnverifiedError: If it shows none that the file's certificates vouch for, or is not there.
    """
    try:
        trusts = ssl.create_default_context(cafile=ca_file)
        with (
            socket.create_connection((address or host, port), timeout=_WITHIN) as plain,
            trusts.wrap_socket(plain, server_hostname=host) as line,
        ):
            shown = line.getpeercert(binary_form=True)
    except OSError as error:  # what ssl raises is of that kind
        raise UnverifiedError(f"{host}:{port} against {ca_file.name}: {error}") from error
    assert shown is not None
    key = x509.load_der_x509_certificate(shown).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return base64.b64encode(digest.digest()).decode()


def trusting(config: Config) -> list[str]:
    """Chromium's argument that trusts the keys of a target with certificates of its own.

    Raises:
        UnverifiedError: If one of its addresses shows no certificate that may be trusted.
    """
    if not (config.ca_file and config.secure):
        return []
    keys = []
    for place in config.secure:
        host, _, port = place.rpartition(":")
        address = (config.addresses or {}).get(host, "")
        keys.append(key_of(host, int(port), Path(config.ca_file), address=address))
    return [f"--ignore-certificate-errors-spki-list={','.join(dict.fromkeys(keys))}"]
