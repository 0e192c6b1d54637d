"""How the app is started."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.apps.strikes.defects import Switches


@dataclass(frozen=True)
class Account:
    """The app's account at its phone carrier.

    Attributes:
        api: Where the carrier takes orders, ``https://...`` without a path; empty: no texts and
            no calls leave the app.
        sid: The account's name, ``AC`` and 32 hexadecimal digits.
        token: Signs the carrier's webhooks, and opens its API. Empty: no webhook is believed.
        shared_key: Signs webhooks that say so in place of the token, where one is agreed.
    """

    api: str = ""
    sid: str = ""
    token: str = ""
    shared_key: str = ""


@dataclass(frozen=True)
class Settings:
    """What is given at the start.

    Attributes:
        database: A SQLAlchemy URL.
        secret: The admin's token; sessions are signed and PINs are stored with it.
        speed: Drill seconds in a wall second.
        public_url: What the carrier calls the app, where a proxy stands before it; empty: what
            the request itself says.
        help_places: Callers that the help line holds at once.
    """

    database: str
    secret: str
    speed: float = 1.0
    switches: Switches = field(default_factory=Switches)
    carrier: Account = field(default_factory=Account)
    public_url: str = ""
    help_places: int = 20
