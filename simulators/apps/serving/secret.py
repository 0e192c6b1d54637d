"""What hangs on a practice app's secret: its admin, what is stored for passwords, its tokens.

A token carries its own proof, so a restart signs nobody out. Whoever has the secret can sign in as
anybody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import orjson

from simulators.apps.serving.refusal import Refusal


class ForgedError(ValueError):
    """A token that this app has not made."""


def is_admin(token: str | None, secret: str) -> bool:
    """Whether a token is the admin's: the secret itself."""
    return hmac.compare_digest((token or "").encode(errors="replace"), secret.encode())


def require_admin(token: str | None, secret: str) -> None:
    """Pass if the token is the admin's.

    Raises:
        Refusal: 401 if not.
    """
    if not is_admin(token, secret):
        raise Refusal(401, "not_admin", "Only the admin token opens this.")


def digest(secret: str, login: str, proof: str) -> bytes:
    """What is stored for a PIN or password.

    Four digits have only 10,000 values, and no slow hash hides so few from who steals the table;
    so the app's secret, which is not in it, is the key.
    """
    return hmac.digest(secret.encode(), f"{login}\x1f{proof}".encode(), hashlib.sha256)


class Seal:
    """Makes tokens of plain values, and reads them again."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"sessions\x00" + secret.encode()).digest()

    def token(self, fields: Sequence[object]) -> str:
        """Values that JSON knows, and their proof."""
        payload = base64.urlsafe_b64encode(orjson.dumps(fields))
        return f"{payload.decode()}.{self.proof(payload)}"

    def fields(self, token: str, *, unproven: bool = False) -> list[Any]:
        """The values of a token.

        Args:
            unproven: Read it whoever made it: the defect ``unsigned_tokens``.

        Raises:
            ForgedError: If its proof is not this app's, or it is no token at all.
        """
        payload, _, proof = token.encode(errors="replace").partition(b".")
        if not unproven and not hmac.compare_digest(self.proof(payload).encode(), proof):
            raise ForgedError("the proof does not fit")
        try:
            found = orjson.loads(base64.urlsafe_b64decode(payload))
        except ValueError as error:  # binascii's and orjson's are both
            raise ForgedError(str(error)) from error
        if not isinstance(found, list):
            raise ForgedError("no list of values")
        return found

    def proof(self, payload: bytes) -> str:
        """What only this app can say of some bytes."""
        return hashlib.blake2b(payload, key=self._key, digest_size=20).hexdigest()
