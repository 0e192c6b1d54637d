"""Signatures, held against the provider's own validator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator, get_signature_algorithm

from simulators.providers.carrier.signature import (
    HEADER,
    SETTINGS_HEADER,
    Signer,
    signature,
)

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("sha1", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("sha256", "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="),
    ],
)
def test_published_vectors(algorithm: str, expected: str) -> None:
    """The documentation's example, and the same under SHA-256."""
    assert signature(b"12345", URL, FORM, algorithm) == expected


def test_the_fragment_is_not_signed() -> None:
    """Overrides in it are the carrier's business."""
    assert signature(b"12345", URL + "#tt=500&rc=2", FORM) == signature(b"12345", URL, FORM)


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=8), st.text(min_size=1))
def test_the_official_validator_agrees(form: dict[str, str], token: str) -> None:
    """Whatever the parameters: any names, any characters, in both algorithms."""
    for algorithm in ("sha1", "sha256"):
        headers = Signer(token.encode(), algorithm, "key1").headers(URL, form)
        told = get_signature_algorithm(headers.get(SETTINGS_HEADER, ""))
        assert RequestValidator(token).validate(URL, form, headers[HEADER], told)


def test_a_forger_is_found_out() -> None:
    """A signature made without the secret has the form of one, and is wrong."""
    forged = Signer(b"12345").forged().headers(URL, FORM)[HEADER]
    assert len(forged) == len(signature(b"12345", URL, FORM))
    assert not RequestValidator("12345").validate(URL, FORM, forged)


def test_a_shared_key_is_named() -> None:
    """The second header says which key and which algorithm; the token's way has no such header."""
    assert Signer(b"s", "sha256", "drill").headers(URL, {})[SETTINGS_HEADER] == (
        "key=drill,algorithm=HMAC_SHA256"
    )
    assert SETTINGS_HEADER not in Signer(b"s").headers(URL, {})
