"""What a provider allows: limits by name, as the providers publish them.

Rates are per second of wall time, as a provider's own clock counts them: they are never sped up
with the drill. ``None`` is no limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

__all__ = ["PROFILES", "Profile", "ProfileError", "read_profile"]


class ProfileError(ValueError):
    """A profile that nobody offers, or a limit that cannot be."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The limits of one provider.

    Attributes:
        outbound_per_second: Calls that an app may place through REST.
        over_rate: What happens to the call beyond the rate: it is ``queued``, or ``refused`` (429).
        queued_calls: Calls that may wait to be placed; the next one is refused (22005).
        inbound_per_second: Calls that people may begin, over all numbers.
        calls_at_once: Open calls of either direction.
        webhook_seconds: The longest an app may take over one webhook, connecting included.
        segments_per_second: Parts of text messages that one number sends in a second.
        texts_wait_seconds: How long a text may wait for its turn before it fails (30001).
        twiml_characters: The longest TwiML that may be given in a REST request.
        text_characters: The longest body of a text.
        page_size: Entries on a page of a list, unless the app asks for another number.
    """

    name: str = "twilio"
    outbound_per_second: float | None = 1.0
    over_rate: str = "queued"
    queued_calls: int | None = 86_400
    inbound_per_second: float | None = None
    calls_at_once: int | None = None
    webhook_seconds: float = 15.0
    segments_per_second: float | None = 1.0
    texts_wait_seconds: float = 36_000.0
    twiml_characters: int = 4000
    text_characters: int = 1600
    page_size: int = 50


# Limits as the providers publish them: SOURCES.md S15. Where Bandwidth counts five calls a second
# over both ways together, here each way has its five.
PROFILES: dict[str, Profile] = {
    each.name: each
    for each in (
        Profile(),
        Profile(
            "bandwidth",
            outbound_per_second=5,
            over_rate="refused",
            inbound_per_second=5,
            calls_at_once=100,
        ),
        Profile("plivo", outbound_per_second=2, inbound_per_second=10),
        Profile("telnyx", outbound_per_second=None, calls_at_once=10),
        Profile("telnyx-new", outbound_per_second=None, calls_at_once=2),
        Profile("sinch", outbound_per_second=None, webhook_seconds=5),
        Profile("unlimited", outbound_per_second=None, queued_calls=None, segments_per_second=None),
    )
}

_RATES = ("outbound_per_second", "inbound_per_second", "segments_per_second")
_COUNTS = ("queued_calls", "calls_at_once")
_POSITIVE = (
    "webhook_seconds",
    "texts_wait_seconds",
    "twiml_characters",
    "text_characters",
    "page_size",
)


def read_profile(settings: Mapping[str, object]) -> Profile:
    """A named profile with some limits of its own: ``{"name": "twilio", "calls_at_once": 60}``.

    Without a name the limits are Twilio's.

    Raises:
        ProfileError: If the name or a limit is unknown, or a limit is out of its range.

    Example:
        >>> read_profile({"name": "plivo", "calls_at_once": 60}).calls_at_once
        60
    """
    name = settings.get("name", "twilio")
    if name not in PROFILES:
        raise ProfileError(f"profile {name!r} is not known; choose one of {', '.join(PROFILES)}")
    known = {field.name for field in fields(Profile)}
    if strange := sorted(set(settings) - known):
        raise ProfileError(
            f"{strange[0]!r} is not a limit of a profile; limits are {', '.join(sorted(known))}"
        )
    own = {key: value for key, value in settings.items() if key != "name"}
    profile = replace(PROFILES[str(name)], **own)  # type: ignore[arg-type]
    for key, value in asdict(profile).items():
        _check(key, value)
    return profile


def _check(key: str, value: object) -> None:
    if key == "over_rate":
        if value not in ("queued", "refused"):
            raise ProfileError(f"over_rate is {value!r}; it is 'queued' or 'refused'")
    elif key in _RATES or key in _COUNTS or key in _POSITIVE:
        if value is None and key not in _POSITIVE:
            return
        number = isinstance(value, int | float) and not isinstance(value, bool)
        least_one = key in _COUNTS and number
        if not number or value < (0 if least_one else 1e-9):  # type: ignore[operator]
            raise ProfileError(f"{key} is {value!r}; it must be a number above zero")
