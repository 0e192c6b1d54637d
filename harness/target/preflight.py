"""Preflight: one of each operation, before a drill sends thousands.

A good write, the same again, one without credentials and one that must be refused, each with a
key of its own (``preflight-...``), must come out as the description declares. So must the
readers: they see what was written, in our terms. Phones are called and pages are walked after that.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.channels.carrier import Carrier
from harness.channels.probes import SPEED, Caller
from harness.channels.web.probes import page_probes
from harness.injects.lease import Leases
from harness.target.answer import Seen
from harness.target.blocking import Driver
from harness.target.capture import compile_capture
from harness.target.errors import ReadBackError, SafetyError, TargetError
from harness.target.flow_model import Rule
from harness.target.jar import Jar
from harness.target.json_path import MISSING
from harness.target.model import Probe as ProbeModel
from harness.target.origins import is_loopback
from harness.target.permit import PROOF, Permit, is_production, prove
from harness.target.prepare import prepare
from harness.target.probe import Probe
from harness.target.process import Process
from harness.target.readback import Clock, read_back
from harness.target.ruling import Rules
from harness.target.services import Services, kept
from harness.target.session import Session
from harness.target.target import Target
from harness.target.wire import Answered, Fault, Response
from simulators.behaviours.protocol import AnswerClass
from simulators.people.person import Person
from simulators.stage import Operation


@dataclass(frozen=True)
class Visitor:
    """Who the preflight pretends to be, and what they report."""

    person: Person
    record: str
    values: tuple[int, ...]


def preflight(
    target: Target,
    *,
    visitor: Visitor | None = None,
    folder: Path | None = None,
    start: bool = True,
    clock: Clock | None = None,
) -> list[Probe]:
    """Try one of each operation.

    Args:
        visitor: Somebody with an account; else the description's ``preflight`` section.
        folder: For the target's data if it must be started here; a temporary one if left out.
        start: Start and prepare the target first if its description says how and it is down.

    Returns:
        The probes in order. A drill must not begin unless all are ``ok``.

    Raises:
        TargetError: If the target is down, or cannot be started or prepared.
        CarrierError: If the phone carrier does not start.
        SafetyError: If it says it is production, or nobody proves control of it.
    """
    who = visitor or _declared_visitor(target)
    with ExitStack() as stack:
        driver = stack.enter_context(Driver(target))
        up = driver.fetch(target.get("/")).fault is None
        where = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        carrier = None
        if target.phone is not None and target.phone.lines:
            running = up or not starts_here(target)
            carrier = Carrier(target, where, speed=SPEED, running=running)
            stack.enter_context(carrier)
        if not up and start and starts_here(target):
            told = {} if carrier is None else carrier.environment
            leases = Leases(target.run.id)
            stack.enter_context(kept(leases))
            stack.enter_context(Services(target, where, leases).standing(told))
            if target.process is not None:
                process = Process(target, where, leases=leases)
                process.environment |= told
                stack.enter_context(process)
            prepare(target, [who.person], [who.record], roster=_roster(target, who, where))
        check_safe(target, driver)
        probes = list(_probes(target, driver, who, clock or Clock()))
        if carrier is not None:
            probes += Caller(carrier, who.person, who.record, who.values).probes()
        if target.web is not None:
            probes += page_probes(target, who.person, who.record, who.values)
        return probes


def starts_here(target: Target) -> bool:
    """Whether its description says how it is started on this machine."""
    services = target.description.services.values()
    own = any(each.process is not None for each in services)
    return own or target.process is not None or target.description.compose is not None


def check_safe(target: Target, driver: Driver) -> None:
    """Refuse a target that is down, says it is production, or whose owner has not agreed.

    Raises:
        TargetError: If it does not answer.
        SafetyError: If it must not be drilled.
    """
    response = driver.fetch(target.get(_look_at(target)))
    if response.fault is not None:
        why = driver.trouble() if response.fault is Fault.REFUSED else str(response.fault)
        raise TargetError(
            f"{target.base_url}: the target does not answer ({why or 'refused'}); is it running?"
        )
    if is_production(dict(response.headers)) or _declared_production(target, response):
        raise SafetyError(
            f"{target.base_url} says that it is production. Drill a copy of it instead."
        )
    if target.permit is not None:
        check_control(target, target.permit, driver)


def check_control(target: Target, permit: Permit, driver: Driver) -> None:
    """Check that the permit holds and that every host beyond this machine shows its token.

    Raises:
        SafetyError: If one does not; a drill in progress must stop then.
    """
    for place in target.origins.places:
        host = place.origin.host
        if not is_loopback(target.addresses[host]):
            prove(host, target.get(PROOF, place=place), permit, driver.fetch)


def read_build(target: Target, driver: Driver) -> str | None:
    """Which build the target says it is; None if its description does not say where."""
    build = target.description.build
    if build is None:
        return None
    response = driver.fetch(target.get(build.path))
    value = compile_capture(build.place)(Seen(response, Jar()))
    return None if value is MISSING or value is None else str(value)


def _look_at(target: Target) -> str:
    described = target.description
    if described.production is not None:
        return described.production.path
    return described.process.ready.path if described.process is not None else "/"


def _declared_production(target: Target, response: Response) -> bool:
    production = target.description.production
    if production is None:
        return False
    rules = Rules([Rule.model_validate({"class": "refused", **each}) for each in production.rules])
    return rules.match(Seen(response, Jar())) is not None


def _declared_visitor(target: Target) -> Visitor:
    given = target.preflight.person
    record = target.preflight.record or "IA-0001"
    person = Person(
        index=-1,
        role="chair" if given is None else given.role,
        key="preflight-1" if given is None else given.key,
        record=record,
        name="Preflight",
        email="preflight-1@example.org",
        phone="515-555-0100",
        codes=("9001", "1234", "567890") if given is None else tuple(given.codes),
        fields={} if given is None else dict(given.fields),
    )
    return Visitor(person, record, tuple(1 for _ in target.run.fields))


def _roster(target: Target, who: Visitor, folder: Path) -> Path:
    """A roster of one person and one precinct, for a target that is started only to be tried."""
    roster = folder / "preflight-roster"
    roster.mkdir(exist_ok=True)
    person = who.person
    codes = [*person.codes, "", "", ""][:3]
    place, dash, code = who.record.rpartition("-")
    listed = dash and place.count("-") == 1  # one voter's code on a precinct's list
    home = place if listed else who.record
    (roster / "people.csv").write_text(
        "who,role,key,record,name,email,phone,precinct_id,pin,security_code\n"
        f"0,{person.role},{person.key},{home},{person.name},{person.email},{person.phone},"
        f"{','.join(codes)}\n",
        encoding="utf-8",
    )
    (roster / "precincts.csv").write_text(
        "record,name,county,kind,delegates,sde_per_delegate,pool\n"
        f"{home},Preflight,Preflight,precinct,1,0.1,\n",
        encoding="utf-8",
    )
    voters = f"{place.rpartition('-')[2]},{code}\n" if listed else ""
    (roster / "voters.csv").write_text(f"precinct,code\n{voters}", encoding="utf-8")
    return roster


class _Desk:
    """Performs the probes' operations, each with a key that no drill uses."""

    def __init__(self, target: Target, driver: Driver, who: Visitor) -> None:
        self.target, self.driver, self.who = target, driver, who
        self.mark = uuid.uuid4().hex[:8]
        self.session = target.session(who.person)

    def operation(self, kind: str, name: str) -> Operation:
        """One operation of a kind; probes of one name share a key."""
        person = self.who.person
        carries = kind in ("submit_report", "amend_report")
        return Operation(
            kind=kind,
            key=f"preflight-{self.mark}-{name}",
            attempt=1,
            actor=person,
            channel="api",
            record=self.who.record,
            version=1 + (kind == "amend_report"),
            values=self.who.values if carries else None,
            codes=person.codes if kind == "sign_in" else (),
            intended=0.0,
            within=None,
        )

    def perform(self, operation: Operation, session: Session | None = None) -> Answered:
        """Do it and wait."""
        return self.driver.drive(self.target.perform(operation, session or self.session))


def _probes(target: Target, driver: Driver, who: Visitor, clock: Clock) -> Iterator[Probe]:
    yield Probe("reachable", True, "an answer", "an answer")
    desk = _Desk(target, driver, who)
    declared, kinds = target.preflight, target.operations
    if "sign_in" in kinds and target.access(who.person.role).flow is not None:
        answered = desk.perform(desk.operation("sign_in", "sign-in"))
        yield _judged("sign_in", ["accepted"], answered, target)
        if answered.answer_class is not AnswerClass.ACCEPTED:
            return
        if declared.wrong_codes is not None:
            yield _with_wrong_codes(desk, declared.wrong_codes)
    if "submit_report" in kinds:
        good = desk.operation("submit_report", "good")
        good = _changed(target, good, declared.good)
        answered = desk.perform(good)
        yield _judged("good", declared.good.expected, answered, target)
        if declared.repeat is not None:
            again = desk.perform(replace(_changed(target, good, declared.repeat), attempt=2))
            yield _judged("repeat", declared.repeat.expected, again, target)
        if declared.no_sign_in is not None:
            yield _without_credentials(desk, declared.no_sign_in)
        if declared.bad is not None:
            bad = _changed(target, desk.operation("submit_report", "bad"), declared.bad)
            yield _judged("bad", declared.bad.expected, desk.perform(bad), target)
    for kind in kinds:
        if kind not in ("sign_in", "submit_report"):
            yield _judged(
                kind,
                ["accepted", "already_have_it"],
                desk.perform(desk.operation(kind, kind.replace("_", "-"))),
                target,
            )
    yield from _readers(target, desk.mark, clock, wrote="submit_report" in kinds)


def must_refuse(target: Target, driver: Driver, person: Person) -> list[Probe]:
    """The declared writes that a target must turn down, tried in the name of one person.

    They leave nothing behind where the target does as it should. A drill must not begin where
    one of them is accepted.
    """
    if "submit_report" not in target.operations:
        return []
    desk = _Desk(target, driver, Visitor(person, person.record, (1,) * len(target.run.fields)))
    declared, probes = target.preflight, []
    if declared.no_sign_in is not None:
        probes.append(_without_credentials(desk, declared.no_sign_in))
    if declared.bad is not None:
        bad = _changed(target, desk.operation("submit_report", "bad"), declared.bad)
        probes.append(_judged("bad", declared.bad.expected, desk.perform(bad), target))
    return probes


def _with_wrong_codes(desk: _Desk, declared: ProbeModel) -> Probe:
    """Signing in with the last digit of each code mistyped, on a device of its own."""
    operation = desk.operation("sign_in", "wrong-codes")
    mistyped = (code[:-1] + ("1" if code.endswith("0") else "0") for code in operation.codes)
    operation = replace(operation, codes=tuple(mistyped))
    answered = desk.perform(operation, desk.target.session(desk.who.person))
    return _judged("wrong_codes", declared.expected, answered, desk.target)


def _without_credentials(desk: _Desk, declared: ProbeModel) -> Probe:
    """A write by somebody who never signed in: no cookies, no headers, nothing."""
    target = desk.target
    operation = desk.operation("submit_report", "nobody")
    session = target.cast.session(desk.who.person)
    session.stay_out()
    answered = desk.perform(operation, session)
    return _judged("no_sign_in", declared.expected, answered, target)


def _changed(target: Target, operation: Operation, probe: ProbeModel) -> Operation:
    """The operation with the cells and the record that a probe declares."""
    values = list(operation.values or ())
    for name, value in probe.values.items():
        if name not in target.run.fields:
            problem = f"values.{name}: a report has no such field"
            raise TargetError(target.document.problem(("preflight",), problem))
        values[target.run.fields.index(name)] = value
    return replace(operation, values=tuple(values), record=probe.record or operation.record)


def _judged(name: str, expected: Sequence[str], answered: Answered, target: Target) -> Probe:
    status = f" ({answered.status})" if answered.status else ""
    detail = f": {target.redact(answered.detail)}" if answered.detail else ""
    found = f"{answered.answer_class}{status}{detail}"
    return Probe(name, str(answered.answer_class) in expected, " or ".join(expected), found)


def _readers(target: Target, mark: str, clock: Clock, *, wrote: bool) -> Iterator[Probe]:
    """Every reader reads; those with keys must show the good write with all its cells."""
    for name, reader in target.readers.items():
        with _as_probe(f"read_back.{name}") as said:
            table = read_back(target, "settled", target.run.fields, only=[name], clock=clock)
        if said:
            yield said[0]
            continue
        found = f"{table.height} rows"
        if reader.key is None or not wrote:
            yield Probe(f"read_back.{name}", True, "rows", found)
            continue
        # An amendment may have taken the place of the good write.
        ours = table.filter(table["key"].str.starts_with(f"preflight-{mark}-"))
        whole = ours.height >= 1 and (
            reader.fields is None or ours["values_hash"].null_count() < ours.height
        )
        found += ", the good write among them" if ours.height else ", the good write not among them"
        found += "" if whole or not ours.height else ", but cells of it are missing"
        yield Probe(f"read_back.{name}", whole, "the good write, whole", found)


@contextmanager
def _as_probe(name: str) -> Iterator[list[Probe]]:
    """A reader's failure as a probe that is not ok."""
    said: list[Probe] = []
    try:
        yield said
    except ReadBackError as error:
        said.append(Probe(name, False, "rows", str(error)))
