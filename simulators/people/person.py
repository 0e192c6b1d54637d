"""One synthetic person: what they carry, what they know, how they err.

People are synthetic by construction: ``example.org`` addresses and phone numbers 555-0100 to
555-0199. Everything here is drawn from (seed, index) by ``simulators.people.cast``.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """One participant.

    Attributes:
        index: Position in the plan.
        role: ``chair``, ``poll_watcher``, ``operator``, ``public``, ``help_caller``,
            ``office``, ``nuisance``.
        key: Unique name in the ledger (``chair-0012``); also the account's user name.
        record: Key of the precinct this person answers for, empty for others.
        name, email, phone: Synthetic contact data.
        codes: True sign-in codes: precinct ID, PIN and, at a caucus, security code.
        age: Years.
        device: ``ios``, ``android``, ``flip`` or ``none``.
        network: ``good``, ``weak`` or ``none`` at the site.
        language: ``en``, ``es``, ...
        trained: Whether they had training with the app.
        app_ready: Whether the app works for them at all.
        patience: Wall seconds they look at a spinner before they call it failed.
        tries: Attempts at one thing before they give up on the app.
        press_seconds: Drill seconds from one key on a phone to the next.
        think_seconds: Drill seconds from a prompt to the first key: finding the place on a sheet.
        persona: Name of the persona who plays them in a real browser; empty for most.
    """

    index: int
    role: str
    key: str
    record: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    codes: tuple[str, ...] = ()
    age: int = 0
    device: str = "android"
    network: str = "good"
    language: str = "en"
    trained: bool = True
    app_ready: bool = True
    patience: float = 30.0
    tries: int = 3
    press_seconds: float = 0.6
    think_seconds: float = 1.5
    persona: str = ""
    fields: dict[str, str] = field(default_factory=dict, compare=False)
