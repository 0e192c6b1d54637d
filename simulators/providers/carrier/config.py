"""What the carrier is told once, when it starts: one JSON line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = ["Config", "ConfigError", "Hook", "Manners", "Number", "read_config"]


class ConfigError(ValueError):
    """The first line is not a configuration; the message names the field and what is allowed."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hook(_Part):
    """Where the app answers one kind of webhook.

    Attributes:
        url: May carry the fragment of overrides that ``overrides.py`` reads.
        fallback: Asked when ``url`` fails; empty for none.
        status: Told how calls end; empty for none.
        events: Which events ``status`` is told. A number's own status URL hears of the end only,
            unless told otherwise.
    """

    url: str = Field(pattern=r"^https?://")
    method: Literal["POST", "GET"] = "POST"
    fallback: str = ""
    fallback_method: Literal["POST", "GET"] = "POST"
    status: str = ""
    status_method: Literal["POST", "GET"] = "POST"
    events: tuple[Literal["initiated", "ringing", "answered", "completed"], ...] = ("completed",)


class Number(_Part):
    """One of the app's phone numbers. ``name`` is the line's name in the log."""

    name: str
    number: str = Field(pattern=r"^\+[1-9]\d{6,14}$")
    trunk: str | None = None
    voice: Hook | None = None
    text: Hook | None = None


class Manners(_Part):
    """How long human things take, in drill seconds; every one is a setting, none is cited.

    Attributes:
        words_per_second: How fast the carrier's voice reads.
        play: Length of a recording that is played; recordings are not fetched.
        ring: How long a phone rings before the network gives up, unless the caller does first.
        pick_up: How long someone takes to answer whom the app calls.
        talk: How long that person, or one whom a caller is put through to, stays.
        documents: Documents that one call may fetch before it is cut as a loop.
        rush: Documents in a row in which the person neither heard nor keyed anything.
    """

    words_per_second: float = Field(default=2.5, gt=0)
    play: float = Field(default=3.0, ge=0)
    ring: float = Field(default=60.0, gt=0)
    pick_up: float = Field(default=6.0, ge=0)
    talk: float = Field(default=60.0, ge=0)
    documents: int = Field(default=2000, ge=1)
    rush: int = Field(default=30, ge=1)


class Config(_Part):
    """The whole configuration.

    Attributes:
        speed: Drill seconds in a wall second, for what people do.
        signing: ``sha1`` signs with the token; ``sha256`` with the shared key ``signing_key``.
        answers: How a number that the app calls responds; ``completed`` where it is not listed.
        run: Sent with every request, as ``X-Drillhall-Run``; empty for none.
        hosts: Servers, as ``host:port``, that may be sent webhooks besides this machine's and those
            of the numbers.
        addresses: The address that each host's name was pinned to. No other name is resolved.
    """

    account: str = Field(pattern=r"^AC[0-9a-f]{32}$")
    token: str = Field(min_length=1)
    speed: float = Field(default=1.0, gt=0)
    seed: int = 0
    log: Path
    signing: Literal["sha1", "sha256"] = "sha1"
    signing_key: str = "drill"
    signing_secret: str = ""
    profile: dict[str, Any] = {}
    folder: Path
    numbers: tuple[Number, ...] = ()
    trunks: dict[str, int] = {}
    answers: dict[str, Literal["completed", "busy", "no-answer", "failed"]] = {}
    run: str = ""
    hosts: tuple[str, ...] = ()
    addresses: dict[str, str] = {}
    manners: Manners = Manners()


def read_config(line: str | bytes) -> Config:
    """The configuration in one JSON line.

    Raises:
        ConfigError: If it is not JSON, lacks something, or has something unknown.
    """
    try:
        config = Config.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the line"
        raise ConfigError(
            f"carrier configuration: {where}: {first['msg']} (found {first.get('input')!r:.80}). "
            "Send one JSON object in one line."
        ) from error
    _check_distinct(config)
    return config


def _check_distinct(config: Config) -> None:
    for what in ("name", "number"):
        seen: set[str] = set()
        for number in config.numbers:
            value = getattr(number, what)
            if value in seen:
                raise ConfigError(
                    f"carrier configuration: two numbers have the {what} {value!r}. "
                    f"Give each line a {what} of its own."
                )
            seen.add(value)
