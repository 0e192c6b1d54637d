"""Access: how one role signs in, and what its requests carry afterwards."""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import replace

from harness.complaint import Where
from harness.target.body import urlencoded
from harness.target.flow import CompiledFlow, FlowMaker, Steps
from harness.target.flow_model import (
    Extract,
    Flow,
    RequestModel,
    SignInModel,
    Step,
)
from harness.target.scope import Scope
from harness.target.session import Session
from simulators.behaviours.protocol import Outcome
from simulators.people.person import Person
from simulators.stage import Operation

_FORM = "sign_in_form"


class Access:
    """The compiled sign-in of a role.

    Attributes:
        flow: The requests of signing in; None where credentials simply accompany each request.
        captures: Names that signing in leaves for later templates.
    """

    def __init__(self, maker: FlowMaker, model: SignInModel, path: Where) -> None:
        self.model = model
        self.flow: CompiledFlow | None = None
        self.refresh: CompiledFlow | None = None
        self.captures = captures_of(model)
        steps = _as_flow(model)
        if steps is not None:
            self.flow = maker.compile(steps, path, frozenset())
        if model.refresh is not None:
            self.refresh = maker.compile(model.refresh, (*path, "refresh"), self.captures)
        text = maker.requests.templates.text
        headers, query, at = model.send.headers, model.send.query, (*path, "send")
        if model.kind == "headers":
            headers, query, at = model.headers, model.query, path
        self._lines = maker.requests.header_lines(headers, (*at, "headers"), self.captures)
        self._query = maker.requests.bodies.fields(query, (*at, "query"), self.captures)
        self._user = self._password = None
        if model.kind == "basic":
            self._user = text(model.user, (*path, "user"), frozenset())
            self._password = text(model.password, (*path, "password"), frozenset())

    def equip(self, session: Session, scope: Scope) -> None:
        """Render what accompanies each request of this session from now on."""
        head = self._lines.get(scope).encode()
        if self._user is not None and self._password is not None:
            pair = f"{self._user.get(scope)}:{self._password.get(scope)}"
            head += b"Authorization: Basic " + b64encode(pair.encode()) + b"\r\n"
        session.head = head
        session.query = urlencoded(self._query(scope))

    def due(self, session: Session) -> bool:
        """Whether somebody must sign in (again) before an operation."""
        if self.flow is None or session.stays_out:
            return False
        if session.signed_in_at is None or self.model.when == "per_request":
            return True
        lifetime = self.model.lifetime_s
        return lifetime is not None and time.monotonic() - session.signed_in_at >= lifetime

    def renew(self, operation: Operation, session: Session) -> Steps:
        """Refresh if there is a way and somebody is signed in; else sign in anew."""
        if self.refresh is None or session.signed_in_at is None:
            return self.sign_in(operation, session)
        return self._run(self.refresh, operation, session)

    def sign_in(self, operation: Operation, session: Session) -> Steps:
        """Sign in from the beginning; what was left of an older sign-in is forgotten."""
        assert self.flow is not None
        session.forget()
        return self._run(self.flow, operation, session)

    def _run(self, flow: CompiledFlow, operation: Operation, session: Session) -> Steps:
        scope = Scope(operation, session, dict(session.found))
        answered = yield from flow.run(scope)
        if answered.answer_class.outcome is Outcome.OK:
            session.found = scope.found
            session.codes = scope.codes
            session.signed_in_at = time.monotonic()
            self.equip(session, scope)
        return replace(answered, stored_id=None)


def captures_of(model: SignInModel) -> frozenset[str]:
    """Names that signing in leaves for later templates."""
    flow = _as_flow(model)
    flows = [each for each in (flow, model.refresh) if each is not None]
    return frozenset(
        name for each in flows for step, _ in each.own_steps for name in step.captures
    ) - {_FORM}


def no_operation(person: Person, kind: str = "") -> Operation:
    """Stands where templates need an operation and there is none: equipping, readers, chores."""
    return Operation(kind, "", 1, person, "api", person.record, 0, None, (), 0.0, None)


def _as_flow(model: SignInModel) -> Flow | None:
    """The requests of signing in; a login form is two of them."""
    if model.kind == "flow":
        return model
    if model.kind != "form":
        return None
    page = Step(
        name="page",
        request=RequestModel(path=model.page, follow=3),
        captures={_FORM: Extract(form=model.form)},
        sign_in=False,
    )
    post = Step(
        name="form",
        request=RequestModel(form_from=_FORM, form=model.fill),
        captures=model.captures,
        classes=model.classes,
        sign_in=False,
    )
    return Flow(steps=[page, post])
