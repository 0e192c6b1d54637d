"""The words of ``target.yaml``: one pydantic model, field by field.

``README.md`` in this folder explains them to their writers. Flows (requests, captures, classes,
signing in) are in ``flow_model.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from harness.target.flow_model import (
    Declared,
    Flow,
    OperationModel,
    Part,
    Place,
    RequestModel,
    Rule,
    Seconds,
    SignInModel,
    Values,
)
from harness.target.hostile_model import Hostile
from harness.target.network_model import NetworkModel
from harness.target.phone_model import PhoneModel
from harness.target.service_model import ComposeModel, HealthModel, Services, Signal
from harness.target.web_model import WebModel

Kind = Literal[
    "submit_report", "amend_report", "read_results", "read_report", "send_photo", "send_text"
]
Mode = Literal["set", "keyed", "state", "merged", "count", "children", "totals"]
Command = Annotated[list[str], Field(min_length=1)]


class Role(Part):
    """One role's accounts and how they sign in."""

    account: Literal["own", "shared"] = "own"
    fields: dict[str, str] = Field(default_factory=dict)
    sign_in: SignInModel | None = None


class People(Part):
    """Who has which account: a roster, patterns, roles."""

    roster: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    roles: dict[str, Role] = Field(default_factory=dict)


def _named_items(value: Any) -> Any:
    return {"csv": {}} if value == "csv" else value


class Csv(Part):
    """How a CSV text is written."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","


class Items(Part):
    """Where the rows are in an answer."""

    json_path: str | None = Field(default=None, alias="json")
    csv: Csv | None = None
    xml: str | None = None
    regex: str | None = None

    @model_validator(mode="after")
    def _at_most_one(self) -> Items:
        given = self.model_fields_set
        if len(given) > 1:
            raise ValueError(f"found {' and '.join(sorted(given))}, but rows have one form")
        return self


class Paging(Part):
    """How a reader gets from one page to the next."""

    kind: Literal["none", "page", "offset", "next", "cursor"] = "none"
    first: Annotated[int, Field(ge=0)] | None = None
    pages: Place | None = None
    more: Place | None = None
    next: Place | None = None
    total: Place | None = None
    at_most: Annotated[int, Field(ge=1)] = 100_000

    @model_validator(mode="after")
    def _complete(self) -> Paging:
        if self.kind in ("next", "cursor") and self.next is None:
            raise ValueError(f"kind {self.kind} needs next: where the next {self.kind} is found")
        return self


class Cells(Part):
    """Where the counts of a report are in a row."""

    source: Place | None = Field(default=None, alias="from")
    pattern: str = "{field}"
    names: dict[str, str] = Field(default_factory=dict)
    text: Literal["json"] | None = None
    list: bool = False

    @field_validator("pattern")
    @classmethod
    def _has_field(cls, pattern: str) -> str:
        if "{field}" not in pattern:
            raise ValueError(f"found {pattern!r}, but it must contain {{field}}")
        return pattern


class Settle(Part):
    """Read again until nothing changes for ``quiet_s``, for at most ``max_s``; wall seconds."""

    quiet_s: Seconds = 1.0
    max_s: Seconds = 60.0


class Sql(Part):
    """A read-only query by SQLAlchemy URL."""

    url: str
    query: str

    @field_validator("query")
    @classmethod
    def _reads(cls, query: str) -> str:
        if query.lstrip(" (\n\t").split(None, 1)[0].upper() not in ("SELECT", "WITH", "VALUES"):
            raise ValueError("a reader only reads: the query must begin with SELECT or WITH")
        return query


class Reader(Part):
    """One way to ask the target what it holds."""

    mode: Mode = "keyed"
    role: str | None = Field(default=None, alias="as")
    request: RequestModel | None = None
    sql: Sql | None = None
    file: str | None = None
    items: Annotated[Items, BeforeValidator(_named_items)] = Items()
    paging: Paging = Paging()
    key: Place | None = None
    record: Place | None = None
    stored_id: Place | None = None
    channel: Place | None = None  # how a report came, where the target says: web, api, phone
    fields: Cells | None = None
    number: Place | None = None
    derived: dict[str, Place] = Field(default_factory=dict)
    keep_if: Values = Field(default_factory=dict)
    settle: Settle = Settle()
    tries: Annotated[int, Field(ge=1, le=50)] = 8

    @model_validator(mode="after")
    def _one_source(self) -> Reader:
        given = [name for name in ("request", "sql", "file") if name in self.model_fields_set]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"needs exactly one of request, sql, file; found {found}")
        if self.mode == "keyed" and self.key is None and self.record is None:
            raise ValueError("mode keyed needs key or record: where it is in a row")
        if self.mode in ("state", "children") and self.record is None and self.key is None:
            raise ValueError(f"mode {self.mode} needs record: where it is in a row")
        return self


class Tally(Part):
    """A number the target says, to check that preparing did what it should."""

    request: RequestModel
    number: Place
    classes: list[Rule] = Field(default_factory=list)


class Chore(Flow):
    """One entry of ``prepare`` or ``cleanup``: a flow, or an operator's command."""

    role: str | None = Field(default=None, alias="as")
    for_each: Literal["accounts", "records"] | None = None
    roles: list[str] = Field(default_factory=list)
    at_once: Annotated[int, Field(ge=1, le=256)] = 1
    command: Command | None = None
    within_s: Seconds = 600.0
    count: Tally | None = None
    at_least: int | Literal["accounts", "records"] | None = None
    optional: bool = False

    def _may_be_empty(self) -> bool:
        return self.command is not None or self.count is not None

    @model_validator(mode="after")
    def _counted(self) -> Chore:
        if (self.count is None) != (self.at_least is None):
            raise ValueError("count and at_least go together")
        return self


class Ready(Part):
    """How to know that a started target answers."""

    path: str = "/"
    status: int | None = None
    within_s: Seconds = 60.0


class ProcessModel(Part):
    """How a target on this machine is started and stopped."""

    command: Command
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    data: str = "app-data"
    before: list[Command] = Field(default_factory=list)
    env: dict[str, str] = Field(default_factory=dict)
    cwd: str | None = None
    ready: Ready = Ready()
    stop: Signal = "SIGTERM"
    stop_within_s: Seconds = 10.0
    log: str = "target.log"


class PermitModel(Part):
    """Leave to drill hosts that are not this machine."""

    hosts: Annotated[list[str], Field(min_length=1)]
    token: Annotated[str, Field(min_length=8)]
    requests_per_second: Annotated[float, Field(gt=0)]
    from_: datetime = Field(alias="from")
    until: datetime


class Limits(Part):
    """What the app is said to bear; rates are wall-clock, per second."""

    sign_in_per_second: Annotated[float, Field(gt=0)] | None = None
    requests_per_second: Annotated[float, Field(gt=0)] | None = None
    in_flight: Annotated[int, Field(ge=1)] | None = None


class Build(Part):
    """Where the target says which build it is."""

    path: str
    place: Place = Field(alias="json")


class Production(Part):
    """How the target says that it is the real thing."""

    path: str
    rules: Annotated[list[Values], Field(min_length=1)]


class Probe(Part):
    """One preflight probe: what is sent, which classes are right."""

    values: dict[str, int] = Field(default_factory=dict)
    record: str | None = None
    expect: Declared | list[Declared]

    @property
    def expected(self) -> list[str]:
        """The classes that are right, as a list."""
        return [self.expect] if isinstance(self.expect, str) else list(self.expect)


class ProbePerson(Part):
    """Who the preflight pretends to be."""

    role: str = "chair"
    key: str = "preflight-1"
    codes: list[str] = Field(default_factory=list)
    fields: dict[str, str] = Field(default_factory=dict)


class Preflight(Part):
    """Probes that only the target's owner can name."""

    record: str | None = None
    person: ProbePerson | None = None
    good: Probe = Probe(expect="accepted")
    repeat: Probe | None = Probe(expect=["already_have_it", "accepted"])
    no_sign_in: Probe | None = None
    wrong_codes: Probe | None = None
    bad: Probe | None = None


class Description(Part):
    """A whole ``target.yaml``."""

    name: str
    about: str = ""
    base_url: str
    also: list[str] = Field(default_factory=list)
    host: str | None = None
    ca_file: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    timeout_s: Seconds = 30.0
    adapter: str | None = None
    person: People = People()
    sign_in: SignInModel = SignInModel(kind="none")
    classes: list[Rule] = Field(default_factory=list)
    operations: dict[Kind, OperationModel] = Field(default_factory=dict)
    read_back: dict[str, Reader] = Field(default_factory=dict)
    prepare: list[Chore] = Field(default_factory=list)
    cleanup: list[Chore] = Field(default_factory=list)
    limits: Limits = Limits()
    process: ProcessModel | None = None
    compose: ComposeModel | None = None
    services: Services = Field(default_factory=dict)
    health: HealthModel | None = None
    alarms: HealthModel | None = None
    hostile: Hostile | None = None
    network: NetworkModel | None = None
    permit: PermitModel | None = None
    phone: PhoneModel | None = None
    web: WebModel | None = None
    preflight: Preflight = Preflight()
    build: Build | None = None
    production: Production | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Description:
        if not (self.operations or self.adapter or self.phone or self.web):
            raise ValueError(
                "describes no operations; name at least submit_report, a phone, web pages, or an "
                "adapter"
            )
        return self

    @model_validator(mode="after")
    def _one_app(self) -> Description:
        if self.process is not None and "app" in self.services:
            raise ValueError("services.app is the target's main process; leave out one of them")
        return self


NOT_BUILT = {
    "mail": "codes by mail",
}
NOT_BUILT_KINDS = {
    "browser": "browser flows",
    "code_by_mail": "codes by mail",
    "code_by_text": "codes by text message",
    "code_by_sms": "codes by text message",
    "oidc": "sign-in at another identity provider",
    "saml": "sign-in at another identity provider",
}
