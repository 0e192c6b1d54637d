"""Signed webhooks, in both ways now in use.

The account's token signs by HMAC-SHA1, header ``X-Twilio-Signature``. A shared key may sign by
HMAC-SHA256 instead, and a second header names the key and the algorithm (docs: usage/webhooks/
webhooks-security). What is signed is the URL exactly as requested, without its fragment, and for
a posted form each parameter's name and value, sorted by name, with nothing between them.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Signer", "signature"]

HEADER = "X-Twilio-Signature"
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"


def signature(secret: bytes, url: str, form: Mapping[str, str], algorithm: str = "sha1") -> str:
    """The signature of one request, in base64.

    Args:
        secret: Token or shared secret.
        url: As requested, query included; a fragment is left out.
        form: Decoded parameters of a posted form; empty for a GET.
        algorithm: ``sha1`` or ``sha256``.

    Example:
        >>> signature(b"12345", "https://mycompany.com/myapp.php?foo=1&bar=2", {
        ...     "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234",
        ...     "From": "+14158675309", "To": "+18005551212"})
        'RSOYDt4T1cUTdK1PDd93/VVr8B8='
    """
    base = url.partition("#")[0] + "".join([name + form[name] for name in sorted(form)])
    digest = hmac.digest(secret, base.encode(), algorithm)
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one account.

    Attributes:
        algorithm: ``sha1`` or ``sha256``.
        key: Name of the shared key, told to the app where ``sha256`` signs.
    """

    secret: bytes
    algorithm: str = "sha1"
    key: str = ""

    def headers(self, url: str, form: Mapping[str, str]) -> dict[str, str]:
        """The headers that prove where a request comes from."""
        signed = {HEADER: signature(self.secret, url, form, self.algorithm)}
        if self.algorithm == "sha256":
            signed[SETTINGS_HEADER] = f"key={self.key},algorithm=HMAC_SHA256"
        return signed

    def forged(self) -> Signer:
        """One who knows the form of a signature but not the secret."""
        return Signer(b"not " + self.secret, self.algorithm, self.key)
