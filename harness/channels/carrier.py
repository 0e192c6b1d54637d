"""The phone carrier of one drill: a process of its own that stands in for the app's provider.

It is started before the app, whose environment names it, and ends with the drill: it reads its
standard input and goes when that closes, however the drill ended. Account and token reach it by
that input and the app by its environment; they are in no file that a drill writes.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from harness.channels.child import Child, ChildError
from harness.ledger import carrier_log
from harness.target.errors import TargetError
from harness.target.phone import Phone
from harness.target.target import Target

# The SDK of Node reads HTTP_PROXY alone: without it, it would phone the real provider.
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_ANSWER = 60.0  # wall seconds for an answer on the control socket
MODULE = "simulators.providers.carrier"


class CarrierError(RuntimeError):
    """The carrier does not start, or does not do what it is told."""


@dataclass(frozen=True)
class Account:
    """The app's account at its carrier; secret."""

    sid: str
    token: str
    signing_secret: str

    @classmethod
    def of(cls, target: Target, phone: Phone, *, running: bool) -> Account:
        """The account that the environment names; a new one where the drill starts the app.

        Args:
            running: Whether the app runs already, and so has its account.

        Raises:
            TargetError: If the app runs already and nobody says which account it has.
        """
        names, environment = phone.stand_in, target.environment
        sid, token = environment.get(names.account_env), environment.get(names.token_env)
        if running and not (sid and token):
            raise TargetError(
                target.document.problem(
                    ("phone", "stand_in"),
                    f"the drill does not start this app, so export {names.account_env} and "
                    f"{names.token_env} as the app has them",
                )
            )
        if sid and not (len(sid) == 34 and sid.startswith("AC")):
            said = f"{names.account_env} must be AC and 32 hexadecimal digits"
            raise TargetError(target.document.problem(("phone", "stand_in"), said))
        secret = environment.get(names.signing_secret_env) or secrets.token_urlsafe(24)
        return cls(sid or f"AC{secrets.token_hex(16)}", token or secrets.token_hex(16), secret)


class Carrier:
    """Starts the carrier, tells it what to do, and ends it.

    Args:
        target: A target with a ``phone`` section.
        folder: The run folder: the log goes to ``ledger/carrier.jsonl``.
        speed: Drill seconds a wall second, for what people do.
        trunks: Trunk group of each line, by name, for the fault that limits them.
        running: Whether the app runs already; by default, where nothing says how to start it.

    Raises:
        TargetError: If the app runs already and nobody says which account it has.
    """

    def __init__(
        self,
        target: Target,
        folder: Path,
        *,
        speed: float,
        trunks: Mapping[str, str] | None = None,
        running: bool | None = None,
    ) -> None:
        assert target.phone is not None
        self.target, self.phone, self.folder = target, target.phone, folder
        self.log = folder / "ledger" / carrier_log.NAME
        self.control = ""
        self.speed, self._trunks = speed, trunks or {}
        self._account = Account.of(
            target, target.phone, running=target.process is None if running is None else running
        )
        target.names.used_secrets |= {self._account.token, self._account.signing_secret}
        self._ready: dict[str, Any] = {}
        self._child = Child(MODULE, "the phone carrier")
        self._socket: socket.socket | None = None
        self._answers = b""
        self._lock = threading.Lock()

    # -- its process ----------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            CarrierError: If it does not start.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        own = self.folder / "carrier"
        try:
            self._ready = self._child.start(orjson.dumps(self._config(own)) + b"\n", own)
        except ChildError as error:
            raise CarrierError(str(error)) from error
        self.control = str(self._ready["control"])

    def _config(self, own: Path) -> dict[str, Any]:
        account, stand_in, target = self._account, self.phone.stand_in, self.target
        origins = [place.origin for place in target.origins.places]
        return {
            "run": target.run.id,
            "account": account.sid,
            "token": account.token,
            "speed": self.speed,
            "seed": target.run.seed,
            "log": str(self.log.absolute()),
            "signing": stand_in.signing,
            "signing_secret": account.signing_secret,
            "profile": self.phone.model.provider,
            "folder": str(own.absolute()),
            "numbers": [
                {
                    "name": line.name,
                    "number": line.number,
                    "trunk": self._trunks.get(line.name) or None,
                    "voice": line.voice,
                    "text": line.text,
                }
                for line in self.phone.lines.values()
            ],
            "trunks": {},
            "hosts": [f"{each.host}:{each.port}" for each in origins],
            "addresses": target.addresses,
        }

    @property
    def environment(self) -> dict[str, str]:
        """What the app's process is given, once the carrier is ready."""
        names, account, ready = self.phone.stand_in, self._account, self._ready
        given = {names.account_env: account.sid, names.token_env: account.token}
        if names.signing == "sha256":
            given[names.signing_secret_env] = account.signing_secret
        if names.proxy:
            given |= dict.fromkeys(_PROXIES, str(ready["proxy"]))
            given |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost,::1")
            given |= dict.fromkeys(names.ca_env, str(ready["ca"]))
        else:
            given[names.base_url_env] = str(ready["rest"])
        return given

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self._child.alive

    def close(self) -> None:
        """End it: its standard input closes, and whatever is left after a while is killed."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._child.close():
            with contextlib.suppress(OSError):  # a full disk: the log then has no last line
                carrier_log.finish(self.log)

    def __enter__(self) -> Carrier:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # -- telling it -----------------------------------------------------------------------------

    def ask(self, *events: str, **request: Any) -> dict[str, Any]:
        """Send one request on the control socket and wait for its answer.

        Args:
            events: What the answer may be called. Anything else on the way is left out, and what
                is said of another call or text.

        Raises:
            CarrierError: If it is refused, or nothing answers.
        """
        named = {key: request[key] for key in ("call", "id") if key in request}
        with self._lock:
            try:
                control = self._connected()
                control.sendall(orjson.dumps(request) + b"\n")
                while True:
                    answer = self._line(control)
                    if not named.items() <= answer.items():
                        continue
                    if answer.get("event") in events:
                        return answer
                    if answer.get("event") == "error":
                        raise CarrierError(f"the phone carrier refused: {answer.get('detail')}")
            except OSError as error:
                raise CarrierError(f"the phone carrier does not answer: {error}") from error

    def tell(self, **request: Any) -> None:
        """Send one request that has no answer of its own.

        Raises:
            CarrierError: If nobody listens.
        """
        with self._lock:
            try:
                self._connected().sendall(orjson.dumps(request) + b"\n")
            except OSError as error:
                raise CarrierError(f"the phone carrier does not answer: {error}") from error

    def fault(self, name: str, **settings: Any) -> None:
        """Switch a fault on.

        Raises:
            CarrierError: If there is none of that name, or nothing answers.
        """
        self.ask("faulted", do="fault", name=name, **settings)

    def mend(self, name: str) -> int:
        """Switch a fault off; returns how many calls, texts or webhooks it has touched."""
        return int(self.ask("mended", do="mend", name=name)["touched"])

    def forge(self) -> list[dict[str, Any]]:
        """Send one webhook with a wrong signature to each address of each line; the statuses."""
        return [
            self.ask("forged", do="forge", to=line.number) for line in self.phone.lines.values()
        ]

    def stop_texts(self, number: str) -> None:
        """Let whoever has this number answer STOP to each line that texts."""
        for line in self.phone.lines.values():
            if line.text is not None:
                self.ask(
                    "texted", do="text", id=f"stop-{number}", to=line.number, body="STOP",
                    replies=[{"hear": ".", "class": "accepted"}], within=2.0, **{"from": number},
                )  # fmt: skip

    def counts(self) -> dict[str, Any]:
        """What it has done so far, and how late its own clock was."""
        return self.ask("counts", do="counts")

    def _connected(self) -> socket.socket:
        if self._socket is None:
            host, _, port = self.control.rpartition(":")
            self._socket = socket.create_connection((host, int(port)), timeout=_ANSWER)
            self._answers = b""
        return self._socket

    def _line(self, control: socket.socket) -> dict[str, Any]:
        while b"\n" not in self._answers:
            data = control.recv(65536)
            if not data:
                raise ConnectionError("it hung up")
            self._answers += data
        line, _, self._answers = self._answers.partition(b"\n")
        answer: dict[str, Any] = orjson.loads(line)
        return answer
