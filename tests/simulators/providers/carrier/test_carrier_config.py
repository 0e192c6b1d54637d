"""What the carrier is told at its start, refused by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulators.providers.carrier.config import ConfigError, read_config

GOOD: dict[str, Any] = {
    "account": "AC" + "0" * 32,
    "token": "12345",
    "log": "/x/carrier.jsonl",
    "folder": "/x",
    "numbers": [
        {
            "name": "strike",
            "number": "+15555550101",
            "trunk": "main",
            "voice": {"url": "http://a/v"},
        }
    ],
}
TWICE = [GOOD["numbers"][0], GOOD["numbers"][0] | {"number": "+15555550102"}]


def test_defaults() -> None:
    """Real time, the token signs, and people read and key at the paces that are settings."""
    config = read_config(json.dumps(GOOD))
    assert (config.speed, config.signing, config.manners.words_per_second) == (1.0, "sha1", 2.5)
    assert config.numbers[0].voice is not None
    assert config.numbers[0].voice.events == ("completed",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"speed": 0}, "speed: Input should be greater than 0"),
        ({"account": "AC1"}, "account"),
        ({"sped": 1}, "sped: Extra inputs"),
        ({"signing": "md5"}, "signing"),
        ({"numbers": [{"name": "a", "number": "911"}]}, "numbers.0.number"),
        (
            {"numbers": [{"name": "a", "number": "+15555550101", "voice": {"url": "a"}}]},
            "voice.url",
        ),
        ({"numbers": TWICE}, "two numbers have the name 'strike'"),
    ],
)
def test_mistakes_are_named(changes: dict[str, Any], said: str) -> None:
    """The field, what was found, what is allowed."""
    with pytest.raises(ConfigError, match=said):
        read_config(json.dumps(GOOD | changes))


def test_a_line_that_is_not_json() -> None:
    """It says what to send."""
    with pytest.raises(ConfigError, match="Send one JSON object in one line"):
        read_config(b"{")
