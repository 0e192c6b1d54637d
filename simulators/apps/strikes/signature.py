"""The carrier's signature on a webhook: who knows the token asked, and nobody changed a word.

HMAC over the address as the carrier called it, then each parameter's name and values in the
order of names. The account's token signs with SHA-1, a shared key with what the header
``X-Twilio-Webhooks-Signature-Settings`` names (``key=...,algorithm=HMAC_SHA256``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from itertools import groupby
from urllib.parse import urlsplit

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
PORTS = {"http": 80, "https": 443}
HASHES = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}


def sign(
    secret: str, url: str, values: Iterable[tuple[str, str]], algorithm: str = "HMAC_SHA1"
) -> str:
    """The signature of one request, in base64.

    Args:
        values: Parameters of a form; a name may come more than once.

    Example:
        >>> values = [("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"),
        ...           ("Digits", "1234"), ("From", "+14158675309"), ("To", "+18005551212")]
        >>> sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", values)
        'RSOYDt4T1cUTdK1PDd93/VVr8B8='
    """
    pairs = groupby(sorted(set(values)), key=lambda pair: pair[0])
    text = url + "".join(name + value for _, group in pairs for name, value in group)
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), HASHES[algorithm])).decode()


def is_signed(
    *, token: str, shared_key: str, url: str, values: Iterable[tuple[str, str]],
    signature: str, settings: str = "",
) -> bool:  # fmt: skip
    """Whether the signature is right, compared in constant time.

    Carriers sign the address with or without its usual port, so both are right.

    Args:
        token: The account's; empty: nothing is right.
        shared_key: Signs in the token's place where ``settings`` names an algorithm.
        url: As the carrier called it, with the query, without a fragment.
        settings: The header that names key and algorithm, empty without one.
    """
    named = dict(part.strip().partition("=")[::2] for part in settings.split(","))
    algorithm = named.get("algorithm") or "HMAC_SHA1"
    secret = (shared_key or token) if settings else token
    if not secret or algorithm not in HASHES:
        return False
    pairs = list(values)
    right = False
    for each in _with_and_without_port(url):
        right |= hmac.compare_digest(
            sign(secret, each, pairs, algorithm).encode(), signature.encode()
        )
    return right


def _with_and_without_port(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bare = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    full = f"{bare}:{parts.port or PORTS.get(parts.scheme, 443)}"
    return parts._replace(netloc=bare).geturl(), parts._replace(netloc=full).geturl()
