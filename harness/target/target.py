"""A target: what a drill drives. Loaded from ``target.yaml`` or from a Python adapter."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.complaint import Where
from harness.document import Document, DocumentError
from harness.target.access import Access, no_operation
from harness.target.body import Bodies
from harness.target.errors import TargetError
from harness.target.flow import FlowMaker
from harness.target.flow_model import OperationModel, SignInModel
from harness.target.hostile import HostileFlows, check_tries
from harness.target.likeness import read_description
from harness.target.model import (
    NOT_BUILT,
    NOT_BUILT_KINDS,
    Description,
    Limits,
    Preflight,
    ProcessModel,
)
from harness.target.operation import CompiledOperation, CompiledSignIn, NotDescribed
from harness.target.origins import Origins, Place, split_url
from harness.target.permit import Permit, pin
from harness.target.phone import Phone
from harness.target.ports import free_port, service_ports
from harness.target.request import RequestMaker
from harness.target.roster import Cast
from harness.target.run import Run
from harness.target.scope import Names, Scope
from harness.target.session import Session
from harness.target.template import Templates
from harness.target.web import Web
from harness.target.wire import Exchange, Origin, Request
from simulators.people.person import Person
from simulators.stage import Operation

TYPED = re.compile(r"(?<!person\.)\bcodes\b")  # in a template: as typed, not as they should be
_NOBODY = SignInModel(kind="none")


class Target:
    """An app under test, as its description tells.

    Attributes:
        name: What reports call it.
        base_url: Where it is.
        origin: The same for the wire.
        operations: Kinds of operations it lists; ``sign_in`` among them if signing in sends
            anything.
        addresses: The address that each host was pinned to when it was loaded.
        ca_file: PEM file of certificates to trust, or None.
        description: The whole file.
        ports: Of its services, by role.
        limits, process, prepare, cleanup, readers, preflight: Its sections.
        phone: Its lines, menus and texts, or None where it has none.
        web: Its pages, or None where it describes none.
        hostile: What hostile visitors may try, or None where it does not say.
    """

    def __init__(
        self,
        document: Document,
        description: Description,
        folder: Path,
        *,
        environment: Mapping[str, str],
        run: Run,
        base_url: str | None = None,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        self.document, self.description, self.folder = document, description, folder
        self.name, self.run = description.name, run
        self.limits: Limits = description.limits
        self.preflight: Preflight = description.preflight
        self.readers, self.prepare = description.read_back, description.prepare
        self.cleanup = description.cleanup
        self.environment = environment
        self.process: ProcessModel | None = description.process
        port = _port(description, base_url)
        self.ports = service_ports(description.services, ports or {})
        if self.process is not None:
            self.process = self.process.model_copy(update={"port": port})
        self.names = Names(run, "", port, environment)
        self.names.constants["services"] = {
            name: {"port": each} for name, each in self.ports.items()
        }
        self.cast = Cast(description.person, folder, document)
        known = self.cast.known() | set(
            description.preflight.person.fields if description.preflight.person else ()
        )
        self.templates = Templates(self.names, document, known)
        self.permit = _permit(description, self.templates)
        if self.permit is not None:  # the lower of two rates is the one that holds
            rates = (self.limits.requests_per_second, self.permit.requests_per_second)
            rate = min(each for each in rates if each is not None)
            self.limits = self.limits.model_copy(update={"requests_per_second": rate})
        self.addresses: dict[str, str] = {}
        self.base_url = (base_url or self._fixed(description.base_url, ("base_url",))).rstrip("/")
        self.names.constants["base_url"] = self.base_url
        others = [self._fixed(url, ("also", i)) for i, url in enumerate(description.also)]
        base = self._place(self.base_url, ("base_url",))
        self.origins = Origins(base, [self._place(u, ("also", i)) for i, u in enumerate(others)])
        self.origin = base.origin
        self.data: Path | None = None  # folder of the target's process, once it is started
        self.ca_file = None if description.ca_file is None else folder / description.ca_file
        self._compile()

    # -- loading ----------------------------------------------------------------------------

    def _fixed(self, text: str, path: Where) -> str:
        leaf = self.templates.text(text, path, frozenset())
        if not leaf.constant:
            said = "may name only port, services.NAME.port and env.NAME"
            raise TargetError(self.document.problem(path, said))
        return str(leaf.value)

    def _place(self, url: str, path: Where) -> Place:
        """An origin that may be drilled, its address pinned."""
        try:
            scheme, host, port, prefix = split_url(url)
        except ValueError as error:
            raise TargetError(self.document.problem(path, str(error))) from None
        self.addresses[host] = pin(host, port, self.permit)
        standard = 443 if scheme == "https" else 80
        shown = f"[{host}]" if ":" in host else host
        name = self.description.host or (shown if port == standard else f"{shown}:{port}")
        return Place(
            Origin(host, port, scheme == "https"),
            f"{scheme}://{shown}:{port}",
            prefix,
            f"Host: {name}\r\nX-Drillhall-Run: {self.run.id}\r\n".encode(),
        )

    def _compile(self) -> None:
        description = self.description
        self.cast.compile(self.templates)
        requests = RequestMaker(
            self.templates,
            Bodies(self.templates, self.folder),
            self.origins,
            {"User-Agent": "drillhall", "Accept": "*/*", **description.headers},
            description.timeout_s,
        )
        self.flows = FlowMaker(requests, description.classes)
        self._access: dict[str, Access] = {}
        everyone = Access(self.flows, description.sign_in, ("sign_in",))
        self._everyone = everyone
        for role, its in description.person.roles.items():
            at = ("person", "roles", role, "sign_in")
            own = everyone if its.sign_in is None else Access(self.flows, its.sign_in, at)
            self._access[role] = own
        if "public" not in self._access:
            self._access["public"] = Access(self.flows, _NOBODY, ("sign_in",))
        self._performers: dict[tuple[str, str], Performer] = {}
        for role in (*self._access, ""):  # compile for every role now: a mistake shows at once
            for kind in description.operations:
                self._performer(kind, role)
        self.phone: Phone | None = None
        if description.phone is not None:
            self.phone = Phone(description.phone, self.templates, self.origins, self.cast)
        self.hostile: HostileFlows | None = None
        if description.hostile is not None:
            check_tries(self, description.hostile, tuple(description.operations))
            self.hostile = HostileFlows(description.hostile, self)
        self.web: Web | None = None
        if description.web is not None:
            self.web = Web(description.web, self.templates, self.cast, self.folder)

    def access(self, role: str) -> Access:
        """How a role signs in."""
        return self._access.get(role, self._everyone)

    def _performer(self, kind: str, role: str) -> Performer:
        found = self._performers.get((kind, role))
        if found is None:
            found = self._performers[kind, role] = self._make(kind, role)
        return found

    def _make(self, kind: str, role: str) -> Performer:
        access = self.access(role)
        if kind == "sign_in":
            return CompiledSignIn(access)
        described: Mapping[Any, OperationModel] = self.description.operations
        name = "submit_report" if kind == "amend_report" and kind not in described else kind
        if name not in described:
            return NotDescribed()
        model, at = described[name], ("operations", name)
        if role in model.for_role:
            model, at = model.for_role[role], (*at, "for_role", role)  # type: ignore[assignment]
        known = access.captures if model.sign_in else frozenset[str]()
        known |= self._all_captures() if role in ("", "public") else frozenset()
        flow = self.flows.compile(model, at, known, retry=model.retry)
        return CompiledOperation(flow, access, sign_in=model.sign_in)

    def _all_captures(self) -> frozenset[str]:
        """What any role's signing in leaves; for roles that may not do this operation at all."""
        return frozenset().union(
            self._everyone.captures, *(each.captures for each in self._access.values())
        )

    # -- driving ----------------------------------------------------------------------------

    @property
    def operations(self) -> tuple[str, ...]:
        """Kinds of operations the target lists."""
        kinds: list[str] = list(self.description.operations)
        if "submit_report" in kinds and "amend_report" not in kinds:
            kinds.append("amend_report")
        accesses = [self._everyone, *self._access.values()]
        return (*(["sign_in"] if any(each.flow for each in accesses) else []), *kinds)

    def session(self, person: Person) -> Session:
        """What one person's device holds; keep it for as long as they take part."""
        session = self.cast.session(person)
        access = self.access(person.role)
        if access.flow is None:
            access.equip(session, Scope(no_operation(person), session, {}))
        return session

    def perform(self, operation: Operation, session: Session) -> Exchange:
        """One attempt: yields requests, is sent responses, returns what the last one means."""
        performer = self._performers.get((operation.kind, session.role))
        if performer is None:
            performer = self._performer(operation.kind, session.role)
        return performer.perform(operation, session)

    def get(self, path: str, *, place: Place | None = None, timeout: float = 10.0) -> Request:
        """A plain GET without credentials: below the base URL, or from the root of a place."""
        at, prefix = (self.origins.base, self.origins.base.prefix) if place is None else (place, "")
        head = f"GET {prefix}{path} HTTP/1.1\r\n".encode() + at.host
        head += b"User-Agent: drillhall\r\nAccept: */*\r\n"
        return Request(at.origin, "GET", head, b"", timeout)

    # -- telling ----------------------------------------------------------------------------

    def redact(self, text: str) -> str:
        """A text without the secrets that templates took from the environment."""
        for secret in self.names.used_secrets:
            if len(secret) >= 4:
                text = text.replace(secret, "(secret)")
        return text

    @property
    def summary(self) -> dict[str, Any]:
        """What ``run.json`` says of the target; nothing secret is in it."""
        return {
            "name": self.redact(self.name),
            "about": self.redact(self.description.about),
            "base_url": self.redact(self.base_url),
            "operations": self._offered,
            "phone": None if self.phone is None else self.phone.summary,
            "web": None if self.web is None else self.web.summary,
            "knows_chairs": self.access("chair").model.kind != "none",
            "types_codes": self._types_codes,
            "shared": [
                role
                for role, its in self.description.person.roles.items()
                if its.account == "shared"
            ],
            "readers": [
                {
                    "name": name,
                    "mode": each.mode,
                    "fields": each.fields is not None,
                    "derived": list(each.derived),
                }
                for name, each in self.readers.items()
            ],
            "limits": self.limits.model_dump(exclude_none=True),
            "build": None,
        }

    @property
    def _offered(self) -> list[str]:
        """Kinds of operations that it takes by any channel."""
        by_phone = () if self.phone is None else (*self.phone.menus, *self.phone.texts)
        on_pages = () if self.web is None else self.web.kinds
        every = dict.fromkeys((*self.operations, *by_phone, *on_pages))
        return [kind for kind in every if kind != "sign_out"]  # nothing that anybody plans

    @property
    def _types_codes(self) -> bool:
        """Whether signing in sends the codes as typed; an adapter is taken to."""
        if self.description.adapter is not None:
            return True
        roles = [its.sign_in for its in self.description.person.roles.values()]
        phone = self.description.phone
        menu = None if phone is None else phone.menus.get("sign_in")
        web = self.description.web
        pages = None if web is None else web.operations.get("sign_in")
        ways = (self.description.sign_in, *roles, menu, pages)
        signing_in = [each for each in ways if each is not None]
        return any(TYPED.search(str(each.model_dump())) for each in signing_in)

    @property
    def reference(self) -> dict[str, Any]:
        """The target for another process on this machine: give it to :func:`load_target` there."""
        file = str(Path(self.document.name).absolute())
        return {"file": file, "base_url": self.base_url, "ports": self.ports}


Performer = CompiledOperation | CompiledSignIn | NotDescribed


def load_target(
    source: Path | str | Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    run: Run | None = None,
    base_url: str | None = None,
) -> Target:
    """Load a target and compile everything in it.

    Args:
        source: The file; or its data; or what :attr:`Target.reference` gave.
        environment: Where ``env.NAME`` comes from; ours if left out.
        run: The run it is driven in: its id, the names of a report's cells, the precincts.
        base_url: Where it is, instead of what the file says.

    Raises:
        TargetError: If there is a mistake in it; one line, with file, line and field.
        SafetyError: If it is not on this machine and no permit covers it.
    """
    ports: Mapping[str, int] | None = None
    try:
        if isinstance(source, Mapping) and "file" in source:
            base_url, ports = base_url or source.get("base_url"), source.get("ports")
            source = str(source["file"])
        if isinstance(source, Mapping):
            document, folder = Document("target", dict(source)), Path()
        else:
            document, folder = read_description(source), Path(source).absolute().parent
        _name_what_is_not_built(document)
        description = document.validate(Description)
        arguments: dict[str, Any] = {
            "environment": os.environ if environment is None else environment,
            "run": run or Run(),
            "base_url": base_url,
            **({"ports": ports} if ports else {}),
        }
        if description.adapter is not None:
            from harness.target.adapter import load_adapter

            return load_adapter(document, description, folder, **arguments)
        return Target(document, description, folder, **arguments)
    except TargetError:
        raise
    except DocumentError as error:
        raise TargetError(error.problems) from None


def _name_what_is_not_built(document: Document) -> None:
    data = document.data if isinstance(document.data, dict) else {}
    for name, what in NOT_BUILT.items():
        if name in data:
            raise TargetError(document.problem((name,), f"{what} are not built yet; leave it out"))
    person = data.get("person")
    roles = person.get("roles") if isinstance(person, dict) else None
    places: list[tuple[Where, Any]] = [(("sign_in",), data.get("sign_in"))]
    for role, its in roles.items() if isinstance(roles, dict) else ():
        at = ("person", "roles", role, "sign_in")
        places.append((at, its.get("sign_in") if isinstance(its, dict) else None))
    for path, model in places:
        kind = model.get("kind") if isinstance(model, dict) else None
        if kind in NOT_BUILT_KINDS:
            said = f"kind {kind}: {NOT_BUILT_KINDS[kind]} are not built yet"
            raise TargetError(document.problem((*path, "kind"), said))


def _permit(description: Description, templates: Templates) -> Permit | None:
    given = description.permit
    if given is None:
        return None
    token = templates.text(given.token, ("permit", "token"), frozenset())
    for name, moment in (("from", given.from_), ("until", given.until)):
        if moment.tzinfo is None:
            problem = f"found {moment.isoformat()}, but it needs a time zone, as in ...T18:00:00Z"
            raise TargetError(templates.document.problem(("permit", name), problem))
    templates.names.used_secrets.add(str(token.value))
    hosts = tuple(given.hosts)
    return Permit(hosts, str(token.value), given.requests_per_second, given.from_, given.until)


def _port(description: Description, base_url: str | None) -> int:
    """The port of a target that is started here: the one it has, declared, or any that is free."""
    if base_url is not None:
        try:
            return split_url(base_url)[2]
        except ValueError:
            return 0  # the base URL itself is complained of later
    process = description.process
    if process is None and description.compose is None:
        return 0
    return (process.port if process is not None else 0) or free_port()
