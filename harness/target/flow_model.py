"""The part of a target's description that says how requests are made and answers are read.

These are the words of the YAML file, field by field; ``README.md`` in this folder explains them
to their writers.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simulators.behaviours.protocol import AnswerClass

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
Values = dict[str, Any]
Seconds = Annotated[float, Field(gt=0)]
Declared = Literal[
    "accepted",
    "already_have_it",
    "refused",
    "retry",
    "rate_limited",
    "auth_expired",
    "locked_out",
    "server_error",
]


class Part(BaseModel):
    """A model that knows its fields and refuses all others."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _exactly_one(model: BaseModel, names: tuple[str, ...], what: str) -> None:
    given = [name for name in names if name in model.model_fields_set]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise ValueError(f"{what} needs exactly one of {', '.join(names)}; found {found}")


class Extract(Part):
    """Where a value is found in an answer, or in a row of it."""

    json_path: str | None = Field(default=None, alias="json")
    column: str | None = None
    header: str | None = None
    cookie: str | None = None
    input: str | None = None
    form: str | int | None = None
    xml: str | None = None
    attribute: str | None = None
    link: str | None = None
    url: bool = False
    status: bool = False
    regex: str | None = None
    unescape: bool = False
    strip: bool = True
    case: Literal["upper", "lower"] | None = None
    optional: bool = False
    default: Any = None

    @model_validator(mode="after")
    def _one_source(self) -> Extract:
        sources = (
            "json_path",
            "column",
            "header",
            "cookie",
            "input",
            "xml",
            "link",
            "url",
            "status",
        )
        given = [name.removesuffix("_path") for name in sources if name in self.model_fields_set]
        if len(given) > 1:
            raise ValueError(f"found {' and '.join(given)}, but a value has one place")
        if not given and self.form is None and self.regex is None:
            raise ValueError(
                "says nowhere to look; allowed: json, header, cookie, regex, input, form, xml, "
                "link, url, status"
            )
        return self


def _as_extract(value: Any) -> Any:
    return {"json": value} if isinstance(value, str) else value


Place = Annotated[Extract, BeforeValidator(_as_extract)]
"""A place: a dotted path, or an :class:`Extract`."""


class Piece(Part):
    """One part of a multipart body that is more than text."""

    json_value: Any = Field(default=None, alias="json")
    xml: str | None = None
    text: str | None = None
    file: str | None = None
    image: Literal["png"] | None = None
    filename: str | None = None
    type: str | None = None

    @model_validator(mode="after")
    def _one_content(self) -> Piece:
        _exactly_one(self, ("json_value", "xml", "text", "file", "image"), "a part of a multipart")
        return self


class Graphql(Part):
    """A GraphQL request: its text, variables and the name of its operation."""

    query: str
    variables: Values = Field(default_factory=dict)
    operation: str | None = None


BODIES = ("json_value", "form", "multipart", "xml", "graphql", "text")


class RequestModel(Part):
    """One request, with templates in it."""

    method: Method | None = None
    path: str | None = None
    url: str | None = None
    query: Values = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    json_value: Any = Field(default=None, alias="json")
    form: Values | None = None
    multipart: dict[str, Any] | None = None
    xml: str | None = None
    graphql: Graphql | None = None
    text: str | None = None
    form_from: str | None = None
    follow: Annotated[int, Field(ge=0, le=20)] = 0
    timeout_s: Seconds | None = None

    @model_validator(mode="after")
    def _sane(self) -> RequestModel:
        bodies = [name for name in BODIES if name in self.model_fields_set]
        if len(bodies) > 1:
            named = " and ".join(name.removesuffix("_value") for name in bodies)
            raise ValueError(f"found {named}, but a request has one body")
        if self.path is not None and self.url is not None:
            raise ValueError("found path and url, but a request goes to one place")
        if self.path is None and self.url is None and self.form_from is None:
            raise ValueError("needs a path (or a url, or form_from)")
        if self.path is not None and not self.path.startswith(("/", "{{")):
            raise ValueError(f"path is {self.path!r}, but it must begin with /")
        return self

    @property
    def body(self) -> str | None:
        """The name of the body it has."""
        return next((name for name in BODIES if name in self.model_fields_set), None)


StatusSpec = int | str | list[int | str]


class Rule(Part):
    """One rule: if all its conditions hold, the answer is of its class."""

    answer_class: Declared = Field(alias="class")
    status: StatusSpec | None = None
    header: dict[str, str] = Field(default_factory=dict)
    body: str | None = None
    body_without: str | None = None
    json_value: dict[str, Any] = Field(default_factory=dict, alias="json")
    empty: bool | None = None
    retry_after: Extract | float | Literal["header"] = "header"
    detail: Place | None = None

    @property
    def sort(self) -> AnswerClass:
        """The class as the behaviours know it."""
        return AnswerClass(self.answer_class)


class Condition(Part):
    """A rule without a class: what ends a loop."""

    status: StatusSpec | None = None
    header: dict[str, str] = Field(default_factory=dict)
    body: str | None = None
    body_without: str | None = None
    json_value: dict[str, Any] = Field(default_factory=dict, alias="json")
    empty: bool | None = None


class Repeat(Part):
    """A step again and again, at most ``at_most`` times in all."""

    until: Condition | None = None
    while_: str | None = Field(default=None, alias="while")
    at_most: Annotated[int, Field(ge=1, le=1000)] = 10
    wait_s: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _one_end(self) -> Repeat:
        _exactly_one(self, ("until", "while_"), "repeat")
        return self


class Step(Part):
    """One request of a flow, what is kept of its answer and what that answer means."""

    name: str = ""
    request: RequestModel
    captures: dict[str, Place] = Field(default_factory=dict)
    classes: list[Rule] = Field(default_factory=list)
    optional: bool = False
    only_if: str | None = None
    repeat: Repeat | None = None
    sign_in: bool = True
    once: bool = False


class Flow(Part):
    """Steps in order, or one step written in place."""

    steps: list[Step] = Field(default_factory=list)
    name: str = ""
    request: RequestModel | None = None
    captures: dict[str, Place] = Field(default_factory=dict)
    classes: list[Rule] = Field(default_factory=list)
    sign_in: bool = True

    @model_validator(mode="after")
    def _steps_or_one(self) -> Flow:
        if bool(self.steps) == (self.request is not None) and not self._may_be_empty():
            raise ValueError("needs either steps, or the request of its only step")
        if self.steps and self.captures:
            raise ValueError("captures belong to a step, where there are steps")
        if any(step.once for step in (self.steps[-1:] if self._has_tries() else self.steps)):
            raise ValueError("once belongs to a step of an operation that others come after")
        return self

    def _may_be_empty(self) -> bool:
        return False

    def _has_tries(self) -> bool:
        """Whether people try it again under the same key."""
        return False

    @property
    def own_steps(self) -> list[tuple[Step, tuple[str | int, ...]]]:
        """The steps, each with its place below the flow's own."""
        if self.steps:
            return [(step, ("steps", i)) for i, step in enumerate(self.steps)]
        if self.request is None:
            return []
        one = Step(name=self.name, request=self.request, captures=self.captures)
        return [(one, ())]


class Retry(Part):
    """Trying the last step again within one operation, as the app asks its clients to."""

    classes: tuple[Declared, ...] = ("retry",)
    times: Annotated[int, Field(ge=1, le=20)] = 3
    wait_s: Annotated[float, Field(ge=0)] = 0.5
    grow: Annotated[float, Field(ge=1)] = 2.0
    at_most_s: Annotated[float, Field(ge=0)] = 10.0


class OperationModel(Flow):
    """How one kind of operation travels."""

    retry: Retry | None = None
    for_role: dict[str, OperationModel] = Field(default_factory=dict)

    def _has_tries(self) -> bool:
        return True


class Sent(Part):
    """What accompanies every request of somebody who is signed in."""

    headers: dict[str, str] = Field(default_factory=dict)
    query: Values = Field(default_factory=dict)


class SignInModel(Flow):
    """How somebody signs in, and what their requests carry afterwards."""

    kind: Literal["none", "headers", "basic", "form", "flow"] = "flow"
    headers: dict[str, str] = Field(default_factory=dict)
    query: Values = Field(default_factory=dict)
    user: str | None = None
    password: str | None = None
    page: str | None = None
    form: str | int = 0
    fill: Values = Field(default_factory=dict)
    send: Sent = Sent()
    when: Literal["once", "per_request", "on_auth_expired"] = "once"
    lifetime_s: Seconds | None = None
    refresh: Flow | None = None

    def _may_be_empty(self) -> bool:
        return self.kind != "flow"

    @model_validator(mode="after")
    def _complete(self) -> SignInModel:
        needed = {"basic": ("user", "password"), "form": ("page", "fill")}.get(self.kind, ())
        for name in needed:
            if name not in self.model_fields_set:
                raise ValueError(f"kind {self.kind} needs {name}")
        return self
