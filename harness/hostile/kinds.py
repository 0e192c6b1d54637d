"""Every kind of try by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from harness.hostile import (
    counted_ids,
    expired_token,
    fixed_session,
    flood,
    foreign_read,
    foreign_write,
    forged_token,
    guessed_codes,
    hostile_upload,
    junk,
    mass_assignment,
    old_token,
    replayed_code,
    slow_clients,
)
from harness.hostile.attempt import Attempt
from harness.hostile.raid import Raid
from harness.target.hostile_model import Kind

Tries = Callable[[Raid], AsyncIterator[Attempt]]

TRIES: dict[Kind, Tries] = {
    "foreign_read": foreign_read.tries,
    "foreign_write": foreign_write.tries,
    "forged_token": forged_token.tries,
    "old_token": old_token.tries,
    "expired_token": expired_token.tries,
    "replayed_code": replayed_code.tries,
    "fixed_session": fixed_session.tries,
    "counted_ids": counted_ids.tries,
    "mass_assignment": mass_assignment.tries,
    "guessed_codes": guessed_codes.tries,
    "slow_clients": slow_clients.tries,
    "flood": flood.tries,
    "junk": junk.tries,
    "hostile_upload": hostile_upload.tries,
}
