"""Only the carrier is believed: signatures in both ways now in use."""

from __future__ import annotations

import pytest
from strikes_day import TOKEN, Day, Open
from twilio.request_validator import RequestValidator

from simulators.apps.strikes.settings import Account
from simulators.apps.strikes.signature import SETTINGS, SIGNATURE, is_signed, sign

VALUES = {"CallSid": "CA1", "From": "+15555550142", "To": "+15555550101"}
URL = "http://testserver/voice"
SHARED = "key=drill,algorithm=HMAC_SHA256"


def signed(
    url: str, values: dict[str, str], secret: str = TOKEN, algorithm: str = "HMAC_SHA1"
) -> str:
    return str(RequestValidator(secret).compute_signature(url, values, algorithm))


@pytest.mark.parametrize("algorithm", ["HMAC_SHA1", "HMAC_SHA256"])
def test_it_signs_as_the_official_library_does(algorithm: str) -> None:
    """For any parameters, odd ones too, and both algorithms."""
    values = {"b": "", "a": "ä€ &=+", "B": "2", "A": "1\n"}
    url = "https://example.org/x?y=1&z=%20"
    assert sign(TOKEN, url, values.items(), algorithm) == signed(url, values, algorithm=algorithm)


@pytest.mark.parametrize("url", ["http://testserver/voice", "http://testserver:80/voice"])
def test_the_port_may_be_named_or_not(day: Day, url: str) -> None:
    """Carriers sign the address with or without its usual port."""
    assert day.form("/voice", VALUES, {SIGNATURE: signed(url, VALUES)}).status == 200


@pytest.mark.parametrize("path", ["/voice", "/voice/code", "/voice/status", "/voice/help", "/sms"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNATURE: ""},
        {SIGNATURE: "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
        {SIGNATURE: "ä"},
        {SIGNATURE: signed(URL, VALUES, "another token")},
        {SIGNATURE: signed(URL, {**VALUES, "From": "+15555550199"})},
        {SIGNATURE: signed("http://elsewhere/voice", VALUES)},
        {SIGNATURE: signed(URL, VALUES, algorithm="HMAC_SHA256")},
        {SIGNATURE: signed(URL, VALUES), SETTINGS: "key=x,algorithm=NONE"},
    ],
)
def test_what_the_carrier_did_not_sign_is_turned_away(
    day: Day, path: str, headers: dict[str, str]
) -> None:
    """403 on every address, and nothing is done."""
    reply = day.form(path, {**VALUES, "MessageSid": "SM1", "Body": "STOP"}, headers)
    assert reply.status == 403
    assert reply.json()["error"] == "not_signed"
    assert day.text("0012 4821 4711") != []


def test_a_changed_word_breaks_the_signature(day: Day) -> None:
    """The signature covers every parameter, and the query."""
    values = {**VALUES, "Digits": "4711"}
    right = {SIGNATURE: signed("http://testserver/voice/code", values)}
    assert day.form("/voice/code", values, right).status == 200
    assert day.form("/voice/code", {**values, "Digits": "4712"}, right).status == 403
    assert day.form("/voice/code?x=1", values, right).status == 403


def test_webhooks_by_get_are_signed_by_their_address(day: Day) -> None:
    """Where the carrier is told to use GET the parameters are in the query."""
    path = "/voice?CallSid=CA1&From=%2B15555550142&To=%2B15555550101"
    headers = {SIGNATURE: signed(f"http://testserver{path}", {})}
    assert "precinct number" in day.asgi.send("GET", path, headers).text
    assert day.asgi.send("GET", path + "&Digits=1", headers).status == 403


def test_a_shared_key_signs_with_sha256(open_day: Open) -> None:
    """Where a shared key is agreed it is believed beside the token, each in its own way."""
    day = open_day(carrier=Account("", "AC1", TOKEN, "shared-secret"))
    with_key = {SIGNATURE: signed(URL, VALUES, "shared-secret", "HMAC_SHA256"), SETTINGS: SHARED}
    assert day.form("/voice", VALUES, with_key).status == 200
    assert day.form("/voice", VALUES, {SIGNATURE: signed(URL, VALUES)}).status == 200
    wrong = {SIGNATURE: signed(URL, VALUES, TOKEN, "HMAC_SHA256"), SETTINGS: SHARED}
    assert day.form("/voice", VALUES, wrong).status == 403


def test_behind_a_proxy_the_public_address_is_signed(open_day: Open) -> None:
    """What the carrier called counts, not what the proxy made of it."""
    day = open_day(public_url="https://strike.example.org")
    outside = {SIGNATURE: signed("https://strike.example.org/voice", VALUES)}
    assert day.form("/voice", VALUES, outside).status == 200
    assert day.form("/voice", VALUES, {SIGNATURE: signed(URL, VALUES)}).status == 403


def test_without_a_token_nobody_is_believed() -> None:
    """An empty secret signs nothing."""
    right = sign("", URL, VALUES.items())
    assert not is_signed(token="", shared_key="", url=URL, values=VALUES.items(), signature=right)
