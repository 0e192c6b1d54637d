"""Phone probes of ``target check``: one call, one text, one forged request, before thousands.

The call walks every menu that the description has, in order; the text carries one report; what
was not signed by the carrier must be turned away.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from harness.channels.carrier import Carrier
from harness.channels.voice import number_of
from harness.target.errors import UnfilledError
from harness.target.phone import Line, Pace, Phone
from harness.target.probe import Probe
from simulators.people.person import Person
from simulators.stage import Operation

SPEED = 30.0
"""Drill seconds a wall second at which the probes are keyed and heard."""

_CALL = "preflight"
_DONE = ("accepted", "already_have_it")  # the other channels have tried the same record
_TURNED_AWAY = range(400, 500)


class Caller:
    """Whoever phones and texts in the probes.

    Args:
        carrier: A carrier that has started, in front of a target that stands.
        person: Somebody with an account.
        record: What they report.
        values: The report's cells.
    """

    def __init__(
        self, carrier: Carrier, person: Person, record: str, values: tuple[int, ...]
    ) -> None:
        self.carrier, self.person = carrier, person
        self.phone: Phone = carrier.phone
        self.record, self.values = record, values
        self.session = self.phone.session(person)
        self._mark = uuid.uuid4().hex[:8]

    def probes(self) -> Iterator[Probe]:
        """One probe after the other."""
        voiced = [line for line in self.phone.lines.values() if line.voice is not None]
        for n, line in enumerate(voiced):
            yield from self._call(line, self.phone.menus if n == 0 else ())
        for kind in self.phone.texts:
            if kind != "amend_report":
                yield self._text(kind)
        yield from self._forge()

    def _operation(self, kind: str, channel: str) -> Operation:
        carries = kind in ("submit_report", "amend_report")
        return Operation(
            kind, f"preflight-{self._mark}-{channel}", 1, self.person, channel, self.record, 1,
            self.values if carries else None,
            self.person.codes if kind == "sign_in" else (), 0.0, None, _CALL,
        )  # fmt: skip

    def _call(self, line: Line, kinds: tuple[str, ...]) -> Iterator[Probe]:
        """Dial a line and walk its menus, as long as they say yes."""
        name = f"{_CALL}-{line.name}"
        said = self.carrier.ask(
            "answered", "ended", do="dial", call=name, to=line.number,
            **{"from": number_of(self.person)},
        )  # fmt: skip
        connected = said["event"] == "answered"
        found = "answered" if connected else str(said.get("cause"))
        yield Probe(f"call.{line.name}", connected, "answered", found)
        if not connected:
            return
        for n, kind in enumerate(each for each in kinds if each != "amend_report"):
            probe = self._walk(name, n, kind)
            yield probe
            if not probe.ok:
                break
        self.carrier.ask("ended", do="hang_up", call=name)

    def _walk(self, call: str, number: int, kind: str) -> Probe:
        expected = ("accepted",) if kind == "sign_in" else _DONE
        wanted = " or ".join(expected)
        pace = Pace(think=self.person.think_seconds, gap=self.person.press_seconds)
        try:
            walk = self.phone.walk(self._operation(kind, "voice"), self.session, pace)
        except UnfilledError as error:
            return Probe(f"voice.{kind}", False, wanted, str(error))
        said = self.carrier.ask(
            "walked", do="walk", call=call, walk=number, steps=walk.steps,
            outcomes=walk.outcomes, limit=walk.limit + self.person.patience * SPEED,
        )  # fmt: skip
        return _judged(f"voice.{kind}", expected, said, "heard")

    def _text(self, kind: str) -> Probe:
        try:
            message = self.phone.message(self._operation(kind, "sms"), self.session)
        except UnfilledError as error:
            return Probe(f"sms.{kind}", False, " or ".join(_DONE), str(error))
        said = self.carrier.ask(
            "texted", do="text", id=_CALL, to=message.to, body=message.body,
            replies=message.replies, within=message.within, **{"from": number_of(self.person)},
        )  # fmt: skip
        return _judged(f"sms.{kind}", _DONE, said, "reply")

    def _forge(self) -> Iterator[Probe]:
        """A request that nobody signed must be turned away: 403, or another 4xx."""
        for said, line in zip(self.carrier.forge(), self.phone.lines.values(), strict=True):
            for what in ("voice", "text"):
                if getattr(line, what) is not None:
                    status = said.get(what)
                    turned_away = status in _TURNED_AWAY
                    found = "no answer" if status is None else str(status)
                    yield Probe(f"forged.{line.name}.{what}", turned_away, "403", found)


def _judged(name: str, expected: tuple[str, ...], said: dict[str, Any], words: str) -> Probe:
    sort = str(said.get("class"))
    heard = str(said.get(words) or "")[:120]
    found = f"{sort}: {heard}" if heard else sort
    return Probe(name, sort in expected, " or ".join(expected), found)
