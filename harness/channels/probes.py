"""Phone probes of ``target check``: one call, one text, one forged request, before thousands.

The call walks every menu that the description has, in order; the text carries one report; what
was not signed by the carrier must be turned away.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from harness.channels.carrier import Carrier
from harness.channels.handset import Handset
from harness.target.phone import Line
from harness.target.probe import Probe
from harness.target.wire import Answered
from simulators.people.person import Person
from simulators.stage import Operation

SPEED = 30.0
"""Drill seconds a wall second at which the probes are keyed and heard."""

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
        self.handset = Handset(carrier, person, "preflight")
        self.record, self.values = record, values
        self._mark = uuid.uuid4().hex[:8]

    def probes(self) -> Iterator[Probe]:
        """One probe after the other."""
        phone = self.carrier.phone
        voiced = [line for line in phone.lines.values() if line.voice is not None]
        for n, line in enumerate(voiced):
            yield from self._call(line, phone.menus if n == 0 else ())
        for kind in phone.texts:
            if kind != "amend_report":
                answered = self.handset.text(self._operation(kind, "sms"))
                yield _judged(f"sms.{kind}", _DONE, answered)
        yield from self._forge()

    def _operation(self, kind: str, channel: str) -> Operation:
        carries = kind in ("submit_report", "amend_report")
        return Operation(
            kind, f"preflight-{self._mark}-{channel}", 1, self.person, channel, self.record, 1,
            self.values if carries else None,
            self.person.codes if kind == "sign_in" else (), 0.0, None, self.handset.call,
        )  # fmt: skip

    def _call(self, line: Line, kinds: tuple[str, ...]) -> Iterator[Probe]:
        """Dial a line and walk its menus, as long as they say yes."""
        found = self.handset.dial(line)
        yield Probe(f"call.{line.name}", found == "answered", "answered", found)
        if found != "answered":
            return
        for kind in kinds:
            if kind == "amend_report":
                continue
            expected = ("accepted",) if kind == "sign_in" else _DONE
            answered = self.handset.walk(self._operation(kind, "voice"))
            probe = _judged(f"voice.{kind}", expected, answered)
            yield probe
            if not probe.ok:
                break
        self.handset.hang_up()

    def _forge(self) -> Iterator[Probe]:
        """A request that nobody signed must be turned away: 403, or another 4xx."""
        lines = self.carrier.phone.lines.values()
        for said, line in zip(self.carrier.forge(), lines, strict=True):
            for what in ("voice", "text"):
                if getattr(line, what) is not None:
                    status = said.get(what)
                    found = "no answer" if status is None else str(status)
                    yield Probe(f"forged.{line.name}.{what}", status in _TURNED_AWAY, "403", found)


def _judged(name: str, expected: tuple[str, ...], answered: Answered) -> Probe:
    sort, heard = str(answered.answer_class), answered.detail[:120]
    found = f"{sort}: {heard}" if heard else sort
    return Probe(name, sort in expected, " or ".join(expected), found)
