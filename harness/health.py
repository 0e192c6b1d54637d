"""The health watch: what the target says of itself, asked all the while that people play.

Its page ``health`` and its page ``alarms`` are each asked in a thread of their own, on connections
of their own and past every proxy of ours, so that a network which is broken on purpose says
nothing of the app. One line goes to the ledger for each answer. The watch never stops a drill: if
it fails itself, it ends, and the checks see that too little was asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from harness.ledger import health_log
from harness.target import Target, TargetError
from harness.target.answer import Seen
from harness.target.blocking import Driver
from harness.target.flow_model import Condition
from harness.target.jar import Jar
from harness.target.ruling import Holds, compile_condition
from harness.target.service_model import HealthModel
from harness.target.wire import Fault, Response

MOST_SAID = 120  # characters kept of what a page says


@dataclass(frozen=True)
class Page:
    """One page that is asked.

    Attributes:
        source: ``health`` or ``alarm``, as the table has it.
        well: Any of these holds where the target is well.
    """

    source: str
    model: HealthModel
    well: tuple[Holds, ...]

    def said(self, response: Response) -> str:
        """What an answer means: ``well``, ``ill`` or ``no_answer``."""
        if response.fault is not None:
            return "no_answer"
        seen = Seen(response, Jar())
        return "well" if any(holds(seen) for holds in self.well) else "ill"


class HealthWatch:
    """Asks a target how it is, every so often, for as long as a drill is played.

    Args:
        target: Whose ``health`` and ``alarms`` are asked; one without either is left alone.
        journal: Append-only file for one JSON line an answer.
        speed: Drill seconds a wall second.

    Raises:
        TargetError: If there is a mistake in a rule.
    """

    def __init__(self, target: Target, journal: Path, *, speed: float) -> None:
        self._target = target
        self._journal = journal
        self._speed = speed
        self._zero = 0.0  # monotonic time of drill second 0
        self._over = threading.Event()
        self._pages = pages_of(target)
        self._threads = [
            threading.Thread(target=self._ask, args=(page,), name=f"{page.source} watch")
            for page in self._pages
        ]

    def begin(self, start_at: float) -> None:
        """Ask from Unix wall time ``start_at`` on, which is drill second 0."""
        self._zero = time.monotonic() + (start_at - time.time())
        for each in self._threads:
            each.daemon = True
            each.start()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """On leaving the block, however it is left, nobody asks any more."""
        try:
            yield
        finally:
            self._over.set()
            for each in self._threads:
                if each.is_alive():
                    each.join()

    def _ask(self, page: Page) -> None:
        """Ask on the beat; what a slow answer makes us miss is not made up for."""
        every, due = page.model.every_s, self._zero
        try:
            with health_log.Writer(self._journal) as log, Driver(self._target) as driver:
                while not self._over.wait(max(0.0, due - time.monotonic())):
                    self._ask_once(page, driver, log)
                    late = max(0.0, time.monotonic() - due)
                    due += every * (1 + late // every)
        except OSError:  # no room for another line: the drill itself says so, and goes on
            return

    def _ask_once(self, page: Page, driver: Driver, log: health_log.Writer) -> None:
        began = time.monotonic()
        request = self._target.get(page.model.path, timeout=page.model.timeout_s)
        response = driver.fetch(request)
        if response.fault is Fault.RESET:  # perhaps only of a connection that had lain idle
            response = driver.fetch(request)
        said = page.said(response)
        detail = response.fault.value if response.fault is not None else ""
        if said == "ill":
            detail = " ".join(response.body[:400].decode("utf-8", "replace").split())[:MOST_SAID]
        log.write(
            at=(began - self._zero) * self._speed,
            source=page.source,
            said=said,
            status=response.status or None,
            took=time.monotonic() - began,
            detail=self._target.redact(detail),
        )


def pages_of(target: Target) -> tuple[Page, ...]:
    """The pages on which a target says how it is.

    Raises:
        TargetError: If there is a mistake in a rule; the message has its line.
    """
    described = target.description
    named = (("health", "health", described.health), ("alarms", "alarm", described.alarms))
    return tuple(
        Page(source, model, tuple(_rule(target, name, each, rule) for each, rule in
                                  enumerate(model.rules)))
        for name, source, model in named
        if model is not None
    )  # fmt: skip


def _rule(target: Target, section: str, number: int, rule: dict[str, object]) -> Holds:
    where = (section, "rules", number)
    try:
        return compile_condition(Condition.model_validate(rule))
    except ValidationError as error:
        first = error.errors()[0]
        at = (*where, *(each for each in first["loc"] if isinstance(each, str)))
        allowed = "status, header, json, body, body_without and empty"
        said = f"{first['msg']}; a rule of it has {allowed}"
        raise TargetError(target.document.problem(at, said)) from error
    except ValueError as error:
        raise TargetError(target.document.problem(where, str(error))) from error
