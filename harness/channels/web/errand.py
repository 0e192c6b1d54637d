"""What the browser's process is told to do, as it travels over the control socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter

from harness.target.web_walk import State, Walk
from simulators.people.personas.persona import Persona


@dataclass(frozen=True)
class Other:
    """Somebody who was signed in on the same phone before.

    Attributes:
        sign_in, sign_out: How they came and went; without a way to sign out, they just leave.
        traces: What must not be seen any more: their precinct's key and name.
    """

    sign_in: Walk
    sign_out: Walk | None
    traces: tuple[str, ...]


@dataclass(frozen=True)
class Guest:
    """One persona of the drill.

    Attributes:
        index: The person's position in the plan.
        session: How the session is called, as ``slow-typist-1``.
        about: What the run folder says of them: record, county, device.
        offered: Whether the pages are in their language.
        language: What they read: theirs, or the first.
        states: States to be looked at as well.
        untranslated: Regular expressions of what is the same in every language.
        other: Who was signed in on their phone before; for those who share one.
    """

    index: int
    session: str
    persona: Persona
    about: dict[str, str]
    language: str = "en"
    offered: bool = True
    states: tuple[State, ...] = ()
    untranslated: tuple[str, ...] = ()
    other: Other | None = None


@dataclass(frozen=True)
class Config:
    """What the browser's process works with.

    Attributes:
        base: Where the app is.
        hosts: ``host:port`` of all its addresses.
        addresses: The address that each host was pinned to.
        secure: Those of the hosts that speak TLS.
        ca_file: PEM file that vouches for their certificates; empty for the system's own.
        folder: The run folder.
        code: File of the flows in Python; empty if there is none.
        looks: Whether pages are looked at for what shuts people out.
        languages: Those that guests read; the pages' first one first.
        secrets: What descriptions take from the environment; it stays in no file.
        deadline: Wall seconds after which the process ends, whatever it is doing.
    """

    base: str
    run: str
    seed: int
    speed: float
    folder: str
    guests: tuple[Guest, ...]
    hosts: tuple[str, ...] = ()
    addresses: dict[str, str] | None = None
    secure: tuple[str, ...] = ()
    ca_file: str = ""
    code: str = ""
    looks: bool = True
    languages: tuple[str, ...] = ("en",)
    secrets: tuple[str, ...] = ()
    deadline: float = 6 * 3600.0


@dataclass(frozen=True)
class Errand:
    """One operation to be walked.

    Attributes:
        id: How the answer is called.
        guest: Whose, by their position in the plan.
        key, attempt: The operation's own.
        drill: Drill seconds at which it is handed over.
        within: Wall seconds that they wait for an ending; None for the flow's own.
        helped: Somebody on the phone tells them what to do.
    """

    id: str
    guest: int
    key: str
    attempt: int
    walk: Walk
    drill: float
    within: float | None = None
    helped: bool = False


_CONFIG, _ERRAND = TypeAdapter(Config), TypeAdapter(Errand)


def read_config(line: bytes) -> Config:
    """The configuration, from its line of JSON.

    Raises:
        ValueError: If it is none.
    """
    return _CONFIG.validate_json(line)


def read_errand(message: dict[str, Any]) -> Errand:
    """An errand, from what came over the socket.

    Raises:
        ValueError: If it is none.
    """
    return _ERRAND.validate_python(message)


def as_line(told: Any) -> bytes:
    """Something of these as one line of JSON."""
    return orjson.dumps(told, default=_plain) + b"\n"


def as_data(told: Any) -> Any:
    """Something of these as plain data."""
    return orjson.loads(as_line(told))


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not travel")
