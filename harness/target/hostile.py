"""What a description says of hostile visitors, compiled when the target is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from harness.complaint import Where
from harness.document import Document
from harness.target.access import Access
from harness.target.capture import Finder, compile_capture
from harness.target.errors import TargetError
from harness.target.flow import CompiledFlow, FlowMaker
from harness.target.flow_model import Flow, Rule
from harness.target.hostile_model import AsRole, Hostile
from harness.target.run import Run

_AT: Where = ("hostile",)
# Signing out and looking at a page are nobody's report: whatever is no error is well.
_ANY_YES = [Rule.model_validate({"class": "accepted", "status": ["2xx", "3xx"]})]


class Describes(Protocol):
    """What is asked of the target whose section it is."""

    flows: FlowMaker
    document: Document
    run: Run

    def access(self, role: str) -> Access:
        """How a role signs in."""
        ...


class HostileFlows:
    """The flows of the section, each None where its try is not described.

    Attributes:
        model: The section itself.
        private: What only a record's owner may see; None where it is ``read_report``.
        short_sign_in: Signing in for a short time; None where everybody's way is used.
        places: Where each field of ``mass_assignment`` would show.
    """

    def __init__(self, model: Hostile, target: Describes) -> None:
        self.model = model
        self._target = target
        self._own = target.access(model.own.role).captures
        self.private = self._flow(model.private, ("private",))
        out, code = model.old_token, model.replayed_code
        fixed, ids, mass = model.fixed_session, model.counted_ids, model.mass_assignment
        self.sign_out = self._flow(
            out.sign_out if out else None, ("old_token", "sign_out"), any_yes=True
        )
        self.short_sign_in = self._short_sign_in()
        self.code_get = self._as_role(code.get if code else None, ("replayed_code", "get"))
        given = frozenset().union(*(s.captures for s, _ in code.get.own_steps)) if code else None
        self.code_use = self._flow(code.use if code else None, ("replayed_code", "use"), given)
        self.visit = self._flow(
            fixed.visit if fixed else None, ("fixed_session", "visit"), any_yes=True
        )
        self.by_id = self._flow(
            ids.read if ids else None, ("counted_ids", "read"), frozenset({"id"})
        )
        self.seen = self._as_role(mass.read if mass else None, ("mass_assignment", "read"))
        self.places: Mapping[str, Finder] = self._places()

    def _flow(
        self,
        flow: Flow | None,
        path: Where,
        given: frozenset[str] | None = None,
        *,
        any_yes: bool = False,
    ) -> CompiledFlow | None:
        if flow is None:
            return None
        known = self._own | (given or frozenset())
        extra = _ANY_YES if any_yes else None
        return self._target.flows.compile(flow, (*_AT, *path), known, extra_rules=extra)

    def _short_sign_in(self) -> CompiledFlow | None:
        over, at = self.model.expired_token, ("expired_token", "sign_in")
        if over is None:
            return None
        captured = self._own
        if over.sign_in is not None:
            captured = frozenset().union(*(step.captures for step, _ in over.sign_in.own_steps))
        if over.expires_in is not None and over.expires_in not in captured:
            said = f"{over.expires_in}: signing in captures no such name, but {sorted(captured)}"
            path = (*_AT, "expired_token", "expires_in")
            raise TargetError(self._target.document.problem(path, said))
        return self._flow(over.sign_in, at)

    def _as_role(self, flow: AsRole | None, path: Where) -> CompiledFlow | None:
        if flow is None:
            return None
        known = self._target.access(flow.role or self.model.own.role).captures
        return self._target.flows.compile(flow, (*_AT, *path), known)

    def _places(self) -> dict[str, Finder]:
        mass = self.model.mass_assignment
        found = {}
        for name, place in ({} if mass is None else mass.places).items():
            try:
                found[name] = compile_capture(place)
            except ValueError as error:
                at = (*_AT, "mass_assignment", "places", name)
                raise TargetError(self._target.document.problem(at, str(error))) from None
        return found


def check_tries(target: Describes, model: Hostile, kinds: tuple[str, ...]) -> None:
    """Refuse tries that build on operations or cells which are not there.

    Args:
        kinds: Operations that it lists.

    Raises:
        TargetError: Names the try and the operation it lacks.
    """
    needed = {
        "junk": model.junk and model.junk.of,
        "hostile_upload": model.hostile_upload and model.hostile_upload.of,
        "slow_clients": model.slow_clients and model.slow_clients.of,
        "flood": model.flood and model.flood.of,
        "foreign_write": "submit_report" if model.foreign_write else None,
        "mass_assignment": "submit_report" if model.mass_assignment else None,
        "counted_ids": "submit_report" if model.counted_ids else None,
    }
    if model.private is None:
        reads = ("foreign_read", "forged_token", "old_token", "expired_token", "fixed_session")
        needed |= {each: "read_report" for each in reads if getattr(model, each) is not None}
    fields = target.run.fields
    if fields and (unknown := sorted(set(model.values) - set(fields))):
        said = f"{unknown[0]}: a report has no such field; it has {', '.join(fields[:5])}, ..."
        raise TargetError(target.document.problem((*_AT, "values"), said))
    for name, operation in needed.items():
        if operation and operation not in kinds:
            said = f"builds on {operation}, and operations describes none"
            if operation == "read_report":
                said += "; or say in private what only a record's owner may see"
            raise TargetError(target.document.problem((*_AT, name), said))
