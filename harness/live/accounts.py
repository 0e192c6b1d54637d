"""Accounts of those who run a drill: passwords, sign-ins, roles.

Passwords are kept as scrypt hashes, sign-ins as digests of their cookies: the database file opens
no door. Every sign-in and every failure that reaches an account is in the audit log.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from harness.live.guard import cookie, drop_cookie, set_cookie
from harness.live.hall import Hall, hall_of
from harness.live.limits import address_of
from harness.live.model import Role
from harness.live.rows import Account, Deed, Session
from harness.live.store import Live
from simulators.apps.serving.refusal import Refusal

FIRST = "organizer"  # the account that every drill begins with
SHORTEST = 10  # characters of a password (NIST SP 800-63B asks for eight at least)
LONGEST = 200
LASTS = 12 * 3600.0  # seconds of a sign-in: a drill's day
SERVER = "server"  # who did what nobody on the staff did
_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_COOKIE = "staff"
_N, _R, _P = 2**15, 8, 1  # 32 MB and about 0.1 s a try; OWASP's Password Storage Cheat Sheet
_MEMORY = 64 * 1024 * 1024
_HASHING = ThreadPoolExecutor(2, thread_name_prefix="hashing")
T = TypeVar("T")


@dataclass(frozen=True)
class Staff:
    """Who sent a request, and by which sign-in.

    Attributes:
        digest: Of the sign-in: what their forms are given to.
    """

    account: Account
    digest: str

    @property
    def name(self) -> str:
        """Of the account."""
        return self.account.name

    def may(self, *roles: Role) -> bool:
        """Whether they have one of these roles; an organizer may do everything."""
        return self.account.role in (Role.ORGANIZER, *roles)


def hashed(password: str, salt: bytes | None = None) -> str:
    """A password as it is stored."""
    salt = salt or secrets.token_bytes(16)
    made = _scrypt(password, salt, _N, _R, _P)
    return f"scrypt${_N}${_R}${_P}${salt.hex()}${made.hex()}"


def fits(password: str, stored: str) -> bool:
    """Whether a password is the one that was stored."""
    _, n, r, p, salt, made = stored.split("$")
    tried = _scrypt(password, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(tried, bytes.fromhex(made))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    text = password.encode(errors="replace")
    return hashlib.scrypt(text, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


@cache
def _nobodys() -> str:
    """A password of nobody, so that a name that is not there takes as long as one that is."""
    return hashed(secrets.token_urlsafe(16))


def check_new(name: str, password: str) -> dict[str, str]:
    """What is wrong with a new account: keys of words by box; empty if nothing is."""
    faults = {}
    if not _NAME.fullmatch(name):
        faults["name"] = "staff.fault_name"
    if not SHORTEST <= len(password) <= LONGEST:
        faults["password"] = "staff.fault_password"  # noqa: S105 - a key of words
    return faults


async def open_door(hall: Hall) -> None:
    """Make the first account, or give it the password that the drill was started with."""
    live, given = hall.live, hall.settings.password
    known = live.accounts.get(FIRST)
    if known is not None and (not given or await _in_thread(fits, given, known.password)):
        return
    password = given or secrets.token_urlsafe(12)
    account = Account(FIRST, Role.ORGANIZER, await _in_thread(hashed, password), live.now())
    if known is not None:
        await live.drop_account(FIRST, Deed(live.now(), SERVER, "account_dropped", FIRST))
    await live.keep_account(account, Deed(live.now(), SERVER, "account_made", FIRST))
    if not given:
        hall.settings.told(password)


async def sign_in(request: Request, name: str, password: str) -> tuple[Session, str] | None:
    """Check a name and password; None if they do not fit.

    Returns:
        The sign-in and what its cookie says.

    Raises:
        Refusal: 429 after too many tries that failed.
    """
    hall, address = hall_of(request), address_of(request)
    tries = (("sign_in", f"{name} {address}"), ("sign_in_account", name),
             ("sign_in_address", address))  # fmt: skip
    for kind, who in tries:
        hall.limits.spend(kind, who)
    account = hall.live.accounts.get(name)
    stored = account.password if account else _nobodys()
    right = await _in_thread(fits, password[: LONGEST + 1], stored)
    if account is None or not right:
        if account is not None:
            await hall.live.log(SERVER, "sign_in_failed", name)
        return None
    for kind, who in tries:
        hall.limits.give_back(kind, who)
    proof = secrets.token_urlsafe(32)
    session = Session(_digest(proof), name, hall.live.now() + LASTS)
    await hall.live.keep_session(session, Deed(hall.live.now(), name, "signed_in"))
    return session, proof


def remember(request: Request, response: Response, proof: str) -> None:
    """Give a sign-in to the browser."""
    set_cookie(request, response, _COOKIE, proof, int(LASTS))


async def sign_out(request: Request, response: Response) -> None:
    """End this sign-in."""
    live = hall_of(request).live
    if found := signed_in(request):
        await live.drop_session(found.digest, Deed(live.now(), found.name, "signed_out"))
    drop_cookie(request, response, _COOKIE)


def signed_in(request: Request) -> Staff | None:
    """Who of the staff sent this request; None if nobody did."""
    live = hall_of(request).live
    session = live.sessions.get(_digest(cookie(request, _COOKIE)))
    if session is None or session.expires < live.now():
        return None
    account = live.accounts.get(session.account)
    return None if account is None else Staff(account, session.digest)


def staff(request: Request, *roles: Role) -> Staff:
    """Who of the staff sent this request, if they may.

    Args:
        roles: Who may beside organizers.

    Raises:
        Refusal: 401 if nobody is signed in, 403 if theirs is another role.
    """
    found = signed_in(request)
    if found is None:
        raise Refusal(401, "sign_in_first", "Sign in first.")
    if not found.may(*roles):
        raise Refusal(403, "not_your_role", "Your role may not do that.")
    return found


async def new_password(hall: Hall, name: str, password: str, role: Role, by: str) -> None:
    """Make an account, or give one a new password and role; its sign-ins end."""
    live = hall.live
    made = await _in_thread(hashed, password)
    if name in live.accounts:
        await live.drop_account(name, Deed(live.now(), by, "account_dropped", name))
    account = Account(name, role, made, live.now())
    await live.keep_account(account, Deed(live.now(), by, "account_made", f"{name}: {role.value}"))


async def drop(live: Live, name: str, by: str) -> None:
    """Forget an account and end its sign-ins."""
    await live.drop_account(name, Deed(live.now(), by, "account_dropped", name))


def _digest(proof: str) -> str:
    return hashlib.sha256(proof.encode(errors="replace")).hexdigest()


async def _in_thread(work: Callable[..., T], *given: str) -> T:
    """Hash beside the event loop, two at a time: more would only take processors from pages."""
    return await asyncio.get_running_loop().run_in_executor(_HASHING, work, *given)
