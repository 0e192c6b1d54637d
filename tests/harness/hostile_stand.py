"""A small app of forms and cookies for intruders to try, with each door open or shut."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import polars as pl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from target_styles import serving

from harness.hostile.intruder import Intruder, intruding
from harness.ledger import intrusion_log
from harness.target import Run, Target, load_target
from harness.target.hostile_model import Kind

FIELDS = ("votes",)
OWN, OTHER = "P-901", "P-902"


class Doors:
    """The app's memory and its routes.

    Args:
        wrong: What it does wrong: the names of the doors that are open.
        folder: Where it would put what is uploaded.
    """

    def __init__(self, *wrong: str, folder: Path | None = None) -> None:
        self.wrong, self.folder = frozenset(wrong), folder
        self.accounts: dict[str, tuple[str, str]] = {}  # PIN and record by user
        self.sessions: dict[str, str] = {}  # record by session
        self.over: dict[str, float] = {}  # when a short session's time is over
        self.known: set[str] = set()  # devices
        self.misses: Counter[str] = Counter()
        self.codes: dict[str, str] = {}
        self.rows: dict[int, dict[str, str]] = {}
        self.places = asyncio.Semaphore(8)
        self.app: Any = Starlette(
            routes=[
                Route("/", lambda request: PlainTextResponse("up")),
                Route("/accounts", self.load, methods=["POST"]),
                Route("/login", self.login, methods=["POST"]),
                Route("/logout", self.logout, methods=["POST"]),
                Route("/mine/{record}", self.mine),
                Route("/rows", self.write, methods=["POST"]),
                Route("/rows/{number:int}", self.row),
                Route("/photo", self.photo, methods=["POST"]),
                Route("/codes/{user}", self.issue, methods=["POST"]),
                Route("/use", self.use, methods=["POST"]),
            ]
        )

    async def load(self, request: Request) -> Response:
        """One account."""
        given = await request.json()
        self.accounts[given["user"]] = (given["pin"], given["record"])
        return PlainTextResponse("", 201)

    def home(self, request: Request) -> str | None:
        """Whose session came with a request."""
        sid = request.cookies.get("sid", "")
        if "other_cookie" in self.wrong:
            sid = request.cookies.get("session", "")
        if "forged_token" in self.wrong:  # looks at the beginning alone
            sid = next((each for each in self.sessions if each[:6] == sid[:6]), sid)
        if self.over.get(sid, math.inf) < time.monotonic() and "expired_token" not in self.wrong:
            return None
        return self.sessions.get(sid)

    async def login(self, request: Request) -> Response:
        """A user and a PIN; five wrong ones shut out every device but those known."""
        form = parse_qs((await request.body()).decode())
        user, pin = form["user"][0], form["pin"][0]
        device = request.cookies.get("device", "")
        shut = "everybody" if "guessing_shuts_all_out" in self.wrong else user
        known = device in self.known and "guessing_shuts_owner_out" not in self.wrong
        if "slows_sign_in" in self.wrong and pin != self.accounts[user][0]:
            return PlainTextResponse("later", 429)
        if self.misses[shut] >= 5 and not (known and shut == user):
            return PlainTextResponse("later", 429)
        if self.accounts[user][0] != pin:
            self.misses[shut] += "guessed_codes" not in self.wrong
            return PlainTextResponse("wrong", 403)
        answer = self.signed_in(self.accounts[user][1], request)
        if "stay" in form:
            self.over[self.latest] = time.monotonic() + float(form["stay"][0])
            told = "soon" if "tells_no_time" in self.wrong else form["stay"][0]
            answer.headers["X-Lives"] = "3600" if "lives_long" in self.wrong else told
        return answer

    def signed_in(self, record: str, request: Request) -> Response:
        """A new session, and a mark on the device."""
        kept = request.cookies.get("sid") if "fixed_session" in self.wrong else None
        sid, device = kept or secrets.token_hex(16), secrets.token_hex(8)
        self.sessions[sid], self.latest = record, sid
        self.known.add(device)
        answer = RedirectResponse("/", 303)
        answer.set_cookie("session" if "other_cookie" in self.wrong else "sid", sid)
        answer.set_cookie("device", device)
        return answer

    async def logout(self, request: Request) -> Response:
        """The end of a session."""
        if "no_logout" in self.wrong:
            return PlainTextResponse("no", 405)
        if "old_token" not in self.wrong:
            self.sessions.pop(request.cookies.get("sid", ""), None)
        return RedirectResponse("/", 303)

    def room(self) -> asyncio.Semaphore:
        """A place for a request: one of a few, or one of its own."""
        return self.places if "slow_clients" in self.wrong else asyncio.Semaphore()

    async def mine(self, request: Request) -> Response:
        """What only its owner may see."""
        home, record = self.home(request), request.path_params["record"]
        async with self.room():
            pass
        if "shut_to_owner" in self.wrong or ("other_is_gone" in self.wrong and record == OTHER):
            return PlainTextResponse("no", 403)
        if home is None and "foreign_read" not in self.wrong:
            return RedirectResponse("/login", 302)
        if home != record and "foreign_read" not in self.wrong:
            if "silent" in self.wrong:
                await asyncio.sleep(1)
            if "slows_all" in self.wrong:
                return PlainTextResponse("later", 429)
            if "loses_sessions" in self.wrong:
                self.sessions.clear()
            if "mumbles" in self.wrong:
                return PlainTextResponse("hm", 200, {"X-Hm": "1"})
            return PlainTextResponse("not yours", 403)
        return PlainTextResponse(f"votes of {record}", headers={"X-Yes": "1"})

    async def write(self, request: Request) -> Response:
        """A row: its record and a number."""
        async with self.room():
            body = await request.body()
        home = self.home(request)
        if home is None:
            return RedirectResponse("/login", 302)
        try:
            if len(body) > 100_000:
                return PlainTextResponse("too large", 413)
            form = {name: each[0] for name, each in parse_qs(body.decode()).items()}
            record, votes = form["record"], int(form["votes"])
        except (KeyError, ValueError):
            return self.junk()
        if "no_writes" in self.wrong:
            return PlainTextResponse("closed", 403)
        if "conflicts" in self.wrong and any(
            each["record"] == record for each in self.rows.values()
        ):
            return PlainTextResponse("there already", 409)
        if record != home and "foreign_write" not in self.wrong:
            return PlainTextResponse("not yours", 403)
        number = len(self.rows) + 1
        approved = form.get("approved", "no") if "mass_assignment" in self.wrong else "no"
        self.rows[number] = {"record": record, "votes": str(votes), "approved": approved}
        hidden = "no_ids" in self.wrong or ("own_ids_only" in self.wrong and home == OTHER)
        return JSONResponse({} if hidden else {"id": f"row-{number}"}, 201)

    def junk(self) -> Response:
        """What junk is answered with."""
        if "flood" in self.wrong:
            time.sleep(0.03)  # on the thread that serves everybody
        if "junk_fails" in self.wrong:
            return PlainTextResponse("oh", 500)
        return JSONResponse({"id": "x"}, 201 if "junk_taken" in self.wrong else 400)

    async def row(self, request: Request) -> Response:
        """One row by its number, for who wrote it; the desk sees the latest of any record."""
        number = request.path_params["number"]
        if request.headers.get("x-desk") == "yes":
            return JSONResponse(self.rows[max(self.rows)] if not number else self.rows[number])
        found = self.rows.get(number, {})
        if found and ("counted_ids" in self.wrong or found["record"] == self.home(request)):
            return JSONResponse(found, headers={"X-Yes": "1"})
        return PlainTextResponse("none of yours", 404)

    async def photo(self, request: Request) -> Response:
        """A picture, as a form's file."""
        async with request.form(max_part_size=1 << 30) as form:
            file: Any = form["picture"]
            content, name = await file.read(), str(file.filename)
        bomb = content[16:24] == (60_000).to_bytes(4) * 2
        sound = content.startswith(b"\x89PNG") and len(content) < 1_500_000 and not bomb
        if "no_photos" in self.wrong or ("uploads" not in self.wrong and not sound):
            return PlainTextResponse("no picture", 422)
        if "path_in_name" in self.wrong and self.folder is not None and sound:
            (self.folder / name).write_bytes(content)
        return PlainTextResponse("", 201)

    async def issue(self, request: Request) -> Response:
        """A one-time code, for the desk to read out."""
        if "no_codes" in self.wrong or request.headers.get("x-desk") != "yes":
            return PlainTextResponse("no", 403)
        code = secrets.token_hex(4)
        self.codes[code] = self.accounts[request.path_params["user"]][1]
        return JSONResponse({"code": code}, 201)

    async def use(self, request: Request) -> Response:
        """Sign in with a one-time code."""
        code = parse_qs((await request.body()).decode())["code"][0]
        if code not in self.codes:
            return PlainTextResponse("wrong", 403)
        keep = "replayed_code" in self.wrong
        return self.signed_in(self.codes[code] if keep else self.codes.pop(code), request)


def description(base_url: str) -> dict[str, Any]:
    """The app as a target's description tells it, with every kind of try."""
    yes = [{"class": "accepted", "status": 303}]
    return {
        "name": "doors",
        "base_url": base_url,
        "timeout_s": 0.5,
        "sign_in": {
            "request": {
                "path": "/login",
                "form": {"user": "{{ person.key }}", "pin": "{{ codes[1] }}"},
            },
            "classes": yes,
        },
        "person": {
            "roles": {"desk": {"sign_in": {"kind": "headers", "headers": {"X-Desk": "yes"}}}}
        },
        "classes": [
            {"class": "accepted", "status": 201},
            {"class": "accepted", "status": 200, "header": {"X-Yes": "1"}},
            {"class": "auth_expired", "status": 302},
            {"class": "rate_limited", "status": 429},
            {"class": "refused", "status": 403},
        ],
        "operations": {
            "submit_report": {
                "request": {
                    "path": "/rows",
                    "form": {"record": "{{ row.record }}", "votes": "{{ row.votes }}"},
                },
                "captures": {"stored_id": {"json": "id", "optional": True}},
            },
            "send_photo": {
                "request": {
                    "path": "/photo",
                    "multipart": {
                        "note": "a worksheet",
                        "picture": {"image": "png", "filename": "a.png", "type": "image/png"},
                    },
                }
            },
        },
        "hostile": {
            "own": {"record": OWN, "codes": ["1", "4711"]},
            "other": {"record": OTHER, "codes": ["2", "0815"]},
            "per_second": 500,
            "private": {"request": {"path": "/mine/{{ row.record }}"}},
            "foreign_read": {},
            "expired_token": {
                "sign_in": {
                    "request": {
                        "path": "/login",
                        "form": {
                            "user": "{{ person.key }}",
                            "pin": "{{ codes[1] }}",
                            "stay": "0.2",
                        },
                    },
                    "captures": {"lives": {"header": "X-Lives"}},
                    "classes": yes,
                },
                "expires_in": "lives",
                "grace_s": 0.1,
            },
            "foreign_write": {"kinds": ["submit_report", "amend_report"]},
            "forged_token": {},
            "old_token": {"sign_out": {"request": {"method": "POST", "path": "/logout"}}},
            "replayed_code": {
                "get": {
                    "as": "desk",
                    "request": {"method": "POST", "path": "/codes/{{ person.key }}"},
                    "captures": {"code": {"json": "code"}},
                },
                "use": {
                    "request": {"path": "/use", "form": {"code": "{{ code }}"}},
                    "classes": yes,
                },
            },
            "fixed_session": {"cookie": "sid", "visit": {"request": {"path": "/"}}},
            "counted_ids": {
                "read": {"request": {"path": "/rows/{{ id | replace('row-', '') }}"}},
                "steps": 3,
            },
            "mass_assignment": {
                "fields": {"approved": "yes"},
                "read": {
                    "as": "desk",
                    "request": {"path": "/rows/0"},
                    "classes": [{"class": "accepted", "status": 200}],
                },
                "places": {"approved": {"json": "approved"}},
            },
            "guessed_codes": {"tries": 8, "per_second": 500},
            "slow_clients": {"connections": 20, "seconds": 0.8, "within_s": 0.5},
            "flood": {"per_second": 80, "seconds": 0.8, "within_s": 0.5},
            "junk": {},
            "hostile_upload": {"field": "picture", "largest_mb": 1},
        },
    }


@contextmanager
def open_to(doors: Doors, *, returning: bool = False) -> Iterator[Target]:
    """The app served, as a target.

    Args:
        returning: People read their reports by an operation, and sign in again by themselves where
            their time is over.
    """
    with serving(doors) as base_url:  # type: ignore[arg-type] - it has an ``app``, as those have
        said = description(base_url)
        if returning:
            said["operations"]["read_report"] = said["hostile"].pop("private")
            said["sign_in"]["when"] = "on_auth_expired"
        target = load_target(said, run=Run("r1", 1, FIELDS))
        target.data = doors.folder
        yield target


def raided(doors: Doors, kind: Kind, journal: Path, *, returning: bool = False) -> pl.DataFrame:
    """What came of one kind of try."""
    with open_to(doors, returning=returning) as target:
        intruder = Intruder(
            target, (kind,), begins=0.0, ends=60.0, speed=1.0, seed=1, journal=journal
        )
        for person in intruder.people:
            doors.accounts[person.key] = (person.codes[1], person.record)
        intruder.settle_in()
        with intruding(intruder, lambda: False) as begin:
            begin(time.time())
    return intrusion_log.table(journal)
